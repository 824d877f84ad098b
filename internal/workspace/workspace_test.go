// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// noon is the operator's time when a test begins.
var noon = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

var key = v1alpha1.SeamWorkspaceKey(types.NamespacedName{Namespace: "bookings", Name: "default"})

const token redact.Secret = "seam_test_90817"

const (
	pathWorkspace = "/workspaces/get"
	pathGet       = "/access_codes/get"
	pathList      = "/access_codes/list"
	pathGenerate  = "/access_codes/generate_code"
	pathCreate    = "/access_codes/create"
	pathUpdate    = "/access_codes/update"
	pathDelete    = "/access_codes/delete"
)

const oneCode = `{"access_code_id":"code-1","device_id":"lock","name":"Guest","code":"90817","status":"set"}`

// good is what Seam answers when all is well.
var good = map[string]string{
	pathWorkspace: `{"workspace":{"workspace_id":"ws-1","name":"Bookings","is_sandbox":true},"ok":true}`,
	pathGet:       `{"access_code":` + oneCode + `,"ok":true}`,
	pathList:      `{"access_codes":[` + oneCode + `],"ok":true}`,
	pathGenerate:  `{"generated_code":{"device_id":"lock","code":"90817"},"ok":true}`,
	pathCreate:    `{"access_code":` + oneCode + `,"ok":true}`,
	pathUpdate:    `{"ok":true}`,
	pathDelete:    `{"ok":true}`,
}

type request struct {
	path   string
	header http.Header
	body   map[string]any
}

// fakeSeam answers as good says, unless told otherwise, and remembers the requests.
type fakeSeam struct {
	url   string
	clock *clocktesting.FakeClock

	mu       sync.Mutex
	answers  map[string]http.HandlerFunc
	requests []request
}

func newSeam(t *testing.T) *fakeSeam {
	t.Helper()
	s := &fakeSeam{clock: clocktesting.NewFakeClock(noon), answers: map[string]http.HandlerFunc{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *fakeSeam) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	seen := request{path: r.URL.Path, header: r.Header.Clone()}
	_ = json.Unmarshal(body, &seen.body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.requests = append(s.requests, seen)
	answer := s.answers[r.URL.Path]
	s.mu.Unlock()
	// Seam's clock goes as the operator's does.
	w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
	if answer == nil {
		answer = says(http.StatusOK, good[r.URL.Path])
	}
	answer(w, r)
}

// answer sets what a path answers from now on; nil is what good says.
func (s *fakeSeam) answer(path string, with http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[path] = with
}

// seen returns the requests since the last time.
func (s *fakeSeam) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}

// peek returns the requests since the last time, and leaves them there.
func (s *fakeSeam) peek() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *fakeSeam) paths() []string {
	var paths []string
	for _, r := range s.seen() {
		paths = append(paths, r.path)
	}
	return paths
}

// says answers with a status, a body and headers.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for pair := range slices.Chunk(header, 2) {
			w.Header().Set(pair[0], pair[1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func (s *fakeSeam) registry() *workspace.Registry {
	return workspace.NewRegistry(workspace.Options{Clock: s.clock, Timeout: time.Minute, UserAgent: "workspace-test"})
}

func (s *fakeSeam) credentials(version string) workspace.Credentials {
	return workspace.Credentials{Version: version, Endpoint: s.url, Auth: seam.APIKey(token)}
}

// connected returns the session of a connected workspace, with no request to remember.
func (s *fakeSeam) connected(t *testing.T, registry *workspace.Registry) *workspace.Session {
	t.Helper()
	if _, err := registry.Connect(t.Context(), key, s.credentials("1")); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, registry)
	session, ok := registry.Get(key)
	if !ok {
		t.Fatal("connected, but not to be had")
	}
	s.seen()
	return session
}

// caughtUp says of a connected workspace that all its codes were looked at.
func caughtUp(t *testing.T, registry *workspace.Registry) {
	t.Helper()
	session, ok := registry.Connected(key)
	if !ok {
		t.Fatal("not connected")
	}
	session.CatchUp()
}
