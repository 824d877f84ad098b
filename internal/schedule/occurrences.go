// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"iter"
	"time"
)

// occurrences are all windows that weekly windows make in a zone, day by day over the calendar.
type occurrences struct {
	weekly
	zone          *time.Location
	before, after time.Duration
	// endless says that a week without anything special leaves no time out.
	endless bool
}

func newOccurrences(w weekly, zone *time.Location, before, after time.Duration) *occurrences {
	o := occurrences{weekly: w, zone: zone, before: before, after: after}
	o.endless = o.leavesNothingOut()
	return &o
}

// How many days before a moment, and how many after it, windows can begin that hold it: a window is a day long, the end of
// the second day may be an hour on, the buffers are a day each.
const (
	daysBefore = 4
	daysAfter  = 2
	// daysAside is how far from a day its exception, or a change of the clock on it, is felt.
	daysAside = daysBefore + daysAfter
)

// at is Schedule.At.
func (o *occurrences) at(now time.Time) (present, next, afterNext *Window) {
	if present = o.holding(now); present != nil {
		next = o.followingWindow(present)
	} else {
		next = o.following(now)
	}
	return present, next, o.followingWindow(next)
}

// followingWindow is the first that begins after a window; nil where there is none, or no such window.
func (o *occurrences) followingWindow(w *Window) *Window {
	if w == nil || w.EndsAt.IsZero() {
		return nil
	}
	return o.following(w.EndsAt)
}

// on are the windows that begin on a day, with their buffers.
func (o *occurrences) on(d day) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		if !o.has(d) {
			return
		}
		for _, m := range o.byDay[d.weekday()] {
			w := wallWindow{d.at(m.from), d.at(m.to)}.in(o.zone)
			if !yield(Window{StartsAt: w.StartsAt.Add(-o.before), EndsAt: w.EndsAt.Add(o.after)}) {
				return
			}
		}
	}
}

// near are the windows that may hold a moment.
func (o *occurrences) near(t time.Time) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		of := dayOf(t, o.zone)
		for d := of - daysBefore; d <= of+daysAfter; d++ {
			for w := range o.on(d) {
				if !yield(w) {
					return
				}
			}
		}
	}
}

// holding is the window, made one with all that overlap or touch it, that is open at a moment.
func (o *occurrences) holding(t time.Time) *Window {
	for w := range o.near(t) {
		if w.Contains(t) {
			return &Window{StartsAt: o.beginOf(w.StartsAt), EndsAt: o.endOf(w.EndsAt)}
		}
	}
	return nil
}

// following is the first window that begins after a moment at which none is open, or at which one ends; nil where there is
// none.
func (o *occurrences) following(t time.Time) *Window {
	var found *Window
	last := o.last
	// The clock may skip the begin, which is then on the day after.
	for d := max(dayOf(t, o.zone)-1, o.first); d <= last; d++ {
		for w := range o.on(d) {
			if w.StartsAt.After(t) && (found == nil || w.StartsAt.Before(found.StartsAt)) {
				found = &w
				last = min(last, d+daysAfter)
			}
		}
	}
	if found != nil {
		found.EndsAt = o.endOf(found.EndsAt)
	}
	return found
}

// firstWindow is Schedule.First.
func (o *occurrences) firstWindow() *Window {
	if !o.hasFirst {
		return nil
	}
	return o.following(instant((o.first - daysAside).at(0), o.zone))
}

// lastWindow is Schedule.Last.
func (o *occurrences) lastWindow() *Window {
	if !o.hasLast || o.empty() {
		return nil
	}
	final := o.last
	for !o.has(final) {
		final--
	}
	// The last to begin need not be the last to end.
	var end time.Time
	for d := final - daysAfter; d <= final; d++ {
		for w := range o.on(d) {
			if w.EndsAt.After(end) {
				end = w.EndsAt
			}
		}
	}
	w := o.holding(end.Add(-1))
	return w
}
