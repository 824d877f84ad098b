// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// connector connects AccessCodes with the session of their SeamWorkspace.
type connector struct {
	cache    client.Reader
	registry *workspace.Registry
	triggers *kube.Triggers
	clock    clock.PassiveClock
}

// connect returns the session of the AccessCode's SeamWorkspace. A blockedError says why it can't be used; where that is for a
// reason that the session itself has shown, it is returned, too.
func (c connector) connect(ctx context.Context, code *v1alpha1.AccessCode) (*workspace.Session, error) {
	key := code.WorkspaceKey()
	var ws v1alpha1.SeamWorkspace
	if err := c.cache.Get(ctx, key.NamespacedName(), &ws); err != nil {
		if client.IgnoreNotFound(err) == nil {
			if res, over := c.overUnasked(code); over {
				return nil, res.asError()
			}
			return nil, blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q does not exist in this namespace: create it, or name another in spec.workspaceRef%s", key.Name, hint(code))
		}
		return nil, fmt.Errorf("reading SeamWorkspace %q: %w", key, err)
	}
	if err := c.available(&ws, code); err != nil {
		return nil, err
	}
	session, ok := c.registry.Get(key)
	if !ok {
		// Nothing to do or to report: its AccessCodes are enqueued when it becomes ready.
		return nil, result{quiet: true}.asError()
	}
	if recorded := code.Status.WorkspaceID; recorded != "" && session.WorkspaceID() != "" && recorded != session.WorkspaceID() {
		// In another workspace, a code that is not found may still be on the lock.
		return session, blockedFor(kube.SlowLook, v1alpha1.ReasonInvalidSpec, "The code is in Seam workspace %q, but SeamWorkspace %q has credentials for %q: correct spec.workspaceRef or the credentials",
			recorded, key.Name, session.WorkspaceID())
	}
	return session, nil
}

// overUnasked is the result for an AccessCode whose window is over, and of which nothing is at Seam, where there is no SeamWorkspace
// to ask: nothing is left to do, as with one. It returns false for any other.
func (c connector) overUnasked(code *v1alpha1.AccessCode) (result, bool) {
	now := c.now(code)
	switch {
	case !code.DeletionTimestamp.IsZero() || !windowOf(code).Over(now) || inWallClocks(code): // another window may come
		return result{}, false
	case kube.ReadyReason(code.Status.Conditions) == v1alpha1.ReasonExpired:
		return result{quiet: true}, true
	case !nothingCreated(code) || code.Annotations[v1alpha1.AccessCodeIDAnnotation] != "":
		return result{}, false
	}
	step := plan.OverBefore(plan.Known{})
	return result{reason: step.Reason, message: step.Message}, true
}

// available says why a SeamWorkspace can't be used; nil when it can, or when that is not known yet.
func (c connector) available(ws *v1alpha1.SeamWorkspace, code *v1alpha1.AccessCode) error {
	deleted := !code.DeletionTimestamp.IsZero()
	_, connected := c.registry.Connected(ws.Key())
	reason := kube.ReadyReason(ws.Status.Conditions)
	switch {
	case ws.Spec.Suspend && !deleted:
		return result{quiet: true}.asError()
	case kube.UnreadableSpec(ws.Undecodable) != "":
		// Said here, because the API server may refuse the status that its own controller writes.
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q: %s%s", ws.Name, kube.UnreadableSpec(ws.Undecodable), hint(code))
	case !ws.DeletionTimestamp.IsZero() && !code.HasFinalizer() && nothingCreated(code):
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q is being deleted and takes nothing new: name another SeamWorkspace of the same Seam workspace in spec.workspaceRef, on all AccessCodes that use it; it goes when none does any more", ws.Name)
	case !ws.InUse() && !deleted:
		// Nothing may be created before its own controller has put the finalizer on it. That enqueues its AccessCodes.
		return result{quiet: true}.asError()
	case connected:
		return nil
	case ws.Status.ObservedGeneration == ws.Generation && kube.VerdictOf(reason) != kube.Ready:
		return result{
			reason:     v1alpha1.ReasonWorkspaceNotReady,
			message:    fmt.Sprintf("SeamWorkspace %q is not ready (%s): see its conditions%s", ws.Name, reason, hint(code)),
			unanswered: reason == v1alpha1.ReasonAPIUnavailable,
		}.asError()
	}
	return nil
}

// suspect has the credentials of the SeamWorkspace checked. Its AccessCodes wait for that. It returns false, and does nothing,
// where a check found nothing wrong a moment ago.
func (c connector) suspect(code *v1alpha1.AccessCode) (checked bool) {
	key := code.WorkspaceKey()
	checked = c.registry.Suspect(key)
	if checked {
		c.triggers.EnqueueWorkspace(key)
	}
	return checked
}

// now is Seam's time as far as it is known.
func (c connector) now(code *v1alpha1.AccessCode) time.Time {
	return seamNow(c.registry, c.clock, code.WorkspaceKey())
}

// seamNow is Seam's time for a SeamWorkspace, or the operator's where it was never connected.
func seamNow(registry *workspace.Registry, operators clock.PassiveClock, key v1alpha1.WorkspaceKey) time.Time {
	if session, _ := registry.Connected(key); session != nil {
		return session.Now()
	}
	return operators.Now()
}

// hint is appended to a message of an AccessCode that is being deleted: the code stays on the lock, and what to do.
func hint(code *v1alpha1.AccessCode) string {
	if code.DeletionTimestamp.IsZero() {
		return ""
	}
	return "; until then the code stays on the lock" + orphanRemedy
}

// orphanRemedy says how to delete an AccessCode whose code can't be taken off the lock.
const orphanRemedy = ". To leave it there, set spec.deletionPolicy to Orphan"
