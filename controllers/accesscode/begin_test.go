// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// futureStarts makes the native lock one that takes no begin in the past.
func (w *world) futureStarts() {
	w.T.Helper()
	err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) {
		d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: "start_date_in_future"}}
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// refusedStart is Seam's answer for a begin that the lock does not take.
func refusedStart(path string, times int) sim.Fault {
	return sim.Fault{
		Path: path, Kind: sim.FaultStatus, Status: http.StatusBadRequest, Times: times,
		Body: `{"ok":false,"error":{"type":"invalid_input","message":"Must be in the future for this device for \"starts_at\"",` +
			`"validation_errors":{"_errors":[],"starts_at":{"_errors":["Must be in the future for this device"]}}}}`,
	}
}

// expectNoMoreUpdates looks at a code some more times.
func (w *world) expectNoMoreUpdates(name string) {
	w.T.Helper()
	before := w.Calls("/access_codes/update") + w.Calls("/access_codes/create")
	for range 4 {
		w.Step(time.Minute)
		w.Settle(name)
		w.Expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	}
	if n := w.Calls("/access_codes/update") + w.Calls("/access_codes/create") - before; n != 0 {
		w.T.Errorf("%d updates of a code that is as the lock lets it be", n)
	}
}

// TestBeginThatIsPast: a lock that takes no begin in the past gets the next one that it takes.
func TestBeginThatIsPast(t *testing.T) {
	for name, begins := range map[string]func(*world) func(*v1alpha1.AccessCode){
		"an hour ago": func(w *world) func(*v1alpha1.AccessCode) {
			return testworld.Scheduled(w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(24*time.Hour))
		},
		"in a moment": func(w *world) func(*v1alpha1.AccessCode) {
			return testworld.Scheduled(w.Clock.Now().Add(2*time.Second), w.Clock.Now().Add(24*time.Hour))
		},
		"when the object comes": func(w *world) func(*v1alpha1.AccessCode) {
			return func(c *v1alpha1.AccessCode) {
				c.Spec.Schedule = &v1alpha1.Schedule{EndsAt: metav1.NewTime(w.Clock.Now().Add(24 * time.Hour))}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Step(31 * time.Second)
			w.futureStarts()
			created := w.Clock.Now()
			w.Code("guest", begins(w))
			w.Step(7 * time.Second)
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if starts := code.Status.StartsAt; starts == nil || starts.Sub(created) <= 0 || starts.Sub(created) > 2*time.Minute {
				t.Errorf("begins at %v, created at %v", starts, created)
			}
			if n := w.Calls("/access_codes/create"); n != 1 {
				t.Errorf("%d creates", n)
			}
			w.expectNoMoreUpdates("guest")
		})
	}
}

// TestBeginThatPassesInAnOutage: what was right when it was written stays so.
func TestBeginThatPassesInAnOutage(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.futureStarts()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 503, Times: 4})
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(2*time.Minute), w.Clock.Now().Add(24*time.Hour)))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectNoMoreUpdates("guest")
}

func TestBeginThatIsPastWhenTheCodeIsTakenOff(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.futureStarts()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(time.Hour), w.Clock.Now().Add(24*time.Hour)))
	w.Settle("guest")
	w.Step(5 * time.Hour)
	w.Settle("guest")
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.expectNoMoreUpdates("guest")
}

// TestBeginThatIsRefusedUnannounced: a lock that does not tell of its constraint, or has it since a moment ago.
func TestBeginThatIsRefusedUnannounced(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(24*time.Hour)))
	w.Order(refusedStart("/access_codes/create", 1))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if starts := code.Status.StartsAt; starts == nil || w.Clock.Now().Sub(starts.Time) > 5*time.Minute {
		t.Errorf("begins at %v", starts)
	}
	w.expectNoMoreUpdates("guest")
}

// TestStayThatIsExtended: the begin stays as it is, whatever the lock says about begins in the past, unless it takes none.
func TestStayThatIsExtended(t *testing.T) {
	for name, test := range map[string]struct {
		refusals int
		moved    bool
	}{
		"the lock judges a begin that changes":       {0, false},
		"the lock judges a begin that is sent":       {1, false},
		"the lock judges the begin that would stand": {2, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.futureStarts()
			begin := w.Clock.Now().Add(time.Hour)
			w.Code("guest", testworld.Scheduled(begin, begin.Add(24*time.Hour)))
			w.Settle("guest")
			w.Step(5 * time.Hour)
			w.Settle("guest")
			if test.refusals > 0 {
				w.Order(refusedStart("/access_codes/update", test.refusals))
			}
			end := begin.Add(48 * time.Hour)
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.EndsAt = metav1.NewTime(end) })
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if !code.Status.EndsAt.Time.Equal(end) {
				t.Errorf("ends at %v, want %v", code.Status.EndsAt, end)
			}
			if moved := !code.Status.StartsAt.Time.Equal(begin); moved != test.moved {
				t.Errorf("begins at %v, was %v", code.Status.StartsAt, begin)
			}
			if n := w.Calls("/access_codes/update"); n != 1+test.refusals {
				t.Errorf("%d updates, want %d", n, 1+test.refusals)
			}
			w.expectNoMoreUpdates("guest")
		})
	}
}

// TestBeginThatIsMovedToThePast: an early arrival gets the next begin that the lock takes.
func TestBeginThatIsMovedToThePast(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.futureStarts()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(5*time.Hour), w.Clock.Now().Add(24*time.Hour)))
	w.Settle("guest")
	w.Step(time.Hour)
	w.Edit("guest", func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule.StartsAt = &metav1.Time{Time: w.Clock.Now().Add(-10 * time.Minute)}
	})
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/access_codes/update"); n != 1 || w.Clock.Now().Sub(code.Status.StartsAt.Time) > 3*time.Minute {
		t.Errorf("%d updates, begins at %v", n, code.Status.StartsAt)
	}
	w.expectNoMoreUpdates("guest")
}

// TestWindowWithoutABeginLeft: in its last minute, no begin is left that the lock takes.
func TestWindowWithoutABeginLeft(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.futureStarts()
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(50*time.Second)))
	result, err := w.Reconcile("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	if n := w.Calls("/access_codes/create"); n != 0 || err != nil || result.RequeueAfter > time.Minute {
		t.Errorf("%d creates, looked at again in %v (%v)", n, result.RequeueAfter, err)
	}
}
