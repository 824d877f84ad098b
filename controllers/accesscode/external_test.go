// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// external has one code on the native lock of which changes made elsewhere may stand, ten hours ahead of its window.
func external(t *testing.T, edits ...func(*v1alpha1.AccessCode)) *world {
	t.Helper()
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		c.Spec.AllowExternalModification = new(true)
		testworld.Scheduled(w.Clock.Now().Add(10*time.Hour), w.Clock.Now().Add(26*time.Hour))(c)
		for _, edit := range edits {
			edit(c)
		}
	})
	w.Settle("guest")
	w.Live(sim.SeedNativeLockID)
	w.Recorded()
	return w
}

// withoutEffect has Seam accept updates and do nothing.
func (w *world) withoutEffect(times int) {
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: http.StatusOK, Body: `{"ok":true}`, Times: times})
}

// ourChanges are changes of the spec, each with what tells that it has arrived.
func ourChanges(w *world) map[string]struct {
	edit    func(*v1alpha1.AccessCode)
	arrived func(sim.AccessCode) bool
} {
	end, begin := w.Clock.Now().Add(50*time.Hour), w.Clock.Now().Add(12*time.Hour)
	wire := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
	return map[string]struct {
		edit    func(*v1alpha1.AccessCode)
		arrived func(sim.AccessCode) bool
	}{
		"endsAt": {
			func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) },
			func(c sim.AccessCode) bool { return c.EndsAt != nil && *c.EndsAt == wire(end) },
		},
		"startsAt": {
			func(c *v1alpha1.AccessCode) { c.Spec.Schedule.StartsAt = &metav1.Time{Time: begin} },
			func(c sim.AccessCode) bool { return c.StartsAt != nil && *c.StartsAt == wire(begin) },
		},
		"displayName": {
			func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest of the day" },
			func(c sim.AccessCode) bool { return *c.Name == "Guest of the day" },
		},
		"code": {
			func(c *v1alpha1.AccessCode) { c.Spec.Code = "7733" },
			func(c sim.AccessCode) bool { return *c.Code == "7733" },
		},
	}
}

// TestChangeOfOursThatDoesNotArrive: what Seam has accepted and does not show is no change made elsewhere.
func TestChangeOfOursThatDoesNotArrive(t *testing.T) {
	for name := range ourChanges(newWorld(t)) {
		for _, restarted := range []bool{false, true} {
			t.Run(name+map[bool]string{true: " and a restart"}[restarted], func(t *testing.T) {
				w := external(t)
				change := ourChanges(w)[name]
				w.withoutEffect(1)
				w.Edit("guest", change.edit)
				if _, err := w.Reconcile("guest"); err != nil {
					t.Fatal(err)
				}
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdating)
				if restarted {
					w.Restart()
				}
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
				if remote := w.Live(sim.SeedNativeLockID); !change.arrived(remote) {
					t.Errorf("did not arrive: %+v", remote)
				}
				if n := w.Calls("/access_codes/update"); n != 2 {
					t.Errorf("%d updates, want 2", n)
				}
			})
		}
	}
}

// TestChangeOfOursThatNeverArrives: it is sent three times, and never counts as done, also an hour later and after a
// failure in between.
func TestChangeOfOursThatNeverArrives(t *testing.T) {
	for name := range ourChanges(newWorld(t)) {
		t.Run(name, func(t *testing.T) {
			w := external(t)
			w.withoutEffect(-1)
			w.Edit("guest", ourChanges(w)[name].edit)
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonNotConverging)
			if message := kube.ReadyMessage(code.Status.Conditions); !strings.Contains(message, "spec.allowExternalModification to false") {
				t.Errorf("no advice: %s", message)
			}
			if n := w.Calls("/access_codes/update"); n != 3 {
				t.Errorf("%d updates, want 3", n)
			}
			w.Order(sim.Fault{Path: "/access_codes/get", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable})
			if _, err := w.Reconcile("guest"); err == nil {
				t.Fatal("the failure was not met")
			}
			w.Restart()
			w.Step(30 * time.Minute)
			for range 3 {
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonNotConverging)
				w.Step(61 * time.Minute)
			}
		})
	}
}

// TestChangeMadeElsewhereStands: as soon as ours was seen to have arrived, and after a restart.
func TestChangeMadeElsewhereStands(t *testing.T) {
	w := external(t, func(c *v1alpha1.AccessCode) { c.Spec.Schedule = nil; c.Spec.DisplayName = "Before" })
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest of the day" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	updates := w.Calls("/access_codes/update")
	name, pin := "Aunt Agatha", "5566"
	if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Name: &name, Code: &pin}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		w.Restart()
		w.Step(time.Hour)
	}
	if remote := w.Live(sim.SeedNativeLockID); *remote.Name != name || *remote.Code != pin {
		t.Errorf("at Seam %+v", remote)
	}
	if n := w.Calls("/access_codes/update") - updates; n != 0 {
		t.Errorf("%d updates", n)
	}
}

// TestChangeMadeElsewhereStandsWhenTheStayIsExtended: what of the spec is not new is not sent again, nor taken for a change
// that did not arrive.
func TestChangeMadeElsewhereStandsWhenTheStayIsExtended(t *testing.T) {
	w := external(t, func(c *v1alpha1.AccessCode) { c.Spec.Schedule.StartsAt = nil })
	name, pin := "Aunt Agatha", "5566"
	if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Name: &name, Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	for _, days := range []time.Duration{3, 2, 5} {
		end := w.Clock.Now().Add(days * 24 * time.Hour)
		w.withoutEffect(1)
		w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) })
		w.Settle("guest")
		code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		if remote := w.Live(sim.SeedNativeLockID); *remote.Name != name || *remote.Code != pin || code.Status.EndsAt.Sub(end).Abs() > time.Minute {
			t.Errorf("ends at %v, want %v; at Seam %+v", code.Status.EndsAt, end, remote)
		}
	}
}

// TestPINOfASecretAfterAChangeElsewhere: another PIN in the Secret replaces one that was set elsewhere.
func TestPINOfASecretAfterAChangeElsewhere(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest-pin", "pin", testworld.PIN)
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		testworld.FromSecret(c)
		c.Spec.AllowExternalModification = new(true)
	})
	w.Settle("guest")
	pin := "5566"
	if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.withoutEffect(1)
	w.SetSecret("guest-pin", "pin", "7733")
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "7733" {
		t.Errorf("PIN %q on the lock", got)
	}
}

// TestRemovalElsewhereDoesNotStand: a code that is taken off at the lock is made again.
func TestRemovalElsewhereDoesNotStand(t *testing.T) {
	w := external(t)
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.Live(sim.SeedNativeLockID)
}
