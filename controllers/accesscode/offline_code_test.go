// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// offlineCode asks for an offline code in a window that the provider rounds.
func offlineCode(start, end time.Time, rounding v1alpha1.TimeRounding) func(*v1alpha1.AccessCode) {
	return testworld.All(testworld.Chosen, testworld.Scheduled(start, end), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{MaxTimeRounding: rounding}
	})
}

func (w *world) endAt(name string, end time.Time) {
	w.T.Helper()
	w.Edit(name, func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) })
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
			w.Connected()
			w.Step(test.start.Add(-48 * time.Hour).Sub(w.Clock.Now()))
			w.Code("guest", offlineCode(test.start, test.end, v1alpha1.TimeRoundingDay))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			// A change of the spec that is not about the code.
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionDelete })
			w.Restart()
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			// An hour before its last midnight the window would be another one.
			ends := w.Get("guest").Status.EndsAt.In(zone)
			w.endAt("guest", time.Date(ends.Year(), ends.Month(), ends.Day()-1, 0, 0, 0, 0, zone).Add(-time.Hour))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
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
			w.Connected()
			end := time.Date(2026, time.December, 5, 19, 0, 0, 0, time.UTC) // 11:00 where the lock is
			w.Code("guest", offlineCode(end.Add(-72*time.Hour), end, test.rounding))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			w.endAt("guest", end.Add(test.end))
			w.Settle("guest")
			ready := metav1.ConditionFalse
			if test.reason == v1alpha1.ReasonScheduled {
				ready = metav1.ConditionTrue
			}
			for range 2 {
				code := w.Expect("guest", ready, test.reason)
				if message := kube.ReadyMessage(code.Status.Conditions); ready == metav1.ConditionFalse && (len(message) > kube.MaxMessage ||
					!strings.Contains(message, "another name") || !strings.Contains(message, "Orphan")) {
					t.Errorf("message %q", message)
				}
				w.Order(sim.Fault{Path: "/access_codes/get", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable})
				if _, err := w.Reconcile("guest"); err == nil {
					t.Fatal("the failure was not met")
				}
				w.Restart()
				w.Step(time.Minute)
				w.Settle("guest")
			}
			if n := w.Calls("/access_codes/update"); n != 0 {
				t.Errorf("%d updates", n)
			}
		})
	}
}

// TestOfflineCodeIsReplaced: what the message says to do about an offline code that is extended works.
func TestOfflineCodeIsReplaced(t *testing.T) {
	setup := func(t *testing.T) (*world, func(*v1alpha1.AccessCode)) {
		w := newWorld(t)
		w.Connected()
		start := w.Clock.Now()
		w.Code("guest", offlineCode(start, start.Add(48*time.Hour), v1alpha1.TimeRoundingHour))
		w.Settle("guest")
		w.endAt("guest", start.Add(96*time.Hour))
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
		if said := w.message("guest"); !strings.Contains(said, "another name beside this one") || !strings.Contains(said, "set spec.deletionPolicy to Orphan, delete this one, and apply it again") {
			t.Errorf("not what is done here: %s", said)
		}
		return w, offlineCode(start, start.Add(96*time.Hour), v1alpha1.TimeRoundingHour)
	}
	t.Run("another name", func(t *testing.T) {
		w, extended := setup(t)
		w.Code("guest-2", extended)
		w.Settle("guest-2")
		if code := w.Expect("guest-2", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.CodeSecretRef == nil {
			t.Error("its PIN is nowhere")
		}
	})
	t.Run("the same name", func(t *testing.T) {
		w, extended := setup(t)
		w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
		w.Delete(&v1alpha1.AccessCode{}, "guest")
		w.Settle("guest")
		if w.Exists(&v1alpha1.AccessCode{}, "guest") {
			t.Fatal("not let go")
		}
		w.Step(time.Minute)
		w.collected("guest")
		w.Code("guest", extended)
		w.Settle("guest")
		if code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.CodeSecretRef == nil {
			t.Error("its PIN is nowhere")
		}
		if n := len(w.Lives(sim.SeedOfflineCodeLockID)); n != 2 {
			t.Errorf("%d codes, want the one that was let go and the new one", n)
		}
	})
}

// collected takes away the Secret of an AccessCode that is gone, as the garbage collector does.
func (w *world) collected(name string) {
	w.T.Helper()
	secret := testworld.SecretNamed(name, "", "")
	secret.Namespace = testworld.Namespace
	if err := w.Client.Delete(w.T.Context(), secret); err != nil {
		w.T.Fatal(err)
	}
}

// TestOneTimeUseThatIsChanged: nobody can change it on the lock, so the condition must not be green. To undo it is enough.
func TestOneTimeUseThatIsChanged(t *testing.T) {
	for name, before := range map[string]*bool{"off": nil, "on": ptr.To(true)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			once := func(value *bool) func(*v1alpha1.AccessCode) {
				return func(c *v1alpha1.AccessCode) { c.Spec.Offline.OneTimeUse = value }
			}
			w.Code("guest", testworld.All(offlineCode(w.Clock.Now(), w.Clock.Now().Add(48*time.Hour), v1alpha1.TimeRoundingHour), once(before)))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Edit("guest", once(ptr.To(before == nil)))
			for range 2 {
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
				if said := w.message("guest"); !strings.Contains(said, "offline.oneTimeUse") {
					t.Errorf("message %q", said)
				}
				w.Restart()
			}
			w.Edit("guest", once(before))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.Calls("/access_codes/update"); n != 0 {
				t.Errorf("%d updates", n)
			}
		})
	}
}

