// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
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

// SetupWithManager registers the controller and what triggers it: changes of the spec and of the Secrets, AccessCodes that are
// created and deleted, and credentials that Seam refused.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.SeamWorkspace{}, builder.WithPredicates(r.workspaceEdited())).
		Watches(&v1alpha1.AccessCode{}, r.ofCodes(), builder.WithPredicates(needChanged())).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.ofSecret)).
		WatchesRawSource(r.Triggers.Workspaces.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key v1alpha1.WorkspaceKey) {
			queue.Add(reconcile.Request{NamespacedName: key.NamespacedName()})
		})).
		WithOptions(controller.Options{
			// Each may wait for a Seam that does not answer.
			MaxConcurrentReconciles: workspaceWorkers,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(kube.Evenly(r))
	if err != nil {
		return fmt.Errorf("setting up the SeamWorkspace controller: %w", err)
	}
	return nil
}

// workspaceEdited passes a change of spec, of finalizers and of the shard. The operator's own change of the finalizers counts,
// too: the cache may not have shown a new AccessCode when it was made.
func (r *Reconciler) workspaceEdited() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || r.Shard.Moved(e) ||
			!slices.Equal(e.ObjectOld.GetFinalizers(), e.ObjectNew.GetFinalizers())
	}}
}

// ofCodes enqueues the SeamWorkspace of an AccessCode, and the former one where the reference has changed. It enqueues none for
// a new AccessCode of a SeamWorkspace that is in use already.
func (r *Reconciler) ofCodes() handler.EventHandler {
	enqueue := func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], code client.Object) {
		for _, request := range r.ofCode(ctx, code) {
			if code.GetDeletionTimestamp().IsZero() {
				queue.Add(request)
			} else {
				queue.AddAfter(request, kube.GatherFor)
			}
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !r.inUseAlready(ctx, e.Object) {
				enqueue(ctx, queue, e.Object)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if sameWorkspace(e.ObjectOld, e.ObjectNew) && r.inUseAlready(ctx, e.ObjectNew) {
				return
			}
			enqueue(ctx, queue, e.ObjectOld)
			enqueue(ctx, queue, e.ObjectNew)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			for _, request := range r.ofCode(ctx, e.Object) {
				queue.AddAfter(request, kube.GatherFor)
			}
		},
	}
}

// inUseAlready says that an AccessCode needs a SeamWorkspace that is held already, and that neither is being deleted.
func (r *Reconciler) inUseAlready(ctx context.Context, object client.Object) bool {
	code, ok := object.(*v1alpha1.AccessCode)
	if !ok || !code.DeletionTimestamp.IsZero() || code.Unreadable("spec.workspaceRef") {
		return false
	}
	var ws v1alpha1.SeamWorkspace
	err := r.Get(ctx, code.WorkspaceKey().NamespacedName(), &ws)
	return err == nil && ws.DeletionTimestamp.IsZero() && ws.InUse()
}

func sameWorkspace(before, after client.Object) bool {
	a, ok := before.(*v1alpha1.AccessCode)
	b, ok2 := after.(*v1alpha1.AccessCode)
	return ok && ok2 && a.WorkspaceKey() == b.WorkspaceKey() &&
		a.Unreadable("spec.workspaceRef") == b.Unreadable("spec.workspaceRef")
}

func (r *Reconciler) ofCode(ctx context.Context, object client.Object) []reconcile.Request {
	code, ok := object.(*v1alpha1.AccessCode)
	if !ok {
		return nil
	}
	if code.Unreadable("spec.workspaceRef") {
		return r.matching(ctx, code.Namespace)
	}
	return []reconcile.Request{{NamespacedName: code.WorkspaceKey().NamespacedName()}}
}

func (r *Reconciler) ofSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return append(
		r.matching(ctx, secret.GetNamespace(), client.MatchingFields{kube.IndexAuthSecret: secret.GetName()}),
		r.matching(ctx, secret.GetNamespace(), client.MatchingFields{kube.IndexWebhook: secret.GetName()})...)
}

func (r *Reconciler) matching(ctx context.Context, namespace string, options ...client.ListOption) []reconcile.Request {
	var workspaces v1alpha1.SeamWorkspaceList
	if err := r.List(ctx, &workspaces, append(options, client.InNamespace(namespace))...); err != nil {
		logf.FromContext(ctx).Error(err, "Looking up SeamWorkspaces in the cache failed")
		return nil
	}
	requests := make([]reconcile.Request, 0, len(workspaces.Items))
	for i := range workspaces.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&workspaces.Items[i])})
	}
	return requests
}

// needChanged passes changes after which an AccessCode may need its workspace, or no longer need it. A change of workspaceRef
// enqueues both workspaces, because an update maps both versions of the object.
func needChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.AccessCode)
		after, ok2 := e.ObjectNew.(*v1alpha1.AccessCode)
		if !ok || !ok2 {
			return false
		}
		return before.WorkspaceKey() != after.WorkspaceKey() ||
			before.Unreadable("spec.workspaceRef") != after.Unreadable("spec.workspaceRef") ||
			before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() ||
			!slices.Equal(before.Finalizers, after.Finalizers)
	}}
}
