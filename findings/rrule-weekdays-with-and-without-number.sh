#!/usr/bin/env bash
# rrule and rrule-go: a rule with "every Tuesday and the first Friday" has no date at all.
#
# Seen on 29 November 2026 with npm rrule 2.8.1, rrule-temporal 2.2.8 and ical.js 2.2.1, and Go github.com/teambition/rrule-go
# v1.8.2, the newest of each, on Node.js 20 and Go 1.26.8.
#
# Guess: BYDAY is a list of which each counts, as RFC 5545, 3.3.10, has it: FREQ=MONTHLY;BYDAY=TU,1FR is every Tuesday, and
# the first Friday of the month.
# Seen: so it is for rrule-temporal and ical.js. rrule and rrule-go keep weekdays with a number apart from those without, and
# want each day to be one of both: no day is. There is no error. The same list without a number, or with numbers alone, is right.
# Output: TU,1FR rrule:          none
#         TU,1FR rrule-go:       none
#         TU,1FR rrule-temporal: 4 7 11 18 25
#         TU,1FR ical.js:        4 7 11 18 25
#         TU,FR rrule-go:        4 7 11 14 18 21 25 28
#         1TU,1FR rrule-go:      4 7
# Why it matters: the cleaner who comes every Tuesday, and on the first Friday for the windows, never gets in. Where some
# weekdays have a number, give all of them one: TU is 1TU,2TU,3TU,4TU,5TU in a month.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts rrule@2.8.1 rrule-temporal@2.2.8 ical.js@2.2.1 >/dev/null 2>&1
export GOFLAGS="-mod=mod -trimpath" GOWORK=off CGO_ENABLED=0
go mod init see >/dev/null 2>&1
go get github.com/teambition/rrule-go@v1.8.2 >/dev/null 2>&1

start=20270504T100000Z
# May 2027, of which the first Tuesday is the 4th, and the first Friday the 7th.
rule() { echo "FREQ=MONTHLY;BYDAY=$1;UNTIL=20270531T235959Z"; }

cat >see.mjs <<'JS'
import ICAL from 'ical.js'
import rrule from 'rrule'
import { RRuleTemporal } from 'rrule-temporal'

const [, , library, start, rule] = process.argv
const libraries = {
  rrule: () => rrule.rrulestr(`DTSTART:${start}\nRRULE:${rule}`).all().map((date) => date.getUTCDate()),
  'rrule-temporal': () => new RRuleTemporal({ rruleString: `DTSTART:${start}\nRRULE:${rule}` }).all().map(({ day }) => day),
  'ical.js': () => {
    const dates = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString('2027-05-04T10:00:00Z'))
    const days = []
    for (let next; (next = dates.next()); ) days.push(next.day)
    return days
  },
}
console.log(libraries[library]().join(' ') || 'none')
JS
cat >see.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/teambition/rrule-go"
)

func main() {
	set, err := rrule.StrToRRuleSet("DTSTART:" + os.Args[1] + "\nRRULE:" + os.Args[2])
	if err != nil {
		panic(err)
	}
	days := "none"
	if dates := set.All(); len(dates) > 0 {
		days = ""
		for _, date := range dates {
			days += fmt.Sprint(" ", date.Day())
		}
	}
	fmt.Println(strings.TrimSpace(days))
}
GO
go build -o see .

# see tells the dates of a list of weekdays by the library named second.
see() {
	local dates
	if [ "$2" = rrule-go ]; then
		dates=$(./see "$start" "$(rule "$1")")
	else
		dates=$(node see.mjs "$2" "$start" "$(rule "$1")")
	fi
	printf '%-22s %s\n' "$1 $2:" "$dates"
}

seen=$(
	see TU,1FR rrule
	see TU,1FR rrule-go
	see TU,1FR rrule-temporal
	see TU,1FR ical.js
	see TU,FR rrule-go
	see 1TU,1FR rrule-go
)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
TU,1FR rrule:          none
TU,1FR rrule-go:       none
TU,1FR rrule-temporal: 4 7 11 18 25
TU,1FR ical.js:        4 7 11 18 25
TU,FR rrule-go:        4 7 11 14 18 21 25 28
1TU,1FR rrule-go:      4 7
WANT
