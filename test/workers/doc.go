// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package workers runs controllers as a manager does, with the watches, handlers, predicates, priorities and workers that
// they register themselves, but one step at a time. A step is what lies between two calls of one worker to Kubernetes or
// Seam, or the arrival of one watch event in the cache or at one handler. Whoever drives a Runner chooses each step, so
// that the same choices are the same history again. Time is a clock that only the test moves. It is for tests only.
package workers
