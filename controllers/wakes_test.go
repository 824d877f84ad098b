// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// TestWakesWhenTimeIsUp: what there is room for is woken, although the sweep that found it has taken all its time.
func TestWakesWhenTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wakes := newWakes()
	for range wakesBuffer + 1 { // the last has no room, and must not wait for any
		wakes.wakeCode(ctx, types.NamespacedName{Namespace: testNamespace, Name: "guest"})
	}
	if n := len(wakes.code); n != wakesBuffer {
		t.Errorf("%d of %d are woken", n, wakesBuffer)
	}
}
