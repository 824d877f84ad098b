// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/schedule"
)

// farEnd is how long a window lasts, as Seam is told, that has a start ahead and no end. Once it has begun, its code is an
// ongoing one.
const farEnd = 5 * 365 * 24 * time.Hour

// timetable is when a code is to work: spec.schedule, with its wall clocks made moments. The zero value is of a code that works
// until it is deleted.
type timetable struct {
	// moments is the window of a schedule in two moments.
	moments *plan.Window
	// clocks is a schedule in wall clocks.
	clocks *schedule.Schedule
}

// newTimetable reads spec.schedule. zone is that of its wall clocks. What is wrong in it is a *schedule.Error, whose field is
// below spec.schedule.
func newTimetable(code *v1alpha1.AccessCode, zone *time.Location) (timetable, error) {
	spec := code.Spec.Schedule
	switch {
	case spec == nil:
		return timetable{}, nil
	case !inWallClocks(code):
		starts := code.CreationTimestamp.Time
		if spec.StartsAt != nil {
			starts = spec.StartsAt.Time
		}
		before, after := buffers(spec)
		window := plan.Window{StartsAt: starts.Add(-before), EndsAt: spec.EndsAt.Add(after)}
		// RFC 3339 can write no later one.
		if last := time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC); window.EndsAt.After(last) {
			window.EndsAt = last
		}
		return timetable{moments: &window}, nil
	}
	clocks, err := schedule.New(scheduleSpec(spec), zone)
	if err != nil {
		return timetable{}, err
	}
	return timetable{clocks: clocks}, nil
}

// inWallClocks says that a schedule needs a time zone.
func inWallClocks(code *v1alpha1.AccessCode) bool {
	spec := code.Spec.Schedule
	return spec != nil && (spec.Local != nil || spec.Weekly != nil)
}

func buffers(spec *v1alpha1.Schedule) (before, after time.Duration) {
	if spec.Before != nil {
		before = spec.Before.Duration
	}
	if spec.After != nil {
		after = spec.After.Duration
	}
	return before, after
}

// scheduleSpec is a schedule in wall clocks in the words of package schedule.
func scheduleSpec(from *v1alpha1.Schedule) schedule.Spec {
	var spec schedule.Spec
	spec.Before, spec.After = buffers(from)
	if from.Local != nil {
		spec.Local = &schedule.Local{Start: from.Local.Start, End: from.Local.End}
	}
	if from.Weekly == nil {
		return spec
	}
	weekly := &schedule.Weekly{StartDate: from.Weekly.StartDate, EndDate: from.Weekly.EndDate, Except: from.Weekly.Except}
	for _, window := range from.Weekly.Windows {
		days := make([]string, 0, len(window.Days))
		for _, day := range window.Days {
			days = append(days, string(day))
		}
		weekly.Windows = append(weekly.Windows, schedule.WeeklyWindow{Days: days, From: window.From, To: window.To})
	}
	spec.Weekly = weekly
	return spec
}

// neverOpens says why no window ever opens, nil when one does or did.
func (t timetable) neverOpens() error {
	if t.clocks == nil {
		return nil
	}
	return t.clocks.CheckOpens()
}

// windows are the one in which the code works now or next, and the one after that. Once all are past, current is the last, and
// where none ever opens it is one that is long past. Without a schedule there is none. A window without an end that has begun is none
// either: its code is an ongoing one.
func (t timetable) windows(now time.Time) (current, next *plan.Window) {
	if t.clocks == nil {
		return t.moments, nil
	}
	present, following, afterNext := t.clocks.At(now)
	switch {
	case present != nil && present.EndsAt.IsZero():
		return nil, nil
	case present != nil:
		return planWindow(present), planWindow(following)
	case following != nil:
		return planWindow(following), planWindow(afterNext)
	}
	if last := t.clocks.Last(); last != nil {
		return planWindow(last), nil
	}
	return &plan.Window{}, nil
}

func planWindow(w *schedule.Window) *plan.Window {
	if w == nil {
		return nil
	}
	window := &plan.Window{StartsAt: w.StartsAt, EndsAt: w.EndsAt}
	if window.EndsAt.IsZero() {
		window.EndsAt = w.StartsAt.Add(farEnd)
	}
	return window
}
