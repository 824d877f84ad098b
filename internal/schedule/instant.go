// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import "time"

// wall is what a clock on the wall shows: the seconds that UTC would count when its clock shows the same.
type wall int64

// day counts from 1970-01-01.
type day int64

// at is a time of that day, minutes after its midnight. More than a day's minutes are in the days after it.
func (d day) at(minutes int) wall { return wall(d)*secondsOfDay + wall(minutes)*60 }

// weekday is 0 for Monday.
func (d day) weekday() int { return int(floorMod(int64(d)+3, 7)) }

// Instant is the moment at which the clock of a zone shows what wall shows in its own location: year, month, day and time
// of day, whatever that location is. One that comes twice is the first of the two. One that the zone's clock skips is read
// with the offset from before the jump, so it moves forward by the jump (RFC 5545, 3.3.5).
//
// time.Date does neither reliably: which side of a jump it takes depends on the zone.
func Instant(clock time.Time, zone *time.Location) time.Time {
	_, shown := clock.Zone()
	return instant(wall(clock.Unix()+int64(shown)), zone).Add(time.Duration(clock.Nanosecond())).UTC()
}

// EndOfDay is when the day ends that a calendar in the zone shows at a moment.
func EndOfDay(t time.Time, zone *time.Location) time.Time {
	return instant((dayOf(t, zone) + 1).at(0), zone)
}

// instant reads the offsets a day before and a day after, which is further than any two offsets are apart, and takes the
// first under which the clock shows what is asked for.
func instant(w wall, zone *time.Location) time.Time {
	earlier, later := offset(int64(w)-secondsOfDay, zone), offset(int64(w)+secondsOfDay, zone)
	// The greater offset gives the earlier moment.
	for _, candidate := range []int64{max(earlier, later), min(earlier, later)} {
		if at := int64(w) - candidate; offset(at, zone) == candidate {
			return time.Unix(at, 0).UTC()
		}
	}
	return time.Unix(int64(w)-earlier, 0).UTC()
}

// offset is how many seconds the clock of a zone is ahead of UTC.
func offset(unix int64, zone *time.Location) int64 {
	_, seconds := time.Unix(unix, 0).In(zone).Zone()
	return int64(seconds)
}

// dayOf is the day that a calendar in the zone shows.
func dayOf(t time.Time, zone *time.Location) day {
	return day(floorDiv(t.Unix()+offset(t.Unix(), zone), secondsOfDay))
}

// wallWindow is a window between two wall clocks, the end after the start.
type wallWindow struct{ start, end wall }

// in makes moments of it. Where the clock skips its start and passes its end by that, the end moves by as much as the
// start: a window is never empty.
func (w wallWindow) in(zone *time.Location) Window {
	starts, ends := instant(w.start, zone), instant(w.end, zone)
	if !ends.After(starts) {
		ends = starts.Add(time.Duration(w.end-w.start) * time.Second)
	}
	return Window{StartsAt: starts, EndsAt: ends}
}

func floorDiv(a, b int64) int64 {
	quotient := a / b
	if a%b < 0 {
		quotient--
	}
	return quotient
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
