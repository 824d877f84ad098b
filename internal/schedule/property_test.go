// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// TestProperties holds random weekly windows to what is always true, and to a slow and simple count of the days.
func TestProperties(t *testing.T) {
	t.Parallel()
	names := []string{"Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Chatham",
		"America/Nuuk", "America/Scoresbysund", "Asia/Kathmandu", "Antarctica/Troll", "UTC"}
	zones := map[string]*time.Location{}
	for _, name := range names {
		zones[name] = zoneNamed(t, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := zones[rapid.SampledFrom(names).Draw(t, "zone")]
		now := randomMoment(t, zone)
		spec := randomWeekly(t, now.In(zone))
		s, err := schedule.New(spec, zone)
		if err != nil {
			t.Fatal(err)
		}
		present, next, afterNext := s.At(now)
		if open := slow(spec, zone, now); open != (present != nil) {
			t.Fatalf("at %s it is open: %t, but the window is %q", now, open, told(present))
		}
		for _, w := range []*schedule.Window{present, next, afterNext} {
			checkWindow(t, s, spec, zone, w)
		}
		for _, pair := range [][2]*schedule.Window{{{EndsAt: now}, next}, {present, next}, {next, afterNext}} {
			if earlier, later := pair[0], pair[1]; earlier != nil && later != nil && !later.StartsAt.After(earlier.EndsAt) {
				t.Fatalf("%s is not after %s", told(later), told(earlier))
			}
		}
		from, until := now, now.Add(20*24*time.Hour)
		if present != nil {
			from = present.EndsAt
		}
		if next != nil {
			until = next.StartsAt
		}
		checkBetween(t, spec, zone, from, until)
		if last := s.Last(); present == nil && next == nil && last != nil && last.EndsAt.After(now) {
			t.Fatalf("nothing comes after %s, but the last is %s", now, told(last))
		}
	})
}

// checkBetween holds that nothing is open from one moment to another; from is zero where what was open has no end.
func checkBetween(t *rapid.T, spec schedule.Spec, zone *time.Location, from, until time.Time) {
	if from.IsZero() || !until.After(from) {
		return
	}
	at := from.Add(time.Duration(rapid.Int64Range(0, int64(until.Sub(from)-1)).Draw(t, "in between")))
	if slow(spec, zone, at) {
		t.Fatalf("it is open at %s, though nothing is from %s to %s", at, from, until)
	}
}

// checkWindow holds that a window is as long as it can be, and that it is told as the same from within.
func checkWindow(t *rapid.T, s *schedule.Schedule, spec schedule.Spec, zone *time.Location, w *schedule.Window) {
	if w == nil {
		return
	}
	var within []time.Time
	if !w.StartsAt.IsZero() {
		within = append(within, w.StartsAt)
		if slow(spec, zone, w.StartsAt.Add(-1)) || !slow(spec, zone, w.StartsAt) {
			t.Fatalf("%s begins elsewhere", told(w))
		}
	}
	if !w.EndsAt.IsZero() {
		within = append(within, w.EndsAt.Add(-1))
		if slow(spec, zone, w.EndsAt) || !slow(spec, zone, w.EndsAt.Add(-1)) {
			t.Fatalf("%s ends elsewhere", told(w))
		}
	}
	if len(within) == 2 {
		within = append(within, w.StartsAt.Add(time.Duration(rapid.Int64Range(0, int64(w.EndsAt.Sub(w.StartsAt)-1)).Draw(t, "within"))))
	}
	for _, at := range within {
		if present, _, _ := s.At(at); present == nil || *present != *w {
			t.Fatalf("at %s the window is %q, and it was %q", at, told(present), told(w))
		}
	}
}

// slow says whether a window is open, by a count of all that begin in the days around.
func slow(spec schedule.Spec, zone *time.Location, t time.Time) bool {
	_, offset := t.In(zone).Zone()
	today := t.UTC().Add(time.Duration(offset) * time.Second).Truncate(24 * time.Hour)
	for d := -5; d <= 5; d++ {
		date := today.AddDate(0, 0, d)
		if text := date.Format(time.DateOnly); slices.Contains(spec.Weekly.Except, text) || text < spec.Weekly.StartDate || text > cmp.Or(spec.Weekly.EndDate, text) {
			continue
		}
		for _, w := range spec.Weekly.Windows {
			if slices.Contains(w.Days, date.Format("Mon")) && slowWindow(w, date, zone, spec.Before, spec.After).Contains(t) {
				return true
			}
		}
	}
	return false
}

func slowWindow(w schedule.WeeklyWindow, date time.Time, zone *time.Location, before, later time.Duration) schedule.Window {
	from, to := after(date, w.From), after(date, w.To)
	if w.To <= w.From {
		to = to.AddDate(0, 0, 1)
	}
	starts, ends := schedule.Instant(from, zone), schedule.Instant(to, zone)
	if !ends.After(starts) {
		ends = starts.Add(to.Sub(from))
	}
	return schedule.Window{StartsAt: starts.Add(-before), EndsAt: ends.Add(later)}
}

func after(midnight time.Time, clock string) time.Time {
	var hours, minutes int
	_, _ = fmt.Sscanf(clock, "%d:%d", &hours, &minutes) // the test has made it
	return midnight.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

// randomMoment is most often within two days of a change of the clock, where there is one.
func randomMoment(t *rapid.T, zone *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(1704067200, 2114380800).Draw(t, "moment"), 0).UTC()
	if _, change := at.In(zone).ZoneBounds(); !change.IsZero() && rapid.IntRange(0, 3).Draw(t, "near") > 0 {
		at = change.Add(time.Duration(rapid.IntRange(-2*24*12, 2*24*12).Draw(t, "from the change")) * 5 * time.Minute)
	}
	return at.UTC()
}

