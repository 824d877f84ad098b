// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"fmt"
	"strings"
	"testing"
)

const oneForm = "spec.schedule has exactly one of endsAt, local and weekly"

// schedule is the spec of an AccessCode with a schedule.
func schedule(fields string) string { return `{"deviceID":"d","schedule":{` + fields + `}}` }

const (
	localForm  = `"local":{"start":"2026-12-01T15:00","end":"2026-12-05T11:00"}`
	weeklyForm = `"weekly":{"windows":[{"days":["Mon","Thu"],"from":"09:00","to":"13:00"}]}`
	endForm    = `"endsAt":"2099-01-01T00:00:00Z"`
)

func TestScheduleForms(t *testing.T) {
	t.Parallel()
	run(t, "AccessCode", []admission{
		{"two moments", schedule(`"startsAt":"2098-01-01T00:00:00Z",` + endForm), nil},
		{"local", schedule(localForm), nil},
		{"weekly", schedule(weeklyForm), nil},
		{"weekly, with all that goes with it", schedule(`"timeZone":"Europe/Berlin","before":"30m","after":"1h",
			"weekly":{"windows":[{"days":["Sat"],"from":"22:00","to":"06:00"}],"startDate":"2026-12-01","endDate":"2027-06-30","except":["2026-12-24","2026-12-31"]}`), nil},
		{"none", schedule(``), refused("spec.schedule", oneForm)},
		{"a start only", schedule(`"startsAt":"2098-01-01T00:00:00Z"`), refused("spec.schedule", oneForm, "startsAt goes with endsAt only")},
		{"two of them", schedule(localForm + "," + weeklyForm), refused("spec.schedule", oneForm)},
		{"a moment and a clock", schedule(endForm + "," + localForm), refused("spec.schedule", oneForm)},
		{"a start beside a clock", schedule(`"startsAt":"2098-01-01T00:00:00Z",` + localForm), refused("spec.schedule", "startsAt goes with endsAt only")},
		{"a zone beside moments", schedule(`"timeZone":"UTC",` + endForm), refused("spec.schedule", "timeZone goes with local and weekly only")},
		{"offline, weekly", `{"deviceID":"d","offline":{},"schedule":{` + weeklyForm + `}}`, refused("spec", "spec.offline takes no spec.schedule.weekly")},
		{"offline, local", `{"deviceID":"d","offline":{},"schedule":{` + localForm + `}}`, nil},
		{"backup, weekly", `{"deviceID":"d","backup":{},"schedule":{` + weeklyForm + `}}`, refused("spec", "spec.backup takes no spec.schedule.weekly")},
		{"backup, local", `{"deviceID":"d","backup":{},"schedule":{` + localForm + `}}`, nil},
	})
}

func TestScheduleTimeZone(t *testing.T) {
	t.Parallel()
	const message = `spec.schedule.timeZone must be the IANA name of a time zone`
	tests := make([]admission, 0, 32)
	for _, zone := range []string{"Europe/Berlin", "America/Argentina/Buenos_Aires", "America/Port-au-Prince", "UTC", "Etc/GMT+5", "Pacific/Chatham"} {
		tests = append(tests, admission{zone, schedule(`"timeZone":"` + zone + `",` + localForm), nil})
	}
	for _, zone := range []string{"Local", "+01:00", "01:00", "-0500", "Europe/Berlin ", "Europe//Berlin", "../etc/passwd", "Europe\\\\Berlin", "Europe/Berlin/"} {
		tests = append(tests, admission{"refused " + zone, schedule(`"timeZone":"` + zone + `",` + weeklyForm), refused("spec.schedule.timeZone", message)})
	}
	for _, zone := range []string{"Europe/Nowhere", "UTC+1", "Mars/Olympus"} {
		tests = append(tests, admission{"refused " + zone, schedule(`"timeZone":"` + zone + `",` + weeklyForm), refused("spec.schedule.timeZone", message)})
	}
	tests = append(tests,
		admission{"empty", schedule(`"timeZone":"",` + localForm), refused("spec.schedule.timeZone", "at least 1 chars")},
		admission{"too long", schedule(`"timeZone":"` + strings.Repeat("A", 65) + `",` + localForm), refused("spec.schedule.timeZone", "may not be more than 64")})
	run(t, "AccessCode", tests)
}

