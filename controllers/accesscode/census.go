// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Census counts AccessCodes for the metrics.
type Census struct {
	kube.Cached[*v1alpha1.AccessCode]

	Registry *workspace.Registry
	Clock    clock.PassiveClock
	Shard    kube.Shard
}

// Count adds what there is now.
func (c *Census) Count(result *metrics.Census) {
	now := c.seamTimes()
	c.Each(func(code *v1alpha1.AccessCode) {
		if !c.Shard.Has(code) {
			return
		}
		group := metrics.Group{Namespace: code.Namespace, State: stateWord(code.Status.State), Reason: reasonWord(kube.ReadyReason(code.Status.Conditions))}
		result.Codes[group]++
		onLock, offLock := missing(code, now(code.WorkspaceKey()))
		result.NotOnLock[code.Namespace] += onLock
		result.NotOffLock[code.Namespace] += offLock
	})
}

// seamTimes tells Seam's time for each SeamWorkspace, the operator's where none is connected.
func (c *Census) seamTimes() func(v1alpha1.WorkspaceKey) time.Time {
	known := map[v1alpha1.WorkspaceKey]time.Time{}
	return func(key v1alpha1.WorkspaceKey) time.Time {
		now, ok := known[key]
		if !ok {
			now = c.Clock.Now()
			if live, connected := c.Registry.Connected(key); connected {
				now = live.Now()
			}
			known[key] = now
		}
		return now
	}
}

// missing says with a 1 that a code should be on its lock and is not, or that it should be off and is not known to be.
func missing(code *v1alpha1.AccessCode, now time.Time) (fromLock, offLock int) {
	reason, window := kube.ReadyReason(code.Status.Conditions), windowOf(code)
	switch {
	case !code.DeletionTimestamp.IsZero():
		if code.HasFinalizer() && !leavesNothing(code) {
			return 0, 1
		}
	case window.Over(now) && !window.EndsAt.IsZero(): // one that can't be read is no end
		if reason != v1alpha1.ReasonExpired && !nothingCreated(code) {
			return 0, 1
		}
	case !code.Spec.Suspend && !window.Ahead(now) && reason != v1alpha1.ReasonSet:
		return 1, 0
	}
	return 0, 0
}
