// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// world is the world of all tests with what those of this folder add to it.
type world struct{ *testworld.World }

func newWorld(t testworld.Tester, options ...func(*sim.Options)) *world {
	t.Helper()
	return &world{testworld.New(t, options...)}
}

// settled has one code with a given PIN on the native lock.
func settled(t *testing.T) *world {
	t.Helper()
	return &world{testworld.Settled(t)}
}
