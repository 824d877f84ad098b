// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		-time.Hour: time.Second, 0: time.Second, 1500 * time.Millisecond: 2 * time.Second, 2 * time.Second: 3 * time.Second,
	} {
		if got := wholeSeconds(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

// newSimulator starts the simulator itself: its words are not repeated here.
func newSimulator(t *testing.T) (*simulator, *bytes.Buffer) {
	t.Helper()
	server := httptest.NewServer(sim.New(sim.DefaultOptions()))
	t.Cleanup(server.Close)
	var out bytes.Buffer
	return &simulator{url: server.URL, out: &console{w: &out}}, &out
}

func TestSimulator(t *testing.T) {
	s, out := newSimulator(t)
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
	if want := "$ curl -X POST " + s.url + "/_sim/clock/advance -d '{\"by\":\"1h30m0s\"}'\n"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("got output %q", out.String())
	}
}

// A code that somebody puts on a lock past Seam; its PIN is not printed.
func TestPutOn(t *testing.T) {
	s, out := newSimulator(t)
	const file, call = "samples/code.json", `{"device_id":"` + sim.SeedNativeLockID + `","name":"Eve","code":"864209"}`
	id, err := s.putOn(t.Context(), file, call)
	if err != nil {
		t.Error(err)
	}
	state, err := s.state(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eve, err := state.foreign(id, "864209")
	if err != nil || eve.DeviceID != sim.SeedNativeLockID {
		t.Errorf("got %+v, error %v", eve, err)
	}
	if err := s.refuse(t.Context(), eve); err == nil || !strings.Contains(err.Error(), "unmanaged codes cannot fail") {
		t.Errorf("got error %v", err)
	}
	if err := errors.Join(s.recover(t.Context(), eve), s.takeOff(t.Context(), eve)); err != nil {
		t.Error(err)
	}
	if strings.Contains(out.String(), "864209") || !strings.Contains(out.String(), "/_sim/codes -d @"+file+"\n") {
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

func TestForeign(t *testing.T) {
	s := remoteState{AccessCodes: []remoteCode{
		{ID: "1", Name: "Ann", PIN: "1234", Status: "set", Managed: true}, {ID: "2", Name: "Eve", PIN: "5678", Status: "set"},
	}}
	if _, err := s.foreign("2", "5678"); err != nil {
		t.Error(err)
	}
	for id, want := range map[string]string{
		"1": `the simulator manages "Ann", which nobody has asked for`,
		"2": `the simulator has "Eve" with another PIN`,
		"3": "the simulator has no code 3",
	} {
		if _, err := s.foreign(id, "1234"); err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %q", id, err, want)
		}
	}
}

func TestBackups(t *testing.T) {
	ann := remoteCode{ID: "1", Name: "Ann", Managed: true, PulledID: "2"}
	bob := remoteCode{ID: "4", Name: "Bob", Managed: true}
	odd := remoteCode{ID: "5", Name: "Eve", Managed: true, PulledID: "4"}
	s := remoteState{AccessCodes: []remoteCode{
		ann, bob, odd, {ID: "2", Name: "Backup", Managed: true, Backup: true}, {ID: "3", Name: "Backup", Managed: true, Backup: true},
	}}
	if spare := s.spare(); len(spare) != 1 || !spare["3"] {
		t.Errorf("got spare ones %v", spare)
	}
	if backup, err := s.backupOf(ann); err != nil || backup.ID != "2" {
		t.Errorf("got %+v, error %v", backup, err)
	}
	_, none := s.backupOf(bob)
	_, other := s.backupOf(odd)
	for want, err := range map[string]error{
		`the simulator has no backup pulled for "Bob"`:                    none,
		`the simulator has "Bob" as the backup of "Eve", which it is not`: other,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

func TestStay(t *testing.T) {
	var out bytes.Buffer
	d := newDemo(parts{k8s: "/some where/k8s"}, "/tmp/demo", &out, func(error) {})
	d.sim.url = "http://127.0.0.1:4"
	d.sayHow()
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
