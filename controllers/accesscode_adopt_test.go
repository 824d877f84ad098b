// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

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
)

func importing(id string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.AccessCodeIDAnnotation, id)
	}
}

func matching(c *v1alpha1.AccessCode) { c.Spec.AdoptionPolicy = v1alpha1.AdoptionMatching }

// TestAdoption takes over a code that is on the lock already, in each way that there is, and brings it to spec.
func TestAdoption(t *testing.T) {
	managed := func(w *world) string { return w.foreign(sim.SeedNativeLockID, "Old", testPIN) }
	unmanaged := func(w *world) string {
		id, err := w.sim.AddUnmanagedCode(sim.SeedNativeLockID, "Old", testPIN)
		if err != nil {
			w.t.Fatal(err)
		}
		return id
	}
	tests := []struct {
		name     string
		existing func(*world) string
		edit     func(id string) func(*v1alpha1.AccessCode)
		pin      string
	}{
		{"import, managed, PIN given", managed, func(id string) func(*v1alpha1.AccessCode) { return importing(id) }, testPIN},
		{"import, managed, another PIN given", managed, func(id string) func(*v1alpha1.AccessCode) {
			return all(importing(id), func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
		}, "606060"},
		{"import, managed, PIN as it is", managed, func(id string) func(*v1alpha1.AccessCode) { return all(importing(id), chosen) }, testPIN},
		{"import, unmanaged", unmanaged, func(id string) func(*v1alpha1.AccessCode) { return importing(id) }, testPIN},
		{"matching, managed", managed, func(string) func(*v1alpha1.AccessCode) { return matching }, testPIN},
		{"matching, unmanaged", unmanaged, func(string) func(*v1alpha1.AccessCode) { return matching }, testPIN},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			id := test.existing(w)
			w.step(time.Hour)
			creates := w.calls("/access_codes/create")
			w.code("guest", test.edit(id))
			w.settle("guest")
			code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			remote := w.live(sim.SeedNativeLockID)
			if remote.AccessCodeID != code.Status.AccessCodeID || *remote.Code != test.pin || *remote.Name != "guest" {
				t.Errorf("recorded %q, at Seam %+v", code.Status.AccessCodeID, remote)
			}
			if n := w.calls("/access_codes/create") - creates; n != 0 {
				t.Errorf("%d creates", n)
			}
			if events := w.recorded(); !slices.Contains(events, "Adopted") {
				t.Errorf("Events %v", events)
			}
			w.expectAdopted("guest")
		})
	}
}

// expectAdopted checks that an adopted code is like one that was created: its PIN is kept where it was not given, a
// restart changes nothing, and it goes with its object.
func (w *world) expectAdopted(name string) {
	w.t.Helper()
	var secret corev1.Secret
	if w.get(name).Spec.Code == "" && (!w.exists(&secret, name) || string(secret.Data["code"]) != testPIN) {
		w.t.Error("the PIN of the imported code is not in the Secret")
	}
	w.restart()
	w.settle(name)
	w.live(sim.SeedNativeLockID)
	w.delete(&v1alpha1.AccessCode{}, name)
	w.settle(name)
	if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		w.t.Errorf("left at Seam: %+v", codes)
	}
}

// TestCodeOfTheSameNameIsNotAdopted: what is to be adopted has the PIN. The name alone tells that a code is ours only where
// one of our making may have gone unrecorded.
func TestCodeOfTheSameNameIsNotAdopted(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", matching)
	w.settle("guest")
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.PreferNativeScheduling = ptr.To(true) })
	w.settle("guest")
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	theirs := w.foreign(sim.SeedNativeLockID, "guest", "2222")
	w.step(time.Hour)
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.AccessCodeID == theirs {
		t.Error("adopted")
	}
	for _, remote := range w.lives(sim.SeedNativeLockID) {
		if remote.AccessCodeID == theirs && *remote.Code != "2222" {
			t.Error("changed")
		}
	}
}

