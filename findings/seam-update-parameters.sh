#!/usr/bin/env bash
# Seam: an update no longer takes what a create takes, and two packages call the opposite name of a company deprecated.
#
# Seen on 29 November 2026 with @seamapi/types 1.977.0 and @seamapi/http 2.32.0, the newest of each on npm, on Node.js 20.
#
# Guess: what the OpenAPI document has as parameters of /access_codes/update, the newest client lets one send.
# Seen: the types of the client lack use_backup_access_code_pool, prefer_native_scheduling, preferred_code_length and those of
# offline codes; the changelog of neither says since when, or whether the service still heeds them. And where the document
# says "use company_name" of connect_partner_name, the types say "use connect_partner_name" of company_name.
# Output: only in the document: is_offline_access_code is_one_time_use max_time_rounding prefer_native_scheduling
#         preferred_code_length sync use_backup_access_code_pool use_offline_access_code
#         deprecated: document connect_partner_name, client company_name
# Why it matters: a backup pool that an update was to turn on may stay off without an error. Who compares and updates until it
# is on never ends, and who takes that for a failure reports a code as broken that opens the door. Ask once, and go on.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --ignore-scripts --legacy-peer-deps @seamapi/types@1.977.0 @seamapi/http@2.32.0 zod@3.25.76 >/dev/null 2>&1

cat >see.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { openapi } from '@seamapi/types/connect'

const lib = 'node_modules/@seamapi/http/src/lib/'
const routes = readFileSync(`${lib}routes/access-codes/access-codes.ts`, 'utf8')
const [type] = routes.match(/export type AccessCodesUpdateParameters = \{[^]*?\n\}/)
const typed = [...type.matchAll(/^ {2}(\w+)\??:/gm)].map((match) => match[1])
const { properties } = openapi.paths['/access_codes/update'].post.requestBody.content['application/json'].schema
console.log('only in the document:', Object.keys(properties).filter((name) => !typed.includes(name)).sort().join(' '))

const workspace = openapi.components.schemas.workspace.properties
const [document] = Object.keys(workspace).filter((name) => workspace[name].deprecated)
const source = readFileSync(`${lib}resources/workspace.ts`, 'utf8')
const [, client] = source.match(/@deprecated[^]*?\*\/\s*(\w+)\??:/)
console.log(`deprecated: document ${document}, client ${client}`)
JS

seen=$(node see.mjs)
echo "$seen"
diff <(echo "$seen") - <<'WANT'
only in the document: is_offline_access_code is_one_time_use max_time_rounding prefer_native_scheduling preferred_code_length sync use_backup_access_code_pool use_offline_access_code
deprecated: document connect_partner_name, client company_name
WANT
