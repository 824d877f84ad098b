// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// hears has the feed listen once and compares which AccessCodes it wakes.
func (w *world) hears(want ...string) {
	w.t.Helper()
	woken, _ := w.listen(v1alpha1.DefaultWorkspaceName)
	slices.Sort(woken)
	if diff := cmp.Diff(want, slices.Compact(woken)); diff != "" {
		w.t.Errorf("woken (-want +got):\n%s", diff)
	}
}

// guests creates AccessCodes guest-0 and so on, sets them, and listens until there is nothing new.
func (w *world) guests(n int) {
	w.t.Helper()
	for i := range n {
		name := fmt.Sprint("guest-", i)
		w.code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = fmt.Sprint(700000 + i) })
		w.settle(name)
	}
	w.listen(v1alpha1.DefaultWorkspaceName)
	for i := range n {
		w.settle(fmt.Sprint("guest-", i))
	}
	w.hears()
	w.sim.ResetRequests()
}
