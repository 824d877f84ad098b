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

// SetupWithManager registers the controller and what triggers it: a change of the spec or of a request annotation, of the
// Secret, of the SeamWorkspace, and events at Seam.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode").
		Watches(&v1alpha1.AccessCode{}, r.ofAccessCodes(), builder.WithPredicates(r.Shard.Predicate(), r.accessCodeChanged())).
		Watches(&v1alpha1.SeamWorkspace{}, r.queue.ofOthers(r.ofWorkspace),
			builder.WithPredicates(workspaceChanged())).
		WatchesMetadata(&corev1.Secret{}, r.ofSecrets()).
		WatchesRawSource(r.Triggers.AccessCodesOf.Source(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key v1alpha1.WorkspaceKey) {
			for _, request := range r.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key)) {
				r.queue.add(queue, request, priorityLook)
			}
		})).
		WatchesRawSource(r.Triggers.AccessCodes.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
			r.queue.add(queue, reconcile.Request{NamespacedName: key}, priorityLook)
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: r.MaxConcurrentReconciles,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(r.queue.ranked(r))
	if err != nil {
		return fmt.Errorf("setting up the AccessCode controller: %w", err)
	}
	return r.setupOrphans(mgr)
}

func requestOf(o client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)}
}

// ofAccessCodes enqueues AccessCodes that have changed, and keeps the orphans among those that are gone.
func (r *Reconciler) ofAccessCodes() handler.EventHandler {
	enqueue := r.queue.ofObjects()
	return handler.Funcs{
		CreateFunc: enqueue.Create,
		UpdateFunc: enqueue.Update,
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			r.keepOrphan(e)
			enqueue.Delete(ctx, e, queue)
		},
	}
}

func (r *Reconciler) ofWorkspace(ctx context.Context, object client.Object) []reconcile.Request {
	key := v1alpha1.SeamWorkspaceKey(client.ObjectKeyFromObject(object))
	return r.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key))
}

// ofSecrets enqueues the AccessCodes that a Secret concerns.
func (r *Reconciler) ofSecrets() handler.EventHandler {
	enqueue := r.queue.ofOthers(r.ofSecret)
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !r.wroteIt(ctx, e.Object) {
				enqueue.Create(ctx, e, queue)
			}
		},
		UpdateFunc: enqueue.Update,
		DeleteFunc: enqueue.Delete,
	}
}

// wroteIt says that the operator itself has just created a Secret, so that nothing is enqueued: an existing AccessCode owns it.
// A restored Secret names an owner that is gone.
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

// suspect has the credentials of the SeamWorkspace checked. Its AccessCodes wait for that. It returns false, and does nothing,
// where a check found nothing wrong a moment ago.
func (r *Reconciler) suspect(code *v1alpha1.AccessCode) (checked bool) {
	key := code.WorkspaceKey()
	checked = r.Registry.Suspect(key)
	if checked {
		r.Triggers.EnqueueWorkspace(key)
	}
	return checked
}

// accessCodeChanged passes changes made by others, and filters out the operator's own writes.
func (r *Reconciler) accessCodeChanged() predicate.Predicate {
	requests := []string{
		v1alpha1.AccessCodeIDAnnotation, v1alpha1.ReconcileRequestedAtAnnotation, v1alpha1.PullBackupAnnotation,
	}
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		takenOff := takenOff(e, r.knownIntent(e)) // first of all, because knownIntent remembers the intention
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

// knownIntent returns the intention that an AccessCode should have where an update has changed it; "" otherwise. It remembers
// that of before where none is remembered: of an object that was not reconciled since the start, only the event has it.
func (r *Reconciler) knownIntent(e event.UpdateEvent) string {
	before, ok := e.ObjectOld.(*v1alpha1.AccessCode)
	after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
	if !ok || !ok2 || !after.DeletionTimestamp.IsZero() ||
		before.Annotations[v1alpha1.CreateIntentAnnotation] == after.Annotations[v1alpha1.CreateIntentAnnotation] {
		return ""
	}
	return r.tracker.intents.of(before)
}

// takenOff says that an update removed the finalizer, or the intention that should be there, from an object that is not being
// deleted. A replace of the whole object does that.
func takenOff(e event.UpdateEvent, should string) bool {
	before, ok := e.ObjectOld.(*v1alpha1.AccessCode)
	after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
	if !ok || !ok2 || !after.DeletionTimestamp.IsZero() {
		return false
	}
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
