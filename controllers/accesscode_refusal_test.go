// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// online sets whether the native lock is connected.
func (w *world) online(online bool) {
	w.t.Helper()
	if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
		w.t.Fatal(err)
	}
}

// expectWoken looks for what has happened at Seam and checks that it wakes an AccessCode.
func (w *world) expectWoken(name string) {
	w.t.Helper()
	for range 2 { // the first may be a look at all codes
		w.step(2 * time.Second)
		if woken, _ := w.listen(v1alpha1.DefaultWorkspaceName); slices.Contains(woken, name) {
			return
		}
	}
	w.t.Errorf("%q is not woken", name)
}

func unattempted(c *v1alpha1.AccessCode) { c.Spec.AttemptForOfflineDevice = new(false) }

// TestLockThatIsNotToBeTriedWhileOffline: nothing is wrong with the spec; the lock's return is what is waited for.
func TestLockThatIsNotToBeTriedWhileOffline(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.online(false)
	w.listen(v1alpha1.DefaultWorkspaceName)
	w.code("guest", unattempted)
	for range 5 {
		result, err := w.reconcile("guest")
		if err != nil || result.RequeueAfter == 0 || result.RequeueAfter > slowLook {
			t.Fatalf("looked at again in %v (%v)", result.RequeueAfter, err)
		}
		code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
		if code.Status.ObservedGeneration == code.Generation {
			t.Error("the spec counts as carried out")
		}
		w.step(result.RequeueAfter)
	}
	if n := w.writes["AccessCode patch"]; n > 2 {
		t.Errorf("%d writes of metadata for a code that can't be sent", n)
	}
	w.online(true)
	w.expectWoken("guest")
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	// A change, too.
	w.online(false)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "7733" })
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	if message := readyMessage(code.Status.Conditions); strings.Contains(message, "elete") || !strings.Contains(message, "attemptForOfflineDevice") {
		t.Errorf("message %q", message)
	}
	w.listen(v1alpha1.DefaultWorkspaceName)
	w.online(true)
	w.expectWoken("guest")
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.live(sim.SeedNativeLockID).Code; got != "7733" {
		t.Errorf("PIN %q on the lock", got)
	}
}

// TestRefusalThatPasses: whatever is disconnected, and whatever was asked for.
func TestRefusalThatPasses(t *testing.T) {
	for _, errorType := range []string{"device_offline", "device_disconnected", "hub_disconnected", "bridge_disconnected", "account_disconnected"} {
		for _, call := range []string{"create", "update", "delete"} {
			t.Run(call+" "+errorType, func(t *testing.T) {
				w := newWorld(t)
				w.connected()
				w.refuseFor(errorType, call)
				w.sim.ClearFaults()
				// The device event alone: at Seam the code looks as it did.
				w.online(false)
				w.listen(v1alpha1.DefaultWorkspaceName)
				w.online(true)
				w.expectWoken("guest")
				w.settle("guest")
				if call != "delete" {
					w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				} else if w.exists(&v1alpha1.AccessCode{}, "guest") {
					t.Error("not deleted")
				}
			})
		}
	}
}

// refuseFor has Seam refuse the call that creates, updates or deletes the code of "guest".
func (w *world) refuseFor(errorType, call string) {
	w.t.Helper()
	w.code("guest", nil)
	if call != "create" {
		w.settle("guest")
	}
	w.order(sim.Fault{
		Path: "/access_codes/" + call, Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: errorType, Times: -1,
	})
	switch call {
	case "update":
		w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "7733" })
	case "delete":
		w.delete(&v1alpha1.AccessCode{}, "guest")
	}
	w.listen(v1alpha1.DefaultWorkspaceName)
	for range 3 {
		result, err := w.reconcile("guest")
		if err != nil || result.RequeueAfter < firstRefusalRetry || result.RequeueAfter > slowLook {
			w.t.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
		}
		code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
		if message := readyMessage(code.Status.Conditions); strings.Contains(message, "create another") || !strings.Contains(message, errorType) {
			w.t.Errorf("message %q", message)
		}
	}
}

// TestRefusalThatSomebodyElseEnds: what has nothing to do with the spec does not say that the spec is wrong.
func TestRefusalThatSomebodyElseEnds(t *testing.T) {
	for errorType, reason := range map[string]string{
		"subscription_required": v1alpha1.ReasonNotConverging, "device_removed": v1alpha1.ReasonDeviceNotFound, "device_busy": v1alpha1.ReasonDeviceError,
	} {
		t.Run(errorType, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", nil)
			w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: errorType, Times: 1})
			if _, err := w.reconcile("guest"); err != nil {
				t.Fatal(err)
			}
			w.expect("guest", metav1.ConditionFalse, reason)
			w.step(slowLook)
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}

// TestRefusalUntilTheAccountIsBack: which locks are of the account is not known, so those are woken that wait.
func TestRefusalUntilTheAccountIsBack(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.listen(v1alpha1.DefaultWorkspaceName)
	account := func(away bool) {
		if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.AccountDisconnected = away }); err != nil {
			t.Fatal(err)
		}
	}
	w.code("guest", nil)
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: "account_disconnected"})
	account(true)
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	w.listen(v1alpha1.DefaultWorkspaceName)
	account(false)
	w.expectWoken("guest")
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}
