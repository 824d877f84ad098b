// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// imported creates two AccessCodes that name one code for import, with names of their own for it.
func imported(t *testing.T) (w *world, id string) {
	t.Helper()
	w = newWorld(t)
	w.Connected()
	id = w.Foreign(sim.SeedNativeLockID, "Old", testworld.PIN)
	for _, name := range []string{"first", "second"} {
		w.Code(name, testworld.All(importing(id), func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Of " + name }))
		w.Step(time.Second)
	}
	return w, id
}

// expectOwner checks that the first has the code, that the second says so, and goes without it.
func (w *world) expectOwner(id string) {
	w.T.Helper()
	if got := w.Expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
		w.T.Errorf("the first has %q", got)
	}
	second := w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if second.Status.AccessCodeID != "" || second.Status.State != "" || !strings.Contains(kube.ReadyMessage(second.Status.Conditions), `AccessCode "first"`) {
		w.T.Errorf("the second: %+v", second.Status)
	}
	updates := w.Calls("/access_codes/update")
	for range 5 {
		for _, name := range []string{"second", "first"} {
			w.Step(time.Minute)
			if _, err := w.Reconcile(name); err != nil {
				w.T.Fatal(err)
			}
		}
	}
	if n := w.Calls("/access_codes/update") - updates; n != 0 {
		w.T.Errorf("%d more updates", n)
	}
	w.goesWithout("second", id)
}

// goesWithout deletes an AccessCode and checks that a code stays.
func (w *world) goesWithout(name, id string) {
	w.T.Helper()
	w.Delete(&v1alpha1.AccessCode{}, name)
	w.Settle(name)
	if w.Exists(&v1alpha1.AccessCode{}, name) || w.Live(sim.SeedNativeLockID).AccessCodeID != id {
		w.T.Error("it stays, or took the code along")
	}
}

// TestOneCodeNamedByTwo: whichever is looked at first, the older one gets the code.
func TestOneCodeNamedByTwo(t *testing.T) {
	for _, order := range [][]string{{"first", "second"}, {"second", "first"}} {
		t.Run(order[0]+" looked at first", func(t *testing.T) {
			w, id := imported(t)
			for _, name := range order {
				w.Settle(name)
			}
			w.expectOwner(id)
		})
	}
}

// TestOneCodeNamedByTwoOfWhichOneCanNotHaveIt: the older one keeps nobody from the code while it can't have it.
func TestOneCodeNamedByTwoOfWhichOneCanNotHaveIt(t *testing.T) {
	w, id := imported(t)
	w.Edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = true })
	w.Settle("second")
	if got := w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
		t.Errorf("recorded %q", got)
	}
	w.Edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = false })
	w.Settle("first")
	w.Expect("first", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
}

// TestLostCodeThatAnotherNames: a code of another AccessCode is not touched, although Seam does not manage it any more.
func TestLostCodeThatAnotherNames(t *testing.T) {
	w, id := imported(t)
	w.Settle("first")
	if _, err := w.Sim.LoseCode(id, true); err != nil {
		t.Fatal(err)
	}
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if n := w.Calls("/access_codes/unmanaged/convert_to_managed"); n != 0 {
		t.Errorf("Seam was asked %d times to manage it", n)
	}
	w.Settle("first")
	w.expectOwner(id)
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
			w.Settle("first")
			w.record("second", id)
			if test.elsewhere {
				w.move("first")
			}
			if test.restart {
				w.Restart()
			}
			before := w.Get("second").DeepCopy()
			before.Status.AccessCodeID = ""
			if !w.Codes.AccessCodeChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: w.Get("second")}) {
				t.Error("nothing wakes it")
			}
			switch {
			case test.deleted:
				w.goesWithout("second", id)
			case test.elsewhere:
				w.Settle("second")
				w.expectOwnerElsewhere()
			default:
				w.Settle("first")
				w.expectWokenFor("second")
				w.Settle("second")
				w.expectOwner(id)
			}
		})
	}
}

// expectOwnerElsewhere checks that the second says no more of an owner than that there is one.
func (w *world) expectOwnerElsewhere() {
	w.T.Helper()
	second := w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if message := kube.ReadyMessage(second.Status.Conditions); strings.Contains(message, "first") || strings.Contains(message, "elsewhere") {
		w.T.Errorf("message %q", message)
	}
}

// expectWokenFor checks that a reconcile has woken another AccessCode.
func (w *world) expectWokenFor(name string) {
	w.T.Helper()
	if !slices.Contains(w.woken(), name) {
		w.T.Errorf("%q is not woken", name)
	}
}

// record has an AccessCode say that a code is its own.
func (w *world) record(name, id string) {
	w.T.Helper()
	code := w.Get(name)
	code.Finalizers = []string{v1alpha1.Finalizer}
	if err := w.Client.Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
	code.Status.AccessCodeID, code.Status.State = id, "set"
	if err := w.Client.Status().Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
}

// move puts an AccessCode into another namespace.
func (w *world) move(name string) {
	w.T.Helper()
	code := w.Get(name)
	moved := code.DeepCopy()
	moved.Namespace, moved.ResourceVersion, moved.UID = "elsewhere", "", types.UID("another")
	status := moved.Status
	if err := w.Client.Create(w.T.Context(), moved); err != nil {
		w.T.Fatal(err)
	}
	moved.Status = status
	if err := w.Client.Status().Update(w.T.Context(), moved); err != nil {
		w.T.Fatal(err)
	}
	code.Finalizers = nil
	if err := w.Client.Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
	w.Delete(&v1alpha1.AccessCode{}, name)
}
