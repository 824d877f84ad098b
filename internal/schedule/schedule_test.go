// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// zoneNamed is a zone of the program.
func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zones, err := schedule.EmbeddedZones()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := zones.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func made(t testing.TB, spec schedule.Spec, zone string) *schedule.Schedule {
	t.Helper()
	s, err := schedule.New(spec, zoneNamed(t, zone))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// moment reads 2026-03-27T14:00Z.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// told is a window as the tables write it; "" for none, "-" for no begin and for no end.
func told(w *schedule.Window) string {
	if w == nil {
		return ""
	}
	end := func(t time.Time) string {
		if t.IsZero() {
			return "-"
		}
		return t.Format("2006-01-02T15:04Z")
	}
	return end(w.StartsAt) + " " + end(w.EndsAt)
}

// clockChanges are wall clocks and their moments, each the same in several implementations that share nothing.
var clockChanges = []struct {
	name, zone, start, end, want string
}{
	{"over the night on which the clock goes ahead", "Europe/Berlin", "2026-03-27T15:00", "2026-03-30T11:00", "2026-03-27T14:00Z 2026-03-30T09:00Z"},
	{"over the night on which the clock goes back", "America/New_York", "2026-10-30T16:00", "2026-11-02T10:00", "2026-10-30T20:00Z 2026-11-02T15:00Z"},
	{"British Columbia has stopped changing its clock (2026b)", "America/Vancouver", "2026-11-28T16:00", "2026-12-02T11:00", "2026-11-28T23:00Z 2026-12-02T18:00Z"},
	{"Alberta stays at -06 (2026c)", "America/Edmonton", "2026-11-28T16:00", "2026-12-02T11:00", "2026-11-28T22:00Z 2026-12-02T17:00Z"},
	{"Manitoba stays on summer time (2026e)", "America/Winnipeg", "2026-10-30T15:00", "2026-11-02T11:00", "2026-10-30T20:00Z 2026-11-02T16:00Z"},
	{"Morocco moves to +00 (2026c)", "Africa/Casablanca", "2026-09-18T15:00", "2026-09-22T11:00", "2026-09-18T14:00Z 2026-09-22T11:00Z"},
	{"Cuba stays on summer time: a day has 24 hours (2026f)", "America/Havana", "2026-11-01T00:00", "2026-11-02T00:00", "2026-11-01T04:00Z 2026-11-02T04:00Z"},
	{"a change of half an hour", "Australia/Lord_Howe", "2026-04-03T15:00", "2026-04-06T10:00", "2026-04-03T04:00Z 2026-04-05T23:30Z"},
	{"the clock jumps at midnight", "America/Santiago", "2026-09-05T15:00", "2026-09-06T11:00", "2026-09-05T19:00Z 2026-09-06T14:00Z"},
	{"a day without its midnight begins at 01:00", "America/Santiago", "2026-09-06T00:00", "2026-09-07T00:00", "2026-09-06T04:00Z 2026-09-07T03:00Z"},
	{"a day without its midnight, east of Greenwich", "Africa/Cairo", "2026-04-24T00:00", "2026-04-25T00:00", "2026-04-23T22:00Z 2026-04-24T21:00Z"},
	{"winter is a negative daylight saving time", "Europe/Dublin", "2026-01-10T15:00", "2026-01-12T11:00", "2026-01-10T15:00Z 2026-01-12T11:00Z"},
	{"an offset of 5:45", "Asia/Kathmandu", "2026-05-01T14:00", "2026-05-03T11:00", "2026-05-01T08:15Z 2026-05-03T05:15Z"},
	{"offsets of 13:45 and 12:45", "Pacific/Chatham", "2026-04-04T15:00", "2026-04-05T10:00", "2026-04-04T01:15Z 2026-04-04T21:15Z"},
	{"the change is on Saturday evening", "America/Nuuk", "2026-03-27T15:00", "2026-03-30T11:00", "2026-03-27T17:00Z 2026-03-30T12:00Z"},
	{"a skipped begin moves, west of Greenwich", "America/New_York", "2026-03-08T02:30", "2026-03-08T04:30", "2026-03-08T07:30Z 2026-03-08T08:30Z"},
	{"a skipped begin moves, east of Greenwich", "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T04:30", "2026-03-29T01:30Z 2026-03-29T02:30Z"},
	{"a begin that comes twice is the first, west", "America/New_York", "2026-11-01T01:30", "2026-11-01T03:30", "2026-11-01T05:30Z 2026-11-01T08:30Z"},
	{"a begin that comes twice is the first, east", "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T04:30", "2026-10-25T00:30Z 2026-10-25T03:30Z"},
	{"a night of seven hours", "Europe/Berlin", "2026-03-28T22:00", "2026-03-29T06:00", "2026-03-28T21:00Z 2026-03-29T04:00Z"},
	{"a night of nine hours", "Europe/Berlin", "2026-10-24T22:00", "2026-10-25T06:00", "2026-10-24T20:00Z 2026-10-25T05:00Z"},
	{"into a gap of half an hour", "Australia/Lord_Howe", "2026-10-04T02:00", "2026-10-04T02:45", "2026-10-03T15:30Z 2026-10-03T15:45Z"},
	{"wholly in a gap", "America/New_York", "2026-03-08T02:10", "2026-03-08T02:50", "2026-03-08T07:10Z 2026-03-08T07:50Z"},
	{"an end that comes twice is the first", "Europe/London", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-24T23:30Z 2026-10-25T00:30Z"},
	{"over the turn of the year", "Asia/Kolkata", "2026-12-31T23:00", "2027-01-01T02:00", "2026-12-31T17:30Z 2026-12-31T20:30Z"},
	{"a skipped begin after its end: the end moves too", "America/New_York", "2026-03-08T02:30", "2026-03-08T03:10", "2026-03-08T07:30Z 2026-03-08T08:10Z"},
	{"a skipped begin that moves to its end: the end moves too", "America/New_York", "2026-03-08T02:30", "2026-03-08T03:30", "2026-03-08T07:30Z 2026-03-08T08:30Z"},
	{"a day that a country left out", "Pacific/Apia", "2011-12-30T10:00", "2011-12-30T12:00", "2011-12-30T20:00Z 2011-12-30T22:00Z"},
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, test := range clockChanges {
		t.Run(test.name, func(t *testing.T) {
			local := made(t, schedule.Spec{Local: &schedule.Local{Start: test.start, End: test.end}}, test.zone)
			if got := told(local.First()); got != test.want {
				t.Errorf("as local it is %s, want %s", got, test.want)
			}
			start, end := moment(t, test.start+"Z"), moment(t, test.end+"Z")
			if end.Sub(start) > 24*time.Hour {
				return
			}
			weekly := made(t, schedule.Spec{Weekly: &schedule.Weekly{
				Windows:   []schedule.WeeklyWindow{{Days: []string{start.Format("Mon")}, From: start.Format("15:04"), To: end.Format("15:04")}},
				StartDate: start.Format(time.DateOnly), EndDate: start.Format(time.DateOnly),
			}}, test.zone)
			if got := told(weekly.First()); got != test.want {
				t.Errorf("as weekly it is %s, want %s", got, test.want)
			}
		})
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	zone := zoneNamed(t, "Europe/Berlin")
	// The location of the wall clock means nothing, and nothing is cut off.
	for _, in := range []*time.Location{time.UTC, zone, time.FixedZone("", -3600)} {
		got := schedule.Instant(time.Date(2026, 10, 25, 2, 30, 15, 7, in), zone)
		if want := time.Date(2026, 10, 25, 0, 30, 15, 7, time.UTC); got != want {
			t.Errorf("in %s it is %s, want %s", in, got, want)
		}
	}
	if got, want := schedule.EndOfDay(moment(t, "2026-09-06T02:00Z"), zoneNamed(t, "America/Santiago")), moment(t, "2026-09-06T04:00Z"); got != want {
		t.Errorf("the day whose end is skipped ends %s, want %s", got, want)
	}
}

var allDays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

func weekly(windows ...schedule.WeeklyWindow) *schedule.Weekly {
	return &schedule.Weekly{Windows: windows}
}

func on(from, to string, days ...string) schedule.WeeklyWindow {
	return schedule.WeeklyWindow{Days: days, From: from, To: to}
}

func (d dated) of(w *schedule.Weekly) *schedule.Weekly {
	w.StartDate, w.EndDate, w.Except = d.first, d.last, d.except
	return w
}

// dated are the dates of weekly windows.
type dated struct {
	first, last string
	except      []string
}

// The zone is Berlin, where 2026-11-30 is a Monday at +01.
func TestAt(t *testing.T) {
	t.Parallel()
	cleaner := weekly(on("09:00", "13:00", "Mon", "Thu"))
	always := weekly(on("00:00", "24:00", allDays...))
	for _, test := range []struct {
		name                     string
		spec                     schedule.Spec
		now                      string
		present, next, afterNext string
	}{
		{"two moments, before", schedule.Spec{StartsAt: moment(t, "2026-12-01T15:00Z"), EndsAt: moment(t, "2026-12-05T11:00Z")}, "2026-12-01T14:59Z",
			"", "2026-12-01T15:00Z 2026-12-05T11:00Z", ""},
		{"two moments, at the begin", schedule.Spec{StartsAt: moment(t, "2026-12-01T15:00Z"), EndsAt: moment(t, "2026-12-05T11:00Z")}, "2026-12-01T15:00Z",
			"2026-12-01T15:00Z 2026-12-05T11:00Z", "", ""},
		{"two moments, at the end", schedule.Spec{StartsAt: moment(t, "2026-12-01T15:00Z"), EndsAt: moment(t, "2026-12-05T11:00Z")}, "2026-12-05T11:00Z", "", "", ""},
		{"two moments with buffers", schedule.Spec{StartsAt: moment(t, "2026-12-01T15:00Z"), EndsAt: moment(t, "2026-12-05T11:00Z"), Before: 30 * time.Minute, After: time.Hour},
			"2026-12-01T14:30Z", "2026-12-01T14:30Z 2026-12-05T12:00Z", "", ""},
		{"wall clocks with buffers over a change of the clock", schedule.Spec{Local: &schedule.Local{Start: "2026-03-29T04:00", End: "2026-03-29T05:00"}, Before: 2 * time.Hour},
			"2026-03-29T00:00Z", "2026-03-29T00:00Z 2026-03-29T03:00Z", "", ""},
		{"weekly, open", schedule.Spec{Weekly: cleaner}, "2026-11-30T08:00Z",
			"2026-11-30T08:00Z 2026-11-30T12:00Z", "2026-12-03T08:00Z 2026-12-03T12:00Z", "2026-12-07T08:00Z 2026-12-07T12:00Z"},
		{"weekly, at the end", schedule.Spec{Weekly: cleaner}, "2026-11-30T12:00Z",
			"", "2026-12-03T08:00Z 2026-12-03T12:00Z", "2026-12-07T08:00Z 2026-12-07T12:00Z"},
		{"weekly with buffers, opened by them", schedule.Spec{Weekly: cleaner, Before: 24 * time.Hour, After: 24 * time.Hour}, "2026-11-29T08:00Z",
			"2026-11-29T08:00Z 2026-12-01T12:00Z", "2026-12-02T08:00Z 2026-12-04T12:00Z", "2026-12-06T08:00Z 2026-12-08T12:00Z"},
		{"over midnight, on the second day", schedule.Spec{Weekly: weekly(on("22:00", "06:00", "Sun"))}, "2026-11-30T04:00Z",
			"2026-11-29T21:00Z 2026-11-30T05:00Z", "2026-12-06T21:00Z 2026-12-07T05:00Z", "2026-12-13T21:00Z 2026-12-14T05:00Z"},
		{"24:00 is the end of the day", schedule.Spec{Weekly: weekly(on("18:00", "24:00", "Mon"))}, "2026-11-30T22:59Z",
			"2026-11-30T17:00Z 2026-11-30T23:00Z", "2026-12-07T17:00Z 2026-12-07T23:00Z", "2026-12-14T17:00Z 2026-12-14T23:00Z"},
		{"to at from is a day later", schedule.Spec{Weekly: weekly(on("09:00", "09:00", "Mon"))}, "2026-12-01T07:59Z",
			"2026-11-30T08:00Z 2026-12-01T08:00Z", "2026-12-07T08:00Z 2026-12-08T08:00Z", "2026-12-14T08:00Z 2026-12-15T08:00Z"},
		{"windows that touch are one", schedule.Spec{Weekly: weekly(on("09:00", "24:00", "Mon"), on("00:00", "02:00", "Tue"))}, "2026-11-29T00:00Z",
			"", "2026-11-30T08:00Z 2026-12-01T01:00Z", "2026-12-07T08:00Z 2026-12-08T01:00Z"},
		{"windows that overlap are one", schedule.Spec{Weekly: weekly(on("11:00", "14:00", "Mon"), on("09:00", "12:00", "Mon"), on("10:00", "11:30", "Mon"))}, "2026-11-30T12:30Z",
			"2026-11-30T08:00Z 2026-11-30T13:00Z", "2026-12-07T08:00Z 2026-12-07T13:00Z", "2026-12-14T08:00Z 2026-12-14T13:00Z"},
		{"buffers let windows touch", schedule.Spec{Weekly: weekly(on("09:00", "10:00", "Mon"), on("12:00", "13:00", "Mon")), Before: time.Hour, After: time.Hour}, "2026-11-30T10:00Z",
			"2026-11-30T07:00Z 2026-11-30T13:00Z", "2026-12-07T07:00Z 2026-12-07T13:00Z", "2026-12-14T07:00Z 2026-12-14T13:00Z"},
		{"an excepted day", schedule.Spec{Weekly: dated{except: []string{"2026-12-03", "2026-12-03"}}.of(weekly(on("09:00", "13:00", "Mon", "Thu")))}, "2026-11-30T12:00Z",
			"", "2026-12-07T08:00Z 2026-12-07T12:00Z", "2026-12-10T08:00Z 2026-12-10T12:00Z"},
		{"excepted while it is open", schedule.Spec{Weekly: dated{except: []string{"2026-11-30"}}.of(weekly(on("09:00", "13:00", "Mon", "Thu")))}, "2026-11-30T09:00Z",
			"", "2026-12-03T08:00Z 2026-12-03T12:00Z", "2026-12-07T08:00Z 2026-12-07T12:00Z"},
		{"an excepted day does not end what began before it", schedule.Spec{Weekly: dated{except: []string{"2026-11-30"}}.of(weekly(on("22:00", "06:00", "Sun", "Mon")))}, "2026-11-30T04:00Z",
			"2026-11-29T21:00Z 2026-11-30T05:00Z", "2026-12-06T21:00Z 2026-12-07T05:00Z", "2026-12-07T21:00Z 2026-12-08T05:00Z"},
		{"before the first day", schedule.Spec{Weekly: dated{first: "2026-12-01", last: "2026-12-07"}.of(weekly(on("09:00", "13:00", "Mon", "Thu")))}, "0001-01-01T00:00Z",
			"", "2026-12-03T08:00Z 2026-12-03T12:00Z", "2026-12-07T08:00Z 2026-12-07T12:00Z"},
		{"after the last day", schedule.Spec{Weekly: dated{first: "2026-12-01", last: "2026-12-07"}.of(weekly(on("09:00", "13:00", "Mon", "Thu")))}, "2026-12-07T12:00Z", "", "", ""},
		{"the last window goes on after the last day", schedule.Spec{Weekly: dated{last: "2026-11-29"}.of(weekly(on("22:00", "06:00", allDays...)))}, "2026-11-30T04:00Z",
			"2026-11-29T21:00Z 2026-11-30T05:00Z", "", ""},
		{"far ahead", schedule.Spec{Weekly: cleaner}, "9990-01-01T00:00Z",
			"", "9990-01-01T08:00Z 9990-01-01T12:00Z", "9990-01-04T08:00Z 9990-01-04T12:00Z"},
		{"at the end of the calendar", schedule.Spec{Weekly: cleaner}, "9999-12-20T12:00Z", "", "9999-12-23T08:00Z 9999-12-23T12:00Z", ""},
		{"always open", schedule.Spec{Weekly: always}, "2026-11-30T12:00Z", "- -", "", ""},
		{"open from a day on", schedule.Spec{Weekly: dated{first: "2020-01-01"}.of(weekly(on("00:00", "24:00", allDays...)))}, "2026-11-30T12:00Z", "2019-12-31T23:00Z -", "", ""},
		{"open until a day long ahead", schedule.Spec{Weekly: dated{last: "2999-12-31"}.of(weekly(on("00:00", "24:00", allDays...)))}, "2026-11-30T12:00Z", "- 2999-12-31T23:00Z", "", ""},
		{"open but for a day", schedule.Spec{Weekly: dated{except: []string{"2027-12-24", "2028-12-24"}}.of(weekly(on("00:00", "24:00", allDays...)))}, "2026-11-30T12:00Z",
			"- 2027-12-23T23:00Z", "2027-12-24T23:00Z 2028-12-23T23:00Z", "2028-12-24T23:00Z -"},
		{"open but for the hour that a night in autumn has more", schedule.Spec{Weekly: weekly(on("09:00", "17:00", allDays...)), Before: 8 * time.Hour, After: 8 * time.Hour}, "2026-11-30T12:00Z",
			"2026-10-25T00:00Z 2027-10-30T23:00Z", "2027-10-31T00:00Z 2028-10-28T23:00Z", "2028-10-29T00:00Z 2029-10-27T23:00Z"},
		{"a day is excepted, but the buffers reach over it", schedule.Spec{Weekly: dated{except: []string{"2026-12-01"}}.of(weekly(on("00:00", "24:00", allDays...))), Before: 12 * time.Hour, After: 12 * time.Hour},
			"2026-11-30T12:00Z", "- -", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			present, next, afterNext := made(t, test.spec, "Europe/Berlin").At(moment(t, test.now))
			want := []string{test.present, test.next, test.afterNext}
			if diff := cmp.Diff(want, []string{told(present), told(next), told(afterNext)}); diff != "" {
				t.Errorf("present, next, after next (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrderInGap has the clock skip the last hour of a Saturday: what begins in it begins after what begins early on Sunday.
func TestOrderInGap(t *testing.T) {
	t.Parallel()
	s := made(t, schedule.Spec{Weekly: weekly(on("23:30", "23:50", "Sat"), on("00:10", "00:20", "Sun"))}, "America/Scoresbysund")
	present, next, afterNext := s.At(moment(t, "2027-03-28T00:00Z"))
	want := []string{"", "2027-03-28T01:10Z 2027-03-28T01:20Z", "2027-03-28T01:30Z 2027-03-28T01:50Z"}
	if diff := cmp.Diff(want, []string{told(present), told(next), told(afterNext)}); diff != "" {
		t.Errorf("present, next, after next (-want +got):\n%s", diff)
	}
}

func TestFirstAndLast(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		spec        schedule.Spec
		first, last string
	}{
		{"two moments", schedule.Spec{StartsAt: moment(t, "2026-12-01T15:00Z"), EndsAt: moment(t, "2026-12-05T11:00Z")}, "2026-12-01T15:00Z 2026-12-05T11:00Z", "2026-12-01T15:00Z 2026-12-05T11:00Z"},
		{"without dates", schedule.Spec{Weekly: weekly(on("09:00", "13:00", "Mon"))}, "", ""},
		{"with dates", schedule.Spec{Weekly: dated{first: "2026-12-01", last: "2027-01-10"}.of(weekly(on("09:00", "13:00", "Mon")))}, "2026-12-07T08:00Z 2026-12-07T12:00Z", "2027-01-04T08:00Z 2027-01-04T12:00Z"},
		{"the last to begin is not the last to end", schedule.Spec{Weekly: dated{first: "2026-11-29", last: "2026-11-30"}.of(weekly(on("23:00", "22:00", "Sun"), on("01:00", "02:00", "Mon")))},
			"2026-11-29T22:00Z 2026-11-30T21:00Z", "2026-11-29T22:00Z 2026-11-30T21:00Z"},
		{"one long window", schedule.Spec{Weekly: dated{first: "2020-01-01", last: "2026-12-31"}.of(weekly(on("00:00", "24:00", allDays...)))}, "2019-12-31T23:00Z 2026-12-31T23:00Z", "2019-12-31T23:00Z 2026-12-31T23:00Z"},
		{"until the end of the calendar", schedule.Spec{Weekly: dated{first: "0001-01-01", last: "9999-12-31"}.of(weekly(on("09:00", "13:00", "Thu")))},
			"0001-01-11T08:06Z 0001-01-11T12:06Z", "9999-12-23T08:00Z 9999-12-23T12:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := made(t, test.spec, "Europe/Berlin")
			if diff := cmp.Diff([]string{test.first, test.last}, []string{told(s.First()), told(s.Last())}); diff != "" {
				t.Errorf("first and last (-want +got):\n%s", diff)
			}
			if s.NeverOpens() || s.CheckOpens() != nil {
				t.Error("it never opens")
			}
		})
	}
}

func TestNeverOpens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		dates dated
		want  string
	}{
		{"all excepted", dated{"2026-11-30", "2026-12-07", []string{"2026-11-30", "2026-12-07"}},
			"weekly.except: no window is left, for each day that has one is excepted or outside startDate and endDate: take a day off the list, or move the dates"},
		{"no such day between the dates", dated{"2026-12-01", "2026-12-06", nil}, "weekly.endDate: no window is left, for no day that has one lies between startDate and endDate: move the dates"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := made(t, schedule.Spec{Weekly: test.dates.of(weekly(on("09:00", "13:00", "Mon")))}, "Europe/Berlin")
			present, next, afterNext := s.At(moment(t, "2026-11-30T09:00Z"))
			if !s.NeverOpens() || present != nil || next != nil || afterNext != nil || s.First() != nil || s.Last() != nil {
				t.Errorf("it opens: %s, %s, %s", told(present), told(next), told(afterNext))
			}
			if err := s.CheckOpens(); err == nil || err.Error() != test.want {
				t.Errorf("CheckOpens = %v, want %s", err, test.want)
			}
		})
	}
}
