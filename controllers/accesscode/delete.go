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

// reconcileDelete is the way out: the code leaves the lock, unless it is orphaned, and then the finalizer goes. A
// suspended AccessCode is no exception.
func (r *Reconciler) reconcileDelete(ctx context.Context, current *run) outcome {
	code := current.code
	switch {
	case !code.HasFinalizer():
		return outcome{released: true}
	case leavesNothing(code):
		return r.release(ctx, code)
	}
	if o := untraceable(code); o != nil {
		return *o
	}
	if owner, err := r.ownerBefore(ctx, code); owner != nil || err != nil {
		if err != nil {
			return failure(err)
		}
		return r.release(ctx, code) // the code stays with whose it is
	}
	o, gone := r.leave(ctx, current)
	if !gone {
		return o
	}
	message := o.message
	o = r.release(ctx, code)
	o.event = &note{reason: eventRemoved, action: kube.ActionDelete, message: message}
	return o
}

// leave takes the one next step to get the code off the lock, and says when nothing is left there.
func (r *Reconciler) leave(ctx context.Context, current *run) (o outcome, gone bool) {
	if o := r.attach(ctx, current); o != nil {
		return *o, false
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
		return outcome{message: step.Message}, true
	case plan.Delete, plan.DeleteUnmanaged:
		o = r.remove(ctx, current, seen.Remote, step)
	case plan.Convert:
		o = r.convert(ctx, current, seen, step)
	default:
		o = current.outcome(step, seen.Remote)
	}
	o.backup, o.noBackup = seen.Backup, current.noBackup
	o.showLost(seen)
	return o, false
}

// identify finds out what tells our code from others: its PIN, unless the provider chooses that. Without it, a code is
// told by its name.
func (r *Reconciler) identify(ctx context.Context, current *run) error {
	pin, o, err := r.fixPIN(ctx, current.code)
	if err != nil || o != nil {
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

// leavesNothing says that there is nothing to take off the lock, or nothing that should be.
func leavesNothing(code *v1alpha1.AccessCode) bool { return code.Orphans() || nothingCreated(code) }

// nothingCreated says that nothing of the AccessCode can be at Seam.
func nothingCreated(code *v1alpha1.AccessCode) bool {
	return code.Status.AccessCodeID == "" && intentOf(code) == nil && untraceable(code) == nil
}

// release takes the finalizer off.
func (r *Reconciler) release(ctx context.Context, code *v1alpha1.AccessCode) outcome {
	unreadable := kube.UnreadableSpec(code.Undecodable)
	undo := r.memory.intents.letGo(code.UID, r.Clock.Now())
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
	return outcome{released: true}
}
