// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func (w *world) takesDigits(lengths ...int) {
	w.t.Helper()
	if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.SupportedCodeLengths = lengths }); err != nil {
		w.t.Fatal(err)
	}
}

func codeLength(digits int32) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { chosen(c); c.Spec.CodeLength = ptr.To(digits) }
}

// expectRotated checks that the code is the same one as before, or where that was gone the only one, with another PIN of so
// many digits that is in the Secret, too.
func (w *world) expectRotated(name, id, former string, digits int) {
	w.t.Helper()
	code := w.expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	live := w.live(sim.SeedNativeLockID)
	pin := w.pinIn(code.CodeSecretName())
	if len(pin) != digits || pin == former || *live.Code != pin {
		w.t.Errorf("%d digits in the Secret, same as before %t, on the lock %t", len(pin), pin == former, *live.Code == pin)
	}
	if id != "" && live.AccessCodeID != id {
		w.t.Errorf("code %s, was %s", live.AccessCodeID, id)
	}
	if told := w.recorded(); !slices.Contains(told, eventPINRotated) {
		w.t.Errorf("Events %v", told)
	}
	if code.Status.ObservedGeneration != code.Generation {
		w.t.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	n := w.calls("/access_codes/update")
	w.step(time.Hour)
	w.settle(name)
	if more := w.calls("/access_codes/update") - n; more != 0 || w.pinIn(code.CodeSecretName()) != pin {
		w.t.Errorf("%d updates without need", more)
	}
}

// TestCodeLengthOfALivingObject: the PIN is chosen anew, in place.
func TestCodeLengthOfALivingObject(t *testing.T) {
	tests := map[string]struct {
		before, edit func(*v1alpha1.AccessCode)
		digits       int
	}{
		"changed":                           {codeLength(4), codeLength(6), 6},
		"shortened":                         {codeLength(8), codeLength(5), 5},
		"added":                             {chosen, codeLength(7), 7},
		"in place of code":                  {nil, codeLength(8), 8},
		"in place of code, with a new name": {nil, func(c *v1alpha1.AccessCode) { codeLength(8)(c); c.Spec.DisplayName = "Guest" }, 8},
		"in place of a Secret":              {fromSecret, func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom = nil; codeLength(8)(c) }, 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("guest-pin", "pin", testPIN)
			w.takesDigits(4, 5, 6, 7, 8)
			w.code("guest", tt.before)
			w.settle("guest")
			live := w.live(sim.SeedNativeLockID)
			w.recorded()
			w.edit("guest", tt.edit)
			w.settle("guest")
			w.expectRotated("guest", live.AccessCodeID, *live.Code, tt.digits)
		})
	}
}

// TestCodeLengthThatArrivesLate: the generation counts as observed once Seam has the PIN, and the PIN is in the Secret before.
func TestCodeLengthThatArrivesLate(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", codeLength(4))
	w.settle("guest")
	live := w.live(sim.SeedNativeLockID)
	w.order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 1})
	w.edit("guest", codeLength(6))
	_, err := w.reconcile("guest")
	if code := w.get("guest"); err == nil || code.Status.ObservedGeneration == code.Generation || len(w.pinIn("guest")) != 6 {
		t.Errorf("observed %d, %d digits in the Secret, %v", code.Status.ObservedGeneration, len(w.pinIn("guest")), err)
	}
	pin := w.pinIn("guest")
	w.restart()
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if now := w.live(sim.SeedNativeLockID); *now.Code != pin || w.pinIn("guest") != pin || now.AccessCodeID != live.AccessCodeID {
		t.Error("the PIN was chosen twice")
	}
}

func TestCodeLengthThatTheLockDoesNotTake(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.takesDigits(4, 6)
	w.code("guest", codeLength(4))
	w.settle("guest")
	pin := w.pinIn("guest")
	w.edit("guest", codeLength(9))
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, "4 or 6 digits") || !strings.Contains(said, "spec.codeLength") {
		t.Errorf("message %q", said)
	}
	if w.pinIn("guest") != pin || *w.live(sim.SeedNativeLockID).Code != pin {
		t.Error("the PIN was changed")
	}
}

