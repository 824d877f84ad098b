// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// leftBehindWorkers is how many codes that are left behind are taken off at once.
const leftBehindWorkers = 8

// leftBehindReconciler takes off the codes of AccessCodes that went before them.
type leftBehindReconciler struct {
	cache     client.Reader
	memory    *leftBehind
	intents   *intents
	connector connector
	holders   holders
	deleter   deleter
	waiting   waitingLine
	events    eventWriter
	triggers  *kube.Triggers
	clock     clock.PassiveClock
}

// HasOrphans says whether the credentials of a SeamWorkspace are needed to take off a code that is left behind.
func (r *Reconciler) HasOrphans(ws *v1alpha1.SeamWorkspace) bool { return r.leftBehind.need(ws) }

// remember keeps the last state of a deleted AccessCode that the operator had not released, and whose code is to leave the lock. It
// happens when the finalizer was taken off by a person, or by a replace of the whole object, or was stored while the API server
// was deleting the object.
//
// In any case it enqueues those that wait on the lock: where the answer to the operator's own release was lost, or somebody
// else took the finalizer off, nothing else does.
func (l leftBehindReconciler) remember(e event.DeleteEvent) {
	code, ok := e.Object.(*v1alpha1.AccessCode)
	if !ok {
		return
	}
	l.waiting.enqueueRemembered(code.Spec.DeviceID)
	l.intents.learn(code)
	intent := l.intents.of(code.UID)
	l.intents.forget(code.UID)
	if e.DeleteStateUnknown || l.intents.wasLetGo(code.UID) {
		return
	}
	gone := code.DeepCopy()
	if lacks(gone, intent) {
		metav1.SetMetaDataAnnotation(&gone.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent)
	}
	controllerutil.AddFinalizer(gone, v1alpha1.Finalizer)
	if !nothingToDelete(gone) {
		l.memory.add(gone)
		l.triggers.EnqueueWorkspace(gone.WorkspaceKey()) // its credentials are still needed
	}
}

// setupWithManager registers a controller of its own, so that an AccessCode of the same name does not wait for one that is gone.
func (l leftBehindReconciler) setupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode-left-behind").
		WatchesRawSource(l.memory.trigger.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
			queue.Add(reconcile.Request{NamespacedName: key})
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: leftBehindWorkers,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(l)
	if err != nil {
		return fmt.Errorf("setting up the controller of codes that are left behind: %w", err)
	}
	return nil
}

// Reconcile takes the one next step to get a code off its lock that is left behind. It writes no object, for there is none any
// more; it tells in Events and in the log.
func (l leftBehindReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	gone, history := l.memory.get(types.UID(request.Name))
	if gone == nil {
		return ctrl.Result{}, nil
	}
	log := logf.FromContext(ctx).WithValues("accessCode", client.ObjectKeyFromObject(gone), "accessCodeID", gone.Status.AccessCodeID, "deviceID", gone.Spec.DeviceID)
	if succeeded, err := l.holders.succeeded(ctx, gone); succeeded || err != nil {
		if succeeded {
			log.Info("Another AccessCode has the code of one that went before its code")
			l.drop(ctx, gone)
		}
		return ctrl.Result{}, err
	}
	if gone.DeletionTimestamp.IsZero() {
		gone.DeletionTimestamp = &metav1.Time{Time: l.clock.Now()}
	}
	s, res := l.deleteCode(ctx, facts{code: gone, history: history})
	if res.suspect {
		l.connector.suspect(gone)
	}
	l.memory.keep(gone, s.history)
	lost, unsure := l.unreachableReason(ctx, s)
	switch {
	case res.off:
		log.Info("Took off the code of an AccessCode that went before its code")
		l.events.write(gone, &eventRecord{reason: eventRemoved, action: kube.ActionDelete, message: "The code is off the lock"})
	case lost != "":
		log.Info("Can't take off the code of an AccessCode that went before its code", "reason", lost)
		l.events.write(gone, &eventRecord{
			warning: true, reason: eventDeleteFailed, action: kube.ActionDelete,
			message: "The AccessCode is gone and its code stays on the lock: " + lost,
		})
	case res.err != nil || unsure != nil:
		return ctrl.Result{}, cmp.Or(res.err, unsure)
	default:
		return ctrl.Result{RequeueAfter: max(cmp.Or(res.after, suspectRetry), kube.Soon)}, nil
	}
	l.drop(ctx, gone)
	return ctrl.Result{}, nil
}

// deleteCode takes the next step of the deletion, unless nothing leads to the code.
func (l leftBehindReconciler) deleteCode(ctx context.Context, f facts) (snapshot, result) {
	if untraceable(f.code) != nil {
		return newSnapshot(f), result{}
	}
	return l.deleter.deleteCode(ctx, f)
}

// unreachableReason says why nothing leads to the code any more; "" when something may.
func (l leftBehindReconciler) unreachableReason(ctx context.Context, s snapshot) (string, error) {
	if err := untraceable(s.code); err != nil {
		return err.Error(), nil
	}
	if s.session != nil {
		return "", nil
	}
	var ws v1alpha1.SeamWorkspace
	err := l.cache.Get(ctx, s.code.WorkspaceKey().NamespacedName(), &ws)
	if apierrors.IsNotFound(err) {
		return fmt.Sprintf("SeamWorkspace %q does not exist", s.code.WorkspaceName()), nil
	}
	return "", client.IgnoreNotFound(err)
}

// drop forgets an AccessCode and enqueues those that wait for its PIN or its place on the lock.
func (l leftBehindReconciler) drop(ctx context.Context, gone *v1alpha1.AccessCode) {
	l.memory.drop(gone.UID)
	l.waiting.freed(ctx, gone.Spec.DeviceID, types.NamespacedName{})
	l.triggers.EnqueueWorkspace(gone.WorkspaceKey())
}
