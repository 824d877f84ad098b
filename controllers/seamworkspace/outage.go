// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

const (
	// MaxUnanswered is the longest time between two checks that Seam does not answer.
	MaxUnanswered = time.Minute
	// outage is how long Seam has to leave checks unanswered, two at least, until that is told.
	outage = 5 * time.Second
)

// missedChecks tells of checks that Seam did not answer, since when, and when the next is due: whatever else wakes the
// workspace in the meantime, such as each of its AccessCodes as they are deleted, must neither ask sooner nor put it off.
type missedChecks struct {
	version     string
	since, next time.Time
	delays      wait.Backoff
}

// answered forgets checks that Seam did not answer.
func (r *Reconciler) answered(key v1alpha1.WorkspaceKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.missed, key)
}

// postpone has a check that Seam did not answer made again, later each time, and not by the queue: that would count
// whatever wakes the workspace. It says whether the result is lasting: an answer, or none for so long that it is news.
func (r *Reconciler) postpone(ctx context.Context, key v1alpha1.WorkspaceKey, version string, result *checkResult) (lasting bool) {
	if result.reason != v1alpha1.ReasonAPIUnavailable {
		r.answered(key)
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Clock.Now()
	missed := r.missed[key]
	if missed.version != version || now.Before(missed.since) {
		missed = missedChecks{version: version, since: now, delays: kube.Doubling(kube.BackoffBase, MaxUnanswered)}
		missed.delays.Jitter = kube.BackoffJitter
	}
	after := max(result.after, missed.delays.Step())
	missed.next = now.Add(after)
	if r.missed == nil {
		r.missed = map[v1alpha1.WorkspaceKey]missedChecks{}
	}
	r.missed[key] = missed
	logf.FromContext(ctx).Info("Seam does not answer", "error", result.message, "again after", after)
	result.after, result.postponed = after, true
	return now.Sub(missed.since) >= outage
}
