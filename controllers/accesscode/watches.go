// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// SetupWithManager registers the controller and all that wakes it: a change of spec or of a request annotation, its
// Secret, its SeamWorkspace, and what happens at Seam.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode").
		Watches(&v1alpha1.AccessCode{}, r.ofAccessCodes(), builder.WithPredicates(r.Shard.Predicate(), r.accessCodeChanged())).
		Watches(&v1alpha1.SeamWorkspace{}, r.turns.ofOthers(r.ofWorkspace),
			builder.WithPredicates(workspaceChanged())).
		WatchesMetadata(&corev1.Secret{}, r.ofSecrets()).
		WatchesRawSource(r.Triggers.AccessCodesOf.Source(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key v1alpha1.WorkspaceKey) {
			for _, request := range r.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key)) {
				r.turns.add(queue, request, priorityLook)
			}
		})).
		WatchesRawSource(r.Triggers.AccessCodes.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
			r.turns.add(queue, reconcile.Request{NamespacedName: key}, priorityLook)
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: r.MaxConcurrentReconciles,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(r.turns.inTurn(r))
	if err != nil {
		return fmt.Errorf("setting up the AccessCode controller: %w", err)
	}
	return r.setupCleanUp(mgr)
}

func requestOf(o client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)}
}

// ofAccessCodes enqueues AccessCodes that have changed, and keeps the last state of those that are gone.
func (r *Reconciler) ofAccessCodes() handler.EventHandler {
	enqueue := r.turns.ofObjects()
	return handler.Funcs{
		CreateFunc: enqueue.Create,
		UpdateFunc: enqueue.Update,
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			r.rememberLeftBehind(e)
			enqueue.Delete(ctx, e, queue)
		},
	}
}

func (r *Reconciler) ofWorkspace(ctx context.Context, object client.Object) []reconcile.Request {
	key := v1alpha1.SeamWorkspaceKey(client.ObjectKeyFromObject(object))
	return r.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key))
}

// ofSecrets wakes the AccessCodes that a Secret concerns.
func (r *Reconciler) ofSecrets() handler.EventHandler {
	wake := r.turns.ofOthers(r.ofSecret)
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !r.wroteIt(ctx, e.Object) {
				wake.Create(ctx, e, queue)
			}
		},
		UpdateFunc: wake.Update,
		DeleteFunc: wake.Delete,
	}
}

// wroteIt says that the operator itself has just created a Secret, which wakes nobody: an AccessCode owns it. One that is
// restored names an owner that is no more.
func (r *Reconciler) wroteIt(ctx context.Context, secret client.Object) bool {
	owner := metav1.GetControllerOf(secret)
	if owner == nil || !isAccessCode(owner) {
		return false
	}
	var code v1alpha1.AccessCode
	err := r.Get(ctx, client.ObjectKey{Namespace: secret.GetNamespace(), Name: owner.Name}, &code)
	return err == nil && code.UID == owner.UID
}

func (r *Reconciler) ofSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return r.matching(ctx, secret.GetNamespace(), kube.IndexSecrets, secret.GetName())
}

func (r *Reconciler) matching(ctx context.Context, namespace, index, value string) []reconcile.Request {
	var codes v1alpha1.AccessCodeList
	if err := r.List(ctx, &codes, client.InNamespace(namespace), client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up AccessCodes in the cache failed", "index", index)
		return nil
	}
	requests := make([]reconcile.Request, 0, len(codes.Items))
	for i := range codes.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&codes.Items[i])})
	}
	return requests
}

// suspect has the workspace's credentials checked, and its AccessCodes wait until they are; not where that was found to
// change nothing a moment ago.
func (r *Reconciler) suspect(code *v1alpha1.AccessCode) (checked bool) {
	key := code.WorkspaceKey()
	checked = r.Registry.Suspect(key)
	if checked {
		r.Triggers.EnqueueWorkspace(key)
	}
	return checked
}

// accessCodeChanged passes what a user changes, and holds back what the operator itself writes.
func (r *Reconciler) accessCodeChanged() predicate.Predicate {
	requests := []string{
		v1alpha1.AccessCodeIDAnnotation, v1alpha1.ReconcileRequestedAtAnnotation, v1alpha1.PullBackupAnnotation,
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		takenOff := r.takenOff(e) // in any case: it remembers what was taken off
		if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || r.Shard.Moved(e) {
			return true // deletion moves the generation, too
		}
		for _, annotation := range requests {
			if e.ObjectOld.GetAnnotations()[annotation] != e.ObjectNew.GetAnnotations()[annotation] {
				return true
			}
		}
		return takenOff || tookOver(e)
	}}
}

// takenOff says that somebody else took off, of an object that stays, what the operator keeps in the metadata, as a replace
// of the whole object does.
func (r *Reconciler) takenOff(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*v1alpha1.AccessCode)
	after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
	if !ok || !ok2 || !after.DeletionTimestamp.IsZero() {
		return false
	}
	if before.Annotations[v1alpha1.CreateIntentAnnotation] == after.Annotations[v1alpha1.CreateIntentAnnotation] {
		return before.HasFinalizer() && !after.HasFinalizer()
	}
	// Of an object that was not looked at since the start, the event alone tells what it had.
	should := r.memory.intents.of(before)
	return before.HasFinalizer() && !after.HasFinalizer() || lacks(after, should)
}

// workspaceChanged passes what decides whether AccessCodes may work: spec, readiness, the in-use finalizer, deletion.
func workspaceChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.SeamWorkspace)
		after, ok2 := e.ObjectNew.(*v1alpha1.SeamWorkspace)
		if !ok || !ok2 {
			return false
		}
		return before.Generation != after.Generation || before.InUse() != after.InUse() ||
			before.Status.WorkspaceID != after.Status.WorkspaceID ||
			kube.ReadyReason(before.Status.Conditions) != kube.ReadyReason(after.Status.Conditions)
	}}
}
