// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestAnnounced(t *testing.T) {
	for output, want := range map[string]string{
		"": "",
		"seamsim: listening on http://127.0.0.1:41":                   "", // half a line
		"seamsim: listening on http://127.0.0.1:4\n":                  "http://127.0.0.1:4",
		"a warning\nseamsim: listening on http://127.0.0.1:4\nmore\n": "http://127.0.0.1:4",
	} {
		if got, err := announced(output); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, error %v", output, got, err)
		}
	}
}

func TestWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		-time.Hour: time.Second, 0: time.Second, 1500 * time.Millisecond: 2 * time.Second, 2 * time.Second: 3 * time.Second,
	} {
		if got := wholeSeconds(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

// The simulator itself: its words are not repeated here.
func TestSimulator(t *testing.T) {
	server := httptest.NewServer(sim.New(sim.DefaultOptions()))
	t.Cleanup(server.Close)
	var out bytes.Buffer
	s := &simulator{url: server.URL, out: &console{w: &out}}
	before, err := s.state(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(before.AccessCodes) != 1 || len(before.managed()) != 0 {
		t.Fatalf("got %d codes, %d of them managed", len(before.AccessCodes), len(before.managed()))
	}
	stranger := before.AccessCodes[0]
	if stranger.PIN != sim.SeedUnmanagedPIN {
		t.Error("got another PIN")
	}
	if err := errors.Join(s.advance(t.Context(), 90*time.Minute), s.takeOff(t.Context(), stranger)); err != nil {
		t.Error(err)
	}
	if err := s.takeOff(t.Context(), stranger); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got error %v", err)
	}
	after, err := s.state(t.Context())
	if err != nil || after.Now.Sub(before.Now) < 90*time.Minute || len(after.AccessCodes) > 0 {
		t.Errorf("got time %s after %s, %d codes, error %v", after.Now, before.Now, len(after.AccessCodes), err)
	}
	if want := "$ curl -X POST " + server.URL + "/_sim/clock/advance -d '{\"by\":\"1h30m0s\"}'\n"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("got output %q", out.String())
	}
}

func TestRemote(t *testing.T) {
	ann := remoteCode{ID: "1", Name: "Ann", PIN: "1234", Status: "set", Managed: true}
	stranger := remoteCode{ID: "2", Name: "Ann", PIN: "5678", Status: "set"}
	bob := remoteCode{ID: "3", Name: "Bob", PIN: "1357", Status: "set", Managed: true}
	s := remoteState{AccessCodes: []remoteCode{ann, stranger, bob, bob}}
	if got, err := s.only("Ann"); err != nil || got.ID != "1" {
		t.Errorf("got %q, error %v", got.ID, err)
	}
	_, two := s.only("Bob")
	_, no := s.only("Eve")
	for want, err := range map[string]error{
		`the simulator has 2 codes named "Bob", not one`: two,
		`the simulator has 0 codes named "Eve", not one`: no,
		`the simulator still has "Ann", set`:             s.none("Ann"),
		`the simulator has "Ann" as set, not as unset`:   ann.is("unset", "1234"),
		`the simulator has "Ann" with another PIN`:       ann.is("set", "4321"),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if err := errors.Join(ann.is("set", "1234"), s.none("Eve")); err != nil {
		t.Error(err)
	}
	if text := fmt.Sprintf("%v %+v", ann, s); strings.Contains(text, "1234") {
		t.Error("a PIN is printed")
	}
}

func TestStay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	d := newDemo(parts{k8s: "/some where/k8s"}, "/tmp/demo", &out, func(error) {})
	d.sim.url = "http://127.0.0.1:4"
	if err := d.stay(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	for _, want := range []string{
		"export KUBECONFIG=/tmp/demo/kubeconfig ", "PATH='/some where/k8s':$PATH\n", sim.SeedNativeLockID + "  Front Door\n",
		"SIM=http://127.0.0.1:4\n", "deviceID: " + sim.SeedNativeLockID + "\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %q, without %q", out.String(), want)
		}
	}
	if strings.Contains(out.String(), sim.SeedOtherLockID) || strings.Contains(out.String(), "%!") {
		t.Errorf("got %q", out.String())
	}
}
