// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'

import { isAbsent } from './deviations.mjs'

// methods are what is done with each method of SeamHttpAccessCodes. A function is handed the
// client, the simulator behind it, and what is particular to the line of the client.
export const methods = {
  async create({ client, simulator }) {
    const device_id = await simulator.lock({ supports_backup_access_code_pool: true })
    const frame = await simulator.window(60, 120)
    const code = await client.create({ device_id, name: 'Guest', code: '482913', ...frame, use_backup_access_code_pool: true })
    assert.deepEqual(pick(code, ['name', 'code', 'type', 'status', 'is_managed', 'starts_at', 'ends_at']), {
      name: 'Guest', code: '482913', type: 'time_bound', status: 'unset', is_managed: true, ...frame,
    })
    assert.equal(code.pending_mutations[0].mutation_code, 'creating')
    await refused(client.create({ device_id, code: '482913' }), 409, 'duplicate_access_code')
    await refused(client.create({ device_id: randomUUID() }), 404, 'device_not_found')
  },

  async createMultiple({ client, simulator }) {
    const device_ids = [await simulator.lock(), await simulator.lock()]
    const codes = await client.createMultiple({ device_ids, name: 'Linked' })
    assert.deepEqual(codes.map((code) => code.device_id), device_ids)
    assert.equal(codes[0].code, codes[1].code)
    assert.ok(codes[0].common_code_key)
    assert.equal(codes[0].common_code_key, codes[1].common_code_key)
    const given = await client.createMultiple({ device_ids, code: '482913', behavior_when_code_cannot_be_shared: 'create_random_code' })
    assert.deepEqual(given.map((code) => [code.code, code.common_code_key]), [['482913', null], ['482913', null]])
  },

  async get({ client, simulator }) {
    const { device_id, access_code_id } = await created(client, simulator, { name: 'Guest Room', code: '482913' })
    const code = await client.get({ access_code_id })
    assert.deepEqual(pick(code, ['status', 'code', 'appearance']), {
      status: 'set', code: '482913', appearance: { name: 'Guest Room', first_name: 'Guest', last_name: 'Room' },
    })
    assert.equal((await client.get({ device_id, code: '482913' })).access_code_id, access_code_id)
    await refused(client.get({ access_code_id: randomUUID() }), 404, 'access_code_not_found')
  },

  async list({ client, simulator }) {
    const first = await created(client, simulator, { name: 'One' })
    const { device_id } = first
    const second = await client.create({ device_id, name: 'Two' })
    const ids = [first.access_code_id, second.access_code_id]
    assert.deepEqual(idsOf(await client.list({ device_id })), ids)
    assert.deepEqual(idsOf(await client.list({ device_id, search: 'two' })), ids.slice(1))
    assert.deepEqual(idsOf(await client.list({ access_code_ids: ids })), ids)
    assert.deepEqual(idsOf(await client.list({ access_code_ids: ids.slice(1), limit: 1 })), ids.slice(1))
    await refused(client.list({ device_id: randomUUID() }), 404, 'device_not_found')
  },

  async createPaginator({ client, simulator, line }) {
    const { device_id, access_code_id } = await created(client, simulator, {})
    const ids = [access_code_id]
    for (let i = 0; i < 4; i++) ids.push((await client.create({ device_id })).access_code_id)
    const pages = client.createPaginator(client.list({ device_id, limit: 2 }))
    const [page, pagination] = await pages.firstPage()
    assert.deepEqual(idsOf(page), ids.slice(0, 2))
    assert.equal(pagination.hasNextPage, true)
    assert.ok(pagination.nextPageUrl.startsWith(simulator.endpoint))
    assert.deepEqual(idsOf(await pages.flattenToArray()), ids)
    const flat = []
    for await (const code of pages.flatten()) flat.push(code.access_code_id)
    assert.deepEqual(flat, ids)
    if (line.pagesOnlyLists) assert.throws(() => client.createPaginator(client.get({ access_code_id })), /does not support pagination/)
  },

  async update({ client, simulator }) {
    const { access_code_id } = await created(client, simulator, {})
    const frame = await simulator.window(60, 120)
    assert.equal(await client.update({ access_code_id, name: 'Renamed', code: '482913' }), undefined)
    assert.deepEqual(pick(await client.get({ access_code_id }), ['name', 'code', 'status']), { name: 'Renamed', code: '482913', status: 'setting' })
    await client.update({ access_code_id, type: 'time_bound', ...frame })
    assert.deepEqual(pick(await client.get({ access_code_id }), ['type', 'starts_at', 'ends_at']), { type: 'time_bound', ...frame })
    await client.update({ access_code_id, type: 'ongoing' })
    assert.equal((await client.get({ access_code_id })).type, 'ongoing')
    await refused(client.update({ access_code_id: randomUUID(), name: 'x' }), 404, 'access_code_not_found')
  },

  async updateMultiple({ client, simulator }) {
    const device_ids = [await simulator.lock(), await simulator.lock()]
    const codes = await client.createMultiple({ device_ids })
    assert.equal(await client.updateMultiple({ common_code_key: codes[0].common_code_key, name: 'Renamed' }), undefined)
    const after = await client.list({ access_code_ids: idsOf(codes) })
    assert.deepEqual(after.map((code) => code.name), ['Renamed', 'Renamed'])
    await refused(client.updateMultiple({ common_code_key: 'none', name: 'x' }), 404, 'access_code_not_found')
  },

  async delete({ client, simulator }) {
    const { access_code_id } = await created(client, simulator, {})
    assert.equal(await client.delete({ access_code_id }), undefined)
    assert.equal((await client.get({ access_code_id })).status, 'removing')
    await simulator.pass('10s')
    await refused(client.get({ access_code_id }), 404, 'access_code_not_found')
    await refused(client.delete({ access_code_id }), 404, 'access_code_not_found')
  },

  async generateCode({ client, simulator }) {
    const device_id = await simulator.lock({ supported_code_lengths: [6] })
    const generated = await client.generateCode({ device_id })
    assert.match(generated.code, /^\d{6}$/)
    assert.equal(generated.device_id, device_id)
    await refused(client.generateCode({ device_id: randomUUID() }), 404, 'device_not_found')
  },

  async pullBackupAccessCode({ client, simulator }) {
    const device_id = await simulator.lock({ supports_backup_access_code_pool: true })
    const code = await client.create({ device_id, ...(await simulator.window(60, 120)), use_backup_access_code_pool: true })
    const { access_code_id } = code
    await simulator.pass('1m')
    await client.pullBackupAccessCode({ access_code_id })
    const pulled = (await client.get({ access_code_id })).pulled_backup_access_code_id
    const backup = await client.get({ access_code_id: pulled })
    assert.deepEqual(pick(backup, ['is_backup', 'status', 'ends_at']), { is_backup: true, status: 'set', ends_at: code.ends_at })
    const ongoing = await client.create({ device_id })
    await refused(client.pullBackupAccessCode({ access_code_id: ongoing.access_code_id }), 400, 'access_code_not_time_bound')
  },

  async reportDeviceConstraints({ client, simulator }) {
    const device_id = await simulator.lock({ device_type: 'smartthings_lock' })
    assert.equal(await client.reportDeviceConstraints({ device_id, supported_code_lengths: [7] }), undefined)
    assert.match((await client.generateCode({ device_id })).code, /^\d{7}$/)
    await client.reportDeviceConstraints({ device_id, min_code_length: 5, max_code_length: 5 })
    assert.match((await client.generateCode({ device_id })).code, /^\d{5}$/)
    await invalid(client.reportDeviceConstraints({ device_id, min_code_length: 3, max_code_length: 5 }), 'min_code_length')
  },

  async getTimeline({ client, line, simulator }) {
    const { access_code_id } = await created(client, simulator, {})
    assert.throws(() => client.getTimeline({ access_code_id }), /without isUndocumentedApiEnabled/)
    const open = line.sdk.SeamHttpAccessCodes.fromClient(client.client, { isUndocumentedApiEnabled: true })
    assert.ok(isAbsent('/access_codes/get_timeline'))
    await refused(open.getTimeline({ access_code_id }), 404, 'not_found')
  },

  async updateClientSessionToken({ client, simulator, way }) {
    await updatesToken(client, simulator, way, () => client.list({ access_code_ids: [randomUUID()] }))
  },

  async 'unmanaged.get'({ client, simulator }) {
    const device_id = await simulator.lock()
    const access_code_id = await simulator.found({ device_id, name: 'Gardener', code: '9753' })
    const code = await client.unmanaged.get({ access_code_id })
    assert.deepEqual(pick(code, ['name', 'code', 'is_managed', 'status']), { name: 'Gardener', code: '9753', is_managed: false, status: 'set' })
    assert.equal((await client.unmanaged.get({ device_id, code: '9753' })).access_code_id, access_code_id)
    await refused(client.get({ access_code_id }), 404, 'access_code_not_found')
  },

  async 'unmanaged.list'({ client, simulator }) {
    const device_id = await simulator.lock()
    const ids = []
    for (const code of ['9753', '8642']) ids.push(await simulator.found({ device_id, name: `Code ${code}`, code }))
    await client.create({ device_id })
    assert.deepEqual(idsOf(await client.unmanaged.list({ device_id })), ids)
    assert.deepEqual(idsOf(await client.unmanaged.list({ device_id, search: '8642' })), ids.slice(1))
  },

  async 'unmanaged.createPaginator'({ client, simulator }) {
    const device_id = await simulator.lock()
    const ids = []
    for (const code of ['9753', '8642', '7531']) ids.push(await simulator.found({ device_id, name: 'Code', code }))
    const pages = client.unmanaged.createPaginator(client.unmanaged.list({ device_id, limit: 1 }))
    assert.deepEqual(idsOf(await pages.flattenToArray()), ids)
  },

  async 'unmanaged.update'({ client, simulator }) {
    const device_id = await simulator.lock()
    const access_code_id = await simulator.found({ device_id, name: 'Neighbour', code: '9753', other_workspace: true })
    assert.equal(await client.unmanaged.update({ access_code_id, is_managed: true, force: true }), undefined)
    await simulator.pass('10s')
    assert.equal((await client.get({ access_code_id })).is_managed, true)
    await invalid(client.unmanaged.update({ access_code_id, is_managed: false }), 'is_managed')
  },

  async 'unmanaged.convertToManaged'({ client, simulator }) {
    const device_id = await simulator.lock()
    const access_code_id = await simulator.found({ device_id, name: 'Neighbour', code: '9753' })
    assert.equal(await client.unmanaged.convertToManaged({ access_code_id, allow_external_modification: true }), undefined)
    await simulator.pass('10s')
    const code = await client.get({ access_code_id })
    assert.deepEqual(pick(code, ['is_managed', 'code', 'is_external_modification_allowed']), {
      is_managed: true, code: '9753', is_external_modification_allowed: true,
    })
    await refused(client.unmanaged.convertToManaged({ access_code_id }), 404, 'access_code_not_found')
  },

  async 'unmanaged.delete'({ client, simulator }) {
    const device_id = await simulator.lock()
    const access_code_id = await simulator.found({ device_id, name: 'Neighbour', code: '9753' })
    assert.equal(await client.unmanaged.delete({ access_code_id }), undefined)
    await simulator.pass('10s')
    await refused(client.unmanaged.get({ access_code_id }), 404, 'access_code_not_found')
  },

  async 'unmanaged.updateClientSessionToken'({ client, simulator, way }) {
    const { unmanaged } = client
    await updatesToken(unmanaged, simulator, way, async () => unmanaged.list({ device_id: await simulator.lock() }))
  },

  async 'simulate.createUnmanagedAccessCode'({ client, simulator }) {
    const device_id = await simulator.lock()
    const code = await client.simulate.createUnmanagedAccessCode({ device_id, name: 'Plumber', code: '9753' })
    assert.deepEqual(pick(code, ['name', 'code', 'is_managed', 'status']), { name: 'Plumber', code: '9753', is_managed: false, status: 'set' })
    assert.deepEqual(idsOf(await client.unmanaged.list({ device_id })), [code.access_code_id])
    await invalid(client.simulate.createUnmanagedAccessCode({ device_id, name: 'x', code: '123456789' }), 'code')
  },

  // There is nothing to page here; the method comes with every class.
  async 'simulate.createPaginator'({ client, simulator }) {
    const { device_id, access_code_id } = await created(client, simulator, {})
    const pages = client.simulate.createPaginator(client.list({ device_id }))
    assert.deepEqual(idsOf(await pages.flattenToArray()), [access_code_id])
  },

  async 'simulate.updateClientSessionToken'({ client, simulator, way }) {
    const { simulate } = client
    const code = async () => ({ device_id: await simulator.lock(), name: 'x', code: '9753' })
    await updatesToken(simulate, simulator, way, async () => simulate.createUnmanagedAccessCode(await code()))
  },
}

