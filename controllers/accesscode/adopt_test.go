// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func importing(id string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.AccessCodeIDAnnotation, id)
	}
}

func matching(c *v1alpha1.AccessCode) { c.Spec.AdoptionPolicy = v1alpha1.AdoptionMatching }

// TestAdoption takes over a code that is on the lock already, in each way that there is, and brings it to spec.
func TestAdoption(t *testing.T) {
	managed := func(w *world) string { return w.Foreign(sim.SeedNativeLockID, "Old", testworld.PIN) }
	unmanaged := func(w *world) string {
		id, err := w.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Old", testworld.PIN)
		if err != nil {
			w.T.Fatal(err)
		}
		return id
	}
	tests := []struct {
		name     string
		existing func(*world) string
		edit     func(id string) func(*v1alpha1.AccessCode)
		pin      string
	}{
		{"import, managed, PIN given", managed, func(id string) func(*v1alpha1.AccessCode) { return importing(id) }, testworld.PIN},
		{"import, managed, another PIN given", managed, func(id string) func(*v1alpha1.AccessCode) {
			return testworld.All(importing(id), func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
		}, "606060"},
		{"import, managed, PIN as it is", managed, func(id string) func(*v1alpha1.AccessCode) { return testworld.All(importing(id), testworld.Chosen) }, testworld.PIN},
		{"import, unmanaged", unmanaged, func(id string) func(*v1alpha1.AccessCode) { return importing(id) }, testworld.PIN},
		{"matching, managed", managed, func(string) func(*v1alpha1.AccessCode) { return matching }, testworld.PIN},
		{"matching, unmanaged", unmanaged, func(string) func(*v1alpha1.AccessCode) { return matching }, testworld.PIN},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			id := test.existing(w)
			w.Step(time.Hour)
			creates := w.Calls("/access_codes/create")
			w.Code("guest", test.edit(id))
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			remote := w.Live(sim.SeedNativeLockID)
			if remote.AccessCodeID != code.Status.AccessCodeID || *remote.Code != test.pin || *remote.Name != "guest" {
				t.Errorf("recorded %q, at Seam %+v", code.Status.AccessCodeID, remote)
			}
			if n := w.Calls("/access_codes/create") - creates; n != 0 {
				t.Errorf("%d creates", n)
			}
			if events := w.Recorded(); !slices.Contains(events, "Adopted") {
				t.Errorf("Events %v", events)
			}
			w.expectAdopted("guest")
		})
	}
}

// expectAdopted checks that an adopted code is like one that was created: its PIN is kept where it was not given, a
// restart changes nothing, and it goes with its object.
func (w *world) expectAdopted(name string) {
	w.T.Helper()
	var secret corev1.Secret
	if w.Get(name).Spec.Code == "" && (!w.Exists(&secret, name) || string(secret.Data["code"]) != testworld.PIN) {
		w.T.Error("the PIN of the imported code is not in the Secret")
	}
	w.Restart()
	w.Settle(name)
	w.Live(sim.SeedNativeLockID)
	w.Delete(&v1alpha1.AccessCode{}, name)
	w.Settle(name)
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		w.T.Errorf("left at Seam: %+v", codes)
	}
}

// TestCodeOfTheSameNameIsNotAdopted: what is to be adopted has the PIN. The name alone tells that a code is ours only where
// one of our making may have gone unrecorded.
func TestCodeOfTheSameNameIsNotAdopted(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", matching)
	w.Settle("guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.PreferNativeScheduling = ptr.To(true) })
	w.Settle("guest")
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	theirs := w.Foreign(sim.SeedNativeLockID, "guest", "2222")
	w.Step(time.Hour)
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.AccessCodeID == theirs {
		t.Error("adopted")
	}
	for _, remote := range w.Lives(sim.SeedNativeLockID) {
		if remote.AccessCodeID == theirs && *remote.Code != "2222" {
			t.Error("changed")
		}
	}
}

func TestConversionThatTakesItsTime(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SetDelay = 40 * time.Second })
	w.Connected()
	id, err := w.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Old", testworld.PIN)
	if err != nil {
		t.Fatal(err)
	}
	w.Code("guest", importing(id))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/access_codes/unmanaged/convert_to_managed"); n != 1 {
		t.Errorf("%d conversions", n)
	}
}

