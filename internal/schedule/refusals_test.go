// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schedule_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/schedule"
)

// TestRefusals shows the message for each wrong Spec: it names the field and the remedy.
func TestRefusals(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time { return moment(t, text) }
	local := func(start, end string) schedule.Spec {
		return schedule.Spec{Local: &schedule.Local{Start: start, End: end}}
	}
	window := func(from, to string, days ...string) schedule.Spec {
		return schedule.Spec{Weekly: weekly(on(from, to, days...))}
	}
	with := func(d dated) schedule.Spec {
		return schedule.Spec{Weekly: d.of(weekly(on("09:00", "13:00", "Mon")))}
	}
	many := make([]schedule.WeeklyWindow, schedule.MaxWindows+1)
	for _, test := range []struct {
		name string
		spec schedule.Spec
		want string
	}{
		{"no form", schedule.Spec{}, "schedule: it is empty: write startsAt with endsAt, or local, or weekly"},
		{"moments and wall clocks", schedule.Spec{EndsAt: at("2026-12-01T15:00Z"), Local: &schedule.Local{}}, "schedule: it has more than one form: write startsAt with endsAt, or local, or weekly"},
		{"both forms of wall clocks", schedule.Spec{Local: &schedule.Local{}, Weekly: &schedule.Weekly{}}, "schedule: it has more than one form: write startsAt with endsAt, or local, or weekly"},
		{"no end", schedule.Spec{StartsAt: at("2026-12-01T15:00Z")}, "endsAt: it is missing: write the moment at which the code stops working"},
		{"end before begin", schedule.Spec{StartsAt: at("2026-12-01T15:00Z"), EndsAt: at("2026-12-01T15:00Z")},
			"endsAt: 2026-12-01T15:00:00Z is not after startsAt (2026-12-01T15:00:00Z): write a later moment"},
		{"a moment after the year 9999", schedule.Spec{StartsAt: at("2026-12-01T15:00Z"), EndsAt: at("9999-12-31T23:00Z"), After: time.Hour},
			"endsAt: the window would end after the year 9999: write an earlier end"},
		{"a moment before the year 1", schedule.Spec{StartsAt: at("0001-01-01T00:30Z"), EndsAt: at("2026-12-01T15:00Z"), Before: time.Hour},
			"startsAt: the window would begin before the year 1: write a later begin"},
		{"before too long", schedule.Spec{EndsAt: at("2026-12-01T15:00Z"), Before: 25 * time.Hour}, "before: 25h0m0s is not between 0s and 24h: move the window itself by more than a day"},
		{"after below nothing", schedule.Spec{EndsAt: at("2026-12-01T15:00Z"), After: -time.Second}, "after: -1s is not between 0s and 24h: move the window itself by more than a day"},
		{"local end before start", local("2026-12-05T11:00", "2026-12-01T15:00"), `local.end: "2026-12-01T15:00" is not after local.start ("2026-12-05T11:00"): write a later time`},
		{"local with a zone", local("2026-12-01T15:00Z", "2026-12-05T11:00"),
			`local.start: "2026-12-01T15:00Z" is not a date with a time of day: write it as 2026-12-01T15:00, without a zone and without seconds`},
		{"local without a time", local("2026-12-01T15:00", "2026-12-05"),
			`local.end: "2026-12-05" is not a date with a time of day: write it as 2026-12-01T15:00, without a zone and without seconds`},
		{"no such day", local("2026-02-29T15:00", "2026-12-05T11:00"),
			`local.start: "2026-02-29T15:00" is not a date with a time of day: write it as 2026-12-01T15:00, without a zone and without seconds`},
		{"local at 24:00", local("2026-12-01T15:00", "2026-12-05T24:00"), `local.end: "2026-12-05T24:00" has no such time of day: write 00:00 of the next day`},
		{"local after the year 9999", local("9999-12-31T15:00", "9999-12-31T23:30"), "local.end: the window would end after the year 9999: write an earlier end"},
		{"no windows", schedule.Spec{Weekly: weekly()}, "weekly.windows: there are 0: write 1 to 16"},
		{"too many windows", schedule.Spec{Weekly: weekly(many...)}, "weekly.windows: there are 17: write 1 to 16"},
		{"25:00", window("09:00", "25:00", "Mon"), `weekly.windows[0].to: "25:00" is no time of day: write it as 09:00, with two digits each, from 00:00 to 23:59 (or 24:00 for the end of the day in to)`},
		{"one digit", window("9:00", "13:00", "Mon"), `weekly.windows[0].from: "9:00" is no time of day: write it as 09:00, with two digits each, from 00:00 to 23:59 (or 24:00 for the end of the day in to)`},
		{"from 24:00", window("24:00", "13:00", "Mon"), `weekly.windows[0].from: "24:00" is the end of the day: write "00:00", and the next day in days`},
		{"no days", window("09:00", "13:00"), "weekly.windows[0].days: there is none: write one or more of Mon Tue Wed Thu Fri Sat Sun"},
		{"no such day of the week", window("09:00", "13:00", "Mon", "Monday"), `weekly.windows[0].days[1]: "Monday" is no day of the week: write one of Mon Tue Wed Thu Fri Sat Sun`},
		{"a day twice", window("09:00", "13:00", "Mon", "Thu", "Mon"), "weekly.windows[0].days: Mon is there twice: write each day once"},
		{"no such first day", with(dated{first: "2026-13-01"}), `weekly.startDate: "2026-13-01" is no day of the calendar: write it as 2026-12-01`},
		{"no such last day", with(dated{last: "1.12.2026"}), `weekly.endDate: "1.12.2026" is no day of the calendar: write it as 2026-12-01`},
		{"last before first", with(dated{first: "2026-12-02", last: "2026-12-01"}), `weekly.endDate: "2026-12-01" is before weekly.startDate ("2026-12-02"): write a later day`},
		{"no such excepted day", with(dated{except: []string{"2026-12-24", "0000-12-25"}}), `weekly.except[1]: "0000-12-25" is no day of the calendar: write it as 2026-12-01`},
		{"too many exceptions", with(dated{except: make([]string, schedule.MaxExcept+1)}), "weekly.except: there are 65 days: write at most 64, and take off those that are over"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := schedule.New(test.spec, zoneNamed(t, "America/New_York"))
			if diff := cmp.Diff(test.want, fmt.Sprint(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if typed, ok := errors.AsType[*schedule.Error](err); !ok || !strings.HasPrefix(test.want, typed.Field+": ") {
				t.Errorf("the error is %#v", err)
			}
		})
	}
}

func TestWithoutZone(t *testing.T) {
	t.Parallel()
	spec := schedule.Spec{Weekly: weekly(on("09:00", "13:00", "Mon"))}
	if err := spec.Validate(); err != nil || !spec.NeedsZone() {
		t.Errorf("Validate = %v, NeedsZone = %t", err, spec.NeedsZone())
	}
	const want = "timeZone: it is missing, and wall clocks have no meaning without: name the lock's place, such as Europe/Berlin"
	if _, err := schedule.New(spec, nil); fmt.Sprint(err) != want {
		t.Errorf("New = %v, want %s", err, want)
	}
	if _, err := schedule.New(schedule.Spec{EndsAt: moment(t, "2026-12-01T15:00Z")}, nil); err != nil {
		t.Errorf("two moments need no zone: %v", err)
	}
}
