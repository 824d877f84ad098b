// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestWindowThatWasOverBefore: a fresh cluster from the same Git is as healthy as the old one, without a call to Seam.
func TestWindowThatWasOverBefore(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"a given PIN":        func(*v1alpha1.AccessCode) {},
		"a chosen PIN":       testworld.Chosen,
		"a Secret not there": testworld.FromSecret,
		"an adopted code":    func(c *v1alpha1.AccessCode) { c.Spec.AdoptionPolicy = v1alpha1.AdoptionMatching },
		"an offline code": func(c *v1alpha1.AccessCode) {
			testworld.Chosen(c)
			c.Spec.Offline = &v1alpha1.Offline{}
			c.Spec.DeviceID = sim.SeedOfflineCodeLockID
		},
		"a lock that is gone":    func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "5eed0000-0000-4000-8000-00000000dead" },
		"a window without start": func(c *v1alpha1.AccessCode) { c.Spec.Schedule.StartsAt = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.All(testworld.Scheduled(w.Clock.Now().Add(-2*time.Hour), w.Clock.Now().Add(-time.Hour)), edit))
			for range 3 {
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
				if message := kube.ReadyMessage(code.Status.Conditions); !strings.Contains(message, "nothing was created") || len(code.Finalizers) != 0 {
					t.Errorf("message %q, finalizers %v", message, code.Finalizers)
				}
				w.Restart()
				w.Step(2 * time.Hour)
			}
			calls := w.Sim.Requests().ByPath
			delete(calls, "/workspaces/get")
			if delete(calls, "/events/list"); len(calls) != 0 {
				t.Errorf("calls to Seam %v", calls)
			}
			if diff := cmp.Diff([]string{"ScheduleInPast"}, w.Recorded()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWindowThatIsOverWithoutAWorkspace: a booking of the past stays as healthy as it was when its SeamWorkspace is gone from Git,
// on the old cluster and on a new one.
func TestWindowThatIsOverWithoutAWorkspace(t *testing.T) {
	gone := func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "gone"} }
	for name, prepare := range map[string]func(*world){
		"on a new cluster": func(w *world) {
			w.Code("guest", testworld.All(testworld.Scheduled(w.Clock.Now().Add(-2*time.Hour), w.Clock.Now().Add(-time.Hour)), gone))
		},
		"on the old one": func(w *world) {
			w.Code("guest", testworld.Scheduled(w.Clock.Now(), w.Clock.Now().Add(time.Hour)))
			w.Settle("guest")
			w.Step(2 * time.Hour)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			w.Edit("guest", gone)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			prepare(w)
			calls := w.Calls("/access_codes/create")
			for range 2 {
				w.Restart()
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			}
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now().Add(time.Hour)) })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = nil })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.Calls("/access_codes/create") - calls; n != 1 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

// TestWindowThatWasOverBeforeIsMoved: a later end makes a code of it.
func TestWindowThatWasOverBeforeIsMoved(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(-2*time.Hour), w.Clock.Now().Add(-time.Hour)))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now().Add(time.Hour)) })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if diff := cmp.Diff([]string{"ScheduleInPast", "Created", "CodeSet"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

// TestRestoredAfterItsWindow: what leads to a code is followed before it counts as over, also where the lock is gone.
func TestRestoredAfterItsWindow(t *testing.T) {
	for name, gone := range map[string]bool{"the code is there": false, "the lock is gone": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.Scheduled(w.Clock.Now(), w.Clock.Now().Add(2*time.Hour)))
			w.Settle("guest")
			code := w.Get("guest")
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			code.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now())
			if err := w.Client.Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			if err := w.Client.Status().Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			if gone {
				if err := w.Sim.RemoveDevice(sim.SeedNativeLockID); err != nil {
					t.Fatal(err)
				}
			}
			w.Restart()
			w.Step(10 * time.Minute)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("still on the lock: %+v", codes)
			}
		})
	}
}

// TestWindowThatEnds: that a code has left its lock is told, once.
func TestWindowThatEnds(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Scheduled(w.Clock.Now(), w.Clock.Now().Add(2*time.Hour)))
	w.Settle("guest")
	w.Step(3 * time.Hour)
	for range 3 {
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
		w.Step(2 * time.Hour)
	}
	if diff := cmp.Diff([]string{"Created", "CodeSet", "CodeRemoved"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

// TestWindowCutShort: its times are true, and to extend it again is no drift.
func TestWindowCutShort(t *testing.T) {
	for name, extend := range map[string]struct {
		to   func(end time.Time) time.Time
		wait bool
	}{
		"to the end of before, once it is off": {func(end time.Time) time.Time { return end }, true},
		"to a later end, once it is off":       {func(end time.Time) time.Time { return end.Add(time.Hour) }, true},
		"to the end of before, at once":        {func(end time.Time) time.Time { return end }, false},
		"to a later end, at once":              {func(end time.Time) time.Time { return end.Add(time.Hour) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = 5 * time.Second })
			w.Connected()
			end := w.Clock.Now().Add(48 * time.Hour)
			w.Code("guest", testworld.Scheduled(w.Clock.Now(), end))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Step(2 * time.Hour)
			w.Recorded()
			cut := w.Clock.Now().Add(-time.Minute)
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(cut) })
			want := []string{"CodeRemoved", "Created", "CodeSet"}
			if extend.wait {
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
				if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
					t.Errorf("still on the lock: %+v", codes)
				}
				if !code.Status.EndsAt.Time.Equal(cut) {
					t.Errorf("ends at %v, cut to %v", code.Status.EndsAt, cut)
				}
			} else if _, err := w.Reconcile("guest"); err != nil {
				t.Fatal(err)
			} else {
				want = want[1:]
			}
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(extend.to(end)) })
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if diff := cmp.Diff(want, w.Recorded()); diff != "" {
				t.Error(diff)
			}
			w.Measures("after it", `drift_found_total{namespace="bookings"} 0`)
		})
	}
}
