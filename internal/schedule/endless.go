// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"slices"
	"time"
)

// horizon is how far ahead, and back, changes of the clock are looked at where windows leave no time out. What they do not
// interrupt within so long, no later one does: they come in the same hour of the same day of the week each year.
const horizon = 2 * 366 * 24 * time.Hour

// endOf is when the window that is open until end closes, with all that overlap or touch it; zero where it never does.
func (o *occurrences) endOf(end time.Time) time.Time {
	for until := end.Add(horizon); ; {
		if o.endless {
			interruption, ok := o.interruptionAfter(end, until)
			if !ok {
				return time.Time{}
			}
			// All days up to there are like any other, hence without a gap.
			if like := interruption - daysAside; like > dayOf(end, o.zone) {
				end = instant(like.at(0), o.zone)
			}
		}
		former := end
		for w := range o.near(end) {
			if !w.StartsAt.After(end) && w.EndsAt.After(end) {
				end = w.EndsAt
			}
		}
		if end.Equal(former) {
			return end
		}
	}
}

// beginOf is when the window that is open from start on opened, with all that overlap or touch it; zero where it always was.
func (o *occurrences) beginOf(start time.Time) time.Time {
	for until := start.Add(-horizon); ; {
		if o.endless {
			interruption, ok := o.interruptionBefore(start, until)
			if !ok {
				return time.Time{}
			}
			if like := interruption + daysAside; like < dayOf(start, o.zone) {
				start = instant(like.at(0), o.zone)
			}
		}
		former := start
		for w := range o.near(start) {
			if !w.EndsAt.Before(start) && w.StartsAt.Before(start) {
				start = w.StartsAt
			}
		}
		if start.Equal(former) {
			return start
		}
	}
}

// interruptionAfter is the first day, from shortly before a moment on, that is not like any other: an exception, a change of
// the clock, or the first one without windows.
func (o *occurrences) interruptionAfter(t, until time.Time) (first day, found bool) {
	from := dayOf(t, o.zone) - daysAside
	first, found = o.last+1, o.hasLast
	if i, _ := slices.BinarySearch(o.except, from); i < len(o.except) && (!found || o.except[i] < first) {
		first, found = o.except[i], true
	}
	_, change := instant(from.at(0), o.zone).In(o.zone).ZoneBounds()
	if !change.IsZero() && change.Before(until) {
		if on := dayOf(change, o.zone); !found || on < first {
			first, found = on, true
		}
	}
	return first, found
}

// interruptionBefore is the last such day, up to shortly after a moment.
func (o *occurrences) interruptionBefore(t, until time.Time) (last day, found bool) {
	to := dayOf(t, o.zone) + daysAside
	last, found = o.first-1, o.hasFirst
	if i, _ := slices.BinarySearch(o.except, to+1); i > 0 && (!found || o.except[i-1] > last) {
		last, found = o.except[i-1], true
	}
	change, _ := instant(to.at(0), o.zone).In(o.zone).ZoneBounds()
	if !change.IsZero() && change.After(until) {
		if on := dayOf(change, o.zone); !found || on > last {
			last, found = on, true
		}
	}
	return last, found
}

// leavesNothingOut says that in a week like any other, with the same offset all through, a window is always open.
func (o *occurrences) leavesNothingOut() bool {
	const week = 7 * 24 * time.Hour
	var windows [][2]time.Duration
	// What is open in the second of three weeks has begun in one of them.
	for d := range 21 {
		for _, m := range o.byDay[d%7] {
			midnight := time.Duration(d) * 24 * time.Hour
			windows = append(windows, [2]time.Duration{
				midnight + time.Duration(m.from)*time.Minute - o.before,
				midnight + time.Duration(m.to)*time.Minute + o.after,
			})
		}
	}
	slices.SortFunc(windows, func(a, b [2]time.Duration) int { return int(a[0] - b[0]) })
	end := windows[0][1]
	for _, w := range windows {
		if w[0] > end && w[0] > week {
			return false // a gap before w
		}
		if end >= 2*week {
			return true
		}
		end = max(end, w[1])
	}
	return end >= 2*week
}
