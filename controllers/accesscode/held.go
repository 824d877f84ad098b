// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// findHolder finds out what has the PIN on the lock, managed by Seam or not.
func (r *Reconciler) findHolder(ctx context.Context, current *scope, intent *plan.Intent) (plan.Observed, error) {
	seen, err := r.search(ctx, current, intent)
	if err != nil || seen.Remote != nil || seen.Blocking != nil || seen.Unmanaged != nil {
		return seen, err
	}
	want := current.want()
	unmanaged, err := current.live.FindUnmanaged(ctx, want.DeviceID, want.Code)
	if err != nil || unmanaged == nil {
		return seen, err
	}
	seen.Blocking = unmanaged
	seen.Holder, err = r.holderOf(ctx, current.code, unmanaged)
	return seen, err
}

// resolveDuplicateUpdate finds out what has the PIN after an update was refused because of it. What else is to change
// does not wait for that.
func (r *Reconciler) resolveDuplicateUpdate(ctx context.Context, current *scope, remote *seam.AccessCode, step plan.Step) result {
	rest := step.Changes
	rest.Code = nil
	if !rest.Empty() {
		if err := current.live.Update(ctx, remote.DeviceID, current.updateRequest(remote.AccessCodeID, rest)); err != nil {
			res := current.failed(eventUpdateFailed, err)
			res.remote = remote
			return res
		}
	}
	seen, err := r.findHolder(ctx, current, nil)
	if err != nil {
		res := current.failed(eventUpdateFailed, err)
		res.remote = remote
		return res
	}
	held := plan.DecideHeld(current.want(), current.known(), seen, current.live.Now())
	if seen.Holder != "" && r.tracker.waiting.noteHolder(remote.DeviceID, client.ObjectKeyFromObject(current.code), remote.AccessCodeID, seen.Blocking.AccessCodeID) {
		return r.stepAside(ctx, current, remote, seen.Holder)
	}
	res := current.result(held, remote)
	if held.Kind == plan.GiveUp {
		res = res.warning(eventUpdateFailed)
	}
	return res
}

// stepAside gives a code a PIN that nobody knows, for as long as it takes the others to exchange theirs: its own is
// waited for by another, and there is no order in which each could take the PIN of the next. The code stays on the lock.
func (r *Reconciler) stepAside(ctx context.Context, current *scope, remote *seam.AccessCode, holder string) result {
	value, err := current.live.GenerateCode(ctx, remote.DeviceID)
	if err == nil {
		changes := plan.Changes{Code: &value}
		current.history.dropSent(changes)
		err = current.live.Update(ctx, remote.DeviceID, current.updateRequest(remote.AccessCodeID, changes))
	}
	if err != nil {
		res := current.failed(eventUpdateFailed, err)
		res.remote = remote
		return res
	}
	logf.FromContext(ctx).Info("Put a PIN in between, so that codes can exchange theirs", "accessCodeID", remote.AccessCodeID)
	r.enqueueWaiting(ctx, current.code)
	step := plan.Step{
		Kind: plan.Wait, Reason: v1alpha1.ReasonWaitingForPIN, After: kube.Soon,
		Message: holder + " has this PIN on the lock, and takes over that of this one: the PIN is used as soon as it is free",
	}
	current.history.noteWrite(current.live.Now())
	return current.result(step, remote)
}

// pinDisclosed says that a code may have worked with the PIN that is wanted now, so that people may have been told of it.
// A restored object does not say what was before it, and neither does a Secret that was there before the object.
func (s *scope) pinDisclosed() bool {
	intent := intentOf(s.code)
	before := s.pinIsOlder()
	if s.code.Status.AccessCodeID == "" {
		return before
	}
	ready := apimeta.FindStatusCondition(s.code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case before || intent == nil || intent.Replaces != "" || ready == nil || ready.Status == metav1.ConditionTrue:
		return true
	}
	// It has not been Ready since the create, unless for a moment in the reconcile after it.
	return ready.LastTransitionTime.After(intent.Tried.Add(kube.ReconcileTimeout))
}

// pinIsOlder says that the PIN was there before this object.
func (s *scope) pinIsOlder() bool {
	intent := intentOf(s.code)
	return restored(s.code) || s.pin.inherited || intent != nil && intent.Disclosed
}

// held adds to what was seen what has the PIN of a code that Seam has accepted and the lock does not take.
func (r *Reconciler) held(ctx context.Context, current *scope, seen plan.Observed) (plan.Observed, error) {
	if !plan.IsDuplicate(seen.Remote) || current.over() || current.want().Code == "" {
		return seen, nil
	}
	holder, err := r.findHolder(ctx, current, nil)
	if err != nil {
		return seen, fmt.Errorf("looking for what has the PIN: %w", err)
	}
	seen.Blocking, seen.Holder, seen.Claimed = holder.Blocking, holder.Holder, holder.Claimed
	lost, err := r.isLost(ctx, current, holder.Blocking)
	if lost {
		seen.Lost = holder.Blocking
	}
	return seen, err
}