// randomWeekly makes windows of which some touch, and some leave no time out.
func randomWeekly(t *rapid.T, around time.Time) schedule.Spec {
	clock := rapid.Custom(func(t *rapid.T) string {
		minutes := 5 * rapid.OneOf(rapid.IntRange(0, 287), rapid.SampledFrom([]int{0, 12, 24, 30, 36, 108, 204})).Draw(t, "minutes")
		return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
	})
	days := rapid.Custom(func(t *rapid.T) []string {
		if rapid.Bool().Draw(t, "every day") {
			return allDays
		}
		return rapid.Permutation(allDays).Draw(t, "days")[:rapid.IntRange(1, 7).Draw(t, "how many")]
	})
	w := schedule.Weekly{}
	for range rapid.IntRange(1, 4).Draw(t, "windows") {
		to := clock.Draw(t, "to")
		if rapid.IntRange(0, 4).Draw(t, "until the end of the day") == 0 {
			to = "24:00"
		}
		w.Windows = append(w.Windows, schedule.WeeklyWindow{Days: days.Draw(t, "days"), From: clock.Draw(t, "from"), To: to})
	}
	date := func(from, to int) string {
		return around.AddDate(0, 0, rapid.IntRange(from, to).Draw(t, "date")).Format(time.DateOnly)
	}
	if rapid.Bool().Draw(t, "has a first day") {
		w.StartDate = date(-900, 3)
	}
	if rapid.Bool().Draw(t, "has a last day") {
		w.EndDate = max(date(-3, 900), w.StartDate)
	}
	for range rapid.IntRange(0, 5).Draw(t, "exceptions") {
		w.Except = append(w.Except, date(-10, 10))
	}
	buffer := rapid.Custom(func(t *rapid.T) time.Duration {
		return 5 * time.Minute * time.Duration(rapid.SampledFrom([]int{0, 0, 0, 6, 12, 48, 96, 288}).Draw(t, "buffer"))
	})
	return schedule.Spec{Weekly: &w, Before: buffer.Draw(t, "before"), After: buffer.Draw(t, "after")}
}

func FuzzSpec(f *testing.F) {
	f.Add("2026-12-01T15:00", "2026-12-05T11:00", "Mon", "09:00", "24:00", "2026-12-01")
	f.Add("0001-01-01T00:00", "9999-12-31T23:59", "Sun", "23:59", "00:00", "9999-12-31")
	f.Add("2026-03-08T02:30", "2026-03-08T02:31", "mon", "24:00", "24:01", "2026-02-29")
	zone := zoneNamed(f, "America/New_York")
	f.Fuzz(func(t *testing.T, start, end, day, from, to, date string) {
		now := time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)
		if s, err := schedule.New(schedule.Spec{Local: &schedule.Local{Start: start, End: end}}, zone); err == nil {
			const form = "2006-01-02T15:04"
			for _, text := range []string{start, end} {
				if read, err := time.Parse(form, text); err != nil || read.Format(form) != text {
					t.Fatalf("%q is taken for a wall clock", text)
				}
			}
			if w := s.First(); !w.EndsAt.After(w.StartsAt) || w.StartsAt.Year() < 1 || w.EndsAt.Year() > 9999 {
				t.Fatalf("the window is %s", told(w))
			}
		}
		spec := schedule.Spec{Weekly: weekly(on(from, to, day)), Before: 24 * time.Hour, After: 24 * time.Hour}
		spec.Weekly.StartDate, spec.Weekly.Except = date, []string{date}
		s, err := schedule.New(spec, zone)
		if (err == nil) != (spec.Validate() == nil) {
			t.Fatalf("New says %v, Validate %v", err, spec.Validate())
		}
		if err != nil {
			return
		}
		present, next, afterNext := s.At(now)
		for _, w := range []*schedule.Window{present, next, afterNext, s.First(), s.Last()} {
			if w != nil && (!w.EndsAt.After(w.StartsAt) || w.EndsAt.Year() > 9999) {
				t.Fatalf("a window is %s", told(w))
			}
		}
	})
}

func BenchmarkAt(b *testing.B) {
	many := weekly()
	for i := range schedule.MaxWindows {
		many.Windows = append(many.Windows, on(fmt.Sprintf("%02d:00", i), fmt.Sprintf("%02d:30", i), allDays...))
	}
	for _, bench := range []struct {
		name string
		spec schedule.Spec
		now  string
	}{
		{"cleaner", schedule.Spec{Weekly: weekly(on("09:00", "13:00", "Mon", "Thu"))}, "2026-11-30T09:00Z"},
		{"cleaner in 9990", schedule.Spec{Weekly: weekly(on("09:00", "13:00", "Mon", "Thu"))}, "9990-11-30T09:00Z"},
		{"16 windows a day", schedule.Spec{Weekly: many}, "2026-11-30T09:00Z"},
		{"always open", schedule.Spec{Weekly: weekly(on("00:00", "24:00", allDays...))}, "2026-11-30T09:00Z"},
		{"a year long, from one long night to the next", schedule.Spec{Weekly: weekly(on("09:00", "17:00", allDays...)), Before: 8 * time.Hour, After: 8 * time.Hour}, "2026-11-30T09:00Z"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, now := made(b, bench.spec, "Europe/Berlin"), moment(b, bench.now)
			b.ReportAllocs()
			for b.Loop() {
				s.At(now)
			}
		})
	}
}
