// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func (w *world) takesDigits(lengths ...int) {
	w.T.Helper()
	if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.SupportedCodeLengths = lengths }); err != nil {
		w.T.Fatal(err)
	}
}

func codeLength(digits int32) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { testworld.Chosen(c); c.Spec.CodeLength = ptr.To(digits) }
}

// expectRotated checks that the code is the same one as before, or where that was gone the only one, with another PIN of so
// many digits that is in the Secret, too.
func (w *world) expectRotated(name, id, former string, digits int) {
	w.T.Helper()
	code := w.Expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	live := w.Live(sim.SeedNativeLockID)
	pin := w.pinIn(code.CodeSecretName())
	if len(pin) != digits || pin == former || *live.Code != pin {
		w.T.Errorf("%d digits in the Secret, same as before %t, on the lock %t", len(pin), pin == former, *live.Code == pin)
	}
	if id != "" && live.AccessCodeID != id {
		w.T.Errorf("code %s, was %s", live.AccessCodeID, id)
	}
	if told := w.Recorded(); !slices.Contains(told, accesscode.EventPINRotated) {
		w.T.Errorf("Events %v", told)
	}
	if code.Status.ObservedGeneration != code.Generation {
		w.T.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	n := w.Calls("/access_codes/update")
	w.Step(time.Hour)
	w.Settle(name)
	if more := w.Calls("/access_codes/update") - n; more != 0 || w.pinIn(code.CodeSecretName()) != pin {
		w.T.Errorf("%d updates without need", more)
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
		"added":                             {testworld.Chosen, codeLength(7), 7},
		"in place of code":                  {nil, codeLength(8), 8},
		"in place of code, with a new name": {nil, func(c *v1alpha1.AccessCode) { codeLength(8)(c); c.Spec.DisplayName = "Guest" }, 8},
		"in place of a Secret":              {testworld.FromSecret, func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom = nil; codeLength(8)(c) }, 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.takesDigits(4, 5, 6, 7, 8)
			w.Code("guest", tt.before)
			w.Settle("guest")
			live := w.Live(sim.SeedNativeLockID)
			w.Recorded()
			w.Edit("guest", tt.edit)
			w.Settle("guest")
			w.expectRotated("guest", live.AccessCodeID, *live.Code, tt.digits)
		})
	}
}

// TestCodeLengthThatArrivesLate: the generation counts as observed once Seam has the PIN, and the PIN is in the Secret before.
func TestCodeLengthThatArrivesLate(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", codeLength(4))
	w.Settle("guest")
	live := w.Live(sim.SeedNativeLockID)
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 1})
	w.Edit("guest", codeLength(6))
	_, err := w.Reconcile("guest")
	if code := w.Get("guest"); err == nil || code.Status.ObservedGeneration == code.Generation || len(w.pinIn("guest")) != 6 {
		t.Errorf("observed %d, %d digits in the Secret, %v", code.Status.ObservedGeneration, len(w.pinIn("guest")), err)
	}
	pin := w.pinIn("guest")
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if now := w.Live(sim.SeedNativeLockID); *now.Code != pin || w.pinIn("guest") != pin || now.AccessCodeID != live.AccessCodeID {
		t.Error("the PIN was chosen twice")
	}
}

func TestCodeLengthThatTheLockDoesNotTake(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.takesDigits(4, 6)
	w.Code("guest", codeLength(4))
	w.Settle("guest")
	pin := w.pinIn("guest")
	w.Edit("guest", codeLength(9))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, "4 or 6 digits") || !strings.Contains(said, "spec.codeLength") {
		t.Errorf("message %q", said)
	}
	if w.pinIn("guest") != pin || *w.Live(sim.SeedNativeLockID).Code != pin {
		t.Error("the PIN was changed")
	}
}

// TestCodeLengthWhereTheProviderChooses: a spec.codeLength means nothing there. No PIN is drawn when the code has to be created
// again: people would find it in the Secret, and no lock has it.
func TestCodeLengthWhereTheProviderChooses(t *testing.T) {
	for name, test := range map[string]struct {
		device  string
		offline bool
	}{
		"an offline code":          {sim.SeedOfflineCodeLockID, true},
		"a lock that takes no PIN": {sim.SeedProviderPINLockID, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", func(c *v1alpha1.AccessCode) {
				if test.offline {
					offlineCode(w.Clock.Now(), w.Clock.Now().Add(48*time.Hour), v1alpha1.TimeRoundingHour)(c)
				}
				codeLength(7)(c)
				c.Spec.DeviceID = test.device
			})
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			pin := w.pinIn("guest")
			w.Recorded()
			if err := w.Sim.TakeOffLock(code.Status.AccessCodeID); err != nil {
				t.Fatal(err)
			}
			w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 503, Times: 20})
			for range 6 {
				w.Step(10 * time.Second)
				_, _ = w.Reconcile("guest") // fails where the create does
			}
			if told := w.Recorded(); w.Calls("/access_codes/create") < 2 || w.pinIn("guest") != pin || slices.Contains(told, accesscode.EventPINRotated) {
				t.Errorf("%d creates, same PIN in the Secret: %t, Events %v", w.Calls("/access_codes/create"), w.pinIn("guest") == pin, told)
			}
			w.Settle("guest")
			live := w.Live(test.device)
			if w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); live.Code == nil || w.pinIn("guest") != *live.Code {
				t.Error("the Secret does not have the PIN that the provider chose")
			}
		})
	}
}

