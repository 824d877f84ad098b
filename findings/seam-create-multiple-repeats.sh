#!/usr/bin/env bash
# Seam: after a lost answer the official client sends create_multiple again, though not create, and each makes other codes.
#
# Seen on 29 November 2026 with @seamapi/http 2.32.0, the newest on npm, and a server of 20 lines, on Node.js 20.
#
# Guess: create_multiple is as safe or unsafe to lose as create is; the client retries "idempotent" requests, and says POST
# is none. Seam has no idempotency key.
# Seen: the client has it as a PUT, and so sends it up to three times when a gateway answers 502. Where the caller names no
# code each makes others, and the caller is told of the last ones, without an error.
# Output: create: sent 1 as POST, codes made 1, told: Request failed with status code 502
#         createMultiple: sent 3 as PUT, codes made 6, told of 2
# Why it matters: four codes on two doors are known to nobody, and none is removed when the guest leaves. Create one at a time,
# choose the code oneself, or set axiosRetryOptions.retries to 0 for this call, and look before creating again.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts @seamapi/http@2.32.0 >/dev/null 2>&1

cat >see.mjs <<'JS'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { SeamHttp } from '@seamapi/http'

let sent, codes
// What asks for codes gets them, but the first two answers are lost on the way.
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  const { device_id: device, device_ids: devices = [device] } = JSON.parse(body)
  const made = devices.map((device_id) => ({ device_id, access_code_id: `code${codes.length}` }))
  codes.push(...made)
  response.statusCode = sent.push(request.method) > 2 ? 200 : 502
  response.setHeader('content-type', 'application/json')
  response.end(response.statusCode === 200 ? JSON.stringify({ ok: true, access_code: made[0], access_codes: made }) : '{}')
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const seam = new SeamHttp({ apiKey: 'seam_key', endpoint: `http://127.0.0.1:${server.address().port}` })

const see = async (name, parameters) => {
  sent = []
  codes = []
  const told = await seam.accessCodes[name](parameters).then((answer) => `told of ${answer.length}`, (error) => `told: ${error.message}`)
  console.log(`${name}: sent ${sent.length} as ${[...new Set(sent)]}, codes made ${codes.length}, ${told}`)
}
await see('create', { device_id: 'front' })
await see('createMultiple', { device_ids: ['front', 'back'] })
server.close()
JS

seen=$(node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
create: sent 1 as POST, codes made 1, told: Request failed with status code 502
createMultiple: sent 3 as PUT, codes made 6, told of 2
WANT
