#!/usr/bin/env bash
# iCalendar: where the clocks change, a week's stay by DURATION ends an hour off, and a whole day ends before it is over.
#
# Seen on 29 November 2026 with Go github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392 and npm node-ical 0.27.2, the
# newest of each, on Go 1.26.8 and Node.js 20, for America/New_York.
#
# Guess: P1W and P1D go from a time of day to the same time of day. RFC 5545, 3.3.6, has a day of what length the place gives
# it and tells P1D from PT24H for that; an event with a date alone lasts for that day.
# Seen: both libraries make days and weeks hours and add them. go-ical does so for the date without an end as well, and in the
# zone that it is given the day of the autumn change ends at 23:00 of the same date; with DTEND it ends right.
# Output: go-ical   DTSTART;TZID=America/New_York:20260307T120000 DURATION:P1W: to 2026-03-14 13:00
#         go-ical   DTSTART;TZID=America/New_York:20261031T120000 DURATION:P2D: to 2026-11-02 11:00
#         go-ical   DTSTART;VALUE=DATE:20261101: to 2026-11-01 23:00
#         go-ical   DTSTART;VALUE=DATE:20261101 DTEND;VALUE=DATE:20261102: to 2026-11-02 00:00
#         node-ical DTSTART;TZID=America/New_York:20260307T120000 DURATION:P1W: to 2026-03-14 13:00
#         node-ical DTSTART;TZID=America/New_York:20261031T120000 DURATION:P2D: to 2026-11-02 11:00
# Why it matters: in autumn a guest is shut out an hour before the check-out, in spring the last one still gets in when the next
# may. Read DURATION oneself: days on the wall clock, hours on the instant.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts node-ical@0.27.2 >/dev/null 2>&1
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get github.com/emersion/go-ical@v0.0.0-20250329121855-f41e73efc392 >/dev/null 2>&1

zone=(BEGIN:VTIMEZONE TZID:America/New_York
	BEGIN:STANDARD DTSTART:20071104T020000 'RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU' TZOFFSETFROM:-0400 TZOFFSETTO:-0500 END:STANDARD
	BEGIN:DAYLIGHT DTSTART:20070311T020000 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU' TZOFFSETFROM:-0500 TZOFFSETTO:-0400 END:DAYLIGHT
	END:VTIMEZONE)

# calendar writes one with the zone and the event that the lines given make.
calendar() {
	printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//see//EN "${zone[@]}" \
		BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z "$@" END:VEVENT END:VCALENDAR
}

cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import ical from 'node-ical'

const { end } = Object.values(ical.sync.parseICS(readFileSync(0, 'utf8'))).find(({ type }) => type === 'VEVENT')
console.log('to', end.toLocaleString('sv-SE', { timeZone: 'America/New_York' }).slice(0, 16))
JS
cat >see.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"
	_ "time/tzdata"

	"github.com/emersion/go-ical"
)

func main() {
	zone, err := time.LoadLocation("America/New_York")
	check(err)
	calendar, err := ical.NewDecoder(os.Stdin).Decode()
	check(err)
	end, err := calendar.Events()[0].DateTimeEnd(zone)
	check(err)
	fmt.Println("to", end.In(zone).Format("2006-01-02 15:04"))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO
go build -o see .

go-ical() { ./see; }
node-ical() { node see.mjs; }

# see tells when the event that the lines make ends, by the library named first.
see() {
	local library=$1
	shift
	printf '%-9s %s: %s\n' "$library" "$*" "$(calendar "$@" | "$library")"
}

week=('DTSTART;TZID=America/New_York:20260307T120000' DURATION:P1W)
days=('DTSTART;TZID=America/New_York:20261031T120000' DURATION:P2D)
date='DTSTART;VALUE=DATE:20261101'
seen=$(
	see go-ical "${week[@]}"
	see go-ical "${days[@]}"
	see go-ical "$date"
	see go-ical "$date" 'DTEND;VALUE=DATE:20261102'
	see node-ical "${week[@]}"
	see node-ical "${days[@]}"
)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
go-ical   DTSTART;TZID=America/New_York:20260307T120000 DURATION:P1W: to 2026-03-14 13:00
go-ical   DTSTART;TZID=America/New_York:20261031T120000 DURATION:P2D: to 2026-11-02 11:00
go-ical   DTSTART;VALUE=DATE:20261101: to 2026-11-01 23:00
go-ical   DTSTART;VALUE=DATE:20261101 DTEND;VALUE=DATE:20261102: to 2026-11-02 00:00
node-ical DTSTART;TZID=America/New_York:20260307T120000 DURATION:P1W: to 2026-03-14 13:00
node-ical DTSTART;TZID=America/New_York:20261031T120000 DURATION:P2D: to 2026-11-02 11:00
WANT
