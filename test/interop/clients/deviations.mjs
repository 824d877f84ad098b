// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// deviations are the paths that a client calls and the simulator does not have.
export const deviations = [
  {
    path: '/access_codes/get_timeline',
    reason: 'Seam calls it unreleased; the 1.x line hides it behind an option, and the 2.x line has no method for it',
  },
  {
    path: '/client_sessions/get',
    reason: 'no call of access codes: updateClientSessionToken looks there whether the token that it has taken is good',
  },
]

export const isAbsent = (path) => deviations.some((deviation) => deviation.path === path)
