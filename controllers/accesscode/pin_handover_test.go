// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// woken are the AccessCodes that were woken since the last time, each reconciled until it rests.
func (w *world) woken() []string {
	w.T.Helper()
	var names []string
	for _, key := range w.Codes.Triggers.AccessCodes.Take() {
		names = append(names, key.Name)
		w.Settle(key.Name)
	}
	return names
}

// pins are those of the live codes of a lock, sorted.
func (w *world) pins(deviceID string) []string {
	var pins []string
	for _, code := range w.Lives(deviceID) {
		pins = append(pins, *code.Code)
	}
	slices.Sort(pins)
	return pins
}

// message is that of the Ready condition.
func (w *world) message(name string) string { return kube.ReadyMessage(w.Get(name).Status.Conditions) }

// The later of two stays with one PIN waits for the earlier and fails nobody's sync; it is made when the PIN is free,
// without a look in between.
func TestSamePINForAdjoiningStays(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	ends := w.Clock.Now().Add(time.Hour).Truncate(time.Minute)
	w.Code("first", testworld.Scheduled(w.Clock.Now(), ends))
	w.Settle("first")
	w.Code("second", testworld.Scheduled(ends, ends.Add(24*time.Hour)))
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	if said := w.message("second"); !strings.Contains(said, `AccessCode "first"`) || !strings.Contains(said, ends.UTC().Format(time.RFC3339)) {
		t.Errorf("the message names neither who has the PIN nor until when: %s", said)
	}
	w.woken()

	w.Step(ends.Sub(w.Clock.Now()) + time.Second)
	w.Settle("first")
	w.Expect("first", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if names := w.woken(); !slices.Contains(names, "second") {
		t.Errorf("the end of the first wakes %v", names)
	}
	w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if late := w.Clock.Now().Sub(ends); late > time.Minute {
		t.Errorf("set %v after the first had ended", late)
	}
	w.Live(sim.SeedNativeLockID)
}

func TestPINOfADeletedAccessCodeIsFreeAtOnce(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("first", nil)
	w.Settle("first")
	w.Code("second", nil)
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.woken()
	w.Delete(&v1alpha1.AccessCode{}, "first")
	w.Settle("first")
	w.woken()
	w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}

// TestPINOfAnAccessCodeThatIsGone: the finalizer is off, and the answer to that was lost, or somebody took it off by hand.
// Whoever waits for the PIN is woken all the same: nothing else would for an hour.
func TestPINOfAnAccessCodeThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("first", nil)
	w.Settle("first")
	w.Code("second", nil)
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.woken()
	if err := w.Sim.TakeOffLock(w.Get("first").Status.AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Edit("first", func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	first := w.Get("first")
	w.Delete(&v1alpha1.AccessCode{}, "first")
	w.Codes.RememberLeftBehind(event.DeleteEvent{Object: first})
	w.Settle("first")
	w.woken()
	w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// A PIN goes from one AccessCode to another, and two exchange theirs: in order, without anybody's help.
func TestPINsThatMove(t *testing.T) {
	const other = "571024"
	for name, then := range map[string]string{"to another PIN": "660135", "to each other's": other} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("first", nil)
			w.Settle("first")
			w.Code("second", func(c *v1alpha1.AccessCode) { c.Spec.Code = other })
			w.Settle("second")
			w.Edit("second", func(c *v1alpha1.AccessCode) { c.Spec.Code = testworld.PIN })
			w.Settle("second")
			w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
			w.Edit("first", func(c *v1alpha1.AccessCode) { c.Spec.Code = then })
			for range 20 {
				w.Look("first", 0)
				w.Look("second", 3*time.Second)
			}
			w.Expect("first", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Expect("second", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.Calls("/access_codes/update"); n > 6 {
				t.Errorf("%d updates", n)
			}
			pins := w.pins(sim.SeedNativeLockID)
			want := []string{testworld.PIN, then}
			slices.Sort(want)
			if !slices.Equal(pins, want) {
				t.Errorf("%d PINs on the lock, and not those that are wanted", len(pins))
			}
		})
	}
}
