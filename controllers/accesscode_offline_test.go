// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// offlineCode asks for an offline code in a window that the provider rounds.
func offlineCode(start, end time.Time, rounding v1alpha1.TimeRounding) func(*v1alpha1.AccessCode) {
	return all(chosen, scheduled(start, end), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{MaxTimeRounding: rounding}
	})
}

func (w *world) endAt(name string, end time.Time) {
	w.t.Helper()
	w.edit(name, func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) })
}

// TestOfflineWindowWhereDaysDiffer: a day of 25 hours, or of 23, where the lock is, is a day.
func TestOfflineWindowWhereDaysDiffer(t *testing.T) {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ start, end time.Time }{
		"ends on the long day":    {time.Date(2027, time.November, 5, 15, 0, 0, 0, zone), time.Date(2027, time.November, 7, 0, 30, 0, 0, zone)},
		"begins on the long day":  {time.Date(2027, time.November, 7, 23, 30, 0, 0, zone), time.Date(2027, time.November, 9, 11, 0, 0, 0, zone)},
		"ends on the short day":   {time.Date(2027, time.March, 12, 15, 0, 0, 0, zone), time.Date(2027, time.March, 14, 0, 30, 0, 0, zone)},
		"begins on the short day": {time.Date(2027, time.March, 14, 23, 30, 0, 0, zone), time.Date(2027, time.March, 16, 11, 0, 0, 0, zone)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.step(test.start.Add(-48 * time.Hour).Sub(w.clock.Now()))
			w.code("guest", offlineCode(test.start, test.end, v1alpha1.TimeRoundingDay))
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			// A change of the spec that is not about the code.
			w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionDelete })
			w.restart()
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			// An hour before its last midnight the window would be another one.
			ends := w.get("guest").Status.EndsAt.In(zone)
			w.endAt("guest", time.Date(ends.Year(), ends.Month(), ends.Day()-1, 0, 0, 0, 0, zone).Add(-time.Hour))
			w.settle("guest")
			w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
		})
	}
}

// TestOfflineWindowThatIsChanged: a window that the provider would round to another one is never taken for that one, also
// after a failure, and a restart.
func TestOfflineWindowThatIsChanged(t *testing.T) {
	for name, test := range map[string]struct {
		end      time.Duration // after 11:00
		reason   string
		rounding v1alpha1.TimeRounding
	}{
		"within the hour":           {-30 * time.Minute, v1alpha1.ReasonScheduled, v1alpha1.TimeRoundingHour},
		"to the hour before":        {-time.Hour, v1alpha1.ReasonUpdateNotSupported, v1alpha1.TimeRoundingHour},
		"later by less than hour":   {40 * time.Minute, v1alpha1.ReasonUpdateNotSupported, v1alpha1.TimeRoundingHour},
		"within the day":            {4 * time.Hour, v1alpha1.ReasonScheduled, v1alpha1.TimeRoundingDay},
		"later by less than a day":  {20 * time.Hour, v1alpha1.ReasonUpdateNotSupported, v1alpha1.TimeRoundingDay},
		"sooner by less than a day": {-20 * time.Hour, v1alpha1.ReasonUpdateNotSupported, v1alpha1.TimeRoundingDay},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			end := time.Date(2026, time.December, 5, 19, 0, 0, 0, time.UTC) // 11:00 where the lock is
			w.code("guest", offlineCode(end.Add(-72*time.Hour), end, test.rounding))
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			w.endAt("guest", end.Add(test.end))
			w.settle("guest")
			ready := metav1.ConditionFalse
			if test.reason == v1alpha1.ReasonScheduled {
				ready = metav1.ConditionTrue
			}
			for range 2 {
				code := w.expect("guest", ready, test.reason)
				if message := readyMessage(code.Status.Conditions); ready == metav1.ConditionFalse && (len(message) > maxMessage ||
					!strings.Contains(message, "another name") || !strings.Contains(message, "Orphan")) {
					t.Errorf("message %q", message)
				}
				w.order(sim.Fault{Path: "/access_codes/get", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable})
				if _, err := w.reconcile("guest"); err == nil {
					t.Fatal("the failure was not met")
				}
				w.restart()
				w.step(time.Minute)
				w.settle("guest")
			}
			if n := w.calls("/access_codes/update"); n != 0 {
				t.Errorf("%d updates", n)
			}
		})
	}
}

