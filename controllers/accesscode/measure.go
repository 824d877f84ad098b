// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// measure counts drift and the time to Set by the result of a reconcile, before the status is written.
func (r reporter) measure(code *v1alpha1.AccessCode, res result) {
	if res.foundDrift {
		r.metrics.DriftFound(code.Namespace)
	}
	if res.history.drifted && (res.reason == v1alpha1.ReasonSet || res.reason == v1alpha1.ReasonScheduled) {
		r.metrics.DriftCorrected(code.Namespace)
	}
	if res.reason == v1alpha1.ReasonSet && !res.history.dueSince.IsZero() && kube.ReadyReason(code.Status.Conditions) != v1alpha1.ReasonSet {
		r.metrics.Set(res.waited)
	}
}

// waited is how long the spec has been due on the lock: since it was changed, or since its window began if that is later. now is
// the operator's time.
func waited(s snapshot, now time.Time) time.Duration {
	waited := now.Sub(s.history.dueSince)
	if window := windowOf(s.code); window != nil {
		waited = min(waited, s.session.Now().Sub(window.StartsAt))
	}
	return max(waited, 0)
}
