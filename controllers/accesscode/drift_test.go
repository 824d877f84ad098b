// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestDriftIsPutBack(t *testing.T) {
	w := settled(t)
	id := w.Live(sim.SeedNativeLockID).AccessCodeID
	pin, name := "5566", "Somebody"
	if err := w.Sim.ChangeAtLock(id, sim.LockChange{Code: &pin, Name: &name}); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedNativeLockID); *remote.Code != testworld.PIN || *remote.Name != "guest" {
		t.Errorf("at Seam %+v", remote)
	}
	if diff := cmp.Diff([]string{"DriftCorrected", "CodeSet"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestVanishedCodeIsCreatedAgainAfterASecondLook(t *testing.T) {
	w := settled(t)
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	creates := w.Calls("/access_codes/create")
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	if n := w.Calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates after the first look", n)
	}
	w.Step(6 * time.Second)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
	if diff := cmp.Diff([]string{"DriftCorrected", "CodeSet"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestRemoteThatTakesNoChange(t *testing.T) {
	w := settled(t)
	id := w.Live(sim.SeedNativeLockID).AccessCodeID
	name := "Stubborn"
	updates := w.Calls("/access_codes/update")
	for range 8 {
		if err := w.Sim.ChangeAtLock(id, sim.LockChange{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.Step(2 * time.Minute)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonNotConverging)
	if n := w.Calls("/access_codes/update") - updates; n != 3 {
		t.Errorf("%d updates within the hour, want 3", n)
	}
	w.Step(time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestPINOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	other := w.Foreign(sim.SeedNativeLockID, "guest", testworld.PIN)
	w.Step(10 * time.Minute)
	w.Code("guest", nil)
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if remote := w.Live(sim.SeedNativeLockID); remote.AccessCodeID != other || code.Status.AccessCodeID != "" {
		t.Errorf("the other code was touched, or taken: %+v, id %q", remote, code.Status.AccessCodeID)
	}
	if code.Annotations[v1alpha1.CreateIntentAnnotation] != "" {
		t.Error("an intention that was refused is still stored")
	}
	// Looked at again, it takes neither a create nor a write.
	creates := w.Calls("/access_codes/create")
	w.idleConflict("guest")
	if n := w.Calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates while the PIN is taken", n)
	}

	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || w.Live(sim.SeedNativeLockID).AccessCodeID != other {
		t.Error("deleting the AccessCode did not leave the other code alone")
	}
}

func (w *world) idleConflict(name string) {
	w.T.Helper()
	clear(w.Writes)
	for range 3 {
		w.Step(kube.SlowLook)
		if _, err := w.Reconcile(name); err != nil {
			w.T.Fatal(err)
		}
	}
	if n := w.KubernetesWrites(); n != 0 {
		w.T.Errorf("%d writes for a conflict that goes on: %v", n, w.Writes)
	}
}

func TestRemovalOfAnotherCodeIsWaitedFor(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = 30 * time.Second })
	w.Connected()
	w.Code("first", nil)
	w.Settle("first")
	w.Delete(&v1alpha1.AccessCode{}, "first")
	if _, err := w.Reconcile("first"); err != nil {
		t.Fatal(err)
	}
	w.Code("second", nil)
	if _, err := w.Reconcile("second"); err != nil {
		t.Fatal(err)
	}
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.Settle("second")
	w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}

func TestTwoObjectsWithOnePINAtOnce(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	for _, name := range []string{"first", "second"} {
		w.Code(name, func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" })
		if _, err := w.Reconcile(name); err != nil {
			t.Fatal(err)
		}
	}
	w.Settle("first")
	w.Settle("second")
	w.Expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.Delete(&v1alpha1.AccessCode{}, "second")
	w.Settle("second")
	w.Live(sim.SeedNativeLockID)
}

func TestDeviceThatIsOffline(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	offline := func(online bool) {
		if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
			t.Fatal(err)
		}
	}
	offline(false)
	w.Code("guest", nil)
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Step(time.Minute)
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	if len(code.Status.Errors) == 0 || code.Status.Errors[0].Code != "device_offline" || code.Status.Errors[0].Scope != "Device" {
		t.Errorf("errors %+v", code.Status.Errors)
	}
	offline(true)
	w.Settle("guest")
	code = w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if len(code.Status.Errors) != 0 {
		t.Errorf("errors %+v", code.Status.Errors)
	}
	offline(false)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestVanishedCodeWhosePINIsTaken: with adoptionPolicy Matching the code that has taken the place of ours is taken over.
// Asking Seam for another one each second would be of no use.
func TestVanishedCodeWhosePINIsTaken(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", matching)
	w.Settle("guest")
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	theirs := w.Foreign(sim.SeedNativeLockID, "Somebody", testworld.PIN)
	w.Sim.ResetRequests()
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != theirs || code.Status.AccessCodeID != id {
		t.Errorf("recorded %q, at Seam %q, want %q", code.Status.AccessCodeID, id, theirs)
	}
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates of a code whose PIN is taken", n)
	}
}
