// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/contract"
)

// send makes a request from "VERB /path?query", and tells the status of its answer.
func (w *world) send(request string) int {
	w.t.Helper()
	return sendTo(w.t, w.url, request, "")
}

func sendTo(t *testing.T, url, request, body string) int {
	t.Helper()
	verb, path, _ := strings.Cut(request, " ")
	r, err := http.NewRequestWithContext(t.Context(), verb, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+sim.SeedAPIKey)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0 // a fault cut the connection
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, answer.Body) // cut as well, maybe
	return answer.StatusCode
}

// suspect stands for the test that a finding fails.
type suspect struct {
	mu       sync.Mutex
	findings []string
	cleanups []func()
}

func (s *suspect) Helper()          {}
func (s *suspect) Name() string     { return "suspect" }
func (s *suspect) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

// finish ends the test.
func (s *suspect) finish() {
	for _, f := range s.cleanups {
		f()
	}
}

func (s *suspect) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = append(s.findings, fmt.Sprintf(format, args...))
}

// tampering changes one thing in what a handler answers.
type tampering struct {
	handler  http.Handler
	path     string
	answered [2]string // a text and what it becomes
	header   [2]string // a header and its value
	status   int
}

func (m tampering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != m.path {
		m.handler.ServeHTTP(w, r)
		return
	}
	inner := httptest.NewRecorder()
	m.handler.ServeHTTP(inner, r)
	for name, values := range inner.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	if m.header[0] != "" {
		w.Header().Set(m.header[0], m.header[1])
	}
	if m.status == 0 {
		m.status = inner.Code
	}
	w.WriteHeader(m.status)
	_, _ = io.WriteString(w, strings.Replace(inner.Body.String(), m.answered[0], m.answered[1], 1))
}

// findings are what the check says of one request to the simulator, after tampering.
func findings(t *testing.T, d *contract.Document, m tampering, request, body string, options ...contract.Option) []string {
	t.Helper()
	s := &suspect{}
	m.handler = sim.New(sim.Options{Seed: true})
	_, m.path, _ = strings.Cut(request, " ")
	m.path, _, _ = strings.Cut(m.path, "?")
	server := httptest.NewServer(d.Wrap(s, m, options...))
	sendTo(t, server.URL, request, body)
	server.Close()
	s.finish()
	return s.findings
}

const createBody = `{"device_id":"` + sim.SeedNativeLockID + `","name":"Guest","code":"482913"}`

