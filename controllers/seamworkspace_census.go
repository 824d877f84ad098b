// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
)

// workspaceCensus counts SeamWorkspaces for the metrics.
type workspaceCensus struct {
	cached[*v1alpha1.SeamWorkspace]

	shard Shard
}

// count adds what there is now.
func (c *workspaceCensus) count(result *metrics.Census) {
	c.each(func(ws *v1alpha1.SeamWorkspace) {
		if c.shard.has(ws) {
			up := verdictOf(readyReason(ws.Status.Conditions)) == ready
			result.Workspaces = append(result.Workspaces, metrics.Workspace{Namespace: ws.Namespace, Name: ws.Name, Ready: up})
		}
	})
}
