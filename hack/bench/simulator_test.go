// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// startTenant is a simulator whose locks take no time, and a workspace there.
func startTenant(t *testing.T) tenant {
	t.Helper()
	server := httptest.NewServer(sim.New(sim.Options{SetDelay: -1, RemoveDelay: -1}))
	t.Cleanup(server.Close)
	s := &simulator{url: server.URL, http: http.DefaultClient}
	made, err := s.workspace(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestGoLoop(t *testing.T) {
	tenant := startTenant(t)
	devices, err := tenant.devices(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	loop, err := newGoLoop(tenant, 4)
	if err != nil {
		t.Fatal(err)
	}
	loop.concurrency, loop.paced = 4, true
	if err := tenant.sim.limits(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	// As many as the limits take in a minute: there is nothing to wait for.
	if err := loop.run(t.Context(), codesFor(devices, 30, false), len(devices)); err != nil {
		t.Fatal(err)
	}
	if err := tenant.sim.mark(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := loop.getEach(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, err := tenant.sim.tally(t.Context())
	want := sim.Tally{
		Requests: 90, ByPath: map[string]int{"/access_codes/create": 30, "/access_codes/get": 60},
		ByStatus: map[string]int{"200": 90}, Codes: 30, Shown: 30,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	err = loop.run(t.Context(), codesFor(devices, 1, false), len(devices))
	if err == nil || !strings.Contains(err.Error(), "creating codes") {
		t.Errorf("one too many: got error %v", err)
	}
}

func TestLockChange(t *testing.T) {
	tenant := startTenant(t)
	devices, err := tenant.devices(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	loop, err := newGoLoop(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	loop.concurrency = 1
	if err := loop.run(t.Context(), codesFor(devices, 1, false), 1); err != nil {
		t.Fatal(err)
	}
	if err := tenant.sim.changeAtLock(t.Context(), loop.ids[0], newPINOf(0)); err != nil {
		t.Fatal(err)
	}
	r := &round{rig: &rig{sim: tenant.sim, observer: &observer{}}}
	change := &lockChange{code: plainCode{name: "code"}, id: loop.ids[0], at: time.Now().Add(-time.Second)}
	if over, err := r.lookAt(t.Context(), []*lockChange{change}); err != nil || over {
		t.Errorf("nobody has put it back: got %t, %v", over, err)
	}
	state, err := tenant.sim.code(t.Context(), loop.ids[0])
	if err != nil || *state.AccessCode.Code != newPINOf(0) || !state.UpdatedAt.IsZero() {
		t.Errorf("got %+v, %v", state, err)
	}
}
