// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// isUnanswered says of an error that Seam could not be asked. It is false for the call of a step, which event names: that is
// always reported. It is false, too, for an answer that can't be right.
func isUnanswered(event string, err error) bool {
	e, ok := errors.AsType[*seam.Error](err)
	return ok && event == "" && (e.Kind == seam.RateLimited || e.Kind == seam.Unavailable && e.Path != "")
}

// checkSuspected has the credentials checked that Seam has refused: what that finds is told then.
func (r reporter) checkSuspected(code *v1alpha1.AccessCode, res result) result {
	if res.suspect && r.connector.suspect(code) {
		res.unanswered = true
	}
	return res
}

// isQuiet says that there is nothing to report.
func (r reporter) isQuiet(ctx context.Context, code *v1alpha1.AccessCode, res result) bool {
	return res.quiet || res.unanswered && r.settled(ctx, code, res.history)
}

// settled says that nothing is to be done for an AccessCode: its status is what was seen last, and nothing has been asked for
// since. That Seam can't be reached is then told at its SeamWorkspace, not at each of thousands of AccessCodes.
func (r reporter) settled(ctx context.Context, code *v1alpha1.AccessCode, h history) bool {
	last := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case last == nil || kube.VerdictOf(last.Reason) != kube.Ready || !code.DeletionTimestamp.IsZero():
		return false
	case last.ObservedGeneration != code.Generation || code.Status.ObservedGeneration != code.Generation:
		return false
	case lookRequested(code) || pullRequest(code, h) != "":
		return false
	}
	return !passed(code, r.connector.now(code)) && r.samePIN(ctx, code, h)
}

// lookRequested says that the annotation asks for a look that has not been taken yet.
func lookRequested(code *v1alpha1.AccessCode) bool {
	value, ok := code.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]
	return ok && redact.Truncate(value, maxEcho) != code.Status.LastHandledReconcileAt
}

// passed says that the window has begun, or ended, since the status was written.
func passed(code *v1alpha1.AccessCode, now time.Time) bool {
	window := windowOf(code)
	switch reason := kube.ReadyReason(code.Status.Conditions); {
	case window == nil:
		return false
	case reason == v1alpha1.ReasonScheduled:
		return !now.Before(window.StartsAt)
	case reason == v1alpha1.ReasonSet:
		return window.Over(now)
	}
	return false
}

// samePIN says that nobody is known to have changed the Secret with the PIN since the code was last seen as wanted. The
// cache is asked: an outage is no reason to read thousands of Secrets.
func (r reporter) samePIN(ctx context.Context, code *v1alpha1.AccessCode, h history) bool {
	name := code.CodeSecretName()
	switch {
	case h.pinSource == "" || code.Spec.Code != "":
		return true
	case code.Spec.CodeFrom != nil:
		name = code.Spec.CodeFrom.SecretKeyRef.Name
	}
	secret := kube.SecretMetadata()
	err := r.metadata.Get(ctx, types.NamespacedName{Namespace: code.Namespace, Name: name}, secret)
	return err == nil && sourceOf(secret, code) == h.pinSource
}