func TestScheduleLocal(t *testing.T) {
	t.Parallel()
	local := func(start, end string) string {
		return schedule(fmt.Sprintf(`"local":{"start":%q,"end":%q}`, start, end))
	}
	const end = "2999-12-31T23:59"
	tests := []admission{
		{"end before start", local("2026-12-05T11:00", "2026-12-01T15:00"), refused("spec.schedule.local", "end must be after spec.schedule.local.start")},
		{"end at start", local("2026-12-05T11:00", "2026-12-05T11:00"), refused("spec.schedule.local", "end must be after spec.schedule.local.start")},
		{"no end", schedule(`"local":{"start":"2026-12-01T15:00"}`), refused("spec.schedule.local.end", "Required value")},
		{"no start", schedule(`"local":{"end":"2026-12-01T15:00"}`), refused("spec.schedule.local.start", "Required value")},
		{"the last minute", local("2028-02-29T00:00", "9999-12-31T23:59"), nil},
		{"the end of a day", local("2026-12-01T24:00", end), refused("spec.schedule.local.start", "must be a date and a time to the minute")},
		{"25 o'clock", local("2026-12-01T25:00", end), refused("spec.schedule.local.start", "must be a date and a time to the minute")},
		{"29 February of no leap year", local("2027-02-29T15:00", end), refused("spec.schedule.local.start", "must be a date and a time to the minute")},
		{"a month too many", local("2026-13-01T15:00", end), refused("spec.schedule.local.start", "must be a date and a time to the minute")},
		{"long ago", local("1999-12-31T15:00", end), refused("spec.schedule.local.start", "2000 to 9999")},
		{"seconds", local("2026-12-01T15:00:00", end), refused("spec.schedule.local.start", "may not be more than 16")},
		{"a zone", local("2026-12-01T15:00Z", end), refused("spec.schedule.local.start", "may not be more than 16")},
		{"a space", local("2026-12-01 15:00", end), refused("spec.schedule.local.start", "must be a date and a time to the minute")},
		{"a bad end", local("2026-12-01T15:00", "2026-12-32T15:00"), refused("spec.schedule.local.end", "must be a date and a time to the minute")},
	}
	run(t, "AccessCode", tests)
}

func TestScheduleWeekly(t *testing.T) {
	t.Parallel()
	weekly := func(days, from, to, more string) string {
		return schedule(fmt.Sprintf(`"weekly":{"windows":[{"days":[%s],"from":%q,"to":%q}]%s}`, days, from, to, more))
	}
	window := `{"days":["Mon"],"from":"09:00","to":"13:00"}`
	run(t, "AccessCode", []admission{
		{"over midnight", weekly(`"Fri"`, "22:00", "06:00", ""), nil},
		{"until the end of the day", weekly(`"Fri"`, "00:00", "24:00", ""), nil},
		{"a whole day", weekly(`"Fri"`, "09:00", "09:00", ""), nil},
		{"from the end of the day", weekly(`"Fri"`, "24:00", "06:00", ""), refused("spec.schedule.weekly.windows[0].from", `from must be a time such as "09:00"`)},
		{"25 o'clock", weekly(`"Fri"`, "09:00", "25:00", ""), refused("spec.schedule.weekly.windows[0].to", `to must be a time such as "13:00"`)},
		{"after the end of the day", weekly(`"Fri"`, "09:00", "24:01", ""), refused("spec.schedule.weekly.windows[0].to", `to must be a time such as "13:00"`)},
		{"one digit", weekly(`"Fri"`, "9:00", "13:00", ""), refused("spec.schedule.weekly.windows[0].from", "at least 5")},
		{"a day twice", weekly(`"Fri","Mon","Fri"`, "09:00", "13:00", ""), refused("spec.schedule.weekly.windows[0].days", "name each day once")},
		{"no day", weekly(``, "09:00", "13:00", ""), refused("spec.schedule.weekly.windows[0].days", "at least 1 items")},
		{"a day in full", weekly(`"Friday"`, "09:00", "13:00", ""), refused("spec.schedule.weekly.windows[0].days[0]", `"Fri"`)},
		{"no window", schedule(`"weekly":{"windows":[]}`), refused("spec.schedule.weekly.windows", "at least 1 items")},
		{"no windows", schedule(`"weekly":{}`), refused("spec.schedule.weekly.windows", "Required value")},
		{"16 windows", schedule(`"weekly":{"windows":[` + strings.Repeat(window+",", 15) + window + `]}`), nil},
		{"17 windows", schedule(`"weekly":{"windows":[` + strings.Repeat(window+",", 16) + window + `]}`), refused("spec.schedule.weekly.windows", "at most 16 items")},
		{"dates", weekly(`"Fri"`, "09:00", "13:00", `,"startDate":"2026-12-01","endDate":"2026-12-01"`), nil},
		{"end before start", weekly(`"Fri"`, "09:00", "13:00", `,"startDate":"2026-12-02","endDate":"2026-12-01"`), refused("spec.schedule.weekly", "endDate must not be before spec.schedule.weekly.startDate")},
		{"no date", weekly(`"Fri"`, "09:00", "13:00", `,"startDate":"2026-02-30"`), refused("spec.schedule.weekly.startDate", "must be a date such as")},
		{"no end date", weekly(`"Fri"`, "09:00", "13:00", `,"endDate":"2026-2-300"`), refused("spec.schedule.weekly.endDate", "must be a date such as")},
		{"an exception", weekly(`"Fri"`, "09:00", "13:00", `,"except":["2026-12-24"]`), nil},
		{"an exception that is none", weekly(`"Fri"`, "09:00", "13:00", `,"except":["2026-12-24","24.12.2026"]`), refused("spec.schedule.weekly.except[1]", "must have dates such as")},
		{"64 exceptions", weekly(`"Fri"`, "09:00", "13:00", `,"except":[`+strings.Repeat(`"2026-12-24",`, 63)+`"2026-12-25"]`), nil},
		{"65 exceptions", weekly(`"Fri"`, "09:00", "13:00", `,"except":[`+strings.Repeat(`"2026-12-24",`, 64)+`"2026-12-25"]`), refused("spec.schedule.weekly.except", "at most 64 items")},
	})
}

