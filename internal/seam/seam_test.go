// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

const key = "seam_test_key"

// request is what the server saw.
type request struct {
	Method, Path string
	Header       http.Header
	Body         map[string]any
}

// server answers from a script, and again with the last answer when the
// script is over.
type server struct {
	*httptest.Server

	mu       sync.Mutex
	script   []http.HandlerFunc
	requests []request
}

func serve(t *testing.T, script ...http.HandlerFunc) *server {
	t.Helper()
	s := &server{script: script}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	seen := request{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone()}
	_ = json.Unmarshal(raw, &seen.Body)
	s.mu.Lock()
	s.requests = append(s.requests, seen)
	answer := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	s.mu.Unlock()
	answer(w, r)
}

func (s *server) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// says answers with a status and a body; pairs are headers.
func says(status int, body string, pairs ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(pairs); i += 2 {
			w.Header().Set(pairs[i], pairs[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func ok(body string) http.HandlerFunc { return says(http.StatusOK, body) }

// cut ends the connection within the body.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"access_code":{"access_code_id":"a1"`)
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter, r *http.Request) { raw("")(w, r) }

// stall never answers.
func stall(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func client(t *testing.T, endpoint string, changes ...func(*seam.Options)) *seam.Client {
	t.Helper()
	o := seam.Options{Endpoint: endpoint, Auth: seam.APIKey(key), Timeout: 10 * time.Second}
	for _, change := range changes {
		change(&o)
	}
	c, err := seam.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func ptr[T any](v T) *T { return &v }

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkText compares the text of an error; "" is no error.
func checkText(t *testing.T, err error, want string) {
	t.Helper()
	if got := errorText(err); got != want {
		t.Errorf("error %q\nwant  %q", got, want)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