func TestAdoptionThatCanNotBe(t *testing.T) {
	t.Run("no such code", func(t *testing.T) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", importing("5eed0000-0000-4000-8000-00000000dead"))
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	})
	t.Run("a code of another device", func(t *testing.T) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", importing(w.Foreign(sim.SeedJustInTimeLockID, "Old", testworld.PIN)))
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	})
	for _, way := range []struct {
		name   string
		edit   func(id string) func(*v1alpha1.AccessCode)
		reason string
	}{
		{"import", importing, v1alpha1.ReasonCodeConflict},
		{"matching", func(string) func(*v1alpha1.AccessCode) { return matching }, v1alpha1.ReasonWaitingForPIN},
	} {
		t.Run("the code of another AccessCode, by "+way.name, func(t *testing.T) {
			w := settled(t)
			w.Code("second", way.edit(w.Live(sim.SeedNativeLockID).AccessCodeID))
			w.Settle("second")
			w.Expect("second", metav1.ConditionFalse, way.reason)
			w.Delete(&v1alpha1.AccessCode{}, "second")
			w.Settle("second")
			w.Live(sim.SeedNativeLockID)
		})
	}
	t.Run("a provider that refuses", func(t *testing.T) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", testworld.All(matching, func(c *v1alpha1.AccessCode) {
			c.Spec.DeviceID, c.Spec.Code = sim.SeedFewSlotsLockID, sim.SeedUnmanagedPIN
		}))
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
		if n := w.Calls("/access_codes/create"); n != 0 {
			t.Errorf("%d creates of a PIN that is taken", n)
		}
	})
}

func TestCodeLength(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.CodeLength = sim.SeedSixDigitLockID, ptr.To[int32](5)
	}))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeLength = ptr.To[int32](6) })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if pin := *w.Live(sim.SeedSixDigitLockID).Code; len(pin) != 6 {
		t.Errorf("a PIN of %d digits", len(pin))
	}
	if n := w.Calls("/access_codes/generate_code"); n != 0 {
		t.Errorf("%d PINs generated by Seam", n)
	}
}

func TestWhatTheDeviceSupportsIsCheckedBeforeTheCall(t *testing.T) {
	tests := []struct {
		name    string
		edit    func(*v1alpha1.AccessCode)
		reason  string
		message string
	}{
		{"length", func(c *v1alpha1.AccessCode) { c.Spec.Code = "4829" },
			v1alpha1.ReasonInvalidSpec, "device supports 6 digits, spec.code has 4"},
		{"all the same", func(c *v1alpha1.AccessCode) { c.Spec.Code = "777777" },
			v1alpha1.ReasonInvalidSpec, "no_all_same_digits"},
		{"name", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "A name that is much too long" },
			v1alpha1.ReasonInvalidSpec, "spec.displayName has 28"},
		{"offline", func(c *v1alpha1.AccessCode) { c.Spec.Code, c.Spec.Offline = "", &v1alpha1.Offline{} },
			v1alpha1.ReasonInvalidSpec, "spec.offline"},
		{"backup", func(c *v1alpha1.AccessCode) {
			testworld.Scheduled(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))(c)
			c.Spec.Backup = &v1alpha1.Backup{Pull: v1alpha1.BackupPullAlways}
		}, v1alpha1.ReasonBackupNotSupported, "spec.backup"},
		{"PIN of a provider that chooses", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID },
			v1alpha1.ReasonInvalidSpec, "remove spec.code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.All(func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedSixDigitLockID }, test.edit))
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionFalse, test.reason)
			if message := code.Status.Conditions[0].Message; !strings.Contains(message, test.message) {
				t.Errorf("message %q, want %q in it", message, test.message)
			}
			if n := w.Calls("/access_codes/create"); n != 0 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

func TestExternalModificationThatIsAllowed(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = ptr.To(true) })
	w.Settle("guest")
	remote := w.Live(sim.SeedNativeLockID)
	if !remote.IsExternalModificationAllowed {
		t.Fatal("Seam was not told")
	}
	pin := "5566"
	if err := w.Sim.ChangeAtLock(remote.AccessCodeID, sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != pin {
		t.Errorf("PIN %q: the change was put back", got)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "909192" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "909192" {
		t.Errorf("PIN %q after an edit of spec", got)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = nil })
	w.Settle("guest")
	if w.Live(sim.SeedNativeLockID).IsExternalModificationAllowed {
		t.Error("Seam was not told that it is over")
	}
}

func TestSettingsThatSeamDoesNotShow(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now().Add(30 * time.Hour)
	w.Code("guest", testworld.All(testworld.Scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) {
		c.Spec.PreferNativeScheduling = ptr.To(false)
	}))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if scheduled := w.Live(sim.SeedNativeLockID).IsScheduledOnDevice; scheduled != nil && *scheduled {
		t.Error("sent to the lock ahead of time")
	}
}
