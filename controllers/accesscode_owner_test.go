// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// imported creates two AccessCodes that name one code for import, with names of their own for it.
func imported(t *testing.T) (w *world, id string) {
	t.Helper()
	w = newWorld(t)
	w.connected()
	id = w.foreign(sim.SeedNativeLockID, "Old", testPIN)
	for _, name := range []string{"first", "second"} {
		w.code(name, all(importing(id), func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Of " + name }))
		w.step(time.Second)
	}
	return w, id
}

// expectOwner checks that the first has the code, that the second says so, and goes without it.
func (w *world) expectOwner(id string) {
	w.t.Helper()
	if got := w.expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
		w.t.Errorf("the first has %q", got)
	}
	second := w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if second.Status.AccessCodeID != "" || second.Status.State != "" || !strings.Contains(readyMessage(second.Status.Conditions), `AccessCode "first"`) {
		w.t.Errorf("the second: %+v", second.Status)
	}
	updates := w.calls("/access_codes/update")
	for range 5 {
		for _, name := range []string{"second", "first"} {
			w.step(time.Minute)
			if _, err := w.reconcile(name); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	if n := w.calls("/access_codes/update") - updates; n != 0 {
		w.t.Errorf("%d more updates", n)
	}
	w.goesWithout("second", id)
}

// goesWithout deletes an AccessCode and checks that a code stays.
func (w *world) goesWithout(name, id string) {
	w.t.Helper()
	w.delete(&v1alpha1.AccessCode{}, name)
	w.settle(name)
	if w.exists(&v1alpha1.AccessCode{}, name) || w.live(sim.SeedNativeLockID).AccessCodeID != id {
		w.t.Error("it stays, or took the code along")
	}
}

// TestOneCodeNamedByTwo: whichever is looked at first, the older one gets the code.
func TestOneCodeNamedByTwo(t *testing.T) {
	for _, order := range [][]string{{"first", "second"}, {"second", "first"}} {
		t.Run(order[0]+" looked at first", func(t *testing.T) {
			w, id := imported(t)
			for _, name := range order {
				w.settle(name)
			}
			w.expectOwner(id)
		})
	}
}

// TestOneCodeNamedByTwoOfWhichOneCanNotHaveIt: the older one keeps nobody from the code while it can't have it.
func TestOneCodeNamedByTwoOfWhichOneCanNotHaveIt(t *testing.T) {
	w, id := imported(t)
	w.edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = true })
	w.settle("second")
	if got := w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
		t.Errorf("recorded %q", got)
	}
	w.edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = false })
	w.settle("first")
	w.expect("first", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
}

// TestOneCodeRecordedByTwo is for those that have recorded it before either could know of the other, also in two
// namespaces, or in an earlier version.
func TestOneCodeRecordedByTwo(t *testing.T) {
	for name, test := range map[string]struct {
		elsewhere, deleted, restart bool
	}{
		"":                           {},
		"after a restart":            {restart: true},
		"of which one is deleted":    {deleted: true},
		"of which one is far away":   {elsewhere: true},
		"deleted, of another's name": {elsewhere: true, deleted: true},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := imported(t)
			w.settle("first")
			w.record("second", id)
			if test.elsewhere {
				w.move("first")
			}
			if test.restart {
				w.restart()
			}
			before := w.get("second").DeepCopy()
			before.Status.AccessCodeID = ""
			if !w.codes.accessCodeChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: w.get("second")}) {
				t.Error("nothing wakes it")
			}
			switch {
			case test.deleted:
				w.goesWithout("second", id)
			case test.elsewhere:
				w.settle("second")
				w.expectOwnerElsewhere()
			default:
				w.settle("first")
				w.expectWokenFor("second")
				w.settle("second")
				w.expectOwner(id)
			}
		})
	}
}

// expectOwnerElsewhere checks that the second says no more of an owner than that there is one.
func (w *world) expectOwnerElsewhere() {
	w.t.Helper()
	second := w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if message := readyMessage(second.Status.Conditions); strings.Contains(message, "first") || strings.Contains(message, "elsewhere") {
		w.t.Errorf("message %q", message)
	}
}

// expectWokenFor checks that a reconcile has woken another AccessCode.
func (w *world) expectWokenFor(name string) {
	w.t.Helper()
	if !slices.Contains(w.woken(), name) {
		w.t.Errorf("%q is not woken", name)
	}
}

// record has an AccessCode say that a code is its own.
func (w *world) record(name, id string) {
	w.t.Helper()
	code := w.get(name)
	code.Finalizers = []string{v1alpha1.Finalizer}
	if err := w.client.Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
	code.Status.AccessCodeID, code.Status.State = id, "set"
	if err := w.client.Status().Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
}

// move puts an AccessCode into another namespace.
func (w *world) move(name string) {
	w.t.Helper()
	code := w.get(name)
	moved := code.DeepCopy()
	moved.Namespace, moved.ResourceVersion, moved.UID = "elsewhere", "", types.UID("another")
	status := moved.Status
	if err := w.client.Create(w.t.Context(), moved); err != nil {
		w.t.Fatal(err)
	}
	moved.Status = status
	if err := w.client.Status().Update(w.t.Context(), moved); err != nil {
		w.t.Fatal(err)
	}
	code.Finalizers = nil
	if err := w.client.Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, name)
}
