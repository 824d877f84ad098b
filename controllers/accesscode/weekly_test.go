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

// weekly is a schedule of one window on some days, in Berlin.
func weekly(from, to string, days ...v1alpha1.Weekday) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule = &v1alpha1.Schedule{
			TimeZone: "Europe/Berlin",
			Weekly:   &v1alpha1.WeeklySchedule{Windows: []v1alpha1.WeeklyWindow{{Days: days, From: from, To: to}}},
		}
	}
}

// at moves the clock to a moment.
func (w *world) at(moment string) {
	w.T.Helper()
	to, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Step(to.Sub(w.Clock.Now()))
}

// expectWindows checks what the status says of the present or next window, and of the one after that.
func (w *world) expectWindows(name, starts, ends, nextStarts, nextEnds string) {
	w.T.Helper()
	status := w.Get(name).Status
	for _, window := range []struct {
		name         string
		got          *v1alpha1.WindowStatus
		starts, ends string
	}{{"window", status.Window, starts, ends}, {"next window", status.NextWindow, nextStarts, nextEnds}} {
		got := [2]string{}
		if window.got != nil {
			got = [2]string{window.got.StartsAt.UTC().Format(time.RFC3339), window.got.EndsAt.UTC().Format(time.RFC3339)}
		}
		if want := [2]string{window.starts, window.ends}; got != want {
			w.T.Errorf("%s is %q, want %q", window.name, got, want)
		}
	}
}

// TestWeeklyWindows takes a cleaner's code from one window to the next, over the night in which the clocks go forward.
func TestWeeklyWindows(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2027-03-24T20:00:00Z") // a Wednesday
	w.Code("cleaner", testworld.All(testworld.Chosen, weekly("09:00", "13:00", v1alpha1.Monday, v1alpha1.Thursday)))
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.expectWindows("cleaner", "2027-03-25T08:00:00Z", "2027-03-25T12:00:00Z", "2027-03-29T07:00:00Z", "2027-03-29T11:00:00Z")
	pin := w.pinIn("cleaner")

	w.at("2027-03-25T08:01:00Z")
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonSet)

	w.at("2027-03-25T12:01:00Z")
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.expectWindows("cleaner", "2027-03-29T07:00:00Z", "2027-03-29T11:00:00Z", "2027-04-01T07:00:00Z", "2027-04-01T11:00:00Z")
	live := w.Live(sim.SeedNativeLockID)
	if live.StartsAt == nil || *live.StartsAt != "2027-03-29T07:00:00.000Z" || *live.EndsAt != "2027-03-29T11:00:00.000Z" || *live.Code != pin {
		t.Errorf("at Seam from %v to %v, same PIN %t", live.StartsAt, live.EndsAt, *live.Code == pin)
	}

	w.at("2027-03-29T07:01:00Z")
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if w.pinIn("cleaner") != pin {
		t.Error("another PIN")
	}
}

// TestWeeklyEnds: after the last window the code is off the lock, and never made again.
func TestWeeklyEnds(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T07:00:00Z") // a Monday
	w.Code("cleaner", testworld.All(weekly("09:00", "13:00", v1alpha1.Monday), func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule.Weekly.EndDate = "2026-12-05"
	}))
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.expectWindows("cleaner", "2026-11-30T08:00:00Z", "2026-11-30T12:00:00Z", "", "")
	w.at("2026-11-30T12:10:00Z")
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	w.expectWindows("cleaner", "", "", "", "")
	creates := w.Calls("/access_codes/create")
	w.Step(14 * 24 * time.Hour)
	w.Settle("cleaner")
	if n := w.Calls("/access_codes/create"); n != creates || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Errorf("%d creates after the last window", n-creates)
	}
}

// TestExceptionWithinAWindow ends it, and the next one comes.
func TestExceptionWithinAWindow(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("cleaner", weekly("09:00", "13:00", v1alpha1.Monday))
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Edit("cleaner", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.Weekly.Except = []string{"2026-11-30"} })
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.expectWindows("cleaner", "2026-12-07T08:00:00Z", "2026-12-07T12:00:00Z", "2026-12-14T08:00:00Z", "2026-12-14T12:00:00Z")
	if live := w.Live(sim.SeedNativeLockID); *live.StartsAt != "2026-12-07T08:00:00.000Z" {
		t.Errorf("at Seam from %s", *live.StartsAt)
	}
}

// TestWindowsThatWereSleptThrough: the operator was away for two of them.
func TestWindowsThatWereSleptThrough(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("cleaner", weekly("09:00", "13:00", v1alpha1.Monday))
	w.Settle("cleaner")
	id := w.Get("cleaner").Status.AccessCodeID
	w.at("2026-12-14T09:00:00Z")
	w.Restart()
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonSet)
	codes := w.Sim.Codes(sim.SeedNativeLockID)
	if len(codes) != 1 || codes[0].AccessCodeID == id {
		t.Errorf("%d codes, the first one %t", len(codes), codes[0].AccessCodeID == id)
	}
}

