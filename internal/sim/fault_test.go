// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func (a *api) order(f sim.Fault) {
	a.t.Helper()
	if _, err := a.sim.OrderFault(f); err != nil {
		a.t.Fatal(err)
	}
}

// pins lists the PINs on the native lock.
func (a *api) pins() []string {
	found := []string{}
	for _, c := range a.sim.Codes(sim.SeedNativeLockID) {
		found = append(found, *c.Code)
	}
	return found
}

const createPath = "/access_codes/create"

func body() object { return object{"device_id": sim.SeedNativeLockID, "code": "1234"} }

func TestLoseResponse(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultLoseResponse})
	resp, err := a.request(http.MethodPost, createPath, body())
	if !errors.Is(err, io.EOF) {
		if err == nil {
			_ = resp.Body.Close()
		}
		t.Fatalf("got error %v, want EOF", err)
	}
	a.equal("the effect happened", a.pins(), []string{"1234"})
	a.wantError(a.post(createPath, body()), 409, "duplicate_access_code")
	last := a.sim.Requests().Last
	a.equal("log", []int{last[0].Status, last[1].Status}, []int{0, 409})
}

func TestDrop(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultDrop})
	resp, err := a.request(http.MethodPost, createPath, body())
	if err == nil {
		_ = resp.Body.Close()
		t.Fatal("the connection was not cut")
	}
	a.equal("no effect", a.pins(), []string{})
	a.ok(createPath, body())
}

func TestTruncate(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultTruncate})
	resp, err := a.request(http.MethodPost, createPath, body())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(data) == 0 {
		t.Errorf("got %d bytes and error %v, want some bytes and an unexpected end", len(data), err)
	}
	a.equal("status", resp.StatusCode, 200)
	a.equal("the effect happened", a.pins(), []string{"1234"})
}

func TestGarbage(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultGarbage})
	got := a.post(createPath, body())
	a.equal("status", got.status, 200)
	if got.body != nil || got.raw == "" {
		t.Errorf("got %q, want something that is not JSON", got.raw)
	}
	a.equal("no effect", a.pins(), []string{})
}

func TestStatusFault(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultStatus, Status: 429, ErrorType: "too_many", RetryAfter: 7})
	got := a.post(createPath, body())
	a.wantError(got, 429, "too_many")
	a.equal("Retry-After", got.header.Get("Retry-After"), "7")
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultStatus, Status: 503, Body: "upstream gone"})
	got = a.post(createPath, body())
	a.equal("status", got.status, 503)
	a.equal("body", got.raw, "upstream gone")
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultStatus, Status: 500})
	a.wantError(a.post(createPath, body()), 500, "internal_server_error")
	a.equal("no effect", a.pins(), []string{})
}

func TestDelayFault(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultDelay, Delay: sim.Duration(time.Hour)})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.http.URL+createPath, strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := a.http.Client().Do(req)
	if !errors.Is(err, context.DeadlineExceeded) {
		if err == nil {
			_ = resp.Body.Close()
		}
		t.Fatalf("got error %v, want a time-out", err)
	}
	a.http.CloseClientConnections() // ends the held request
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultDelay, Delay: sim.Duration(time.Millisecond)})
	a.ok(createPath, body())
	a.http.Close() // returns when the held request has ended
	a.equal("logged", a.sim.Requests().Total, 2)
}

// Which requests a fault hits: path, prefix, device, skip and times.
func TestFaultMatching(t *testing.T) {
	const get, all = "/access_codes/get", "/access_codes/list"
	hit := func(f sim.Fault) sim.Fault { f.Kind, f.Status = sim.FaultStatus, 503; return f }
	for name, tc := range map[string]struct {
		fault sim.Fault
		calls []string // the path, and for which lock: n(ative) or j(ust in time)
		want  []int
	}{
		"once":           {hit(sim.Fault{Path: get}), []string{get + " n", get + " n"}, []int{503, 200}},
		"another path":   {hit(sim.Fault{Path: get}), []string{all + " n"}, []int{200}},
		"no prefix":      {hit(sim.Fault{Path: "/access_codes/"}), []string{get + " n"}, []int{200}},
		"prefix":         {hit(sim.Fault{Path: "/access_codes/*", Times: 2}), []string{get + " n", all + " n", all + " n"}, []int{503, 503, 200}},
		"skip":           {hit(sim.Fault{Path: get, Skip: 2}), []string{get + " n", get + " n", get + " n", get + " n"}, []int{200, 200, 503, 200}},
		"for ever":       {hit(sim.Fault{Path: get, Times: -1}), []string{get + " n", get + " n", get + " n"}, []int{503, 503, 503}},
		"device by id":   {hit(sim.Fault{Path: all, DeviceID: sim.SeedNativeLockID}), []string{all + " j", all + " n"}, []int{200, 503}},
		"device by code": {hit(sim.Fault{Path: get, DeviceID: sim.SeedNativeLockID}), []string{get + " j", get + " n"}, []int{200, 503}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			locks := map[string]string{"n": sim.SeedNativeLockID, "j": sim.SeedJustInTimeLockID}
			codes := map[string]any{}
			for key, lock := range locks {
				codes[key] = a.create(lock, nil)["access_code_id"]
			}
			a.order(tc.fault)
			got := []int{}
			for _, call := range tc.calls {
				path, key, _ := strings.Cut(call, " ")
				input := object{"device_id": locks[key]}
				if path == get {
					input = object{"access_code_id": codes[key]}
				}
				got = append(got, a.post(path, input).status)
			}
			a.equal("statuses", got, tc.want)
		})
	}
}

func TestFaultOrders(t *testing.T) {
	a := newAPI(t)
	for name, f := range map[string]sim.Fault{
		"kind":   {Path: "/x", Kind: "flood"},
		"path":   {Path: "x", Kind: sim.FaultDrop},
		"status": {Path: "/x", Kind: sim.FaultStatus},
		"delay":  {Path: "/x", Kind: sim.FaultDelay},
	} {
		if _, err := a.sim.OrderFault(f); err == nil {
			t.Errorf("%s: a wrong order was taken", name)
		}
	}
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultDrop, Times: 3})
	faults := a.sim.Faults()
	a.equal("faults", []int{len(faults), faults[0].Times}, []int{1, 3})
	a.sim.ClearFaults()
	a.ok(createPath, body())
}

// Where there is no connection to cut, the fault says so.
func TestCutWithoutConnection(t *testing.T) {
	a := newAPI(t)
	a.order(sim.Fault{Path: createPath, Kind: sim.FaultDrop})
	recorder := httptest.NewRecorder()
	a.sim.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodPost, createPath, nil))
	a.equal("status", recorder.Code, http.StatusNotImplemented)
}
