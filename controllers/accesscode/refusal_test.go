// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// online sets whether the native lock is connected.
func (w *world) online(online bool) {
	w.T.Helper()
	if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
		w.T.Fatal(err)
	}
}

// expectWoken looks for what has happened at Seam and checks that it wakes an AccessCode.
func (w *world) expectWoken(name string) {
	w.T.Helper()
	for range 2 { // the first may be a look at all codes
		w.Step(2 * time.Second)
		if woken, _ := w.Listen(v1alpha1.DefaultWorkspaceName); slices.Contains(woken, name) {
			return
		}
	}
	w.T.Errorf("%q is not woken", name)
}

func unattempted(c *v1alpha1.AccessCode) { c.Spec.AttemptForOfflineDevice = new(false) }

// TestLockThatIsNotToBeTriedWhileOffline: nothing is wrong with the spec; the lock's return is what is waited for.
func TestLockThatIsNotToBeTriedWhileOffline(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.online(false)
	w.Listen(v1alpha1.DefaultWorkspaceName)
	w.Code("guest", unattempted)
	for range 5 {
		result, err := w.Reconcile("guest")
		if err != nil || result.RequeueAfter == 0 || result.RequeueAfter > kube.SlowLook {
			t.Fatalf("looked at again in %v (%v)", result.RequeueAfter, err)
		}
		code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
		if code.Status.ObservedGeneration == code.Generation {
			t.Error("the spec counts as carried out")
		}
		w.Step(result.RequeueAfter)
	}
	if n := w.Writes["AccessCode patch"]; n > 2 {
		t.Errorf("%d writes of metadata for a code that can't be sent", n)
	}
	w.online(true)
	w.expectWoken("guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	// A change, too.
	w.online(false)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "7733" })
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	if message := kube.ReadyMessage(code.Status.Conditions); strings.Contains(message, "elete") || !strings.Contains(message, "attemptForOfflineDevice") {
		t.Errorf("message %q", message)
	}
	w.Listen(v1alpha1.DefaultWorkspaceName)
	w.online(true)
	w.expectWoken("guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "7733" {
		t.Errorf("PIN %q on the lock", got)
	}
}

// TestRefusalThatPasses: whatever is disconnected, and whatever was asked for.
func TestRefusalThatPasses(t *testing.T) {
	for _, errorType := range []string{"device_offline", "device_disconnected", "hub_disconnected", "bridge_disconnected", "account_disconnected"} {
		for _, call := range []string{"create", "update", "delete"} {
			t.Run(call+" "+errorType, func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				w.refuseFor(errorType, call)
				w.Sim.ClearFaults()
				// The device event alone: at Seam the code looks as it did.
				w.online(false)
				w.Listen(v1alpha1.DefaultWorkspaceName)
				w.online(true)
				w.expectWoken("guest")
				w.Settle("guest")
				if call != "delete" {
					w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				} else if w.Exists(&v1alpha1.AccessCode{}, "guest") {
					t.Error("not deleted")
				}
			})
		}
	}
}

// refuseFor has Seam refuse the call that creates, updates or deletes the code of "guest".
func (w *world) refuseFor(errorType, call string) {
	w.T.Helper()
	w.Code("guest", nil)
	if call != "create" {
		w.Settle("guest")
	}
	w.Order(sim.Fault{
		Path: "/access_codes/" + call, Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: errorType, Times: -1,
	})
	switch call {
	case "update":
		w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "7733" })
	case "delete":
		w.Delete(&v1alpha1.AccessCode{}, "guest")
	}
	w.Listen(v1alpha1.DefaultWorkspaceName)
	for range 3 {
		result, err := w.Reconcile("guest")
		if err != nil || result.RequeueAfter < accesscode.FirstRefusalRetry || result.RequeueAfter > kube.SlowLook {
			w.T.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
		}
		code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
		if message := kube.ReadyMessage(code.Status.Conditions); strings.Contains(message, "create another") || !strings.Contains(message, errorType) {
			w.T.Errorf("message %q", message)
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
			w.Connected()
			w.Code("guest", nil)
			w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: errorType, Times: 1})
			if _, err := w.Reconcile("guest"); err != nil {
				t.Fatal(err)
			}
			w.Expect("guest", metav1.ConditionFalse, reason)
			w.Step(kube.SlowLook)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}

// TestRefusalUntilTheAccountIsBack: which locks are of the account is not known, so those are woken that wait.
func TestRefusalUntilTheAccountIsBack(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Listen(v1alpha1.DefaultWorkspaceName)
	account := func(away bool) {
		if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.AccountDisconnected = away }); err != nil {
			t.Fatal(err)
		}
	}
	w.Code("guest", nil)
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: http.StatusBadRequest, ErrorType: "account_disconnected"})
	account(true)
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	w.Listen(v1alpha1.DefaultWorkspaceName)
	account(false)
	w.expectWoken("guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}
