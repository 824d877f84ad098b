#!/usr/bin/env bash
# Seam: in the official fake a new name makes a time-bound access code an ongoing one, which keeps its times.
#
# Seen on 29 November 2026 with @seamapi/fake-seam-connect 1.86.0, the newest on npm, on Node.js 20. Whether the live service
# does so was not tried.
#
# Guess: an update changes what it names. In the OpenAPI document all but the id is optional, and type is how to make a code
# ongoing.
# Seen: an update without both times sets type to ongoing and leaves starts_at and ends_at where they were, a new PIN as much
# as a new name. There is no error or warning on the code.
# Output: created    {"name":"Ann","code":"4821","type":"time_bound","ends_at":"2030-06-08T09:00:00.000Z"}
#         name       {"name":"Bob","code":"4821","type":"ongoing","ends_at":"2030-06-08T09:00:00.000Z"}
#         with times {"name":"Cid","code":"4821","type":"time_bound","ends_at":"2030-06-08T09:00:00.000Z"}
#         code       {"name":"Cid","code":"7390","type":"ongoing","ends_at":"2030-06-08T09:00:00.000Z"}
# Why it matters: a program that compares times alone finds all as it should be, and one that compares the type sends the
# times again after each rename. A test on the fake can't tell that from a code that never ends. Send both times with each
# update of a time-bound code: that is right everywhere.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts @seamapi/fake-seam-connect@1.86.0 >/dev/null 2>&1

cat >see.mjs <<'JS'
import { createFake } from '@seamapi/fake-seam-connect'

const fake = await createFake()
const { seam_apikey1_token: key, august_device_1: device_id } = await fake.seed()
await fake.startServer({ port: 0 })
const { port } = fake.server.server.address()
const call = async (path, body) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const answer = await fetch(`http://127.0.0.1:${port}/access_codes/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}
const show = (what, { name, code, type, ends_at }) => console.log(what.padEnd(10), JSON.stringify({ name, code, type, ends_at }))

const window = { starts_at: '2030-06-01T14:00:00Z', ends_at: '2030-06-08T09:00:00Z' }
const { access_code: code } = await call('create', { device_id, name: 'Ann', code: '4821', ...window })
show('created', code)
const { access_code_id } = code
const changes = { name: { name: 'Bob' }, 'with times': { name: 'Cid', ...window }, code: { code: '7390' } }
for (const [what, change] of Object.entries(changes)) {
  await call('update', { access_code_id, ...change })
  show(what, (await call('get', { access_code_id })).access_code)
}
await fake.stopServer()
JS

seen=$(node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
created    {"name":"Ann","code":"4821","type":"time_bound","ends_at":"2030-06-08T09:00:00.000Z"}
name       {"name":"Bob","code":"4821","type":"ongoing","ends_at":"2030-06-08T09:00:00.000Z"}
with times {"name":"Cid","code":"4821","type":"time_bound","ends_at":"2030-06-08T09:00:00.000Z"}
code       {"name":"Cid","code":"7390","type":"ongoing","ends_at":"2030-06-08T09:00:00.000Z"}
WANT
