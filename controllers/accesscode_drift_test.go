// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestDriftIsPutBack(t *testing.T) {
	w := settled(t)
	id := w.live(sim.SeedNativeLockID).AccessCodeID
	pin, name := "5566", "Somebody"
	if err := w.sim.ChangeAtLock(id, sim.LockChange{Code: &pin, Name: &name}); err != nil {
		t.Fatal(err)
	}
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.live(sim.SeedNativeLockID); *remote.Code != testPIN || *remote.Name != "guest" {
		t.Errorf("at Seam %+v", remote)
	}
	if diff := cmp.Diff([]string{"DriftCorrected", "CodeSet"}, w.recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestVanishedCodeIsCreatedAgainAfterASecondLook(t *testing.T) {
	w := settled(t)
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	creates := w.calls("/access_codes/create")
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	if n := w.calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates after the first look", n)
	}
	w.step(6 * time.Second)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
	if diff := cmp.Diff([]string{"DriftCorrected", "CodeSet"}, w.recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestRemoteThatTakesNoChange(t *testing.T) {
	w := settled(t)
	id := w.live(sim.SeedNativeLockID).AccessCodeID
	name := "Stubborn"
	updates := w.calls("/access_codes/update")
	for range 8 {
		if err := w.sim.ChangeAtLock(id, sim.LockChange{Name: &name}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.step(2 * time.Minute)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonNotConverging)
	if n := w.calls("/access_codes/update") - updates; n != 3 {
		t.Errorf("%d updates within the hour, want 3", n)
	}
	w.step(time.Hour)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestPINOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.connected()
	other := w.foreign(sim.SeedNativeLockID, "guest", testPIN)
	w.step(10 * time.Minute)
	w.code("guest", nil)
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if remote := w.live(sim.SeedNativeLockID); remote.AccessCodeID != other || code.Status.AccessCodeID != "" {
		t.Errorf("the other code was touched, or taken: %+v, id %q", remote, code.Status.AccessCodeID)
	}
	if code.Annotations[v1alpha1.CreateIntentAnnotation] != "" {
		t.Error("an intention that was refused is still stored")
	}
	// Looked at again, it takes neither a create nor a write.
	creates := w.calls("/access_codes/create")
	w.idleConflict("guest")
	if n := w.calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates while the PIN is taken", n)
	}

	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || w.live(sim.SeedNativeLockID).AccessCodeID != other {
		t.Error("deleting the AccessCode did not leave the other code alone")
	}
}

func (w *world) idleConflict(name string) {
	w.t.Helper()
	clear(w.writes)
	for range 3 {
		w.step(slowLook)
		if _, err := w.reconcile(name); err != nil {
			w.t.Fatal(err)
		}
	}
	if n := w.kubernetesWrites(); n != 0 {
		w.t.Errorf("%d writes for a conflict that goes on: %v", n, w.writes)
	}
}

func TestRemovalOfAnotherCodeIsWaitedFor(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = 30 * time.Second })
	w.connected()
	w.code("first", nil)
	w.settle("first")
	w.delete(&v1alpha1.AccessCode{}, "first")
	if _, err := w.reconcile("first"); err != nil {
		t.Fatal(err)
	}
	w.code("second", nil)
	if _, err := w.reconcile("second"); err != nil {
		t.Fatal(err)
	}
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.settle("second")
	w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
}

func TestTwoObjectsWithOnePINAtOnce(t *testing.T) {
	w := newWorld(t)
	w.connected()
	for _, name := range []string{"first", "second"} {
		w.code(name, func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" })
		if _, err := w.reconcile(name); err != nil {
			t.Fatal(err)
		}
	}
	w.settle("first")
	w.settle("second")
	w.expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.delete(&v1alpha1.AccessCode{}, "second")
	w.settle("second")
	w.live(sim.SeedNativeLockID)
}

func TestDeviceThatIsOffline(t *testing.T) {
	w := newWorld(t)
	w.connected()
	offline := func(online bool) {
		if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
			t.Fatal(err)
		}
	}
	offline(false)
	w.code("guest", nil)
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.step(time.Minute)
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable)
	if len(code.Status.Errors) == 0 || code.Status.Errors[0].Code != "device_offline" || code.Status.Errors[0].Scope != "Device" {
		t.Errorf("errors %+v", code.Status.Errors)
	}
	offline(true)
	w.settle("guest")
	code = w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if len(code.Status.Errors) != 0 {
		t.Errorf("errors %+v", code.Status.Errors)
	}
	offline(false)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}
