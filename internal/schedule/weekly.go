// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"fmt"
	"slices"
)

// weekly are weekly windows that are in order.
type weekly struct {
	// byDay are the windows that begin on each day of the week, from Monday on.
	byDay [7][]minutes
	// Windows begin from first to last, both inclusive.
	first, last day
	// hasFirst and hasLast say that people gave the date; else it is an end of the calendar.
	hasFirst, hasLast bool
	// except are days without a begin, in order and each once.
	except []day
}

// minutes is a window after the midnight of the day on which it begins. It is a day long at most.
type minutes struct{ from, to int }

// The ends of the calendar, 0001-01-08 and 9999-12-24. They keep away from what RFC 3339 can't write by more than a window
// with its buffers is long.
const (
	calendarFirst day = -719155
	calendarLast  day = 2932889
)

func parseWeekly(w Weekly) (*weekly, error) {
	parsed := weekly{first: calendarFirst, last: calendarLast}
	if n := len(w.Windows); n < 1 || n > MaxWindows {
		return nil, invalid("weekly.windows", "there are %d: write 1 to %d", n, MaxWindows)
	}
	for i, window := range w.Windows {
		if err := parsed.add(fmt.Sprintf("weekly.windows[%d]", i), window); err != nil {
			return nil, err
		}
	}
	if err := parsed.addDates(w); err != nil {
		return nil, err
	}
	if n := len(w.Except); n > MaxExcept {
		return nil, invalid("weekly.except", "there are %d days: write at most %d, and take off those that are over", n, MaxExcept)
	}
	for i, text := range w.Except {
		excepted, ok := parseDate(text)
		if !ok {
			return nil, notADate(fmt.Sprintf("weekly.except[%d]", i), text)
		}
		parsed.except = append(parsed.except, excepted)
	}
	slices.Sort(parsed.except)
	parsed.except = slices.Compact(parsed.except)
	return &parsed, nil
}

func (w *weekly) add(field string, window WeeklyWindow) error {
	from, fromOK := parseClock(window.From)
	to, toOK := parseClock(window.To)
	switch {
	case !fromOK:
		return notAClock(field+".from", window.From)
	case from == minutesOfDay:
		return invalid(field+".from", `"24:00" is the end of the day: write "00:00", and the next day in days`)
	case !toOK:
		return notAClock(field+".to", window.To)
	case len(window.Days) == 0:
		return invalid(field+".days", "there is none: write one or more of %s", weekdays)
	case to <= from:
		to += minutesOfDay
	}
	var seen [7]bool
	for i, name := range window.Days {
		of, ok := weekday(name)
		if !ok {
			return invalid(fmt.Sprintf("%s.days[%d]", field, i), "%q is no day of the week: write one of %s", name, weekdays)
		}
		if seen[of] {
			return invalid(field+".days", "%s is there twice: write each day once", name)
		}
		seen[of] = true
		w.byDay[of] = append(w.byDay[of], minutes{from, to})
	}
	return nil
}

func (w *weekly) addDates(from Weekly) error {
	if from.StartDate != "" {
		first, ok := parseDate(from.StartDate)
		if !ok {
			return notADate("weekly.startDate", from.StartDate)
		}
		w.first, w.hasFirst = max(first, calendarFirst), true
	}
	if from.EndDate != "" {
		last, ok := parseDate(from.EndDate)
		if !ok {
			return notADate("weekly.endDate", from.EndDate)
		}
		w.last, w.hasLast = min(last, calendarLast), true
	}
	// Both are of one length, so that the texts are in the order of the days.
	if w.hasFirst && w.hasLast && from.EndDate < from.StartDate {
		return invalid("weekly.endDate", "%q is before weekly.startDate (%q): write a later day", from.EndDate, from.StartDate)
	}
	return nil
}

func notADate(field, text string) error {
	return invalid(field, "%q is no day of the calendar: write it as 2026-12-01", text)
}

func notAClock(field, text string) error {
	return invalid(field, "%q is no time of day: write it as 09:00, with two digits each, from 00:00 to 23:59 (or 24:00 for the end of the day in to)", text)
}

// has says whether windows begin on a day.
func (w *weekly) has(d day) bool {
	_, excepted := slices.BinarySearch(w.except, d)
	return !excepted && d >= w.first && d <= w.last && len(w.byDay[d.weekday()]) > 0
}

// empty says that no window ever begins.
func (w *weekly) empty() bool {
	// Within so many days no list of exceptions is long enough.
	last := min(w.last, w.first+7*(MaxExcept+1))
	for d := w.first; d <= last; d++ {
		if w.has(d) {
			return false
		}
	}
	return true
}