// TestRemovalThatIsNotSupported: it is told once, at once, with both ways out, and the object goes with its code.
func TestRemovalThatIsNotSupported(t *testing.T) {
	for name, orphaned := range map[string]bool{"waited for": false, "let go of": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			end := w.Clock.Now().Add(48 * time.Hour)
			w.Code("guest", offlineCode(w.Clock.Now(), end, v1alpha1.TimeRoundingHour))
			w.Settle("guest")
			w.Recorded()
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			for range 4 {
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemovalNotSupported)
				message := kube.ReadyMessage(code.Status.Conditions)
				if !strings.Contains(message, "until "+end.Format(time.RFC3339)) || !strings.Contains(message, "spec.deletionPolicy to Orphan") {
					t.Errorf("message %q", message)
				}
				w.Step(time.Hour)
			}
			if events := w.Recorded(); !slices.Equal(events, []string{"DeleteFailed"}) {
				t.Errorf("Events %v", events)
			}
			if orphaned {
				w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
			} else {
				w.Step(48 * time.Hour)
			}
			w.Settle("guest")
			if w.Exists(&v1alpha1.AccessCode{}, "guest") {
				t.Errorf("still there: %+v", w.Get("guest").Status)
			}
		})
	}
}

// TestWindowThatTheProviderMoves: nobody is left to find out by himself.
func TestWindowThatTheProviderMoves(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	begin := time.Date(2026, time.December, 4, 15, 20, 0, 0, time.UTC)
	w.Code("guest", offlineCode(begin, begin.Add(48*time.Hour), v1alpha1.TimeRoundingHour))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if message := kube.ReadyMessage(code.Status.Conditions); !strings.Contains(message, "from 2026-12-04T15:00:00Z until 2026-12-06T16:00:00Z") {
		t.Errorf("message %q", message)
	}
	w.Step(begin.Sub(w.Clock.Now()))
	w.Settle("guest")
	code = w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if message := kube.ReadyMessage(code.Status.Conditions); !strings.Contains(message, "The provider has moved its window") {
		t.Errorf("message %q", message)
	}
}

// TestOfflineCodeUntilItsRoundedEnd: the provider rounds the end of an offline code up, and nobody can remove it before.
func TestOfflineCodeUntilItsRoundedEnd(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now()
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(130*time.Minute)), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
	}))
	w.Settle("guest")
	w.Step(131 * time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	if n := w.Calls("/access_codes/delete"); n != 0 {
		t.Errorf("%d deletes of a code that can't be deleted", n)
	}
	w.Step(50 * time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

func TestOfflineCodeThatIsChangedAndDeleted(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now()
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(48*time.Hour)), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{OneTimeUse: ptr.To(true), MaxTimeRounding: v1alpha1.TimeRoundingDay}
	}))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedOfflineCodeLockID); !remote.IsOfflineAccessCode || !remote.IsOneTimeUse {
		t.Errorf("at Seam %+v", remote)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(start.Add(240 * time.Hour)) })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonUpdateNotSupported)
	if n := w.Calls("/access_codes/update"); n != 0 {
		t.Errorf("%d updates of an offline code", n)
	}

	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemovalNotSupported)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, "Orphan") {
		t.Errorf("the message does not say what to do: %s", message)
	}
	w.Step(96 * time.Hour)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("not released although the code is gone")
	}
}
