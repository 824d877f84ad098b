// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// replace does what "kubectl replace" does with a manifest: what the operator keeps in the metadata is gone. It says
// whether that wakes the AccessCode.
func (w *world) replace(name string) (wakes bool) {
	w.t.Helper()
	before := w.get(name)
	w.edit(name, func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil })
	return w.codes.accessCodeChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: w.get(name)})
}

func TestFinalizerThatAReplaceTakesOffIsPutBack(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	if !w.replace("guest") {
		t.Error("nothing wakes the AccessCode")
	}
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code := w.get("guest"); !holdsFinalizer(code) || intentOf(code) == nil {
		t.Errorf("finalizers %v, annotations %v", code.Finalizers, code.Annotations)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if codes := w.lives(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("%d codes stay on the lock", len(codes))
	}
}

// What a backup has of an object that was replaced before leads to its code, too.
func TestRestoredAfterAReplace(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"given PIN": nil, "chosen PIN": chosen} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", edit)
			w.settle("guest")
			id := w.live(sim.SeedNativeLockID).AccessCodeID
			w.step(time.Hour)
			w.replace("guest")
			w.settle("guest")
			code := w.get("guest")
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			if err := w.client.Status().Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			w.restart()
			w.settle("guest")
			if got := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
				t.Errorf("code %s, was %s", got, id)
			}
			w.live(sim.SeedNativeLockID)
		})
	}
}
