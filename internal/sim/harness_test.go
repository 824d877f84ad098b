// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	testclock "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/contract"
)

// start is when every test begins, on a whole minute.
func start() time.Time { return time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC) }

const (
	setDelay    = 4 * time.Second
	removeDelay = 6 * time.Second
)

type object = map[string]any

// api is a simulator behind HTTP with a clock that stands still.
type api struct {
	t     *testing.T
	sim   *sim.Server
	http  *httptest.Server
	clock *testclock.FakePassiveClock
	key   string
}

func newAPI(t *testing.T, edit ...func(*sim.Options)) *api {
	t.Helper()
	clock := testclock.NewFakePassiveClock(start())
	o := sim.Options{Seed: true, Clock: clock, SetDelay: setDelay, RemoveDelay: removeDelay}
	for _, f := range edit {
		f(&o)
	}
	s := sim.New(o)
	server := httptest.NewServer(contract.Wrap(t, s, contract.Provoked(), contract.Allowed(
		`POST /access_codes/create_multiple: body: property "common_code_key" is unsupported`,
		`DELETE /access_codes/delete: query: parameter "access_code_id" is missing`,
		"DELETE /access_codes/delete: a body was sent and none is declared",
	)))
	t.Cleanup(server.Close)
	return &api{t: t, sim: s, http: server, clock: clock, key: sim.SeedAPIKey}
}

// in is the same simulator for a subtest.
func (a *api) in(t *testing.T) *api {
	t.Helper()
	sub := *a
	sub.t = t
	return &sub
}

// answer is what came back, decoded where it was JSON.
type answer struct {
	status int
	header http.Header
	raw    string
	body   object
}

func (a *api) request(method, path string, body any, header ...string) (*http.Response, error) {
	a.t.Helper()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.http.URL+path, reader)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if a.key != "" {
		req.Header.Set("Authorization", "Bearer "+a.key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return a.http.Client().Do(req)
}

func (a *api) do(method, path string, body any, header ...string) answer {
	a.t.Helper()
	resp, err := a.request(method, path, body, header...)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	got := answer{status: resp.StatusCode, header: resp.Header, raw: string(data)}
	_ = json.Unmarshal(data, &got.body) // not every answer is JSON
	return got
}

func (a *api) post(path string, body object) answer {
	a.t.Helper()
	return a.do(http.MethodPost, path, body)
}

func (a *api) get(path string, query url.Values) answer {
	a.t.Helper()
	return a.do(http.MethodGet, path+"?"+query.Encode(), nil)
}

// ok is post that must succeed.
func (a *api) ok(path string, body object) object {
	a.t.Helper()
	got := a.post(path, body)
	if got.status != http.StatusOK || got.body["ok"] != true {
		a.t.Fatalf("%s: got %d %s", path, got.status, got.raw)
	}
	return got.body
}

// create makes a code on a device and returns its object.
func (a *api) create(deviceID string, more object) object {
	a.t.Helper()
	body := object{"device_id": deviceID}
	for k, v := range more {
		body[k] = v
	}
	return obj(a.ok("/access_codes/create", body)["access_code"])
}

func (a *api) code(id any) object {
	a.t.Helper()
	code := obj(a.ok("/access_codes/get", object{"access_code_id": id})["access_code"])
	a.checkMutations(code)
	return code
}

// checkMutations checks one rule for every code that is shown: the pending mutations say as much as the deprecated status.
func (a *api) checkMutations(code object) {
	a.t.Helper()
	pending, right := each(code["pending_mutations"], "mutation_code"), false
	switch code["status"] {
	case "setting":
		right = len(pending) > 0 && !slices.Contains(pending, any("deleting")) && !slices.Contains(pending, any("deferring_creation"))
	case "removing":
		right = slices.Equal(pending, []any{"deleting"})
	case "set":
		right = len(pending) == 0
	case "unset":
		right = len(pending) > 0 || code["is_scheduled_on_device"] == true
	default:
		right = true // nobody can tell
	}
	if !right {
		a.t.Errorf("status %v, scheduled %v and the pending mutations %v disagree", code["status"], code["is_scheduled_on_device"], pending)
	}
}

// gone reports that get answers 404 for the id.
func (a *api) gone(id any) bool {
	a.t.Helper()
	got := a.post("/access_codes/get", object{"access_code_id": id})
	return got.status == http.StatusNotFound && got.error("type") == "access_code_not_found"
}

// pass moves the clock that simulator and test share.
func (a *api) pass(d time.Duration) {
	a.clock.SetTime(a.clock.Now().Add(d))
}

func (a answer) error(member string) any {
	return obj(a.body["error"])[member]
}

// wantError checks status and error.type, and that the envelope is whole.
func (a *api) wantError(got answer, status int, kind string) {
	a.t.Helper()
	if got.status != status || got.error("type") != kind {
		a.t.Errorf("got %d %s, want %d %s", got.status, got.raw, status, kind)
		return
	}
	if got.error("request_id") != got.header.Get("Seam-Request-Id") || got.body["ok"] != false {
		a.t.Errorf("envelope is not whole: %s", got.raw)
	}
}

// window is the two ends of a time-bound code, after the start of the test.
func frame(from, to time.Duration) object {
	return object{"starts_at": wire(start().Add(from)), "ends_at": wire(start().Add(to))}
}

func with(o object, more ...any) object {
	for i := 0; i+1 < len(more); i += 2 {
		o[str(more[i])] = more[i+1]
	}
	return o
}

func wire(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// obj, list and str read decoded JSON; what has another form reads as empty, and the
// comparison that follows says so.
func obj(value any) object { o, _ := value.(object); return o }
func list(value any) []any { l, _ := value.([]any); return l }
func str(value any) string { s, _ := value.(string); return s }

// each collects one member of every object of a list.
func each(items any, member string) []any {
	found := []any{}
	for _, item := range list(items) {
		found = append(found, obj(item)[member])
	}
	return found
}

// eventTypes lists the types of all events about an id, oldest first.
func (a *api) eventTypes(id any) []any {
	a.t.Helper()
	events := a.ok("/events/list", object{"since": "2000-01-01", "access_code_id": id})["events"]
	types := each(events, "event_type")
	for i, j := 0, len(types)-1; i < j; i, j = i+1, j-1 {
		types[i], types[j] = types[j], types[i]
	}
	return types
}

func (a *api) equal(what string, got, want any) {
	a.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		a.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
