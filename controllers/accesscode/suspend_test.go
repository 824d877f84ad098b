// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"strings"
	"testing"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func suspend(on bool) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Suspend = on }
}

// expectSuspended checks the condition Suspended, and whether the spec counts as carried out.
func (w *world) expectSuspended(name string, carried bool) {
	w.T.Helper()
	code := w.Get(name)
	condition := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionSuspended)
	if condition == nil || condition.Status != metav1.ConditionTrue || condition.Reason != v1alpha1.ReasonSuspended {
		w.T.Fatalf("Suspended is %+v", condition)
	}
	if (code.Status.ObservedGeneration == code.Generation) != carried {
		w.T.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	if carried == strings.Contains(condition.Message, "Changes of the spec wait") {
		w.T.Errorf("message %q", condition.Message)
	}
}

func (w *world) expectResumed(name string) {
	w.T.Helper()
	if c := apimeta.FindStatusCondition(w.Get(name).Status.Conditions, v1alpha1.ConditionSuspended); c != nil {
		w.T.Errorf("still %+v", c)
	}
}

// TestSuspended: it shows, Ready keeps what was true, and nobody takes a change that waits for one that was made.
func TestSuspended(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"a given PIN": func(*v1alpha1.AccessCode) {}, "a chosen PIN": testworld.Chosen, "a PIN of the provider": func(c *v1alpha1.AccessCode) {
			testworld.Chosen(c)
			c.Spec.DeviceID = sim.SeedProviderPINLockID
		},
		"a PIN in a Secret": testworld.FromSecret, "changes elsewhere stand": func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = new(true) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.Code("guest", testworld.All(testworld.Scheduled(w.Clock.Now(), w.Clock.Now().Add(48*time.Hour)), edit))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			calls := w.Sim.Requests().Total
			w.Edit("guest", suspend(true))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectSuspended("guest", true)
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Another" })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectSuspended("guest", false)
			w.Restart()
			w.Settle("guest")
			w.expectSuspended("guest", false)
			if n := w.Calls("/access_codes/update") + w.Sim.Requests().Total - calls; n > 3 { // that the workspace is connected again
				t.Errorf("%d calls", n)
			}
			w.Edit("guest", suspend(false))
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectResumed("guest")
			if remote := w.Live(code.Spec.DeviceID); *remote.Name != "Another" {
				t.Errorf("name %q", *remote.Name)
			}
		})
	}
}

// TestSuspendedBeforeItBegan: it has a status, and nothing is said to be under way.
func TestSuspendedBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", suspend(true))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSuspended)
	clear(w.Writes)
	w.Restart()
	w.Settle("guest")
	if n := w.KubernetesWrites(); n != 0 {
		t.Errorf("%d writes of what stands already: %v", n, w.Writes)
	}
	w.Edit("guest", suspend(false))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectResumed("guest")
}

// TestSuspendedAndDeleted: deletion outranks it.
func TestSuspendedAndDeleted(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = time.Minute })
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	w.Edit("guest", suspend(true))
	w.Settle("guest")
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	w.expectResumed("guest")
}

// TestResumedWhileItsWorkspaceIsSuspended: the AccessCode itself is suspended no more.
func TestResumedWhileItsWorkspaceIsSuspended(t *testing.T) {
	w := settled(t)
	w.Edit("guest", suspend(true))
	w.Settle("guest")
	var ws v1alpha1.SeamWorkspace
	w.Exists(&ws, v1alpha1.DefaultWorkspaceName)
	ws.Spec.Suspend, ws.Generation = true, ws.Generation+1
	if err := w.Client.Update(t.Context(), &ws); err != nil {
		t.Fatal(err)
	}
	w.Edit("guest", suspend(false))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectResumed("guest")
}

// TestSuspendedWhereChangesElsewhereStand: to suspend and resume it puts nothing back.
func TestSuspendedWhereChangesElsewhereStand(t *testing.T) {
	w := external(t, func(c *v1alpha1.AccessCode) { c.Spec.Schedule = nil })
	name := "Aunt Agatha"
	if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Name: &name}); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	for _, on := range []bool{true, false} {
		w.Edit("guest", suspend(on))
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	}
	if remote := w.Live(sim.SeedNativeLockID); *remote.Name != name {
		t.Errorf("put back to %q", *remote.Name)
	}
}

// TestSuspendedAfterItsWindow: what is over stays over.
func TestSuspendedAfterItsWindow(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(-2*time.Hour), w.Clock.Now().Add(-time.Hour)))
	w.Settle("guest")
	w.Edit("guest", suspend(true))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	w.expectSuspended("guest", true)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now().Add(time.Hour)) })
	w.Settle("guest")
	w.expectSuspended("guest", false)
}
