// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
)

// objects counts what is stored, as the collectors count what is in the cache.
func (w *World) objects() metrics.Objects {
	countedCodes := &accesscode.Collector{Registry: w.Codes.Registry, Clock: w.Clock, Shard: w.Codes.Shard}
	countedWorkspaces := &seamworkspace.Collector{Shard: w.Codes.Shard}
	var codes v1alpha1.AccessCodeList
	var workspaces v1alpha1.SeamWorkspaceList
	if err := w.Client.List(w.T.Context(), &codes); err != nil {
		w.T.Error(err)
	}
	if err := w.Client.List(w.T.Context(), &workspaces); err != nil {
		w.T.Error(err)
	}
	for i := range codes.Items {
		countedCodes.Keep(&codes.Items[i])
	}
	for i := range workspaces.Items {
		countedWorkspaces.Keep(&workspaces.Items[i])
	}
	return kube.ObjectsCollector(func() bool { return true }, countedWorkspaces.Collect, countedCodes.Collect)()
}
