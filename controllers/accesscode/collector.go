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

// Collector counts AccessCodes for the metrics.
type Collector struct {
	kube.Cached[*v1alpha1.AccessCode]

	Registry *workspace.Registry
	Clock    clock.PassiveClock
	Shard    kube.Shard
}

// Collect adds the present AccessCodes to result.
func (c *Collector) Collect(result *metrics.Objects) {
	now := c.seamTimes()
	c.Each(func(code *v1alpha1.AccessCode) {
		if !c.Shard.Has(code) {
			return
		}
		group := metrics.Group{Namespace: code.Namespace, State: stateLabel(code.Status.State), Reason: reasonLabel(kube.ReadyReason(code.Status.Conditions))}
		result.Codes[group]++
		onLock, offLock := misplaced(code, now(code.WorkspaceKey()))
		result.NotOnLock[code.Namespace] += onLock
		result.NotOffLock[code.Namespace] += offLock
	})
}

// seamTimes returns a function that returns Seam's time for a SeamWorkspace, or the operator's where it was never connected. It is
// the same time for all codes of one.
func (c *Collector) seamTimes() func(v1alpha1.WorkspaceKey) time.Time {
	known := map[v1alpha1.WorkspaceKey]time.Time{}
	return func(key v1alpha1.WorkspaceKey) time.Time {
		now, ok := known[key]
		if !ok {
			now = seamNow(c.Registry, c.Clock, key)
			known[key] = now
		}
		return now
	}
}

// misplaced returns 1 for notOnLock where a code should be on its lock and is not, and 1 for notOffLock where it should be off its
// lock and is not known to be.
func misplaced(code *v1alpha1.AccessCode, now time.Time) (notOnLock, notOffLock int) {
	reason, window := kube.ReadyReason(code.Status.Conditions), windowOf(code)
	over := window.Over(now) && !window.EndsAt.IsZero() // zero: the end can't be read
	switch {
	case !code.DeletionTimestamp.IsZero():
		return 0, oneIf(code.HasFinalizer() && !nothingToDelete(code))
	case over:
		return 0, oneIf(reason != v1alpha1.ReasonExpired && !nothingCreated(code))
	case window.Ahead(now):
		return 0, oneIf(inWallClocks(code) && outlasts(code, now))
	}
	return oneIf(!code.Spec.Suspend && !allOver(code, reason) && reason != v1alpha1.ReasonSet), 0
}

// allOver says that all windows of a schedule in wall clocks are past. As long as it is not known when they are, the code may be missed
// now.
func allOver(code *v1alpha1.AccessCode, reason string) bool {
	return inWallClocks(code) && code.Status.Window == nil && reason == v1alpha1.ReasonExpired
}

// outlasts says that Seam has last reported a code for a window that is over: as far as is known, it is still on its way off the lock.
func outlasts(code *v1alpha1.AccessCode, now time.Time) bool {
	ends := code.Status.EndsAt
	return ends != nil && !now.Before(ends.Time)
}

func oneIf(counts bool) int {
	if counts {
		return 1
	}
	return 0
}
