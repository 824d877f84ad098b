// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Serves the official fake, seeded, on a free loopback port and names it on the first line:
//
//   fake: listening on http://127.0.0.1:41234
//
// It stops when standard input ends, which it does when the parent process dies. The command
// of the package would listen on all addresses, on a port chosen beforehand.

import { once } from 'node:events'
import { Server } from 'node:net'

import { createFake } from '@seamapi/fake-seam-connect'

const { listen } = Server.prototype
Server.prototype.listen = function (_port, ...rest) {
  return listen.call(this, 0, '127.0.0.1', ...rest)
}

const fake = await createFake()
await fake.seed()
// The port named here is that of links in answers, which nobody follows.
const { server } = await fake.startServer({ port: 3020 })
if (!server.listening) await once(server, 'listening')
console.log(`fake: listening on http://127.0.0.1:${server.address().port}`)

process.stdin.on('end', () => process.exit(0)).resume()
