// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// vanish takes an AccessCode away at once, as the API server does when its finalizer comes a moment too late, and tells
// the operator of its last state.
func (w *world) vanish(name string, last func(*v1alpha1.AccessCode)) {
	w.t.Helper()
	code := w.get(name)
	last(code)
	stored := w.get(name)
	stored.Finalizers = nil
	if err := w.client.Update(w.ctx, stored); err != nil {
		w.t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, name)
	if !w.codes.rememberLeftBehind().Delete(event.DeleteEvent{Object: code}) {
		w.t.Error("the event is held back")
	}
}

func TestAccessCodeThatWentPastItsFinalizer(t *testing.T) {
	for name, last := range map[string]func(*v1alpha1.AccessCode){
		"recorded":     func(*v1alpha1.AccessCode) {},
		"not recorded": func(c *v1alpha1.AccessCode) { c.Status = v1alpha1.AccessCodeStatus{} },
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			w.vanish("guest", last)
			w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "135790" })
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if code := w.live(sim.SeedNativeLockID); *code.Code != "135790" {
				t.Errorf("the code of the one that went is still there: %+v", code)
			}
		})
	}
}

// TestAccessCodeThatWasLetGo: who takes the finalizer off, or orphans the code, wants it to stay.
func TestAccessCodeThatWasLetGo(t *testing.T) {
	for name, last := range map[string]func(*v1alpha1.AccessCode){
		"finalizer taken off":   func(c *v1alpha1.AccessCode) { c.Finalizers = nil },
		"released":              func(c *v1alpha1.AccessCode) { c.DeletionTimestamp = &metav1.Time{} },
		"deletionPolicy Orphan": func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan },
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			w.vanish("guest", func(c *v1alpha1.AccessCode) {
				last(c)
				if c.DeletionTimestamp != nil {
					c.DeletionTimestamp.Time = w.clock.Now()
				}
			})
			for range 3 {
				if _, err := w.reconcile("guest"); err != nil {
					t.Fatal(err)
				}
			}
			w.live(sim.SeedNativeLockID)
		})
	}
}
