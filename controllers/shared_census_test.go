// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
)

// census counts what is stored, as if the cache had told of it.
func (w *world) census() metrics.Census {
	countedCodes := &accessCodeCensus{registry: w.codes.Registry, clock: w.clock, shard: w.codes.Shard}
	countedWorkspaces := &workspaceCensus{shard: w.codes.Shard}
	var codes v1alpha1.AccessCodeList
	var workspaces v1alpha1.SeamWorkspaceList
	if err := w.client.List(w.t.Context(), &codes); err != nil {
		w.t.Error(err)
	}
	if err := w.client.List(w.t.Context(), &workspaces); err != nil {
		w.t.Error(err)
	}
	for i := range codes.Items {
		countedCodes.keep(&codes.Items[i])
	}
	for i := range workspaces.Items {
		countedWorkspaces.keep(&workspaces.Items[i])
	}
	return takeCensus(func() bool { return true }, countedWorkspaces.count, countedCodes.count)()
}
