// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

// applied notes since when a spec that was not seen before is to be on the lock. What a restart fell into is not known,
// but for a window ahead, whose beginning is.
func (r *recollection) applied(code *v1alpha1.AccessCode, now time.Time) {
	if r.generation == code.Generation {
		return
	}
	last := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if r.generation == 0 && last != nil && isOffLock(last.Reason) {
		r.offBefore = max(now.Sub(last.LastTransitionTime.Time), 0) // what is seen first after a restart is not the beginning
	}
	r.generation, r.drifted = code.Generation, false
	switch {
	case last == nil && code.Generation > 1:
		r.since = now // edited before anything was said of it, such as resumed
	case last == nil:
		r.since = code.CreationTimestamp.Time
	case last.ObservedGeneration < code.Generation:
		r.since = now
	case last.Reason == v1alpha1.ReasonScheduled:
		r.since = last.LastTransitionTime.Time
	default:
		r.since = time.Time{}
	}
}

// isOffLock says that a reason tells of a code that was seen not to work on the lock.
func isOffLock(reason string) bool {
	switch reason {
	case v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonSetting, v1alpha1.ReasonDeviceError, v1alpha1.ReasonDeviceUnreachable:
		return true
	}
	return false
}

// drifts says that a step puts back what was changed elsewhere: the code was as wanted before.
func (c *run) drifts(step plan.Step) bool {
	switch converged := c.past.hadConverged(c.want()); step.Kind {
	case plan.Update:
		return converged
	case plan.Create:
		return c.code.Status.AccessCodeID != "" && !c.tookOff() && (converged || c.past.since.IsZero())
	}
	return false
}

// tookOff says that the recorded code has left the lock because its window was over, also one that was cut short: what
// is created after that was asked for by a person.
func (c *run) tookOff() bool {
	return kube.ReadyReason(c.code.Status.Conditions) == v1alpha1.ReasonExpired || c.past.deleting == c.code.Status.AccessCodeID
}

// measureStep notes drift: once, until it is gone, however many tries it takes.
func (c *run) measureStep(step plan.Step) {
	if c.drifts(step) && !c.past.drifted {
		c.past.drifted, c.foundDrift = true, true
	}
}

// measure counts what has come to its end with a result, before that is reported.
func (r *Reconciler) measure(current *run, res result) {
	past := &current.past
	if current.foundDrift {
		r.Metrics.DriftFound(current.code.Namespace)
	}
	if past.drifted && (res.reason == v1alpha1.ReasonSet || res.reason == v1alpha1.ReasonScheduled) {
		past.drifted = false
		r.Metrics.DriftCorrected(current.code.Namespace)
	}
	if res.reason != v1alpha1.ReasonSet {
		return
	}
	if !past.since.IsZero() && kube.ReadyReason(current.code.Status.Conditions) != v1alpha1.ReasonSet {
		r.Metrics.Set(current.waited(r.Clock.Now()))
	}
	past.since = time.Time{}
}

// waited is how long the code was to be on the lock: since it was asked for, or since its window began.
func (c *run) waited(now time.Time) time.Duration {
	waited := now.Sub(c.past.since)
	if window := windowOf(c.code); window != nil {
		waited = min(waited, c.live.Now().Sub(window.StartsAt))
	}
	return max(waited, 0)
}
