#!/usr/bin/env bash
# rrule-go: a time of day that the clocks skip comes an hour early, an hour late or never, depending on the zone.
#
# Seen on 29 November 2026 with github.com/teambition/rrule-go v1.8.2, the newest, on Go 1.26.8 with Go's own zone data.
#
# Guess: RFC 5545, 3.3.10, is heeded: an instance at a local time that does not exist is left out, and not counted. Or else
# all zones are treated alike.
# Seen: 02:30 is 01:30 in New York and 03:30 in Berlin. Midnight is 01:00 in Cairo; in Santiago the day is left out, but
# counted, so that five days are four. A rule that begins on such a day begins on its eve, at 23:00, stays at that hour, and
# has four days too.
# Output: America/New_York  2026-03-06 02:30: 06 02:30, 07 02:30, 08 01:30, 09 02:30, 10 02:30
#         Europe/Berlin     2026-03-27 02:30: 27 02:30, 28 02:30, 29 03:30, 30 02:30, 31 02:30
#         Africa/Cairo      2026-04-22 00:00: 22 00:00, 23 00:00, 24 01:00, 25 00:00, 26 00:00
#         America/Santiago  2026-09-04 00:00: 04 00:00, 05 00:00, 07 00:00, 08 00:00
#         America/Santiago  2026-09-06 00:00: 05 23:00, 07 23:00, 08 23:00, 09 23:00
# Why it matters: a code for five days from midnight ends a day early and lets nobody in on Sunday. Expand rules in UTC, where
# no time is skipped, and make each wall clock an instant by a rule of one's own.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get github.com/teambition/rrule-go@v1.8.2 >/dev/null 2>&1

cat >see.go <<'GO'
package main

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/teambition/rrule-go"
)

func main() {
	for _, start := range []struct{ zone, at string }{
		{"America/New_York", "2026-03-06 02:30"},
		{"Europe/Berlin", "2026-03-27 02:30"},
		{"Africa/Cairo", "2026-04-22 00:00"},
		{"America/Santiago", "2026-09-04 00:00"},
		{"America/Santiago", "2026-09-06 00:00"},
	} {
		at, err := time.Parse("2006-01-02 15:04", start.at)
		check(err)
		set, err := rrule.StrToRRuleSet(fmt.Sprintf("DTSTART;TZID=%s:%s\nRRULE:FREQ=DAILY;COUNT=5", start.zone, at.Format("20060102T150405")))
		check(err)
		var days []string
		for _, day := range set.All() {
			days = append(days, day.Format("02 15:04"))
		}
		fmt.Printf("%-17s %s: %s\n", start.zone, start.at, strings.Join(days, ", "))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO

seen=$(go run .)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
America/New_York  2026-03-06 02:30: 06 02:30, 07 02:30, 08 01:30, 09 02:30, 10 02:30
Europe/Berlin     2026-03-27 02:30: 27 02:30, 28 02:30, 29 03:30, 30 02:30, 31 02:30
Africa/Cairo      2026-04-22 00:00: 22 00:00, 23 00:00, 24 01:00, 25 00:00, 26 00:00
America/Santiago  2026-09-04 00:00: 04 00:00, 05 00:00, 07 00:00, 08 00:00
America/Santiago  2026-09-06 00:00: 05 23:00, 07 23:00, 08 23:00, 09 23:00
WANT
