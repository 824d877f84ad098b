// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

// Several AccessCodes may record the same code: each checks before that no other has recorded it, but from a cache that may lag.
// So each also checks what it has recorded, and an order that is the same for all decides whose the code is.

// comesBefore says which of two AccessCodes keeps a code that both have recorded: the older one.
func comesBefore(a, b *v1alpha1.AccessCode) bool {
	if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.CreationTimestamp.Before(&b.CreationTimestamp)
	}
	return a.UID < b.UID
}

// sharing are the other AccessCodes that have recorded the code of this one. They must not be changed.
func (r *Reconciler) sharing(ctx context.Context, code *v1alpha1.AccessCode) ([]*v1alpha1.AccessCode, error) {
	id := code.Status.AccessCodeID
	if id == "" {
		return nil, nil
	}
	var list v1alpha1.AccessCodeList
	if err := r.List(ctx, &list, client.MatchingFields{kube.IndexAccessCodeID: id}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("looking for the AccessCodes of a remote code: %w", err)
	}
	var others []*v1alpha1.AccessCode
	for i := range list.Items {
		if list.Items[i].UID != code.UID {
			others = append(others, &list.Items[i])
		}
	}
	return others, nil
}

// ownerBefore returns an AccessCode to which the recorded code belongs in place of this one, nil when it is this one's.
func (r *Reconciler) ownerBefore(ctx context.Context, code *v1alpha1.AccessCode) (*v1alpha1.AccessCode, error) {
	others, err := r.sharing(ctx, code)
	for _, other := range others {
		if comesBefore(other, code) {
			return other, err
		}
	}
	return nil, err
}

// yieldToOwner gives up a recorded code that belongs to another AccessCode. Where it belongs to this one, it enqueues the others,
// so that they give it up.
func (r *Reconciler) yieldToOwner(ctx context.Context, current *scope) *result {
	code := current.code
	owner, err := r.ownerBefore(ctx, code)
	if err != nil {
		return failedWith(err)
	}
	if owner == nil {
		others, err := r.sharing(ctx, code)
		for _, other := range others {
			r.Triggers.EnqueueAccessCode(client.ObjectKeyFromObject(other))
		}
		return failedWith(err)
	}
	logf.FromContext(ctx).Info("Gave up a code that belongs to another AccessCode", "accessCodeID", code.Status.AccessCodeID)
	current.history = history{uid: code.UID}
	res := result{
		reason: v1alpha1.ReasonCodeConflict, message: plan.OwnedMessage(holderName(code, owner)), after: kube.SlowLook, yielded: true,
	}.warning(eventAdoptFailed)
	return &res
}

// yieldedStatus is a status without what it says of a code.
func yieldedStatus(status v1alpha1.AccessCodeStatus) v1alpha1.AccessCodeStatus {
	return v1alpha1.AccessCodeStatus{
		ObservedGeneration: status.ObservedGeneration, Conditions: status.Conditions, DeviceName: status.DeviceName,
		CodeSecretRef: status.CodeSecretRef, LastHandledReconcileAt: status.LastHandledReconcileAt,
	}
}

// importedBefore returns an AccessCode of the same namespace that is about to record a code which it names for import, and
// comes before this one; nil when there is none.
func (r *Reconciler) importedBefore(ctx context.Context, code *v1alpha1.AccessCode, id string) (*v1alpha1.AccessCode, error) {
	var list v1alpha1.AccessCodeList
	err := r.List(ctx, &list, client.InNamespace(code.Namespace), client.MatchingFields{kube.IndexDevice: code.Spec.DeviceID}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking for the AccessCodes that name a remote code: %w", err)
	}
	for i := range list.Items {
		other := &list.Items[i]
		if other.UID != code.UID && comesBefore(other, code) && aboutToImport(other, id) && other.WorkspaceKey() == code.WorkspaceKey() {
			return other, nil
		}
	}
	return nil, nil
}

// aboutToImport says that nothing but time keeps an AccessCode from recording the code that it names for import.
func aboutToImport(code *v1alpha1.AccessCode, id string) bool {
	switch {
	case !code.DeletionTimestamp.IsZero() || code.Spec.Suspend || code.Status.AccessCodeID != "" || intentOf(code) != nil:
		return false
	}
	return code.Annotations[v1alpha1.AccessCodeIDAnnotation] == id && kube.VerdictOf(kube.ReadyReason(code.Status.Conditions)) != kube.Stalled
}

// tookOver says that an AccessCode has just recorded a code that it did not create: another may have done so before either
// could know of the other, and now the cache knows of the first of them at least.
func tookOver(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*v1alpha1.AccessCode)
	after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
	return ok && ok2 && after.Status.AccessCodeID != "" && before.Status.AccessCodeID != after.Status.AccessCodeID && intentOf(after) == nil
}
