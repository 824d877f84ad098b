// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// woken are the AccessCodes that were woken since the last time, each reconciled until it rests.
func (w *world) woken() []string {
	w.t.Helper()
	var names []string
	for _, key := range w.codes.Wakes.code.take() {
		names = append(names, key.Name)
		w.settle(key.Name)
	}
	return names
}

// pins are those of the live codes of a lock, sorted.
func (w *world) pins(deviceID string) []string {
	var pins []string
	for _, code := range w.lives(deviceID) {
		pins = append(pins, *code.Code)
	}
	slices.Sort(pins)
	return pins
}

// message is that of the Ready condition.
func (w *world) message(name string) string { return readyMessage(w.get(name).Status.Conditions) }

// The later of two stays with one PIN waits for the earlier and fails nobody's sync; it is made when the PIN is free,
// without a look in between.
func TestSamePINForAdjoiningStays(t *testing.T) {
	w := newWorld(t)
	w.connected()
	ends := w.clock.Now().Add(time.Hour).Truncate(time.Minute)
	w.code("first", scheduled(w.clock.Now(), ends))
	w.settle("first")
	w.code("second", scheduled(ends, ends.Add(24*time.Hour)))
	w.settle("second")
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	if said := w.message("second"); !strings.Contains(said, `AccessCode "first"`) || !strings.Contains(said, ends.UTC().Format(time.RFC3339)) {
		t.Errorf("the message names neither who has the PIN nor until when: %s", said)
	}
	w.woken()

	w.step(ends.Sub(w.clock.Now()) + time.Second)
	w.settle("first")
	w.expect("first", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if names := w.woken(); !slices.Contains(names, "second") {
		t.Errorf("the end of the first wakes %v", names)
	}
	w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if late := w.clock.Now().Sub(ends); late > time.Minute {
		t.Errorf("set %v after the first had ended", late)
	}
	w.live(sim.SeedNativeLockID)
}

func TestPINOfADeletedAccessCodeIsFreeAtOnce(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("first", nil)
	w.settle("first")
	w.code("second", nil)
	w.settle("second")
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.woken()
	w.delete(&v1alpha1.AccessCode{}, "first")
	w.settle("first")
	w.woken()
	w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
}

// TestPINOfAnAccessCodeThatIsGone: the finalizer is off, and the answer to that was lost, or somebody took it off by hand.
// Whoever waits for the PIN is woken all the same: nothing else would for an hour.
func TestPINOfAnAccessCodeThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("first", nil)
	w.settle("first")
	w.code("second", nil)
	w.settle("second")
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.woken()
	if err := w.sim.TakeOffLock(w.get("first").Status.AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.edit("first", func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	first := w.get("first")
	w.delete(&v1alpha1.AccessCode{}, "first")
	w.codes.rememberLeftBehind().Delete(event.DeleteEvent{Object: first})
	w.settle("first")
	w.woken()
	w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// A PIN goes from one AccessCode to another, and two exchange theirs: in order, without anybody's help.
func TestPINsThatMove(t *testing.T) {
	const other = "571024"
	for name, then := range map[string]string{"to another PIN": "660135", "to each other's": other} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("first", nil)
			w.settle("first")
			w.code("second", func(c *v1alpha1.AccessCode) { c.Spec.Code = other })
			w.settle("second")
			w.edit("second", func(c *v1alpha1.AccessCode) { c.Spec.Code = testPIN })
			w.settle("second")
			w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
			w.edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Code = then })
			for range 20 {
				w.look("first", 0)
				w.look("second", 3*time.Second)
			}
			w.expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.calls("/access_codes/update"); n > 6 {
				t.Errorf("%d updates", n)
			}
			pins := w.pins(sim.SeedNativeLockID)
			want := []string{testPIN, then}
			slices.Sort(want)
			if !slices.Equal(pins, want) {
				t.Errorf("%d PINs on the lock, and not those that are wanted", len(pins))
			}
		})
	}
}
