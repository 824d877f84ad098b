// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs'

import * as one from 'seamapi-http-1'
import * as two from '@seamapi/http'

const version = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url))).version

// lines are the two lines of the official client: its module, and what differs.
export const lines = [
  {
    version: version('@seamapi/http'),
    sdk: two,
    verbs: {
      get: 'GET', list: 'GET', generateCode: 'GET', update: 'PATCH', delete: 'DELETE',
      'unmanaged.get': 'GET', 'unmanaged.list': 'GET', 'unmanaged.delete': 'DELETE',
    },
    // The error of a 401 says what the service said, though its code is always the same.
    tellsWhyUnauthorized: true,
    // Requests without a list refuse to be paged.
    pagesOnlyLists: true,
  },
  {
    version: version('seamapi-http-1'),
    sdk: one,
    verbs: { update: 'PUT' },
    tellsWhyUnauthorized: false,
    pagesOnlyLists: false,
  },
]