// created is a code that the lock has.
async function created(client, simulator, parameters) {
  const device_id = await simulator.lock()
  const code = await client.create({ device_id, ...parameters })
  await simulator.pass('10s')
  return code
}

// updatesToken gives a client another session, and revokes the first. Only a client of a
// session can.
async function updatesToken(client, simulator, way, use) {
  if (!way.session) {
    await assert.rejects(client.updateClientSessionToken(simulator.tokens.clientSessionToken), /client created without a clientSessionToken/)
    return
  }
  const before = client.client.defaults.headers
  // The client takes the new token, and then looks whether it is good.
  const absent = isAbsent('/client_sessions/get')
  const update = client.updateClientSessionToken(await simulator.session())
  await (absent ? refused(update, 404, 'not_found') : update)
  assert.notEqual(client.client.defaults.headers.authorization, before.authorization)
  await use()
  if (!absent) await assert.rejects(client.updateClientSessionToken('seam_cst1_unknown'), { statusCode: 401 })
  client.client.defaults.headers = before
}

const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]))

const idsOf = (codes) => codes.map((code) => code.access_code_id)

// refused expects an error in the client's own words, with the request id of the service.
async function refused(request, statusCode, code) {
  await assert.rejects(Promise.resolve(request), (error) => {
    assert.deepEqual([error.statusCode, error.code], [statusCode, code])
    assert.match(error.requestId, /^[0-9a-f-]{36}$/)
    return true
  })
}

// invalid expects a complaint about one parameter.
async function invalid(request, parameter) {
  await assert.rejects(Promise.resolve(request), (error) => {
    assert.deepEqual([error.name, error.statusCode], ['SeamHttpInvalidInputError', 400])
    assert.equal(error.getValidationErrorMessages(parameter).length, 1)
    return true
  })
}
