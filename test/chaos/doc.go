// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package chaos shows that every AccessCode has at most one live code at Seam, and none after its deletion, whatever
// fails between any two steps of the operator.
//
// The real binary runs between a proxy before the real API server and one before the simulator. Both count the calls of
// an operation, and at one of them something goes wrong: see kinds_test.go for what, operations_test.go for where.
package chaos
