// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// What a user would write in place of the operator: create each code with the official client, so many at once, then get
// each until it is set. The order comes as JSON on a file, the outcome goes to standard output.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const order = JSON.parse(await readFile(process.argv[2], 'utf8'))

// The client is the one that test/interop pins.
const require = createRequire(join(order.packages, 'package.json'))
const { SeamHttpAccessCodes } = await import(pathToFileURL(require.resolve('@seamapi/http')))
const client = SeamHttpAccessCodes.fromApiKey(order.key, { endpoint: order.endpoint })

// each does something with all items, some at once.
async function each(items, work) {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++])
  }
  await Promise.all(Array.from({ length: order.concurrency }, worker))
}

const began = performance.now()
let waiting = []
await each(order.codes, async ({ name, device_id, code }) => {
  const { access_code_id } = await client.create({ device_id, name, code })
  waiting.push(access_code_id)
})
while (waiting.length > 0) {
  const round = performance.now()
  const left = []
  await each(waiting, async (access_code_id) => {
    const { status } = await client.get({ access_code_id })
    if (status !== 'set') left.push(access_code_id)
  })
  waiting = left
  if (waiting.length > 0) await pause(Math.max(0, 1000 - (performance.now() - round)))
}
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000 }))
