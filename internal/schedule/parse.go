// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"slices"
	"strings"
	"time"
)

const (
	minutesOfDay = 24 * 60
	secondsOfDay = minutesOfDay * 60
)

// weekdays from Monday on.
const weekdays = "Mon Tue Wed Thu Fri Sat Sun"

// parsed is a Spec that is in order.
type parsed struct {
	moments       Window
	local         *wallWindow
	weekly        *weekly
	before, after time.Duration
}

func parse(s Spec) (parsed, error) {
	p := parsed{before: s.Before, after: s.After}
	for _, buffer := range []struct {
		field  string
		length time.Duration
	}{{"before", s.Before}, {"after", s.After}} {
		if buffer.length < 0 || buffer.length > MaxBuffer {
			return parsed{}, invalid(buffer.field, "%s is not between 0s and 24h: move the window itself by more than a day", buffer.length)
		}
	}
	var err error
	switch moments := !s.StartsAt.IsZero() || !s.EndsAt.IsZero(); {
	case moments && s.NeedsZone() || s.Local != nil && s.Weekly != nil:
		return parsed{}, invalid("schedule", "it has more than one form: write startsAt with endsAt, or local, or weekly")
	case s.Local != nil:
		p.local, err = parseLocal(*s.Local)
	case s.Weekly != nil:
		p.weekly, err = parseWeekly(*s.Weekly)
	case !moments:
		return parsed{}, invalid("schedule", "it is empty: write startsAt with endsAt, or local, or weekly")
	default:
		p.moments, err = parseMoments(s)
	}
	return p, err
}

func parseMoments(s Spec) (Window, error) {
	switch {
	case s.EndsAt.IsZero():
		return Window{}, invalid("endsAt", "it is missing: write the moment at which the code stops working")
	case !s.EndsAt.After(s.StartsAt):
		return Window{}, invalid("endsAt", "%s is not after startsAt (%s): write a later moment", stamp(s.EndsAt), stamp(s.StartsAt))
	}
	return Window{StartsAt: s.StartsAt.UTC(), EndsAt: s.EndsAt.UTC()}, nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func parseLocal(l Local) (*wallWindow, error) {
	start, err := parseWall("local.start", l.Start)
	if err != nil {
		return nil, err
	}
	end, err := parseWall("local.end", l.End)
	if err != nil {
		return nil, err
	}
	if end <= start {
		return nil, invalid("local.end", "%q is not after local.start (%q): write a later time", l.End, l.Start)
	}
	return &wallWindow{start, end}, nil
}

func parseWall(field, text string) (wall, error) {
	date, clock, _ := strings.Cut(text, "T")
	day, ok := parseDate(date)
	minutes, inDay := parseClock(clock)
	switch {
	case !ok || !inDay:
		return 0, invalid(field, "%q is not a date with a time of day: write it as 2026-12-01T15:00, without a zone and without seconds", text)
	case minutes == minutesOfDay:
		return 0, invalid(field, "%q has no such time of day: write 00:00 of the next day", text)
	}
	return day.at(minutes), nil
}

// parseDate reads a day, such as 2026-12-01.
func parseDate(text string) (day, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return 0, false
	}
	return day(floorDiv(t.Unix(), secondsOfDay)), true
}

// parseClock reads a time of day, 00:00 to 24:00, in minutes.
func parseClock(text string) (int, bool) {
	if len(text) != len("15:04") || text[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
	}
	hours, minutes := int(text[0]-'0')*10+int(text[1]-'0'), int(text[3]-'0')*10+int(text[4]-'0')
	total := hours*60 + minutes
	return total, minutes < 60 && total <= minutesOfDay
}

// weekday reads the name of a day, Monday being 0.
func weekday(name string) (int, bool) {
	i := slices.Index(strings.Fields(weekdays), name)
	return i, i >= 0
}
