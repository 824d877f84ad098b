// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/http/httptest"
	"testing"
	"time"

	testclock "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/contract"
	"github.com/access-codes/access-code-operator/test/surface"
)

// world is the project's client and the simulator with the contract between them, and one
// clock for both.
type world struct {
	t      *testing.T
	sim    *sim.Server
	url    string
	clock  *testclock.FakePassiveClock
	client *seam.Client
}

func newWorld(t *testing.T, options ...contract.Option) *world {
	t.Helper()
	w := &world{t: t, clock: testclock.NewFakePassiveClock(time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC))}
	w.sim = sim.New(sim.Options{Seed: true, Clock: w.clock, RateLimits: true})
	server := httptest.NewServer(contract.Wrap(t, w.sim, options...))
	t.Cleanup(server.Close)
	w.url = server.URL
	w.client = w.as(seam.APIKey(sim.SeedAPIKey))
	return w
}

// as is a client with other credentials.
func (w *world) as(auth seam.Auth) *seam.Client {
	w.t.Helper()
	c, err := seam.New(seam.Options{Endpoint: w.url, Auth: auth, Now: w.clock.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.CloseIdleConnections)
	return c
}

// pass moves the one clock.
func (w *world) pass(d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }

// in is a time from now.
func (w *world) in(d time.Duration) *time.Time { return new(w.clock.Now().Add(d)) }

func (w *world) no(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// fails checks the kind of an error.
func (w *world) fails(err error, kind seam.Kind) {
	w.t.Helper()
	if seam.KindOf(err) != kind {
		w.t.Errorf("got error %v, want one of kind %s", err, kind)
	}
}

// create makes a code and waits until it is on the lock, or would be.
func (w *world) create(r seam.CreateAccessCodeRequest) *seam.AccessCode {
	w.t.Helper()
	code, err := w.client.AccessCodes.Create(w.t.Context(), r)
	w.no(err)
	w.pass(10 * time.Second)
	return code
}

// state reads a code and checks its status.
func (w *world) state(id, status string) *seam.AccessCode {
	w.t.Helper()
	code, err := w.client.AccessCodes.Get(w.t.Context(), id)
	w.no(err)
	if code.Status != status {
		w.t.Errorf("got status %q, want %q: %+v", code.Status, status, code.Errors)
	}
	return code
}

// drive is what is done with one method of the client.
type drive struct {
	method, path string
	run          func(*world)
}

func drives() []drive {
	var all []drive
	for _, group := range [][]drive{codeDrives(), linkedDrives(), unmanagedDrives(), otherDrives()} {
		all = append(all, group...)
	}
	return all
}

// TestEveryMethod drives every method of the client against the simulator. What either says
// wrong fails the test through contract.Wrap.
func TestEveryMethod(t *testing.T) {
	var driven []string
	for _, d := range drives() {
		driven = append(driven, d.method)
		t.Run(d.method, func(t *testing.T) {
			w := newWorld(t)
			d.run(w)
			if w.sim.Requests().ByPath[d.path] < 2 {
				t.Errorf("%s was called less than twice", d.path)
			}
		})
	}
	if missing, unknown := surface.Missing(driven); len(missing)+len(unknown) > 0 {
		t.Errorf("not driven: %q; driven and not there: %q", missing, unknown)
	}
}
