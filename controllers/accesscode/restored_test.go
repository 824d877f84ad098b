// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// statusLost takes an AccessCode's status away, as a restore from a backup does.
func (w *world) statusLost(name string) {
	w.T.Helper()
	code := w.Get(name)
	code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
	if err := w.Client.Status().Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
}

// TestRestoredAfterAChangeAtTheLock: a code whose PIN, or name, was changed at the lock is still ours.
func TestRestoredAfterAChangeAtTheLock(t *testing.T) {
	pin, name := "606060", "Somebody"
	for test, change := range map[string]sim.LockChange{"PIN": {Code: &pin}, "name": {Name: &name}} {
		t.Run(test, func(t *testing.T) {
			w := settled(t)
			if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, change); err != nil {
				t.Fatal(err)
			}
			w.statusLost("guest")
			w.Restart()
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if remote := w.Live(sim.SeedNativeLockID); *remote.Code != testworld.PIN || *remote.Name != "guest" {
				t.Errorf("at Seam %+v", remote)
			}
		})
	}
}

// TestRestoredWithAPINThatIsNotOnTheLockYet: the generations of a restored object begin anew, so that the first is not
// the one that the code was created from.
func TestRestoredWithAPINThatIsNotOnTheLockYet(t *testing.T) {
	w := settled(t)
	code := w.Get("guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Restart()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Annotations, c.Spec.Code = code.Annotations, "606060" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedNativeLockID); *remote.Code != "606060" || remote.AccessCodeID != code.Status.AccessCodeID {
		t.Errorf("at Seam %+v", remote)
	}
}

// TestRestoredWithThePINOfBefore: spec went from a chosen PIN to a given one and back, and then the status was lost. The
// lock has the given one, and none that the intention tells of.
func TestRestoredWithThePINOfBefore(t *testing.T) {
	for name, spec := range map[string]func(*v1alpha1.AccessCode){
		"chosen": testworld.Chosen,
		"Secret": func(c *v1alpha1.AccessCode) {
			c.Spec.Code, c.Spec.CodeFrom = "", &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin", Key: "code"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("pin", "code", testworld.PIN)
			w.Code("guest", spec)
			w.Settle("guest")
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom, c.Spec.Code = nil, "606060" })
			w.Settle("guest")
			w.Edit("guest", spec)
			w.statusLost("guest")
			w.Restart()
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			w.Settle("guest")
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left on the lock: %+v", codes)
			}
		})
	}
}

// TestRestoredAmongCodesOfOneName: where the provider chooses the PIN, the one in our Secret still tells which code is ours.
func TestRestoredAmongCodesOfOneName(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	onLock := testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.DisplayName = sim.SeedProviderPINLockID, "Guest"
	})
	w.Code("left", testworld.All(onLock, func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan }))
	w.Settle("left")
	w.Delete(&v1alpha1.AccessCode{}, "left")
	w.Settle("left")
	w.Code("guest", onLock)
	w.Settle("guest")
	before := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
	w.statusLost("guest")
	w.Restart()
	w.Settle("guest")
	if after := w.Get("guest").Status.AccessCodeID; after != before {
		t.Errorf("recorded %q after the loss of its status, was %q", after, before)
	}
}

func TestRestoredFromABackup(t *testing.T) {
	w := settled(t)
	code := w.Get("guest")
	id := code.Status.AccessCodeID
	code.Finalizers = nil
	if err := w.Client.Update(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	annotations := code.Annotations
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Restart()
	w.Step(30 * 24 * time.Hour)
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Annotations = annotations })
	w.Settle("guest")
	if restored := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); restored.Status.AccessCodeID != id {
		t.Errorf("id %q after the restore, was %q", restored.Status.AccessCodeID, id)
	}
	w.Live(sim.SeedNativeLockID)
}
