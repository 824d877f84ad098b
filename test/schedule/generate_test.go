// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// Schedules are from these years.
var (
	earliest = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)
)

var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// generator makes random schedules.
type generator struct {
	*rand.Rand
}

// question is a schedule in a zone, at a moment.
type question struct {
	spec schedule.Spec
	zone *time.Location
	now  time.Time
}

// question is about a moment that in four of five cases is within two days of a change of the clock, where the zone has any.
func (g generator) question(zone *time.Location) question {
	q := question{zone: zone, now: earliest.Add(time.Duration(g.Int64N(int64(latest.Sub(earliest))))).Truncate(time.Minute)}
	near := q.now
	if _, change := q.now.In(zone).ZoneBounds(); !change.IsZero() && change.Before(latest) && g.IntN(5) > 0 {
		near = change.UTC()
		q.now = near.Add(time.Duration(g.IntN(4*24*12)-2*24*12) * 5 * time.Minute)
	}
	// The wall clock that is about to jump, as UTC's would show it.
	_, offset := near.Add(-time.Second).In(zone).Zone()
	wall := near.Add(time.Duration(offset) * time.Second)
	if g.IntN(2) == 0 {
		q.spec.Local = g.local(wall)
	} else {
		q.spec.Weekly = g.weekly(wall)
	}
	q.spec.Before, q.spec.After = g.buffer(), g.buffer()
	return q
}

// buffer is none in most cases, and some that make windows touch.
func (g generator) buffer() time.Duration {
	buffers := []time.Duration{0, 0, 0, 0, 0, time.Minute, 30 * time.Minute, time.Hour, 90 * time.Minute, 8 * time.Hour, 24 * time.Hour}
	return buffers[g.IntN(len(buffers))]
}

// around is a wall clock on the minute that is often just before, at or after another.
func (g generator) around(wall time.Time, within time.Duration) time.Time {
	steps := []time.Duration{-121, -120, -90, -61, -60, -59, -45, -30, -15, -1, 0, 1, 10, 15, 30, 45, 50, 59, 60, 61, 90, 119, 120, 150}
	if g.IntN(3) > 0 {
		return wall.Add(steps[g.IntN(len(steps))] * time.Minute)
	}
	return wall.Add(time.Duration(g.Int64N(int64(2*within))) - within).Truncate(time.Minute)
}

func (g generator) local(wall time.Time) *schedule.Local {
	start, end := g.around(wall, 36*time.Hour), g.around(wall, 36*time.Hour)
	if end.Before(start) {
		start, end = end, start
	}
	if end.Equal(start) {
		end = start.Add(time.Duration(1+g.IntN(5*24*60)) * time.Minute)
	}
	const form = "2006-01-02T15:04"
	return &schedule.Local{Start: start.Format(form), End: end.Format(form)}
}

func (g generator) weekly(wall time.Time) *schedule.Weekly {
	w := &schedule.Weekly{}
	for range 1 + g.IntN(3) {
		days := []string{wall.AddDate(0, 0, g.IntN(3)-1).Format("Mon")}
		if g.IntN(3) == 0 {
			days = days[:0]
			for _, i := range g.Perm(7)[:1+g.IntN(4)] {
				days = append(days, weekdays[i])
			}
		}
		to := g.around(wall, 12*time.Hour).Format("15:04")
		if g.IntN(8) == 0 {
			to = "24:00"
		}
		w.Windows = append(w.Windows, schedule.WeeklyWindow{Days: days, From: g.around(wall, 12*time.Hour).Format("15:04"), To: to})
	}
	if g.IntN(400) == 0 {
		w.Windows[0] = schedule.WeeklyWindow{Days: weekdays, From: "00:00", To: "24:00"}
	}
	date := func(from, to int) string { return wall.AddDate(0, 0, from+g.IntN(to-from)).Format(time.DateOnly) }
	if g.IntN(2) == 0 {
		w.StartDate = date(-60, 3)
	}
	if g.IntN(2) == 0 {
		w.EndDate = max(date(-3, 60), w.StartDate)
	}
	for range g.IntN(3) {
		w.Except = append(w.Except, date(-3, 4))
	}
	return w
}

// String is the question as one would ask it again.
func (q question) String() string {
	form := fmt.Sprintf("%+v", q.spec.Local)
	if q.spec.Weekly != nil {
		form = fmt.Sprintf("%+v", *q.spec.Weekly)
	}
	return fmt.Sprintf("%s at %s: %s, before %s, after %s", q.zone, q.now.Format(time.RFC3339), form, q.spec.Before, q.spec.After)
}
