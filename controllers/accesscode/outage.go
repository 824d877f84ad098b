// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// unanswered says that Seam could not be asked, for no step (event names one) but a look. An answer about something else
// is one, and is news.
func unanswered(event string, err error) bool {
	e, ok := errors.AsType[*seam.Error](err)
	return ok && event == "" && (e.Kind == seam.RateLimited || e.Kind == seam.Unavailable && e.Path != "")
}

// notePINSource remembers what a code that is as wanted goes by.
func (h *history) notePINSource(res result) {
	if kube.VerdictOf(res.reason) == kube.Ready && res.pin.source != "" {
		h.pinSource = res.pin.source
	}
}

// checkSuspected has the credentials checked that Seam has refused: what that finds is told then.
func (r *Reconciler) checkSuspected(code *v1alpha1.AccessCode, res result) result {
	if res.suspect && r.suspect(code) {
		res.unasked = true
	}
	return res
}

// silent says that there is nothing to report.
func (r *Reconciler) silent(ctx context.Context, current *scope, res result) bool {
	return res.quiet || res.unasked && r.settled(ctx, current)
}

// settled says that an AccessCode has nothing to do: what its status says was seen, and nothing has been asked for since.
// That Seam can't be reached is then told at its SeamWorkspace, not at each of thousands of AccessCodes.
func (r *Reconciler) settled(ctx context.Context, current *scope) bool {
	code := current.code
	last := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case last == nil || kube.VerdictOf(last.Reason) != kube.Ready || !code.DeletionTimestamp.IsZero():
		return false
	case last.ObservedGeneration != code.Generation || code.Status.ObservedGeneration != code.Generation:
		return false
	case lookRequested(code) || current.pullRequest() != "":
		return false
	}
	return !passed(code, r.seamsTime(code)) && r.samePIN(ctx, current)
}

// lookRequested says that the annotation asks for a look that was not had yet.
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

// seamsTime is Seam's time as far as it is known.
func (r *Reconciler) seamsTime(code *v1alpha1.AccessCode) time.Time {
	if live, _ := r.Registry.Connected(code.WorkspaceKey()); live != nil {
		return live.Now()
	}
	return r.Clock.Now()
}

// samePIN says that nobody is known to have changed the Secret with the PIN since the code was last seen as wanted. The
// cache is asked: an outage is no reason to read thousands of Secrets.
func (r *Reconciler) samePIN(ctx context.Context, current *scope) bool {
	code := current.code
	name := code.CodeSecretName()
	switch {
	case current.history.pinSource == "" || code.Spec.Code != "":
		return true
	case code.Spec.CodeFrom != nil:
		name = code.Spec.CodeFrom.SecretKeyRef.Name
	}
	secret := kube.SecretMetadata()
	err := r.Metadata.Get(ctx, types.NamespacedName{Namespace: code.Namespace, Name: name}, secret)
	return err == nil && sourceOf(secret, code) == current.history.pinSource
}
