// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
)

func holdsFinalizer(code *v1alpha1.AccessCode) bool {
	return controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer)
}

// reconcileDelete is the way out: the code leaves the lock, unless it is orphaned, and then the finalizer goes. A
// suspended AccessCode is no exception.
func (r *AccessCodeReconciler) reconcileDelete(ctx context.Context, current *run) (outcome, error) {
	code := current.code
	switch {
	case !holdsFinalizer(code):
		return outcome{released: true}, nil
	case code.Orphans(), code.Status.AccessCodeID == "" && intentOf(code) == nil:
		return r.release(ctx, code)
	}
	if o, err := r.attach(ctx, current); o != nil || err != nil {
		return valueOf(o), err
	}
	if code.Status.AccessCodeID == "" {
		// Only to tell our code from others: without it, a code is told by its name.
		pin, o, err := r.fixPIN(ctx, code)
		if err != nil {
			return outcome{}, err
		}
		if o == nil {
			current.pin = pin
		}
	}
	seen, err := r.observe(ctx, current)
	if err != nil {
		return current.failed(eventDeleteFailed, err)
	}
	step := plan.Decide(current.want(), current.known(), seen, current.live.Now())
	switch step.Kind {
	case plan.Release:
		o, err := r.release(ctx, code)
		o.event = &note{reason: eventRemoved, action: actionDelete, message: "The code is off the lock"}
		return o, err
	case plan.Delete:
		o, err := r.remove(ctx, current, seen.Remote, step)
		o.backup = seen.Backup
		return o, err
	default:
		o := current.outcome(step, seen.Remote)
		o.backup = seen.Backup
		return o, nil
	}
}

// release takes the finalizer off.
func (r *AccessCodeReconciler) release(ctx context.Context, code *v1alpha1.AccessCode) (outcome, error) {
	err := r.patchMetadata(ctx, code, func() { controllerutil.RemoveFinalizer(code, v1alpha1.Finalizer) })
	if err != nil {
		return outcome{}, fmt.Errorf("releasing the AccessCode: %w", err)
	}
	logf.FromContext(ctx).Info("Released the AccessCode", "accessCodeID", code.Status.AccessCodeID, "orphaned", code.Orphans())
	return outcome{released: true}, nil
}
