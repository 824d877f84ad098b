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
	w := r.watcher()
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode").
		Watches(&v1alpha1.AccessCode{}, w.ofAccessCodes(), builder.WithPredicates(r.Shard.Predicate())).
		Watches(&v1alpha1.SeamWorkspace{}, r.queue.ofOthers(w.ofWorkspace),
			builder.WithPredicates(workspaceChanged())).
		WatchesMetadata(&corev1.Secret{}, w.ofSecrets()).
		WatchesRawSource(r.Triggers.AccessCodesOf.Source(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key v1alpha1.WorkspaceKey) {
			for _, request := range w.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key)) {
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
	return w.leftBehind.setupWithManager(mgr)
}

// watcher enqueues AccessCodes by what happens in Kubernetes.
type watcher struct {
	cache      client.Reader
	queue      *fairQueue
	intents    *intents
	leftBehind leftBehindReconciler
	shard      kube.Shard
}

func (r *Reconciler) watcher() watcher {
	return watcher{cache: r.Client, queue: r.queue, intents: &r.tracker.intents, leftBehind: r.parts().leftBehind, shard: r.Shard}
}

func requestOf(o client.Object) reconcile.Request {
	return reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)}
}

// ofAccessCodes enqueues AccessCodes that have changed, and remembers what only the events tell: intentions that were taken off,
// and those that are gone before their codes.
func (w watcher) ofAccessCodes() handler.EventHandler {
	enqueue := w.queue.ofObjects()
	return handler.Funcs{
		CreateFunc: enqueue.Create,
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			w.learnIntent(e)
			if w.accessCodeChanged(e) {
				enqueue.Update(ctx, e, queue)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			w.leftBehind.remember(e)
			enqueue.Delete(ctx, e, queue)
		},
	}
}

func (w watcher) ofWorkspace(ctx context.Context, object client.Object) []reconcile.Request {
	key := v1alpha1.SeamWorkspaceKey(client.ObjectKeyFromObject(object))
	return w.matching(ctx, key.Namespace, kube.IndexWorkspace, kube.WorkspaceValue(key))
}

// ofSecrets enqueues the AccessCodes that a Secret concerns.
func (w watcher) ofSecrets() handler.EventHandler {
	enqueue := w.queue.ofOthers(w.ofSecret)
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !w.wroteIt(ctx, e.Object) {
				enqueue.Create(ctx, e, queue)
			}
		},
		UpdateFunc: enqueue.Update,
		DeleteFunc: enqueue.Delete,
	}
}

// wroteIt says that the operator itself has just created a Secret, so that nothing is enqueued: an existing AccessCode owns it.
// A restored Secret names an owner that is gone.
func (w watcher) wroteIt(ctx context.Context, secret client.Object) bool {
	owner := metav1.GetControllerOf(secret)
	if owner == nil || !isAccessCode(owner) {
		return false
	}
	var code v1alpha1.AccessCode
	err := w.cache.Get(ctx, client.ObjectKey{Namespace: secret.GetNamespace(), Name: owner.Name}, &code)
	return err == nil && code.UID == owner.UID
}

func (w watcher) ofSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return w.matching(ctx, secret.GetNamespace(), kube.IndexSecrets, secret.GetName())
}

func (w watcher) matching(ctx context.Context, namespace, index, value string) []reconcile.Request {
	var codes v1alpha1.AccessCodeList
	if err := w.cache.List(ctx, &codes, client.InNamespace(namespace), client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up AccessCodes in the cache failed", "index", index)
		return nil
	}
	requests := make([]reconcile.Request, 0, len(codes.Items))
	for i := range codes.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&codes.Items[i])})
	}
	return requests
}

// accessCodeChanged says that an update was made by others than the operator.
func (w watcher) accessCodeChanged(e event.UpdateEvent) bool {
	requests := []string{
		v1alpha1.AccessCodeIDAnnotation, v1alpha1.ReconcileRequestedAtAnnotation, v1alpha1.PullBackupAnnotation,
	}
	if e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || w.shard.Moved(e) {
		return true // deletion moves the generation, too
	}
	for _, annotation := range requests {
		if e.ObjectOld.GetAnnotations()[annotation] != e.ObjectNew.GetAnnotations()[annotation] {
			return true
		}
	}
	return w.stripped(e) || recordedAnother(e)
}

// learnIntent remembers the intention that an update has taken off, where none is remembered: of an object that was not reconciled
// since the start, only the event has it.
func (w watcher) learnIntent(e event.UpdateEvent) {
	if before, after, ok := accessCodes(e); ok && changesIntent(before, after) {
		w.intents.learn(before)
	}
}

// stripped says that an update removed the finalizer, or the intention that should be there, from an object that is not being
// deleted. A replace of the whole object does that.
func (w watcher) stripped(e event.UpdateEvent) bool {
	before, after, ok := accessCodes(e)
	if !ok || !after.DeletionTimestamp.IsZero() {
		return false
	}
	return before.HasFinalizer() && !after.HasFinalizer() || changesIntent(before, after) && lacks(after, w.intents.of(before.UID))
}

func changesIntent(before, after *v1alpha1.AccessCode) bool {
	return after.DeletionTimestamp.IsZero() && before.Annotations[v1alpha1.CreateIntentAnnotation] != after.Annotations[v1alpha1.CreateIntentAnnotation]
}

// recordedAnother says that an AccessCode has just recorded a code that it did not create: another may have done so before either
// could know of the other, and now the cache knows of the first of them at least.
func recordedAnother(e event.UpdateEvent) bool {
	before, after, ok := accessCodes(e)
	return ok && after.Status.AccessCodeID != "" && before.Status.AccessCodeID != after.Status.AccessCodeID && intentOf(after) == nil
}

func accessCodes(e event.UpdateEvent) (before, after *v1alpha1.AccessCode, ok bool) {
	before, ok = e.ObjectOld.(*v1alpha1.AccessCode)
	after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
	return before, after, ok && ok2
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
