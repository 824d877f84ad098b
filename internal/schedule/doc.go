// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package schedule turns a schedule in everyday words, such as "check-in at 15:00" or "Mondays and Thursdays from nine to
// one", into the instants at which its windows begin and end. It is pure: no I/O, no clock and no zone data of the machine.
//
// A Spec is what people write, in one of three forms. New checks it and gives a Schedule, and Schedule.At says for any
// moment which window is open, which comes next, and which after that:
//
//	zones, err := schedule.EmbeddedZones()
//	zone, err := zones.Load("Europe/Berlin")
//	s, err := schedule.New(schedule.Spec{Weekly: &schedule.Weekly{
//		Windows: []schedule.WeeklyWindow{{Days: []string{"Mon", "Thu"}, From: "09:00", To: "13:00"}},
//	}}, zone)
//	present, next, afterNext := s.At(now)
//
// What is wrong in a Spec, or in the name of a zone, is an *Error that names the field and the remedy.
//
// # Wall clocks
//
// A wall clock becomes an instant as RFC 5545, 3.3.5, says (Instant): one that comes twice is the first of the two, one
// that the clock skips is read with the offset from before the jump, so that it moves forward by the jump. Both ends of a
// window are wall clocks, not a begin and a length: 22:00 to 06:00 is seven hours in one night of the year and nine in
// another. A window whose begin is skipped moves; it is not left out, for that would lock people out. Where its end would
// then come before its begin, the end moves by as much.
//
// # Windows
//
// A window is open from StartsAt, inclusive, to EndsAt, exclusive. The buffers are time on the instant: they open it
// earlier and close it later. Windows that then overlap or touch are one. Weekly windows that leave no time out make one
// that does not begin, or does not end: its StartsAt, or its EndsAt, is the zero time.
//
// Moments outside the years 1 to 9999, which RFC 3339 can't write, are refused, or never come.
package schedule