func TestConversionThatTakesItsTime(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SetDelay = 40 * time.Second })
	w.connected()
	id, err := w.sim.AddUnmanagedCode(sim.SeedNativeLockID, "Old", testPIN)
	if err != nil {
		t.Fatal(err)
	}
	w.code("guest", importing(id))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.calls("/access_codes/unmanaged/convert_to_managed"); n != 1 {
		t.Errorf("%d conversions", n)
	}
}

func TestAdoptionThatCanNotBe(t *testing.T) {
	t.Run("no such code", func(t *testing.T) {
		w := newWorld(t)
		w.connected()
		w.code("guest", importing("5eed0000-0000-4000-8000-00000000dead"))
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	})
	t.Run("a code of another device", func(t *testing.T) {
		w := newWorld(t)
		w.connected()
		w.code("guest", importing(w.foreign(sim.SeedJustInTimeLockID, "Old", testPIN)))
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
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
			w.code("second", way.edit(w.live(sim.SeedNativeLockID).AccessCodeID))
			w.settle("second")
			w.expect("second", metav1.ConditionFalse, way.reason)
			w.delete(&v1alpha1.AccessCode{}, "second")
			w.settle("second")
			w.live(sim.SeedNativeLockID)
		})
	}
	t.Run("a provider that refuses", func(t *testing.T) {
		w := newWorld(t)
		w.connected()
		w.code("guest", all(matching, func(c *v1alpha1.AccessCode) {
			c.Spec.DeviceID, c.Spec.Code = sim.SeedFewSlotsLockID, sim.SeedUnmanagedPIN
		}))
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
		if n := w.calls("/access_codes/create"); n != 0 {
			t.Errorf("%d creates of a PIN that is taken", n)
		}
	})
}

func TestCodeLength(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", all(chosen, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.CodeLength = sim.SeedSixDigitLockID, ptr.To[int32](5)
	}))
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeLength = ptr.To[int32](6) })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if pin := *w.live(sim.SeedSixDigitLockID).Code; len(pin) != 6 {
		t.Errorf("a PIN of %d digits", len(pin))
	}
	if n := w.calls("/access_codes/generate_code"); n != 0 {
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
			scheduled(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))(c)
			c.Spec.Backup = &v1alpha1.Backup{Pull: v1alpha1.BackupPullAlways}
		}, v1alpha1.ReasonBackupNotSupported, "spec.backup"},
		{"PIN of a provider that chooses", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID },
			v1alpha1.ReasonInvalidSpec, "remove spec.code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", all(func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedSixDigitLockID }, test.edit))
			w.settle("guest")
			code := w.expect("guest", metav1.ConditionFalse, test.reason)
			if message := code.Status.Conditions[0].Message; !strings.Contains(message, test.message) {
				t.Errorf("message %q, want %q in it", message, test.message)
			}
			if n := w.calls("/access_codes/create"); n != 0 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

func TestExternalModificationThatIsAllowed(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = ptr.To(true) })
	w.settle("guest")
	remote := w.live(sim.SeedNativeLockID)
	if !remote.IsExternalModificationAllowed {
		t.Fatal("Seam was not told")
	}
	pin := "5566"
	if err := w.sim.ChangeAtLock(remote.AccessCodeID, sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.restart()
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.live(sim.SeedNativeLockID).Code; got != pin {
		t.Errorf("PIN %q: the change was put back", got)
	}
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "909192" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.live(sim.SeedNativeLockID).Code; got != "909192" {
		t.Errorf("PIN %q after an edit of spec", got)
	}
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = nil })
	w.settle("guest")
	if w.live(sim.SeedNativeLockID).IsExternalModificationAllowed {
		t.Error("Seam was not told that it is over")
	}
}

func TestSettingsThatSeamDoesNotShow(t *testing.T) {
	w := newWorld(t)
	w.connected()
	start := w.clock.Now().Add(30 * time.Hour)
	w.code("guest", all(scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) {
		c.Spec.PreferNativeScheduling = ptr.To(false)
	}))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if scheduled := w.live(sim.SeedNativeLockID).IsScheduledOnDevice; scheduled != nil && *scheduled {
		t.Error("sent to the lock ahead of time")
	}
}