func TestScheduleBuffers(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"before", "after"} {
		buffer := func(value string) string { return schedule(endForm + `,"` + field + `":"` + value + `"`) }
		bad := refused("spec.schedule."+field, "spec.schedule."+field+" must be a duration", "of 0s to 24h")
		run(t, "AccessCode", []admission{
			{field, buffer("1h30m"), nil},
			{field + " none", buffer("0s"), nil},
			{field + " a day", buffer("24h"), nil},
			{field + " more than a day", buffer("24h1s"), bad},
			{field + " negative", buffer("-5m"), bad},
			{field + " days", buffer("1d"), bad},
			{field + " a period", buffer("PT30M"), bad},
			{field + " a number", buffer("30"), bad},
		})
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	rotation := func(every string) string { return `{"deviceID":"d","rotation":{"every":"` + every + `"}}` }
	ttl := func(value string) string {
		return `{"deviceID":"d","ttlAfterExpired":"` + value + `","schedule":{` + endForm + `}}`
	}
	run(t, "AccessCode", []admission{
		{"rotation", rotation("720h"), nil},
		{"rotation too often", rotation("59m"), refused("spec.rotation.every", "of at least 1h, or Window")},
		{"rotation in days", rotation("30d"), refused("spec.rotation.every", "of at least 1h, or Window")},
		{"rotation without", `{"deviceID":"d","rotation":{}}`, refused("spec.rotation.every", "Required value")},
		{"rotation with each window", `{"deviceID":"d","rotation":{"every":"Window"},"schedule":{` + weeklyForm + `}}`, nil},
		{"rotation with each window of none", rotation("Window"), refused("spec", "Window goes with spec.schedule.weekly only")},
		{"rotation of a given PIN", `{"deviceID":"d","code":"98765","rotation":{"every":"720h"}}`, refused("spec", "spec.rotation is only for a PIN that is chosen")},
		{"rotation of an offline code", `{"deviceID":"d","offline":{},"rotation":{"every":"720h"}}`, refused("spec", "spec.rotation is only for a PIN that is chosen")},
		{"time to live", ttl("24h"), nil},
		{"no time to live", ttl("0s"), nil},
		{"time to live in days", ttl("1d"), refused("spec.ttlAfterExpired", "spec.ttlAfterExpired must be a duration")},
		{"time to live without end", `{"deviceID":"d","ttlAfterExpired":"1h"}`, nil},
	})
}
