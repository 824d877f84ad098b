// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
)

// Collector counts SeamWorkspaces for the metrics.
type Collector struct {
	kube.Cached[*v1alpha1.SeamWorkspace]

	Shard kube.Shard
}

// Collect adds the present SeamWorkspaces to result.
func (c *Collector) Collect(result *metrics.Objects) {
	c.Each(func(ws *v1alpha1.SeamWorkspace) {
		if c.Shard.Has(ws) {
			up := kube.VerdictOf(kube.ReadyReason(ws.Status.Conditions)) == kube.Ready
			result.Workspaces = append(result.Workspaces, metrics.Workspace{Namespace: ws.Namespace, Name: ws.Name, Ready: up})
		}
	})
}
