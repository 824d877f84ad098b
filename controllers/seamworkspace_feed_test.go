// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func (w *world) remoteOf(name string) string { return w.get(name).Status.AccessCodeID }

// TestEventWakesWhomItConcerns: nobody else is woken, and nobody else's code asked for.
func TestEventWakesWhomItConcerns(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(5)
	w.step(defaultPollInterval)
	pin := "606060"
	if err := w.sim.ChangeAtLock(w.remoteOf("guest-3"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.hears("guest-3")
	w.settle("guest-3")
	w.expect("guest-3", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.calls("/access_codes/update"); n != 1 {
		t.Errorf("%d updates", n)
	}
	w.step(defaultPollInterval)
	w.listen(v1alpha1.DefaultWorkspaceName)
	w.settle("guest-3")

	w.step(defaultPollInterval)
	if err := w.sim.TakeOffLock(w.remoteOf("guest-1")); err != nil {
		t.Fatal(err)
	}
	w.hears("guest-1")
}

// TestDeviceEventWakesItsCodes: what is wrong with a lock shows with each of its codes, and nowhere else.
func TestDeviceEventWakesItsCodes(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(2)
	w.code("elsewhere", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedProviderPINLockID, "" })
	w.settle("elsewhere")
	w.listen(v1alpha1.DefaultWorkspaceName)
	w.settle("elsewhere")
	w.hears()
	w.step(defaultPollInterval)
	if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false }); err != nil {
		t.Fatal(err)
	}
	w.hears("guest-0", "guest-1")
}

// TestSweepFindsWhatNoEventTold: a change whose event was lost is found by the sweep, at the price of one call.
func TestSweepFindsWhatNoEventTold(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.EventLimit = 1 })
	w.connected()
	w.guests(5)
	pin := "606060"
	if err := w.sim.ChangeAtLock(w.remoteOf("guest-3"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.foreign(sim.SeedNativeLockID, "Somebody", "135791") // its event displaces the other
	w.foreign(sim.SeedNativeLockID, "Somebody", "135792")
	w.step(defaultPollInterval)
	w.hears()
	w.step(v1alpha1.DefaultSyncInterval)
	w.sim.ResetRequests()
	w.hears("guest-3")
	if n := w.sim.Requests().Total; n != 1 {
		t.Errorf("a sweep over five codes made the calls %v", w.sim.Requests().ByPath)
	}
	w.settle("guest-3")
	w.expect("guest-3", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestRestartLooksAtAllAtOnce: after a restart no code is asked for by itself.
func TestRestartLooksAtAllAtOnce(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(5)
	w.restart()
	clear(w.writes)
	for i := range 5 {
		w.settle(fmt.Sprint("guest-", i))
	}
	if diff := cmp.Diff(map[string]int{"/workspaces/get": 1, "/access_codes/list": 1}, w.sim.Requests().ByPath); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if n := w.kubernetesWrites(); n != 0 {
		t.Errorf("%d Kubernetes writes", n)
	}
}

// TestFeedThatIsNotAnswered: it is asked for later each time, and what has happened meanwhile is not lost.
func TestFeedThatIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(2)
	w.step(defaultPollInterval)
	pin := "606060"
	if err := w.sim.ChangeAtLock(w.remoteOf("guest-1"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.order(sim.Fault{Path: "/events/list", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 3})
	for _, want := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		woken, result := w.listen(v1alpha1.DefaultWorkspaceName)
		if result.RequeueAfter != want || woken != nil {
			t.Errorf("again after %s, want %s; woken %v", result.RequeueAfter, want, woken)
		}
		w.step(result.RequeueAfter)
	}
	// The events are heard, but the codes can't be looked at: then all are, as soon as they can be.
	w.order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 1})
	w.hears()
	w.hears("guest-1")
	if _, result := w.listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != defaultPollInterval {
		t.Errorf("again after %s", result.RequeueAfter)
	}
}

// TestSweepThatIsNotAnswered: where only a look at all codes would tell, and it fails, it is made the next time.
func TestSweepThatIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(2)
	live, ok := w.codes.Registry.Connected(types.NamespacedName{Namespace: testNamespace, Name: v1alpha1.DefaultWorkspaceName})
	if !ok {
		t.Fatal("not connected")
	}
	w.step(defaultPollInterval)
	w.listen(v1alpha1.DefaultWorkspaceName)
	pin := "606060"
	if err := w.sim.ChangeAtLock(w.remoteOf("guest-1"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := live.Events(t.Context()); err != nil { // heard by nobody
		t.Fatal(err)
	}
	live.Missed()
	w.order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: http.StatusInternalServerError, Times: 1})
	w.hears()
	w.hears("guest-1")
}

// TestFeedWithRefusedCredentials: the credentials are checked, and nothing is asked for until they are good.
func TestFeedWithRefusedCredentials(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(1)
	w.order(sim.Fault{Path: "/events/list", Kind: sim.FaultStatus, Status: http.StatusUnauthorized, Times: 1})
	if _, result := w.listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != 0 || !drain(w.codes.Wakes.workspaces) {
		t.Errorf("again after %s, without a check of the credentials", result.RequeueAfter)
	}
	w.sim.ResetRequests()
	if _, result := w.listen(v1alpha1.DefaultWorkspaceName); result.RequeueAfter != 0 || w.sim.Requests().Total != 0 {
		t.Errorf("again after %s, calls %v", result.RequeueAfter, w.sim.Requests().ByPath)
	}
	w.settle("guest-0")
	w.expect("guest-0", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestConflictIsOverWhenItsCodeGoes: who waits for a PIN to be free hears of it.
func TestConflictIsOverWhenItsCodeGoes(t *testing.T) {
	w := newWorld(t)
	w.connected()
	theirs := w.foreign(sim.SeedNativeLockID, "Somebody", testPIN)
	w.code("guest", nil)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	w.hears("guest")
	w.hears()
	w.step(defaultPollInterval)
	if err := w.sim.TakeOffLock(theirs); err != nil {
		t.Fatal(err)
	}
	w.hears("guest")
}
