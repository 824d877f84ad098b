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
	// MaxCheckRetry is the longest delay before another check while Seam does not answer, before jitter.
	MaxCheckRetry = time.Minute
	// outage is how long checks must go unanswered, at least two of them, before the status says so.
	outage = 5 * time.Second
)

// missedChecks are the checks since the first that Seam did not answer. Until the next is due, other triggers of the workspace,
// such as each AccessCode that is deleted, must neither check sooner nor put it off.
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

// postpone schedules another check where Seam did not answer this one, later each time. It does not use the queue's back-off,
// which would count every trigger of the workspace. lasting says that the result is to be reported: Seam has answered, or has
// not for as long as outage.
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
		missed = missedChecks{version: version, since: now, delays: kube.Doubling(kube.BackoffBase, MaxCheckRetry)}
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