// TestWrongNamesAreFound is the check of the check: one wrong name, value, header or status
// in an exchange that is right otherwise, and what is said of it.
func TestWrongNamesAreFound(t *testing.T) {
	d := document(t)
	for _, test := range []struct {
		name          string
		tampering     tampering
		request, body string
		want          string // "" is nothing
	}{
		{name: "nothing wrong", request: "POST /access_codes/create", body: createBody},
		{name: "field of the request", request: "POST /access_codes/create", body: strings.Replace(createBody, `"name"`, `"label"`, 1),
			want: `status 200: body: property "label" is unsupported`},
		{name: "required field of the request", request: "POST /access_codes/delete", body: `{"access_code":"` + nobody + `"}`,
			want: `status 400: body: property "access_code" is unsupported
status 400: body: access_code_id: property "access_code_id" is missing`},
		{name: "type in the request", request: "POST /access_codes/list", body: `{"device_id":"` + nobody + `","limit":"7"}`,
			want: `status 400: body: limit: value must be a number`},
		{name: "format in the request", request: "POST /access_codes/get", body: `{"access_code_id":"a1"}`,
			want: `status 400: body: access_code_id: string doesn't match the format "uuid" (not a UUID)`},
		{name: "no body", request: "POST /access_codes/list", want: ""},
		{name: "no body where one is needed", request: "POST /access_codes/delete",
			want: `status 400: body: access_code_id: property "access_code_id" is missing`},
		{name: "body where none is declared", request: "POST /workspaces/get", body: `{"x":1}`, want: `status 200: a body was sent and none is declared`},
		{name: "path", request: "POST /access_codes/unknown", body: `{}`, want: `status 404: the path is not declared`},
		{name: "verb", request: "PUT /access_codes/create", body: createBody, want: `status 405: the verb is not declared`},
		{name: "parameter", request: "GET /access_codes/list?device=x&device_id=" + sim.SeedNativeLockID,
			want: `status 200: query: parameter "device" is not declared`},
		{name: "value of a parameter", request: "GET /access_codes/list?limit=many&device_id=" + sim.SeedNativeLockID,
			want: `status 400: query: limit value must be a number`},
		{name: "missing parameter", request: "GET /access_codes/generate_code", want: `status 400: query: parameter "device_id" is missing`},
		{name: "field of the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"is_backup":`, `"is_backup_code":`}},
			want:      `status 200: answer: access_code: property "is_backup_code" is unsupported`},
		{name: "required field of the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"pending_mutations":`, `"pending_mutation":`}},
			want: `status 200: answer: access_code: property "pending_mutation" is unsupported
status 200: answer: access_code.pending_mutations: property "pending_mutations" is missing`},
		{name: "word in the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"status":"setting"`, `"status":"programming"`}},
			want:      `status 200: answer: access_code.status: value is not one of the allowed values ["setting","set","unset","removing","unknown"]`},
		{name: "field deep in the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"message":"Seam is`, `"massage":"Seam is`}},
			want: `status 200: answer: access_code.pending_mutations[0]: property "massage" is unsupported
status 200: answer: access_code.pending_mutations[0].message: property "message" is missing`},
		{name: "alternative in the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"creating"`, `"inventing"`}},
			want:      `status 200: answer: access_code.pending_mutations[0]: 0 of 6 alternatives have mutation_code "inventing"`},
		{name: "alternative by two words", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"result":null`, `"result":null,"progress":1`}},
			want:      `status 200: answer: action_attempt: property "progress" is unsupported`},
		{name: "null in the answer", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`"is_backup":false`, `"is_backup":null`}},
			want:      `status 200: answer: access_code.is_backup: Value is not nullable`},
		{name: "property of a device", request: "POST /devices/get", body: `{"device_id":"` + sim.SeedNativeLockID + `"}`,
			tampering: tampering{answered: [2]string{`"supported_code_lengths"`, `"supported_lengths"`}},
			want:      `status 200: answer: device.properties: property "supported_lengths" is unsupported`},
		{name: "status of success", request: "POST /access_codes/create", body: createBody, tampering: tampering{status: 201},
			want: `status 201: status 201 is not declared`},
		{name: "status of failure", request: "POST /access_codes/get", body: `{"access_code_id":"` + nobody + `"}`, tampering: tampering{status: 500},
			want: `status 500: status 500 is none that Seam uses`},
		{name: "envelope", request: "POST /access_codes/get", body: `{"access_code_id":"` + nobody + `"}`,
			tampering: tampering{answered: [2]string{`"message"`, `"msg"`}},
			want: `status 404: error: error: property "msg" is unsupported
status 404: error: error.message: property "message" is missing`},
		{name: "request id", request: "POST /access_codes/get", body: `{"access_code_id":"` + nobody + `"}`,
			tampering: tampering{header: [2]string{"Seam-Request-Id", nobody}}, want: `status 404: error: request_id is not that of the header`},
		{name: "content type", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{header: [2]string{"Content-Type", "text/plain"}}, want: `status 200: answer: Content-Type is "text/plain"`},
		{name: "not JSON", request: "POST /access_codes/create", body: createBody,
			tampering: tampering{answered: [2]string{`}`, ``}}, want: `status 200: answer: not JSON`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := strings.Join(findings(t, d, test.tampering, test.request, test.body), "\n")
			_, path, _ := strings.Cut(test.request, " ")
			path, _, _ = strings.Cut(path, "?")
			verb, _, _ := strings.Cut(test.request, " ")
			got = strings.ReplaceAll(got, "contract: "+verb+" "+path+", ", "")
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestProvoked: a wrong request is all right when it was meant, if it is refused.
func TestProvoked(t *testing.T) {
	d := document(t)
	refused := findings(t, d, tampering{}, "POST /access_codes/get", `{"access_code_id":"a1"}`, contract.Provoked())
	if len(refused) > 0 {
		t.Errorf("got %q", refused)
	}
	misspelt := strings.Replace(createBody, `"name"`, `"label"`, 1)
	accepted := findings(t, d, tampering{}, "POST /access_codes/create", misspelt, contract.Provoked())
	if len(accepted) != 1 {
		t.Errorf("got %q", accepted)
	}
	allowed := contract.Allowed(`POST /access_codes/create: body: property "label" is unsupported`)
	if found := findings(t, d, tampering{}, "POST /access_codes/create", misspelt, allowed); len(found) > 0 {
		t.Errorf("got %q", found)
	}
	if found := findings(t, d, tampering{}, "POST /access_codes/create", createBody, allowed, contract.Provoked()); len(found) > 0 {
		t.Errorf("got %q", found)
	}
}

// TestFaultsAreExcused: what a test has ordered to be wrong is counted and not held against
// the simulator, and the next answer is held to the document again.
func TestFaultsAreExcused(t *testing.T) {
	d := document(t)
	file := filepath.Join(t.TempDir(), "counts")
	t.Setenv(contract.EnvCounts, file)
	s, simulator := &suspect{}, sim.New(sim.Options{Seed: true})
	server := httptest.NewServer(d.Wrap(s, simulator))
	for _, fault := range []sim.Fault{
		{Kind: sim.FaultGarbage}, {Kind: sim.FaultTruncate}, {Kind: sim.FaultDrop}, {Kind: sim.FaultLoseResponse},
		{Kind: sim.FaultStatus, Status: 503}, {Kind: sim.FaultStatus, Status: 200, Body: `{"surprise":true}`},
	} {
		fault.Path = "/access_codes/*"
		if _, err := simulator.OrderFault(fault); err != nil {
			t.Fatal(err)
		}
		sendTo(t, server.URL, "POST /access_codes/list", `{"device_id":"`+sim.SeedNativeLockID+`"}`)
	}
	sendTo(t, server.URL, "POST /access_codes/list", `{"device_id":"`+sim.SeedNativeLockID+`"}`)
	server.Close()
	s.finish()
	if len(s.findings) > 0 {
		t.Errorf("got %q", s.findings)
	}
	got, err := os.ReadFile(file)
	if want := "/access_codes/list\t7\t0\t1\t0\t6\n"; err != nil || !bytes.Equal(got, []byte(want)) {
		t.Errorf("got counts %q, error %v", got, err)
	}
}
