// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// rememberLeftBehind keeps the last state of an AccessCode that went although it had the finalizer and nobody had asked
// it to go: the API server reads an object before it deletes it, and a finalizer that is stored in between is lost on
// it. It passes all events.
func (r *AccessCodeReconciler) rememberLeftBehind() predicate.Predicate {
	return predicate.Funcs{DeleteFunc: func(e event.DeleteEvent) bool {
		code, ok := e.Object.(*v1alpha1.AccessCode)
		if ok && !e.DeleteStateUnknown && code.DeletionTimestamp.IsZero() && holdsFinalizer(code) {
			r.memory.leave(code)
		}
		return true
	}}
}

// cleanUp takes the code of an AccessCode off the lock that is left behind. Nothing is written to Kubernetes: there is
// nothing to write to any more.
func (r *AccessCodeReconciler) cleanUp(ctx context.Context, left *v1alpha1.AccessCode) (ctrl.Result, error) {
	log := logf.FromContext(ctx).WithValues("accessCodeID", left.Status.AccessCodeID, "deviceID", left.Spec.DeviceID)
	left.DeletionTimestamp = &metav1.Time{Time: r.Clock.Now()}
	current := &run{code: left, past: r.memory.recall(left)}
	if leavesNothing(left) || untraceable(left) != nil {
		r.memory.cleaned(client.ObjectKeyFromObject(left))
		return ctrl.Result{RequeueAfter: soon}, nil
	}
	o, gone, err := r.leave(ctx, current)
	if err == nil {
		err = o.err
	}
	switch {
	case err != nil:
		return ctrl.Result{}, err
	case gone:
		log.Info("Took off the code of an AccessCode that went past its finalizer")
	case current.live == nil:
		log.Info("Can't take off the code of an AccessCode that went past its finalizer: its workspace is not connected", "reason", o.reason)
	default:
		r.memory.keep(left, current.past)
		return ctrl.Result{RequeueAfter: max(o.after, soon)}, nil
	}
	r.memory.cleaned(client.ObjectKeyFromObject(left))
	return ctrl.Result{RequeueAfter: soon}, nil // for one of the same name
}
