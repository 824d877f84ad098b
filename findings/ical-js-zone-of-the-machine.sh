#!/usr/bin/env bash
# ical.js: a time with TZID=Europe/Berlin is read in the zone of the machine where the calendar does not define Berlin.
#
# Seen on 29 November 2026 with npm ical.js 2.2.1 and node-ical 0.27.2, the newest of each, on Node.js 20.
#
# Guess: a zone with the name of an IANA zone is that zone, and an unknown one is an error. Node.js knows all of them.
# Seen: ical.js has no zones but UTC, and makes the time one without a zone, which toJSDate reads on the machine's clock. The
# TZID is still there on the property, and there is no error and no warning. node-ical reads it in Berlin. With a VTIMEZONE
# in the calendar, which ical.js finds by itself where the time belongs to it, both agree.
# Output: UTC        ical.js 10:00, zone floating
#         UTC        node-ical 08:00
#         UTC        ical.js, defined 08:00, zone Europe/Berlin
#         Asia/Tokyo ical.js 01:00, zone floating
#         Asia/Tokyo node-ical 08:00
#         Asia/Tokyo ical.js, defined 08:00, zone Europe/Berlin
# Why it matters: in a container, whose clock is UTC, the guest gets in two hours late, and on the developer's machine in
# Berlin all is well. Register the zones (ICAL.TimezoneService), and refuse a time with a TZID whose zone is floating.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts ical.js@2.2.1 node-ical@0.27.2 >/dev/null 2>&1

cat >see.mjs <<'JS'
import ICAL from 'ical.js'
import ical from 'node-ical'

const calendar = (...zone) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//see//EN', ...zone, 'BEGIN:VEVENT', 'UID:1',
  'DTSTAMP:20270101T000000Z', 'DTSTART;TZID=Europe/Berlin:20270504T100000', 'DURATION:PT1H', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n')
const defined = ['BEGIN:VTIMEZONE', 'TZID:Europe/Berlin',
  'BEGIN:STANDARD', 'DTSTART:19961027T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'END:STANDARD',
  'BEGIN:DAYLIGHT', 'DTSTART:19810329T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'END:DAYLIGHT',
  'END:VTIMEZONE']

const show = (what, date, more = '') => console.log(process.env.TZ.padEnd(10), what, date.toISOString().slice(11, 16) + more)
const icalJS = (what, text) => {
  const { startDate } = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vevent'))
  show(what, startDate.toJSDate(), `, zone ${startDate.zone.tzid}`)
}
icalJS('ical.js', calendar())
show('node-ical', Object.values(ical.sync.parseICS(calendar())).find(({ type }) => type === 'VEVENT').start)
icalJS('ical.js, defined', calendar(...defined))
JS

seen=$(TZ=UTC node see.mjs && TZ=Asia/Tokyo node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
UTC        ical.js 10:00, zone floating
UTC        node-ical 08:00
UTC        ical.js, defined 08:00, zone Europe/Berlin
Asia/Tokyo ical.js 01:00, zone floating
Asia/Tokyo node-ical 08:00
Asia/Tokyo ical.js, defined 08:00, zone Europe/Berlin
WANT
