// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func suspend(on bool) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Suspend = on }
}

// expectSuspended checks the condition Suspended, and whether the spec counts as carried out.
func (w *world) expectSuspended(name string, carried bool) {
	w.t.Helper()
	code := w.get(name)
	condition := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionSuspended)
	if condition == nil || condition.Status != metav1.ConditionTrue || condition.Reason != v1alpha1.ReasonSuspended {
		w.t.Fatalf("Suspended is %+v", condition)
	}
	if (code.Status.ObservedGeneration == code.Generation) != carried {
		w.t.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	if carried == strings.Contains(condition.Message, "Changes of the spec wait") {
		w.t.Errorf("message %q", condition.Message)
	}
}

func (w *world) expectResumed(name string) {
	w.t.Helper()
	if c := apimeta.FindStatusCondition(w.get(name).Status.Conditions, v1alpha1.ConditionSuspended); c != nil {
		w.t.Errorf("still %+v", c)
	}
}

// TestSuspended: it shows, Ready keeps what was true, and nobody takes a change that waits for one that was made.
func TestSuspended(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"a given PIN": func(*v1alpha1.AccessCode) {}, "a chosen PIN": chosen, "a PIN of the provider": func(c *v1alpha1.AccessCode) {
			chosen(c)
			c.Spec.DeviceID = sim.SeedProviderPINLockID
		},
		"a PIN in a Secret": fromSecret, "changes elsewhere stand": func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = new(true) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("guest-pin", "pin", testPIN)
			w.code("guest", all(scheduled(w.clock.Now(), w.clock.Now().Add(48*time.Hour)), edit))
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			calls := w.sim.Requests().Total
			w.edit("guest", suspend(true))
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectSuspended("guest", true)
			w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Another" })
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectSuspended("guest", false)
			w.restart()
			w.settle("guest")
			w.expectSuspended("guest", false)
			if n := w.calls("/access_codes/update") + w.sim.Requests().Total - calls; n > 3 { // that the workspace is connected again
				t.Errorf("%d calls", n)
			}
			w.edit("guest", suspend(false))
			w.settle("guest")
			code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectResumed("guest")
			if remote := w.live(code.Spec.DeviceID); *remote.Name != "Another" {
				t.Errorf("name %q", *remote.Name)
			}
		})
	}
}

// TestSuspendedBeforeItBegan: it has a status, and nothing is said to be under way.
func TestSuspendedBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", suspend(true))
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSuspended)
	clear(w.writes)
	w.restart()
	w.settle("guest")
	if n := w.kubernetesWrites(); n != 0 {
		t.Errorf("%d writes of what stands already: %v", n, w.writes)
	}
	w.edit("guest", suspend(false))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectResumed("guest")
}

// TestSuspendedAndDeleted: deletion outranks it.
func TestSuspendedAndDeleted(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = time.Minute })
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	w.edit("guest", suspend(true))
	w.settle("guest")
	w.delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	w.expectResumed("guest")
}

// TestResumedWhileItsWorkspaceIsSuspended: the AccessCode itself is suspended no more.
func TestResumedWhileItsWorkspaceIsSuspended(t *testing.T) {
	w := settled(t)
	w.edit("guest", suspend(true))
	w.settle("guest")
	var ws v1alpha1.SeamWorkspace
	w.exists(&ws, v1alpha1.DefaultWorkspaceName)
	ws.Spec.Suspend, ws.Generation = true, ws.Generation+1
	if err := w.client.Update(t.Context(), &ws); err != nil {
		t.Fatal(err)
	}
	w.edit("guest", suspend(false))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectResumed("guest")
}

// TestSuspendedWhereChangesElsewhereStand: to suspend and resume it puts nothing back.
func TestSuspendedWhereChangesElsewhereStand(t *testing.T) {
	w := external(t, func(c *v1alpha1.AccessCode) { c.Spec.Schedule = nil })
	name := "Aunt Agatha"
	if err := w.sim.ChangeAtLock(w.live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Name: &name}); err != nil {
		t.Fatal(err)
	}
	w.settle("guest")
	for _, on := range []bool{true, false} {
		w.edit("guest", suspend(on))
		w.settle("guest")
		w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	}
	if remote := w.live(sim.SeedNativeLockID); *remote.Name != name {
		t.Errorf("put back to %q", *remote.Name)
	}
}

// TestSuspendedAfterItsWindow: what is over stays over.
func TestSuspendedAfterItsWindow(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", scheduled(w.clock.Now().Add(-2*time.Hour), w.clock.Now().Add(-time.Hour)))
	w.settle("guest")
	w.edit("guest", suspend(true))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	w.expectSuspended("guest", true)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(w.clock.Now().Add(time.Hour)) })
	w.settle("guest")
	w.expectSuspended("guest", false)
}
