// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule

import "time"

// Spec is a schedule as people write it: two moments (StartsAt and EndsAt), Local or Weekly, and exactly one of these.
type Spec struct {
	// StartsAt and EndsAt are two moments. Where people may leave StartsAt out, it is for the caller to say what that means.
	StartsAt, EndsAt time.Time
	// Local are two wall clocks at the lock.
	Local *Local
	// Weekly are windows that come again and again.
	Weekly *Weekly
	// Before opens each window earlier, After closes it later: 0 to 24 hours, on the instant and not on the wall clock.
	Before, After time.Duration
}

// Local is one window between two wall clocks, such as check-in and check-out.
type Local struct {
	// Start and End are a date and a time of day, such as "2026-12-01T15:00". End comes after Start.
	Start, End string
}

// Weekly are windows that come on days of the week.
type Weekly struct {
	// Windows are 1 to 16.
	Windows []WeeklyWindow
	// StartDate is the first day on which a window may begin, such as "2026-12-01"; "" where there is no first.
	StartDate string
	// EndDate is the last day on which a window may begin; "" where there is no last.
	EndDate string
	// Except are days on which no window begins, at most 64. A window that began the day before goes on.
	Except []string
}

// WeeklyWindow is open from one time of day to another.
type WeeklyWindow struct {
	// Days on which it begins: Mon, Tue, Wed, Thu, Fri, Sat, Sun, none of them twice.
	Days []string
	// From and To are times of day, such as "09:00". A To at or before From is that of the next day. "24:00" as To is the
	// end of the day.
	From, To string
}

// Bounds of a Spec.
const (
	MaxWindows = 16
	MaxExcept  = 64
	MaxBuffer  = 24 * time.Hour
)

// NeedsZone says that the schedule has wall clocks in it, so that only a zone makes moments of them.
func (s Spec) NeedsZone() bool { return s.Local != nil || s.Weekly != nil }

// Validate says what is wrong in a Spec, as far as no zone is needed for that: nil or an *Error.
func (s Spec) Validate() error {
	_, err := parse(s)
	return err
}
