// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Answers schedules, one JSON object on a line, with their present window, the next one and the one after that, by means
// of Temporal. It shares nothing with internal/schedule and is made in another way: it lists all windows around the moment,
// as far as it has to, sorts and merges them.
//
//   node temporal.mjs native|polyfill
//
// The first line says what answers. It stops when standard input ends, which it does when the parent process dies.

import { createInterface } from 'node:readline'

const Temporal = process.argv[2] === 'native' ? globalThis.Temporal : (await import('@js-temporal/polyfill')).Temporal
console.log(JSON.stringify({ node: process.version, tzdata: process.versions.tz, temporal: process.argv[2], there: Temporal !== undefined }))

// How many days before today, and how many after it, the list goes at first, and how many where a window fills it; one that
// fills these, too, has no end. A window may be a year long, from one change of the clock to the next, and three are told.
const NEAR = { back: 8, ahead: 32 }
const FAR = { back: 500, ahead: 1200 }
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const moment = (clock, zone) => clock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds

function windowBetween(from, to, { zone, before, after }) {
  const start = moment(from, zone)
  let end = moment(to, zone)
  if (end <= start) end = start + from.until(to).total('milliseconds')
  return [start - before, end + after]
}

function windowsOn(date, windows, spec) {
  if (spec.weekly.except.includes(date.toString())) return []
  return windows.map(({ from, to }) => {
    const start = date.toPlainDateTime(Temporal.PlainTime.from(from))
    let end
    if (to === '24:00') end = date.add({ days: 1 }).toPlainDateTime()
    else {
      end = date.toPlainDateTime(Temporal.PlainTime.from(to))
      if (Temporal.PlainDateTime.compare(end, start) <= 0) end = end.add({ days: 1 })
    }
    return windowBetween(start, end, spec)
  })
}

function merged(windows) {
  const result = []
  for (const window of windows.sort(([a], [b]) => a - b)) {
    const last = result.at(-1)
    if (last && window[0] <= last[1]) last[1] = Math.max(last[1], window[1])
    else result.push([...window])
  }
  return result
}

// listed are the windows that begin from back days before today to ahead days after it, and whether that is all there are.
function listed(spec, today, back, ahead) {
  const { startDate, endDate } = spec.weekly
  let first = today.subtract({ days: back })
  let last = today.add({ days: ahead })
  const noneBefore = startDate !== '' && Temporal.PlainDate.compare(startDate, first) >= 0
  const noneAfter = endDate !== '' && Temporal.PlainDate.compare(endDate, last) <= 0
  if (noneBefore) first = Temporal.PlainDate.from(startDate)
  if (noneAfter) last = Temporal.PlainDate.from(endDate)
  const byDay = DAYS.map((day) => spec.weekly.windows.filter(({ days }) => days.includes(day)))
  const windows = []
  const count = first.until(last).days
  for (let i = 0; i <= count; i++) {
    const onDay = byDay[(first.dayOfWeek - 1 + i) % 7]
    if (onDay.length > 0) windows.push(...windowsOn(first.add({ days: i }), onDay, spec))
  }
  return { windows: merged(windows), noneBefore, noneAfter }
}

function pick(windows, now) {
  const present = windows.findIndex(([start, end]) => start <= now && now < end)
  const later = windows.findIndex(([start]) => start > now)
  return { present, next: later, afterNext: later >= 0 && later + 1 < windows.length ? later + 1 : -1 }
}

function answerWeekly(spec) {
  const today = Temporal.Instant.fromEpochMilliseconds(spec.now).toZonedDateTimeISO(spec.zone).toPlainDate()
  for (let { back, ahead } = NEAR; ;) {
    const { windows, noneBefore, noneAfter } = listed(spec, today, back, ahead)
    const { present, next, afterNext } = pick(windows, spec.now)
    const beginOpen = present === 0 && !noneBefore
    // The last of the list may go on, and others may come.
    const told = afterNext >= 0 ? afterNext : windows.length - 1
    const endOpen = !noneAfter && (afterNext < 0 || told === windows.length - 1)
    if (beginOpen && back < FAR.back) back = FAR.back
    else if (endOpen && ahead < FAR.ahead) ahead = FAR.ahead
    else {
      const tell = (i) => i < 0 ? null : [i === 0 && beginOpen ? null : windows[i][0], i === windows.length - 1 && endOpen ? null : windows[i][1]]
      return [tell(present), tell(next), tell(afterNext)]
    }
  }
}

function answer(spec) {
  if (spec.weekly) return answerWeekly(spec)
  const { start, end } = spec.local
  const window = windowBetween(Temporal.PlainDateTime.from(start), Temporal.PlainDateTime.from(end), spec)
  if (spec.now < window[0]) return [null, window, null]
  return [spec.now < window[1] ? window : null, null, null]
}

for await (const line of createInterface({ input: process.stdin })) {
  let answered
  try {
    answered = { windows: answer(JSON.parse(line)) }
  } catch (error) {
    answered = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(answered) + '\n')
}
