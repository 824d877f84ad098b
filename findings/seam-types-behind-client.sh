#!/usr/bin/env bash
# Seam: the newest @seamapi/types on npm do not describe the API of the newest client.
#
# Seen on 29 November 2026 with @seamapi/types 1.977.0, the newest there, and @seamapi/http 2.32.0, on Node.js 20.
#
# Guess: the package of types is what the client is made from, and an error says in every version what it is about.
# Seen: the client's own sources are of later types that npm does not have (package.json names 1.1078.1). In them
# access_code.status is deprecated and display_status is required; the package knows of neither. And the error
# insufficient_permissions of an access code is an error of the code in the one, of its account in the other.
# Output: document ["is_access_code_error"] deprecated false display_status false
#         client   ["is_connected_account_error"] deprecated true display_status true
# Why it matters: who is held to the package alone waits for a status that may go, and who decides by the flag of an error
# takes the same trouble for one of the code today and of the account tomorrow. Decide by the error's code.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts --legacy-peer-deps @seamapi/types@1.977.0 @seamapi/http@2.32.0 zod@3.25.76 >/dev/null 2>&1

cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { openapi } from '@seamapi/types/connect'

const code = openapi.components.schemas.access_code.properties
const flagsOf = (names) => names.filter((name) => /^is_\w+_error$/.test(name))
let document = []
const walk = (schema) => {
  if (!schema || typeof schema !== 'object') return
  if (schema.properties?.error_code?.enum?.[0] === 'insufficient_permissions') document = flagsOf(Object.keys(schema.properties))
  Object.values(schema).forEach(walk)
}
walk(code.errors)
console.log('document', JSON.stringify(document), 'deprecated', code.status.deprecated ?? false, 'display_status', 'display_status' in code)

const source = readFileSync('node_modules/@seamapi/http/src/lib/resources/access-code.ts', 'utf8')
const error = source.slice(source.indexOf("error_code: 'insufficient_permissions'")).slice(0, 900)
const client = [...error.matchAll(/(is_\w+_error): true/g)].map((match) => match[1]).slice(0, 1)
console.log('client  ', JSON.stringify(client), 'deprecated', /@deprecated Use `display_status`/.test(source), 'display_status', /display_status: string/.test(source))
JS

seen=$(node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
document ["is_access_code_error"] deprecated false display_status false
client   ["is_connected_account_error"] deprecated true display_status true
WANT
