// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package schedule holds internal/schedule to Temporal, JavaScript's dates and times, which shares nothing with it: neither
// the code nor the zone data. Random schedules in every zone of the program, most of them around a change of the clock, are
// answered by both.
//
// It needs packages from npm, pinned in package-lock.json, and is run by "make test-schedule". Elsewhere it is skipped.
package schedule
