#!/usr/bin/env bash
# iCalendar: of an event with further dates and no rule one library loses the first date, another all the further ones.
#
# Seen on 29 November 2026 with npm ical.js 2.2.1, node-ical 0.27.2 and rrule 2.8.1, Go github.com/teambition/rrule-go v1.8.2
# and github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392, the newest of each, on Node.js 20 and Go 1.26.8.
#
# Guess: DTSTART on 1 June with RDATE 10 and 20 June is three dates, as RFC 5545 says: the set is made of DTSTART together
# with RRULE, RDATE and EXDATE.
# Seen: ical.js and both libraries for rules have 10 and 20 June; rrule alone says in its README that DTSTART need not count.
# node-ical keeps RDATE as a text and expands to 1 June alone, go-ical says that nothing recurs. None gives an error, or all.
# Output: ical.js:   10 20
#         node-ical: 1
#         rrule:     10 20
#         rrule-go:  10 20
#         go-ical:   no set, start 1
# Why it matters: a cleaner's or a guest's dates, written as a list, open the door on some of them, and which is up to the
# library. Take DTSTART and RDATE from the properties oneself, and a rule from the library.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts ical.js@2.2.1 node-ical@0.27.2 rrule@2.8.1 >/dev/null 2>&1
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get github.com/teambition/rrule-go@v1.8.2 github.com/emersion/go-ical@v0.0.0-20250329121855-f41e73efc392 >/dev/null 2>&1

dates='DTSTART:20260601T140000Z
RDATE:20260610T140000Z,20260620T140000Z'
printf '%s\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//see//EN BEGIN:VEVENT UID:1 DTSTAMP:20260101T000000Z "$dates" \
	DTEND:20260601T180000Z END:VEVENT END:VCALENDAR | sed 's/$/\r/' >see.ics

cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import ICAL from 'ical.js'
import ical from 'node-ical'
import rrule from 'rrule'

const show = (what, dates) => console.log(`${what}:`.padEnd(10), dates.map((date) => date.getUTCDate()).join(' '))
const text = readFileSync('see.ics', 'utf8')

const occurrences = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent')).iterator()
const dates = []
for (let next; (next = occurrences.next()); ) dates.push(next.toJSDate())
show('ical.js', dates)

const event = Object.values(ical.sync.parseICS(text)).find(({ type }) => type === 'VEVENT')
show('node-ical', ical.expandRecurringEvent(event, { from: new Date('2026-01-01'), to: new Date('2027-01-01') }).map(({ start }) => start))

show('rrule', rrule.rrulestr(process.argv[2], { forceset: true }).all())
JS
cat >see.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

func main() {
	set, err := rrule.StrToRRuleSet(os.Args[1])
	check(err)
	fmt.Print("rrule-go: ")
	for _, date := range set.All() {
		fmt.Print(" ", date.Day())
	}

	file, err := os.Open("see.ics")
	check(err)
	calendar, err := ical.NewDecoder(file).Decode()
	check(err)
	event := calendar.Events()[0]
	set, err = event.RecurrenceSet(nil)
	check(err)
	start, err := event.DateTimeStart(nil)
	check(err)
	fmt.Print("\ngo-ical:   ")
	if set == nil {
		fmt.Print("no set, ")
	}
	fmt.Println("start", start.Day())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
GO

seen=$(node see.mjs "$dates" && go run . "$dates")
echo "$seen"
diff <(echo "$seen") - <<'WANT'
ical.js:   10 20
node-ical: 1
rrule:     10 20
rrule-go:  10 20
go-ical:   no set, start 1
WANT
