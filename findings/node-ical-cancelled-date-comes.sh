#!/usr/bin/env bash
# node-ical: a date of a series that is cancelled is still among the dates of the series, as is a series that is cancelled.
#
# Seen on 29 November 2026 with npm node-ical 0.27.2, the newest, on Node.js 20.
#
# Guess: expandRecurringEvent gives the dates on which something is, with exceptions and changes applied: it takes dates off
# that EXDATE has, and moves those that another entry moves. So a date of which another entry says STATUS:CANCELLED is gone.
# Seen: it is there, and looks like the others: the start, the end, isOverride true. Only "event.status" says CANCELLED.
# The options have no word for it. Of a series that is cancelled as a whole all dates come.
# Output: left out by EXDATE:       4 18
#         moved to the 12th:        4 12 18
#         cancelled:                4 11 18
#         cancelled, by its status: 4 18
#         the whole series:         4 11 18
# Why it matters: a booking that was cancelled opens the door. Compare event.status with CANCELLED, for each date.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts node-ical@0.27.2 >/dev/null 2>&1

cat >see.mjs <<'JS'
import ical from 'node-ical'

const entry = (...lines) => ['BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20270101T000000Z', ...lines, 'END:VEVENT']
const may = (day) => [`DTSTART:202705${day}T100000Z`, `DTEND:202705${day}T110000Z`]
const series = (...lines) => entry(...may('04'), 'RRULE:FREQ=WEEKLY;COUNT=3', ...lines)
const date = (...lines) => entry('RECURRENCE-ID:20270511T100000Z', ...lines)

const dates = (entries, wanted = () => true) => {
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//see//EN', ...entries, 'END:VCALENDAR', ''].join('\r\n')
  const event = Object.values(ical.sync.parseICS(text)).find(({ type }) => type === 'VEVENT')
  return ical.expandRecurringEvent(event, { from: new Date('2027-01-01'), to: new Date('2028-01-01') }).filter(wanted)
}
const show = (what, found) => console.log(`${what}:`.padEnd(25), found.map(({ start }) => start.getUTCDate()).join(' '))

const cancelled = [...series(), ...date(...may('11'), 'STATUS:CANCELLED')]
show('left out by EXDATE', dates(series('EXDATE:20270511T100000Z')))
show('moved to the 12th', dates([...series(), ...date(...may('12'))]))
show('cancelled', dates(cancelled))
show('cancelled, by its status', dates(cancelled, ({ event }) => event.status !== 'CANCELLED'))
show('the whole series', dates(series('STATUS:CANCELLED')))
JS

seen=$(TZ=UTC node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
left out by EXDATE:       4 18
moved to the 12th:        4 12 18
cancelled:                4 11 18
cancelled, by its status: 4 18
the whole series:         4 11 18
WANT
