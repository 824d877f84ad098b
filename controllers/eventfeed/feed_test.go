// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package eventfeed_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func (w *world) remoteOf(name string) string { return w.Get(name).Status.AccessCodeID }

// TestEventEnqueuesWhomItConcerns: no other AccessCode is enqueued, and no other code read.
func TestEventEnqueuesWhomItConcerns(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(5)
	w.Step(eventfeed.DefaultPollInterval)
	pin := "606060"
	if err := w.Sim.ChangeAtLock(w.remoteOf("guest-3"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Hears("guest-3")
	w.Settle("guest-3")
	w.Expect("guest-3", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/access_codes/update"); n != 1 {
		t.Errorf("%d updates", n)
	}
	w.Step(eventfeed.DefaultPollInterval)
	w.Listen(v1alpha1.DefaultWorkspaceName)
	w.Settle("guest-3")

	w.Step(eventfeed.DefaultPollInterval)
	if err := w.Sim.TakeOffLock(w.remoteOf("guest-1")); err != nil {
		t.Fatal(err)
	}
	w.Hears("guest-1")
}

// TestDeviceEventEnqueuesItsCodes: an error of a lock shows at each of its codes, and nowhere else.
func TestDeviceEventEnqueuesItsCodes(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(2)
	w.Code("elsewhere", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedProviderPINLockID, "" })
	w.Settle("elsewhere")
	w.Listen(v1alpha1.DefaultWorkspaceName)
	w.Settle("elsewhere")
	w.Hears()
	w.Step(eventfeed.DefaultPollInterval)
	if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false }); err != nil {
		t.Fatal(err)
	}
	w.Hears("guest-0", "guest-1")
}

// TestSweepFindsChangeWithoutEvent: a change whose event was lost is found by the sweep, with one call.
func TestSweepFindsChangeWithoutEvent(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.EventLimit = 1 })
	w.Connected()
	w.Guests(5)
	pin := "606060"
	if err := w.Sim.ChangeAtLock(w.remoteOf("guest-3"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Foreign(sim.SeedNativeLockID, "Somebody", "135791") // its event displaces the other
	w.Foreign(sim.SeedNativeLockID, "Somebody", "135792")
	w.Step(eventfeed.DefaultPollInterval)
	w.Hears()
	w.Step(v1alpha1.DefaultSyncInterval)
	w.Sim.ResetRequests()
	w.Hears("guest-3")
	if n := w.Sim.Requests().Total; n != 1 {
		t.Errorf("a sweep over five codes made the calls %v", w.Sim.Requests().ByPath)
	}
	w.Settle("guest-3")
	w.Expect("guest-3", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestRestartReadsAllCodesTogether: after a restart no code is read by itself.
func TestRestartReadsAllCodesTogether(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(5)
	w.Restart()
	clear(w.Writes)
	for i := range 5 {
		w.Settle(fmt.Sprint("guest-", i))
	}
	if diff := cmp.Diff(map[string]int{"/workspaces/get": 1, "/access_codes/list": 1}, w.Sim.Requests().ByPath); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if n := w.KubernetesWrites(); n != 0 {
		t.Errorf("%d Kubernetes writes", n)
	}
}

// TestUnansweredPollsAreSpacedAndLoseNothing: each poll comes later, and events from meanwhile are not lost.
func TestUnansweredPollsAreSpacedAndLoseNothing(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(2)
	w.Step(eventfeed.DefaultPollInterval)
	pin := "606060"
	if err := w.Sim.ChangeAtLock(w.remoteOf("guest-1"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Order(sim.Fault{Path: "/events/list", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 3})
	for _, want := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		woken, result := w.Listen(v1alpha1.DefaultWorkspaceName)
		if result.RequeueAfter != want || woken != nil {
			t.Errorf("again after %s, want %s; woken %v", result.RequeueAfter, want, woken)
		}
		w.Step(result.RequeueAfter)
	}
	// The events are heard, but the codes can't be looked at: then all are, as soon as they can be.
	w.Order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 1})
	w.Hears()
	w.Hears("guest-1")
	if _, result := w.Listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != eventfeed.DefaultPollInterval {
		t.Errorf("again after %s", result.RequeueAfter)
	}
}

// TestUnansweredSweepIsMadeAgain: where only a sweep can tell what has changed, and it fails, the next poll sweeps.
func TestUnansweredSweepIsMadeAgain(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(2)
	session, ok := w.Codes.Registry.Connected(testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName))
	if !ok {
		t.Fatal("not connected")
	}
	w.Step(eventfeed.DefaultPollInterval)
	w.Listen(v1alpha1.DefaultWorkspaceName)
	pin := "606060"
	if err := w.Sim.ChangeAtLock(w.remoteOf("guest-1"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.Events(t.Context()); err != nil { // heard by nobody
		t.Fatal(err)
	}
	session.Missed()
	w.Order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 1})
	w.Hears()
	w.Hears("guest-1")
}

// TestFeedWaitsWhileCredentialsAreRefused: the credentials are checked, and no call is made until they are good.
func TestFeedWaitsWhileCredentialsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(1)
	w.Order(sim.Fault{Path: "/events/list", Kind: sim.FaultStatus, Status: http.StatusUnauthorized, Times: 1})
	if _, result := w.Listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != 0 || !testworld.Drain(w.Codes.Triggers.Workspaces) {
		t.Errorf("again after %s, without a check of the credentials", result.RequeueAfter)
	}
	w.Sim.ResetRequests()
	if _, result := w.Listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != 0 || w.Sim.Requests().Total != 0 {
		t.Errorf("again after %s, calls %v", result.RequeueAfter, w.Sim.Requests().ByPath)
	}
	w.Settle("guest-0")
	w.Expect("guest-0", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestConflictIsOverWhenItsCodeGoes: an AccessCode that waits for a PIN is enqueued when the PIN is free.
func TestConflictIsOverWhenItsCodeGoes(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	theirs := w.Foreign(sim.SeedNativeLockID, "Somebody", testworld.PIN)
	w.Code("guest", nil)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	w.Hears("guest")
	w.Hears()
	w.Step(eventfeed.DefaultPollInterval)
	if err := w.Sim.TakeOffLock(theirs); err != nil {
		t.Fatal(err)
	}
	w.Hears("guest")
}
