// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

// Simulator is a seamsim of its own, with one workspace and whatever authenticates there. It
// ends with this process, because its standard input does.
export class Simulator {
  static async start() {
    const simulator = new Simulator()
    await simulator.#spawn()
    await simulator.#populate()
    return simulator
  }

  async #spawn() {
    const command = process.env.SEAMSIM
    assert.ok(command, 'SEAMSIM names the simulator: run this through "make test-interop"')
    this.process = spawn(command, ['--exit-with-stdin', '--rate-limits=false'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: this.process.stdout })
    const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(10_000) })
    this.endpoint = line.replace('seamsim: listening on ', '')
  }

  async #populate() {
    const made = await this.control('POST', 'workspaces', { name: 'Interop' })
    this.workspaceId = made.workspace_id
    this.accountId = randomUUID()
    this.user = 'night-porter'
    this.tokens = {
      apiKey: 'seam_test_interop',
      personalAccessToken: 'seam_at1_interop',
      consoleSessionToken: 'eyJhbGciOiJub25lIn0.e30.interop',
      publishableKey: 'seam_pk1_interop',
    }
    for (const [kind, token] of [
      ['api_key', this.tokens.apiKey],
      ['personal_access_token', this.tokens.personalAccessToken],
      ['console_session_token', this.tokens.consoleSessionToken],
      ['publishable_key', this.tokens.publishableKey],
    ]) {
      await this.control('POST', 'tokens', { kind, token, workspace_ids: [this.workspaceId] })
    }
    await this.lock() // an account exists through its devices
    await this.control('POST', 'users', {
      workspace_id: this.workspaceId,
      user_identifier_key: this.user,
      connected_account_ids: [this.accountId],
    })
    this.tokens.clientSessionToken = await this.session()
  }

  // session begins a client session of the one user and returns its token.
  async session() {
    const { token } = await this.control('POST', 'client-sessions', {
      workspace_id: this.workspaceId,
      user_identifier_key: this.user,
    })
    return token
  }

  // lock adds a lock of the workspace and returns its id.
  async lock(properties = {}) {
    const { device } = await this.control('POST', 'devices', {
      workspace_id: this.workspaceId,
      connected_account_id: this.accountId,
      name: 'Front Door',
      ...properties,
    })
    return device.device_id
  }

  // found puts a code on a lock from outside and returns its id.
  async found(code) {
    const made = await this.control('POST', 'codes', code)
    return made.access_code_id
  }

  // pass moves the simulator's clock, in Go's words such as 10s.
  async pass(by) {
    await this.control('POST', 'clock/advance', { by })
  }

  async now() {
    const { now } = await this.control('GET', 'clock')
    return new Date(now)
  }

  // window is a time frame from whole minutes after now.
  async window(from, to) {
    const start = Math.ceil((await this.now()).getTime() / 60_000)
    const at = (minutes) => new Date((start + minutes) * 60_000).toISOString()
    return { starts_at: at(from), ends_at: at(to) }
  }

  // requests tells what was asked: {total, by_path, last}.
  async requests() {
    return await this.control('GET', 'requests')
  }

  async control(method, path, body) {
    const answer = await fetch(`${this.endpoint}/_sim/${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const object = await answer.json()
    assert.equal(answer.status, 200, `${method} ${path}: ${object.error}`)
    return object
  }

  async stop() {
    this.process.stdin.end()
    if (this.process.exitCode === null) await once(this.process, 'exit')
  }
}