// TestLocalWindow reads check-in and check-out on the clock at the lock, which is in Los Angeles.
func TestLocalWindow(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule = &v1alpha1.Schedule{
			Local:  &v1alpha1.LocalWindow{Start: "2026-12-01T15:00", End: "2026-12-05T11:00"},
			Before: &metav1.Duration{Duration: 30 * time.Minute}, After: &metav1.Duration{Duration: time.Hour},
		}
	})
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.expectWindows("guest", "2026-12-01T22:30:00Z", "2026-12-05T20:00:00Z", "", "")
	// A zone that a person names goes before the lock's.
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Schedule.TimeZone = "Asia/Tokyo" })
	w.Settle("guest")
	w.expectWindows("guest", "2026-12-01T05:30:00Z", "2026-12-05T03:00:00Z", "", "")
	if live := w.Live(sim.SeedNativeLockID); *live.StartsAt != "2026-12-01T05:30:00.000Z" {
		t.Errorf("at Seam from %s", *live.StartsAt)
	}
	w.at("2026-12-05T03:10:00Z")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

// TestScheduleThatCanNotBeRead: nothing is created, and the message says what to do.
func TestScheduleThatCanNotBeRead(t *testing.T) {
	local := func(zone string) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) {
			c.Spec.Schedule = &v1alpha1.Schedule{TimeZone: zone, Local: &v1alpha1.LocalWindow{Start: "2026-12-01T15:00", End: "2026-12-05T11:00"}}
		}
	}
	for _, test := range []struct {
		name, zone, reason, message string // zone is the lock's
		edit                        func(*v1alpha1.AccessCode)
	}{
		{"the lock has no zone", "", v1alpha1.ReasonTimeZoneUnknown, "set spec.schedule.timeZone", local("")},
		{"the lock has an odd zone", "Mars/Olympus", v1alpha1.ReasonTimeZoneUnknown, `"Mars/Olympus"`, local("")},
		{"an odd zone", "Europe/Berlin", v1alpha1.ReasonInvalidSpec, "spec.schedule.timeZone", local("Mars/Olympus")},
		{"no day is left", "Europe/Berlin", v1alpha1.ReasonInvalidSpec, "spec.schedule.weekly.except", func(c *v1alpha1.AccessCode) {
			weekly("09:00", "13:00", v1alpha1.Monday)(c)
			c.Spec.Schedule.Weekly.StartDate, c.Spec.Schedule.Weekly.EndDate = "2026-12-07", "2026-12-08"
			c.Spec.Schedule.Weekly.Except = []string{"2026-12-07"}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.TimeZone = test.zone }); err != nil {
				t.Fatal(err)
			}
			w.Code("guest", test.edit)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionFalse, test.reason)
			if message := w.message("guest"); !strings.Contains(message, test.message) {
				t.Errorf("message %q lacks %q", message, test.message)
			}
			if n := w.Calls("/access_codes/create"); n != 0 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

// TestZoneOfTheLockChanges moves a code that exists.
func TestZoneOfTheLockChanges(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("guest", func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule = &v1alpha1.Schedule{Local: &v1alpha1.LocalWindow{Start: "2026-12-01T15:00", End: "2026-12-05T11:00"}}
	})
	w.Settle("guest")
	w.expectWindows("guest", "2026-12-01T23:00:00Z", "2026-12-05T19:00:00Z", "", "")
	w.Hears()
	moved := func(d *sim.Device) { d.TimeZone, d.Name = "Europe/Berlin", "Back Door" } // of the name, Seam tells
	if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, moved); err != nil {
		t.Fatal(err)
	}
	w.Step(time.Minute)
	w.Hears("guest")
	w.Settle("guest")
	w.expectWindows("guest", "2026-12-01T14:00:00Z", "2026-12-05T10:00:00Z", "", "")
	if live := w.Live(sim.SeedNativeLockID); *live.StartsAt != "2026-12-01T14:00:00.000Z" {
		t.Errorf("at Seam from %s", *live.StartsAt)
	}
}

// TestCostOfAWindowChange: from one window to the next, an AccessCode is Ready all the time, and costs one write to Seam, two to
// Kubernetes and one Event.
func TestCostOfAWindowChange(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("cleaner", testworld.All(testworld.Chosen, weekly("09:00", "13:00", v1alpha1.Monday)))
	w.Settle("cleaner")
	w.Recorded()
	w.at("2026-11-30T12:00:01Z")
	metadata, status, creates := w.Writes["AccessCode patch"], w.Writes["AccessCode status"], w.Calls("/access_codes/create")
	for range 20 {
		result, err := w.Reconcile("cleaner")
		if err != nil {
			t.Fatal(err)
		}
		if ready := kube.ReadyReason(w.Get("cleaner").Status.Conditions); kube.VerdictOf(ready) != kube.Ready {
			t.Errorf("%s at %s", ready, w.Clock.Now().Format(time.TimeOnly))
		}
		if result.RequeueAfter > time.Hour {
			break
		}
		w.Step(result.RequeueAfter)
	}
	w.expectWindows("cleaner", "2026-12-07T08:00:00Z", "2026-12-07T12:00:00Z", "2026-12-14T08:00:00Z", "2026-12-14T12:00:00Z")
	got := []int{
		w.Calls("/access_codes/create") - creates, w.Calls("/access_codes/update"), w.Calls("/access_codes/delete"),
		w.Writes["AccessCode patch"] - metadata, w.Writes["AccessCode status"] - status, len(w.Recorded()),
	}
	if diff := cmp.Diff([]int{1, 0, 0, 1, 1, 1}, got); diff != "" {
		t.Errorf("creates, updates, deletes, writes of metadata, of status, Events (-want +got):\n%s", diff)
	}
}
