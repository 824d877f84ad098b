// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Writes the OpenAPI document of @seamapi/types as JSON: node openapi.mjs <file>

import { renameSync, writeFileSync } from 'node:fs'

import { openapi } from '@seamapi/types/connect'

const [file] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node openapi.mjs <file>')
  process.exit(2)
}
// Renamed into place when whole.
writeFileSync(`${file}.part`, JSON.stringify(openapi))
renameSync(`${file}.part`, file)
