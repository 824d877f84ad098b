// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// lastSecond is the end of the year 9999, in seconds since 1970: RFC 3339 can write no later one.
const lastSecond = 253402300799

// farEnd is how long a window lasts, as Seam is told, that has a start ahead and no end. Once it has begun, its code is an
// ongoing one.
const farEnd = 5 * 365 * 24 * time.Hour

// windows are the times in which a code works: the present or next one, and the one after that. Once all are past, current is the
// last, and where none ever opens it is one that is long past. Both are nil for a code that works until it is deleted.
type windows struct{ current, next *plan.Window }

// windowsAt are the windows as far as they are known: where the wall clocks of the schedule were not made moments yet, the status
// tells of the one that was next.
func windowsAt(f facts, now time.Time) windows {
	if f.clocks == nil {
		return windows{current: windowOf(f.code)}
	}
	present, following, afterNext := f.clocks.At(now)
	switch {
	case present != nil && present.EndsAt.IsZero():
		return windows{} // it has begun, and its code is an ongoing one
	case present != nil:
		return windows{planWindow(present), planWindow(following)}
	case following != nil:
		return windows{planWindow(following), planWindow(afterNext)}
	}
	if last := f.clocks.Last(); last != nil {
		return windows{current: planWindow(last)}
	}
	return windows{current: &plan.Window{}}
}

// windowOf is the window of a code as its object alone tells it: that of a schedule in two moments, or the one that was current when
// the status was written.
func windowOf(code *v1alpha1.AccessCode) *plan.Window {
	spec := code.Spec.Schedule
	switch {
	case spec == nil:
		return nil
	case inWallClocks(code):
		if known := code.Status.Window; known != nil {
			return &plan.Window{StartsAt: known.StartsAt.Time, EndsAt: known.EndsAt.Time}
		}
		return nil
	}
	starts := code.CreationTimestamp.Time
	if spec.StartsAt != nil {
		starts = spec.StartsAt.Time
	}
	if spec.EndsAt.IsZero() {
		return &plan.Window{StartsAt: starts} // it can't be read
	}
	before, after := buffers(spec)
	window := &plan.Window{StartsAt: starts.Add(-before), EndsAt: spec.EndsAt.Add(after)}
	if last := time.Unix(lastSecond, 0).UTC(); window.EndsAt.After(last) {
		window.EndsAt = last
	}
	return window
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

// withClocks makes moments of the wall clocks of the schedule, in its own time zone or that of the lock.
func (g gatherer) withClocks(ctx context.Context, s snapshot) (snapshot, error) {
	if !inWallClocks(s.code) {
		return s, nil
	}
	s, zone, err := g.zoneOf(ctx, s)
	if err != nil {
		return s, err
	}
	clocks, err := schedule.New(scheduleSpec(s.code.Spec.Schedule), zone)
	if err == nil && nothingCreated(s.code) {
		err = clocks.CheckOpens()
	}
	if err != nil {
		return s, blockedFor(kube.SlowLook, v1alpha1.ReasonInvalidSpec, "spec.schedule.%v", err)
	}
	return s.with(func(f *facts) { f.clocks = clocks }), nil
}

// zoneOf is the time zone in which the wall clocks of the schedule are read.
func (g gatherer) zoneOf(ctx context.Context, s snapshot) (snapshot, *time.Location, error) {
	if name := s.code.Spec.Schedule.TimeZone; name != "" {
		zone, err := g.zones.Load(name)
		if err != nil {
			return s, nil, blockedFor(kube.SlowLook, v1alpha1.ReasonInvalidSpec, "spec.schedule.%v", err)
		}
		return s, zone, nil
	}
	s, err := withDevice(ctx, s)
	if err != nil {
		return s, nil, s.failed("", err).asError()
	}
	name := zoneName(s.device)
	if name == "" {
		return s, nil, blockedFor(kube.SlowLook, v1alpha1.ReasonTimeZoneUnknown, "Seam does not say in which time zone the lock is: set spec.schedule.timeZone, such as \"Europe/Berlin\"")
	}
	zone, err := g.zones.Load(name)
	if err != nil {
		return s, nil, blockedFor(kube.SlowLook, v1alpha1.ReasonTimeZoneUnknown, "Seam says that the lock is in the time zone %q, which is not known here: set spec.schedule.timeZone, such as \"Europe/Berlin\"", name)
	}
	return s.with(func(f *facts) { f.zone = zone }), zone, nil
}

// zoneName is the name of a lock's time zone, "" where Seam does not say it.
func zoneName(device *seam.Device) string {
	if device.Location == nil {
		return ""
	}
	return cmp.Or(device.Location.TimeZone, device.Location.Timezone)
}

// movedOn says that the window of a schedule in wall clocks is another one than when the status was written: Seam was not told of it
// yet.
func movedOn(code *v1alpha1.AccessCode, window *plan.Window) bool {
	return inWallClocks(code) && code.Status.Window != nil && !equality.Semantic.DeepEqual(code.Status.Window, windowStatus(window))
}

// windowStatus is a window as the status tells of it.
func windowStatus(window *plan.Window) *v1alpha1.WindowStatus {
	if window == nil || window.StartsAt.IsZero() {
		return nil
	}
	return &v1alpha1.WindowStatus{StartsAt: *statusTime(&window.StartsAt), EndsAt: *statusTime(&window.EndsAt)}
}

// ended says that a schedule has another window, and that the one is over which Seam last reported.
func ended(f facts, window *plan.Window, now time.Time) bool {
	last := f.code.Status.EndsAt
	return f.clocks != nil && last != nil && !now.Before(last.Time) && window != nil && window.EndsAt.After(last.Time)
}

// leavingIsQuiet is how long after a window nothing is told of the code that leaves the lock: what comes next is told with it.
const leavingIsQuiet = 30 * time.Second

// leavesTheLock says that a code is being taken off the lock after a window, as it should, and that another window comes.
func (s snapshot) leavesTheLock(step plan.Step) bool {
	last := s.code.Status.EndsAt
	return s.known.Ended && step.Kind == plan.Wait && step.Reason == v1alpha1.ReasonScheduled && s.observed.Remote != nil &&
		s.now.Sub(last.Time) < leavingIsQuiet
}
