// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'

import { lines } from './lines.mjs'
import { Simulator } from './simulator.mjs'

// What the service refuses, and what the client itself does before any request.
for (const line of lines) {
  const type = line.sdk.SeamHttpAccessCodes
  describe(`@seamapi/http ${line.version}, refusals`, () => {
    let simulator
    let options

    before(async () => {
      simulator = await Simulator.start()
      options = { endpoint: simulator.endpoint }
    })
    after(async () => await simulator.stop())

    const rejected = async (client, message) => {
      await assert.rejects(Promise.resolve(client.list({ access_code_ids: [randomUUID()] })), (error) => {
        assert.deepEqual([error.name, error.statusCode, error.code], ['SeamHttpUnauthorizedError', 401, 'unauthorized'])
        assert.equal(error.message, line.tellsWhyUnauthorized ? message : 'Unauthorized')
        assert.match(error.requestId, /^[0-9a-f-]{36}$/)
        return true
      })
    }

    test('unknown tokens', async () => {
      const { tokens, workspaceId, user } = simulator
      await rejected(type.fromApiKey('seam_unknown', options), 'API Key not found')
      await rejected(type.fromClientSessionToken('seam_cst1_unknown', options), 'Unauthorized (client session not found)')
      await rejected(type.fromPersonalAccessToken('seam_at1_unknown', workspaceId, options), 'Access token not found')
      await rejected(type.fromPersonalAccessToken(tokens.personalAccessToken, randomUUID(), options), 'User does not have access to this workspace')
      await rejected(type.fromConsoleSessionToken('eyJ.unknown', workspaceId, options), 'Session not found')
      await assert.rejects(type.fromPublishableKey('seam_pk1_unknown', user, options), { statusCode: 401 })
    })

    test('a token that is revoked', async () => {
      const token = await simulator.session()
      const client = type.fromClientSessionToken(token, options)
      await client.list({ access_code_ids: [randomUUID()] })
      await simulator.control('DELETE', `tokens/${token}`)
      await rejected(client, 'Unauthorized (client session revoked)')
    })

    test('tokens of another kind make no request', async () => {
      const before = (await simulator.requests()).total
      const invalid = { name: 'SeamHttpInvalidTokenError' }
      for (const token of ['seam_cst1_x', 'seam_at1_x', 'seam_pk1_x', 'eyJ.x', 'x']) {
        assert.throws(() => type.fromApiKey(token, options), invalid)
      }
      assert.throws(() => type.fromClientSessionToken('seam_x', options), invalid)
      assert.throws(() => type.fromPersonalAccessToken('seam_x', simulator.workspaceId, options), invalid)
      assert.throws(() => type.fromConsoleSessionToken('seam_x', simulator.workspaceId, options), invalid)
      await assert.rejects(type.fromPublishableKey('seam_x', simulator.user, options), invalid)
      assert.equal((await simulator.requests()).total, before)
    })

    test('the environment', async () => {
      const names = { SEAM_ENDPOINT: simulator.endpoint, SEAM_API_KEY: simulator.tokens.apiKey }
      Object.assign(process.env, names)
      try {
        assert.deepEqual(await new type().list({ access_code_ids: [randomUUID()] }), [])
      } finally {
        for (const name of Object.keys(names)) delete process.env[name]
      }
    })

    test('an outage', async () => {
      await simulator.control('POST', 'faults', { path: '/access_codes/create', kind: 'status', status: 503, error_type: 'internal_server_error' })
      const client = type.fromApiKey(simulator.tokens.apiKey, options)
      const before = (await simulator.requests()).total
      await assert.rejects(Promise.resolve(client.create({ device_id: await simulator.lock() })), { statusCode: 503 })
      assert.equal((await simulator.requests()).total, before + 1, 'a create is sent once')
    })
  })
}