// TestOfflineCodeIsReplaced: what the message says to do about an offline code that is extended works.
func TestOfflineCodeIsReplaced(t *testing.T) {
	setup := func(t *testing.T) (*world, func(*v1alpha1.AccessCode)) {
		w := newWorld(t)
		w.connected()
		start := w.clock.Now()
		w.code("guest", offlineCode(start, start.Add(48*time.Hour), v1alpha1.TimeRoundingHour))
		w.settle("guest")
		w.endAt("guest", start.Add(96*time.Hour))
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
		return w, offlineCode(start, start.Add(96*time.Hour), v1alpha1.TimeRoundingHour)
	}
	t.Run("another name", func(t *testing.T) {
		w, extended := setup(t)
		w.code("guest-2", extended)
		w.settle("guest-2")
		if code := w.expect("guest-2", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.CodeSecretRef == nil {
			t.Error("its PIN is nowhere")
		}
	})
	t.Run("the same name", func(t *testing.T) {
		w, extended := setup(t)
		w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
		w.delete(&v1alpha1.AccessCode{}, "guest")
		w.settle("guest")
		if w.exists(&v1alpha1.AccessCode{}, "guest") {
			t.Fatal("not let go")
		}
		w.step(time.Minute)
		w.collected("guest")
		w.code("guest", extended)
		w.settle("guest")
		if code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.CodeSecretRef == nil {
			t.Error("its PIN is nowhere")
		}
		if n := len(w.lives(sim.SeedOfflineCodeLockID)); n != 2 {
			t.Errorf("%d codes, want the one that was let go and the new one", n)
		}
	})
}

// collected takes away the Secret of an AccessCode that is gone, as the garbage collector does.
func (w *world) collected(name string) {
	w.t.Helper()
	secret := secretNamed(name, "", "")
	secret.Namespace = testNamespace
	if err := w.client.Delete(w.t.Context(), secret); err != nil {
		w.t.Fatal(err)
	}
}

// TestRemovalThatIsNotSupported: it is told once, at once, with both ways out, and the object goes with its code.
func TestRemovalThatIsNotSupported(t *testing.T) {
	for name, orphaned := range map[string]bool{"waited for": false, "let go of": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			end := w.clock.Now().Add(48 * time.Hour)
			w.code("guest", offlineCode(w.clock.Now(), end, v1alpha1.TimeRoundingHour))
			w.settle("guest")
			w.recorded()
			w.delete(&v1alpha1.AccessCode{}, "guest")
			for range 4 {
				w.settle("guest")
				code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemovalNotSupported)
				message := readyMessage(code.Status.Conditions)
				if !strings.Contains(message, "until "+end.Format(time.RFC3339)) || !strings.Contains(message, "spec.deletionPolicy to Orphan") {
					t.Errorf("message %q", message)
				}
				w.step(time.Hour)
			}
			if events := w.recorded(); !slices.Equal(events, []string{"DeleteFailed"}) {
				t.Errorf("Events %v", events)
			}
			if orphaned {
				w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
			} else {
				w.step(48 * time.Hour)
			}
			w.settle("guest")
			if w.exists(&v1alpha1.AccessCode{}, "guest") {
				t.Errorf("still there: %+v", w.get("guest").Status)
			}
		})
	}
}

// TestWindowThatTheProviderMoves: nobody is left to find out by himself.
func TestWindowThatTheProviderMoves(t *testing.T) {
	w := newWorld(t)
	w.connected()
	begin := time.Date(2026, time.December, 4, 15, 20, 0, 0, time.UTC)
	w.code("guest", offlineCode(begin, begin.Add(48*time.Hour), v1alpha1.TimeRoundingHour))
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if message := readyMessage(code.Status.Conditions); !strings.Contains(message, "from 2026-12-04T15:00:00Z until 2026-12-06T16:00:00Z") {
		t.Errorf("message %q", message)
	}
	w.step(begin.Sub(w.clock.Now()))
	w.settle("guest")
	code = w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if message := readyMessage(code.Status.Conditions); !strings.Contains(message, "The provider has moved its window") {
		t.Errorf("message %q", message)
	}
}
