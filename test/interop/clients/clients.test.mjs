// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { deviations } from './deviations.mjs'
import { lines } from './lines.mjs'
import { methods } from './methods.mjs'
import { Simulator } from './simulator.mjs'
import { surface, ways as waysOf } from './surface.mjs'

// ways are those in which the class makes a client, by the name of its function; `new` is
// the constructor.
const ways = {
  fromApiKey: { open: (type, s, options) => type.fromApiKey(s.tokens.apiKey, options) },
  fromClientSessionToken: { session: true, open: (type, s, options) => type.fromClientSessionToken(s.tokens.clientSessionToken, options) },
  fromPublishableKey: { session: true, open: (type, s, options) => type.fromPublishableKey(s.tokens.publishableKey, s.user, options) },
  fromConsoleSessionToken: { open: (type, s, options) => type.fromConsoleSessionToken(s.tokens.consoleSessionToken, s.workspaceId, options) },
  fromPersonalAccessToken: { open: (type, s, options) => type.fromPersonalAccessToken(s.tokens.personalAccessToken, s.workspaceId, options) },
  fromClient: { open: (type, s, options) => type.fromClient(type.fromApiKey(s.tokens.apiKey, options).client) },
  new: { open: (type, s, options) => new type({ apiKey: s.tokens.apiKey, ...options }) },
}

const totals = []

for (const line of lines) {
  const type = line.sdk.SeamHttpAccessCodes
  describe(`@seamapi/http ${line.version}`, () => {
    const requests = {}
    let driven = 0

    for (const [name, way] of Object.entries(ways)) {
      describe(name, () => {
        let simulator
        let client

        before(async () => {
          simulator = await Simulator.start()
          client = await way.open(type, simulator, { endpoint: simulator.endpoint })
        })

        after(async () => {
          const { by_path: counts } = await simulator.requests()
          for (const [path, n] of Object.entries(counts)) requests[path] = (requests[path] ?? 0) + n
          await simulator.stop()
        })

        const offered = surface(type.fromApiKey('seam_none'))
        for (const [method, drive] of Object.entries(methods)) {
          if (!offered.includes(method)) continue
          test(method, async () => {
            await drive({ client, simulator, line, way })
            driven++
          })
        }

        test('verbs', async () => {
          const { last } = await simulator.requests()
          for (const [method, verb] of Object.entries(line.verbs)) {
            const path = `/access_codes/${method.replace('.', '/').replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`
            assert.ok(last.some((r) => r.path === path && r.method === verb), `${verb} ${path}`)
          }
        })
      })
    }

    test('nothing is left out', () => {
      const offered = surface(type.fromApiKey('seam_none'))
      assert.deepEqual(offered.filter((method) => !(method in methods)), [], 'methods of the class that nothing drives')
      const others = lines.flatMap(({ sdk }) => surface(sdk.SeamHttpAccessCodes.fromApiKey('seam_none')))
      assert.deepEqual(Object.keys(methods).filter((method) => !others.includes(method)), [], 'methods that no class has')
      assert.deepEqual(waysOf(type), Object.keys(ways).filter((name) => name !== 'new').sort(), 'ways to make a client')
    })

    after(() => {
      const count = Object.values(requests).reduce((sum, n) => sum + n, 0)
      const offered = surface(type.fromApiKey('seam_none')).length
      totals.push(
        `@seamapi/http ${line.version}: ${offered} methods, ${Object.keys(ways).length} ways to make a client, ` +
          `${driven} drives, ${count} requests on ${Object.keys(requests).length} paths`,
      )
    })
  })
}

// An entry goes as soon as the simulator has the path.
test('deviations', async () => {
  const simulator = await Simulator.start()
  for (const { path } of deviations) {
    const answer = await fetch(simulator.endpoint + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.tokens.apiKey}`, 'content-type': 'application/json' },
      body: '{}',
    })
    assert.deepEqual([path, answer.status, (await answer.json()).error.type], [path, 404, 'not_found'])
  }
  await simulator.stop()
})

after(() => {
  for (const total of totals) console.log(total)
  for (const { path, reason } of deviations) console.log(`Deviation: the simulator has no ${path}: ${reason}.`)
})
