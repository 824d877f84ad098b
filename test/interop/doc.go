// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package interop holds the tests that run the project against what the makers of Seam
// wrote: the client and the operator against the official fake, and, in clients/, the
// official JavaScript client against the simulator.
//
// They need packages from npm, pinned in package-lock.json, and are run by
// "make test-interop". Elsewhere they are skipped.
package interop
