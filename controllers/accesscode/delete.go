// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// reconcileDelete takes the code off the lock, unless deletionPolicy is Orphan, and then removes the finalizer. It does so for
// a suspended AccessCode, too.
func (r *Reconciler) reconcileDelete(ctx context.Context, current *scope) result {
	code := current.code
	switch {
	case !code.HasFinalizer():
		return result{released: true}
	case nothingToDelete(code):
		return r.release(ctx, code)
	}
	if res := untraceable(code); res != nil {
		return *res
	}
	if owner, err := r.ownerBefore(ctx, code); owner != nil || err != nil {
		if err != nil {
			return failure(err)
		}
		return r.release(ctx, code) // the code stays with its owner
	}
	res, gone := r.deleteRemote(ctx, current)
	if !gone {
		return res
	}
	message := res.message
	res = r.release(ctx, code)
	res.event = &eventRecord{reason: eventRemoved, action: kube.ActionDelete, message: message}
	return res
}

// deleteRemote takes the one next step to get the code off the lock. gone says that nothing of it is left there.
func (r *Reconciler) deleteRemote(ctx context.Context, current *scope) (res result, gone bool) {
	if res := r.connect(ctx, current); res != nil {
		return *res, false
	}
	if current.code.Status.AccessCodeID == "" {
		if err := r.identify(ctx, current); err != nil {
			return current.failed(eventDeleteFailed, err), false
		}
	}
	seen, err := r.observe(ctx, current)
	if err != nil {
		return current.failed(eventDeleteFailed, err), false
	}
	step, seen := current.decide(seen)
	switch step.Kind {
	case plan.Release:
		return result{message: step.Message}, true
	case plan.Delete, plan.DeleteUnmanaged:
		res = r.remove(ctx, current, seen.Remote, step)
	case plan.Convert:
		res = r.convert(ctx, current, seen, step)
	default:
		res = current.result(step, seen.Remote)
	}
	res.backup, res.noBackup = seen.Backup, current.noBackup
	res.showLost(seen)
	return res, false
}

// identify resolves what a code that was not recorded is found by: its PIN, unless the provider chooses it. Without a PIN, the
// code is found by its name.
func (r *Reconciler) identify(ctx context.Context, current *scope) error {
	pin, res, err := r.resolvePIN(ctx, current.code)
	if err != nil || res != nil {
		return err
	}
	current.pin = pin
	if !pin.chosen || pin.value == "" {
		return nil
	}
	if err := current.learnDevice(ctx); err != nil && !seam.IsDeviceNotFound(err) {
		return err
	}
	return nil
}

// nothingToDelete says that nothing is on the lock, or that it is to stay there.
func nothingToDelete(code *v1alpha1.AccessCode) bool { return code.Orphans() || nothingCreated(code) }

// nothingCreated says that nothing of the AccessCode can be at Seam.
func nothingCreated(code *v1alpha1.AccessCode) bool {
	return code.Status.AccessCodeID == "" && intentOf(code) == nil && untraceable(code) == nil
}

// release removes the finalizer.
func (r *Reconciler) release(ctx context.Context, code *v1alpha1.AccessCode) result {
	unreadable := kube.UnreadableSpec(code.Undecodable)
	undo := r.tracker.intents.letGo(code.UID, r.Clock.Now())
	err := r.patchMetadata(ctx, code, func() { controllerutil.RemoveFinalizer(code, v1alpha1.Finalizer) })
	if apierrors.IsInvalid(err) && unreadable != "" {
		if err = kube.ReleaseUnreadable(ctx, r, code); apierrors.IsInvalid(err) {
			undo()
			return *blocked(v1alpha1.ReasonInvalidSpec, "%s; until then the API server does not let this AccessCode go", unreadable)
		}
	}
	if err != nil {
		undo()
		return failure(fmt.Errorf("releasing the AccessCode: %w", err))
	}
	logf.FromContext(ctx).Info("Released the AccessCode", "accessCodeID", code.Status.AccessCodeID, "orphaned", code.Orphans())
	return result{released: true}
}
