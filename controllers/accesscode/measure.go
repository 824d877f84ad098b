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

// noteGeneration records when a new spec became due on the lock. After a restart the time is unknown, except for a scheduled
// code, whose window begins it.
func (h *history) noteGeneration(code *v1alpha1.AccessCode, now time.Time) {
	if h.generation == code.Generation {
		return
	}
	last := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if h.generation == 0 && last != nil && isOffLock(last.Reason) {
		h.offBefore = max(now.Sub(last.LastTransitionTime.Time), 0) // it began before the restart
	}
	h.generation, h.drifted = code.Generation, false
	switch {
	case last == nil && code.Generation > 1:
		h.dueSince = now // edited before anything was said of it, such as resumed
	case last == nil:
		h.dueSince = code.CreationTimestamp.Time
	case last.ObservedGeneration < code.Generation:
		h.dueSince = now
	case last.Reason == v1alpha1.ReasonScheduled:
		h.dueSince = last.LastTransitionTime.Time
	default:
		h.dueSince = time.Time{}
	}
}

// isOffLock says that a reason means that the code was seen not to work on the lock.
func isOffLock(reason string) bool {
	switch reason {
	case v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonSetting, v1alpha1.ReasonDeviceError, v1alpha1.ReasonDeviceUnreachable:
		return true
	}
	return false
}

// drifts says that a step puts back what was changed elsewhere: the code was seen as wanted before.
func (s *scope) drifts(step plan.Step) bool {
	switch converged := s.history.hadConverged(s.want()); step.Kind {
	case plan.Update:
		return converged
	case plan.Create:
		return s.code.Status.AccessCodeID != "" && !s.tookOff() && (converged || s.history.dueSince.IsZero())
	}
	return false
}

// tookOff says that the recorded code was taken off because its window was over, or was cut short. A create after that is not
// drift: a person has asked for it.
func (s *scope) tookOff() bool {
	return kube.ReadyReason(s.code.Status.Conditions) == v1alpha1.ReasonExpired || s.history.deleting == s.code.Status.AccessCodeID
}

// measureStep records drift. It counts once until it is corrected, however many tries that takes.
func (s *scope) measureStep(step plan.Step) {
	if s.drifts(step) && !s.history.drifted {
		s.history.drifted, s.foundDrift = true, true
	}
}

// measure counts drift and the time to Set by the result of a reconcile, before the status is written.
func (r *Reconciler) measure(current *scope, res result) {
	history := &current.history
	if current.foundDrift {
		r.Metrics.DriftFound(current.code.Namespace)
	}
	if history.drifted && (res.reason == v1alpha1.ReasonSet || res.reason == v1alpha1.ReasonScheduled) {
		history.drifted = false
		r.Metrics.DriftCorrected(current.code.Namespace)
	}
	if res.reason != v1alpha1.ReasonSet {
		return
	}
	if !history.dueSince.IsZero() && kube.ReadyReason(current.code.Status.Conditions) != v1alpha1.ReasonSet {
		r.Metrics.Set(current.waited(r.Clock.Now()))
	}
	history.dueSince = time.Time{}
}

// waited is how long the spec has been due on the lock: since it was changed, or since its window began if that is later.
func (s *scope) waited(now time.Time) time.Duration {
	waited := now.Sub(s.history.dueSince)
	if window := windowOf(s.code); window != nil {
		waited = min(waited, s.live.Now().Sub(window.StartsAt))
	}
	return max(waited, 0)
}
