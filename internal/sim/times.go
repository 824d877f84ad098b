// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"time"
)

// wireTime is how the API writes times: UTC with milliseconds.
const wireTime = "2006-01-02T15:04:05.000Z"

func stamp(t time.Time) string {
	return t.UTC().Format(wireTime)
}

// parseTime reads what callers send: RFC 3339, or the same without zone or seconds.
func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly,
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q not understood", text)
}

// minuteUp rounds up to the whole minute, as the service does with both ends.
func minuteUp(t time.Time) time.Time {
	floor := t.Truncate(time.Minute)
	if floor.Equal(t) {
		return floor
	}
	return floor.Add(time.Minute)
}

// window is when a time-bound code is valid.
type window struct {
	starts time.Time
	ends   time.Time
}

func (f *window) equal(g *window) bool {
	if f == nil || g == nil {
		return f == g
	}
	return f.starts.Equal(g.starts) && f.ends.Equal(g.ends)
}

// outwards widens a window to whole hours, or to whole days in the lock's zone, as offline codes need. Nobody is let in later
// or shut out earlier than was asked.
func (f *window) outwards(days bool, zone *time.Location) *window {
	ends := floorTo(f.ends, days, zone)
	if ends.Before(f.ends) {
		if days {
			ends = ends.In(zone).AddDate(0, 0, 1)
		} else {
			ends = ends.Add(time.Hour)
		}
	}
	return &window{starts: floorTo(f.starts, days, zone), ends: ends.UTC()}
}

// floorTo goes by the wall clock of the zone: days are not all 24 hours long.
func floorTo(t time.Time, days bool, zone *time.Location) time.Time {
	local := t.In(zone)
	if days {
		return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone).UTC()
	}
	past := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	return local.Add(-past).UTC()
}

// bounds are the ends as the wire shows them, nil for an ongoing code.
func (f *window) bounds() (starts, ends *string) {
	if f == nil {
		return nil, nil
	}
	from, to := stamp(f.starts), stamp(f.ends)
	return &from, &to
}