// troubled puts an error on a code or, without one, takes it off the lock.
func (w *world) troubled(id, errorCode string) {
	w.T.Helper()
	var err error
	if errorCode != "" {
		err = w.Sim.AddIssue(id, sim.IssueOrder{ErrorCode: errorCode})
	} else {
		err = w.Sim.TakeOffLock(id)
	}
	if err != nil {
		w.T.Fatal(err)
	}
}

// TestPINThatTheLockNoLongerTakes is about a PIN that was chosen: another will do, where the present one would not work.
func TestPINThatTheLockNoLongerTakes(t *testing.T) {
	tests := map[string]struct {
		lengths   []int
		trouble   string
		edit      func(*v1alpha1.AccessCode)
		digits    int
		restarted bool // so that what the lock takes is known before it refuses
	}{
		"length, taken off":                 {[]int{6}, "", testworld.Chosen, 6, false},
		"length, taken off, restarted":      {[]int{6}, "", testworld.Chosen, 6, true},
		"length, Seam can't set it":         {[]int{6}, "failed_to_set_on_device", testworld.Chosen, 6, false},
		"Seam says so":                      {nil, "code_constraints_violated", testworld.Chosen, 4, false},
		"Seam says so, and that is length":  {[]int{6}, "code_constraints_violated", testworld.Chosen, 6, false},
		"Seam says so of one with a length": {nil, "code_constraints_violated", codeLength(5), 5, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", tt.edit)
			w.Settle("guest")
			live := w.Live(sim.SeedNativeLockID)
			w.Recorded()
			if tt.lengths != nil {
				w.takesDigits(tt.lengths...)
			}
			w.troubled(live.AccessCodeID, tt.trouble)
			if tt.restarted {
				w.Restart()
			}
			w.Step(time.Minute)
			began := w.Clock.Now()
			w.until("guest", func(c *v1alpha1.AccessCode) bool {
				another := w.pinIn("guest") != *live.Code
				if another && tt.trouble != "" {
					_ = w.Sim.EndIssue(live.AccessCodeID, tt.trouble)
				}
				return another && isReady(c)
			})
			if took := w.Clock.Now().Sub(began); took > 2*time.Minute {
				t.Errorf("took %v", took)
			}
			w.expectRotated("guest", "", *live.Code, tt.digits)
		})
	}
}

// TestPINThatWorksStays whatever has become of what the lock takes, also where Seam reports something else of the code.
func TestPINThatWorksStays(t *testing.T) {
	for name, errorCode := range map[string]string{"no error": "", "an error that does not say": "provider_issue"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.Chosen)
			w.Settle("guest")
			pin := w.pinIn("guest")
			w.takesDigits(6)
			if errorCode != "" {
				w.troubled(w.Live(sim.SeedNativeLockID).AccessCodeID, errorCode)
			}
			w.Step(time.Hour)
			w.Restart()
			w.Settle("guest")
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if w.pinIn("guest") != pin || *w.Live(sim.SeedNativeLockID).Code != pin {
				t.Error("the PIN was changed")
			}
		})
	}
}

// TestPINOfAPersonThatTheLockNoLongerTakes stays theirs.
func TestPINOfAPersonThatTheLockNoLongerTakes(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest-pin", "pin", testworld.PIN)
	w.Code("guest", testworld.FromSecret)
	w.Settle("guest")
	w.takesDigits(4)
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Step(time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, `key "pin" of Secret "guest-pin"`) || w.pinIn("guest") != "" {
		t.Errorf("message %q", said)
	}
}

// TestGeneratedPINThatDoesNotFit: Seam's proposal is held against what the lock takes.
func TestGeneratedPINThatDoesNotFit(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.takesDigits(6)
	w.Order(sim.Fault{Path: "/access_codes/generate_code", Kind: sim.FaultStatus, Status: 200, Times: 1,
		Body: `{"ok":true,"generated_code":{"device_id":"` + sim.SeedNativeLockID + `","code":"4711"}}`})
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/access_codes/create"); n != 1 || len(*w.Live(sim.SeedNativeLockID).Code) != 6 {
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
				w.Connected()
				w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, Times: times, Body: body})
				w.Code("guest", testworld.Chosen)
				w.Settle("guest")
				if times > 0 {
					w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
					w.Live(sim.SeedNativeLockID)
					return
				}
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
				if n := w.Calls("/access_codes/create"); n > 5 {
					t.Errorf("%d creates", n)
				}
				w.Sim.ClearFaults()
				w.Step(2 * time.Hour)
				w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, Times: 1, Body: body})
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			})
		}
	}
}