// troubled puts an error on a code or, without one, takes it off the lock.
func (w *world) troubled(id, errorCode string) {
	w.t.Helper()
	var err error
	if errorCode != "" {
		err = w.sim.AddIssue(id, sim.IssueOrder{ErrorCode: errorCode})
	} else {
		err = w.sim.TakeOffLock(id)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestPINThatTheLockNoLongerTakes is about a PIN that was chosen: another will do, where the present one would not work.
func TestPINThatTheLockNoLongerTakes(t *testing.T) {
	tests := map[string]struct {
		lengths []int
		trouble string
		edit    func(*v1alpha1.AccessCode)
		digits  int
	}{
		"length, taken off":                 {[]int{6}, "", chosen, 6},
		"length, Seam can't set it":         {[]int{6}, "failed_to_set_on_device", chosen, 6},
		"Seam says so":                      {nil, "code_constraints_violated", chosen, 4},
		"Seam says so, and that is length":  {[]int{6}, "code_constraints_violated", chosen, 6},
		"Seam says so of one with a length": {nil, "code_constraints_violated", codeLength(5), 5},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", tt.edit)
			w.settle("guest")
			live := w.live(sim.SeedNativeLockID)
			w.recorded()
			if tt.lengths != nil {
				w.takesDigits(tt.lengths...)
			}
			w.troubled(live.AccessCodeID, tt.trouble)
			w.step(time.Minute)
			began := w.clock.Now()
			w.until("guest", func(c *v1alpha1.AccessCode) bool {
				another := w.pinIn("guest") != *live.Code
				if another && tt.trouble != "" {
					_ = w.sim.EndIssue(live.AccessCodeID, tt.trouble)
				}
				return another && isReady(c)
			})
			if took := w.clock.Now().Sub(began); took > 2*time.Minute {
				t.Errorf("took %v", took)
			}
			w.expectRotated("guest", "", *live.Code, tt.digits)
		})
	}
}

// TestPINThatWorksStays whatever has become of what the lock takes.
func TestPINThatWorksStays(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", chosen)
	w.settle("guest")
	pin := w.pinIn("guest")
	w.takesDigits(6)
	w.step(time.Hour)
	w.restart()
	w.settle("guest")
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if w.pinIn("guest") != pin || *w.live(sim.SeedNativeLockID).Code != pin {
		t.Error("the PIN was changed")
	}
}

// TestPINOfAPersonThatTheLockNoLongerTakes stays theirs.
func TestPINOfAPersonThatTheLockNoLongerTakes(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.setSecret("guest-pin", "pin", testPIN)
	w.code("guest", fromSecret)
	w.settle("guest")
	w.takesDigits(4)
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.step(time.Hour)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, `key "pin" of Secret "guest-pin"`) || w.pinIn("guest") != "" {
		t.Errorf("message %q", said)
	}
}

// TestGeneratedPINThatDoesNotFit: Seam's proposal is held against what the lock takes.
func TestGeneratedPINThatDoesNotFit(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.takesDigits(6)
	w.order(sim.Fault{Path: "/access_codes/generate_code", Kind: sim.FaultStatus, Status: 200, Times: 1,
		Body: `{"ok":true,"generated_code":{"device_id":"` + sim.SeedNativeLockID + `","code":"4711"}}`})
	w.code("guest", chosen)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.calls("/access_codes/create"); n != 1 || len(*w.live(sim.SeedNativeLockID).Code) != 6 {
		t.Errorf("%d creates", n)
	}
}

// TestCreateRefusedForItsPIN: what the operator chose, it chooses again; a few times.
func TestCreateRefusedForItsPIN(t *testing.T) {
	for name, body := range map[string]string{
		"the field is named": `{"ok":false,"error":{"type":"invalid_input","message":"m","request_id":"r","validation_errors":{"_errors":[],"code":{"_errors":["Device supports PIN codes of 6 digits"]}}}}`,
		"in words":           `{"ok":false,"error":{"type":"invalid_input","message":"The PIN code is too short for this lock","request_id":"r"}}`,
	} {
		for _, times := range []int{1, -1} {
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				w.connected()
				w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, Times: times, Body: body})
				w.code("guest", chosen)
				w.settle("guest")
				if times > 0 {
					w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
					w.live(sim.SeedNativeLockID)
					return
				}
				w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
				if n := w.calls("/access_codes/create"); n > 5 {
					t.Errorf("%d creates", n)
				}
			})
		}
	}
}
