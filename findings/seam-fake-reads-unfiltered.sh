#!/usr/bin/env bash
# Seam: in the official fake the filters of two lists do the opposite of what they say: all codes, no events.
#
# Seen on 29 November 2026 with @seamapi/fake-seam-connect 1.86.0, the newest on npm, on Node.js 20.
#
# Guess: /access_codes/list with a device_id has the codes of that device, with access_code_ids those codes, and /events/list
# with an access_code_id has the events of that code, as the OpenAPI document says and a fake is there to show.
# Seen: of codes, either filter alone lets those of all devices through, and both together all but the others of that device.
# Of events, access_code_id keeps out all that have one, this code's too, and lets those through that have none, of devices;
# access_code_ids lets the latter through as well, but heeds the ids.
# Output: codes of front: back1 front1 front2
#         codes of back1: back1 front1 front2
#         codes of front among front1: back1 front1
#         events of back1 by access_code_id: device.connected
#         events of back1 by access_code_ids: device.connected access_code.created
# Why it matters: what passes on the fake may count each code on each lock, and find a duplicate or a stranger's code to remove
# where there is none; what waits there for the event of a code waits for ever. Filter again what comes, and do so in tests.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts @seamapi/fake-seam-connect@1.86.0 >/dev/null 2>&1

cat >see.mjs <<'JS'
import { createFake } from '@seamapi/fake-seam-connect'

const fake = await createFake()
const { seam_apikey1_token: key, august_device_1: front, august_device_2: back } = await fake.seed()
await fake.startServer({ port: 0 })
const { port } = fake.server.server.address()
const call = async (path, body) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}
const create = async (device_id, name) => (await call('/access_codes/create', { device_id, name })).access_code.access_code_id
const codes = async (filter) => (await call('/access_codes/list', filter)).access_codes.map(({ name }) => name).sort().join(' ')
const events = async (filter) => {
  const { events } = await call('/events/list', { since: '2000-01-01T00:00:00Z', ...filter })
  return events.map(({ event_type }) => event_type).join(' ')
}

const front1 = await create(front, 'front1')
await create(front, 'front2')
const back1 = await create(back, 'back1')
console.log('codes of front:', await codes({ device_id: front }))
console.log('codes of back1:', await codes({ access_code_ids: [back1] }))
console.log('codes of front among front1:', await codes({ device_id: front, access_code_ids: [front1] }))
console.log('events of back1 by access_code_id:', await events({ access_code_id: back1 }))
console.log('events of back1 by access_code_ids:', await events({ access_code_ids: [back1] }))
await fake.stopServer()
JS

seen=$(node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
codes of front: back1 front1 front2
codes of back1: back1 front1 front2
codes of front among front1: back1 front1
events of back1 by access_code_id: device.connected
events of back1 by access_code_ids: device.connected access_code.created
WANT
