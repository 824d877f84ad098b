// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
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

// orphanWorkers is how many orphaned codes are deleted at once.
const orphanWorkers = 8

// orphans holds the last state of each AccessCode that went before its code. The code is orphaned: it is on the lock, and no
// object stands for it. The key is the UID, because another AccessCode of the same name may have come since. It is safe for
// concurrent use.
type orphans struct {
	mu    sync.Mutex
	byUID map[types.UID]orphan
	// trigger enqueues them, by namespace and UID.
	trigger *kube.Trigger[types.NamespacedName]
}

type orphan struct {
	code    *v1alpha1.AccessCode
	history history
}

func newOrphans() *orphans {
	return &orphans{byUID: map[types.UID]orphan{}, trigger: kube.NewTrigger[types.NamespacedName]()}
}

func (o *orphans) add(code *v1alpha1.AccessCode) {
	o.mu.Lock()
	o.byUID[code.UID] = orphan{code: code, history: history{uid: code.UID}}
	o.mu.Unlock()
	o.trigger.Enqueue(types.NamespacedName{Namespace: code.Namespace, Name: string(code.UID)})
}

// get returns a copy of an orphan's AccessCode; nil when there is no such orphan.
func (o *orphans) get(uid types.UID) (*v1alpha1.AccessCode, history) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one := o.byUID[uid]
	return one.code.DeepCopy(), one.history
}

func (o *orphans) keep(code *v1alpha1.AccessCode, history history) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byUID[code.UID] = orphan{code: code, history: history}
}

func (o *orphans) drop(uid types.UID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.byUID, uid)
}

// find returns an AccessCode of which is holds; nil when there is none. It must not be changed.
func (o *orphans) find(is func(*v1alpha1.AccessCode) bool) *v1alpha1.AccessCode {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, one := range o.byUID {
		if is(one.code) {
			return one.code
		}
	}
	return nil
}

// need says whether an orphan needs the credentials of a SeamWorkspace.
func (o *orphans) need(ws *v1alpha1.SeamWorkspace) bool {
	return o.find(func(c *v1alpha1.AccessCode) bool {
		return c.WorkspaceKey() == ws.Key() || c.Namespace == ws.Namespace && c.Unreadable("spec.workspaceRef")
	}) != nil
}

// HasOrphans says whether the credentials of a SeamWorkspace are needed to delete orphaned codes.
func (r *Reconciler) HasOrphans(ws *v1alpha1.SeamWorkspace) bool { return r.orphans.need(ws) }

// own says whether a code at Seam is recorded with an orphan that code does not succeed.
func (o *orphans) own(id string, code *v1alpha1.AccessCode) bool {
	return o.find(func(c *v1alpha1.AccessCode) bool {
		return c.UID != code.UID && slices.Contains(c.RecordedIDs(), id) && !succeeds(code, c)
	}) != nil
}

// succeeds says that an AccessCode takes over the code of one that is gone: it was restored from that one, or names its code
// for import. Then the code stays on the lock.
func succeeds(code, gone *v1alpha1.AccessCode) bool {
	id := gone.Status.AccessCodeID
	switch {
	case !code.DeletionTimestamp.IsZero() || code.Spec.DeviceID != gone.Spec.DeviceID:
		return false
	case id != "" && (code.Status.AccessCodeID == id || code.Annotations[v1alpha1.AccessCodeIDAnnotation] == id):
		return true
	}
	return intentOf(code) != nil &&
		code.Annotations[v1alpha1.CreateIntentAnnotation] == gone.Annotations[v1alpha1.CreateIntentAnnotation]
}

// keepOrphan keeps the last state of a deleted AccessCode that the operator had not released, and whose code is to leave the
// lock. It happens when the finalizer was taken off by a person, or by a replace of the whole object, or was stored while the
// API server was deleting the object.
//
// In any case it enqueues those that wait on the lock: where the answer to the operator's own release was lost, or somebody
// else took the finalizer off, nothing else does.
func (r *Reconciler) keepOrphan(e event.DeleteEvent) {
	code, ok := e.Object.(*v1alpha1.AccessCode)
	if !ok {
		return
	}
	r.enqueueRemembered(code.Spec.DeviceID)
	intent := r.tracker.intents.of(code)
	r.tracker.intents.forget(code.UID)
	if e.DeleteStateUnknown || r.tracker.intents.wasLetGo(code.UID) {
		return
	}
	gone := code.DeepCopy()
	if lacks(gone, intent) {
		metav1.SetMetaDataAnnotation(&gone.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent)
	}
	controllerutil.AddFinalizer(gone, v1alpha1.Finalizer)
	if !nothingToDelete(gone) {
		r.orphans.add(gone)
		r.Triggers.EnqueueWorkspace(gone.WorkspaceKey()) // its credentials are still needed
	}
}

// setupOrphans registers a controller of its own for orphans, so that an AccessCode of the same name does not wait for one.
func (r *Reconciler) setupOrphans(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode-left-behind").
		WatchesRawSource(r.orphans.trigger.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
			queue.Add(reconcile.Request{NamespacedName: key})
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: orphanWorkers,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(reconcile.Func(r.deleteOrphan))
	if err != nil {
		return fmt.Errorf("setting up the controller of orphaned codes: %w", err)
	}
	return nil
}

// deleteOrphan takes the one next step to get an orphaned code off its lock. It writes no object, for there is none any more;
// it tells in Events and in the log.
func (r *Reconciler) deleteOrphan(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	gone, history := r.orphans.get(types.UID(request.Name))
	if gone == nil {
		return ctrl.Result{}, nil
	}
	log := logf.FromContext(ctx).WithValues("accessCode", client.ObjectKeyFromObject(gone), "accessCodeID", gone.Status.AccessCodeID, "deviceID", gone.Spec.DeviceID)
	if taken, err := r.takenOver(ctx, gone); taken || err != nil {
		if taken {
			log.Info("Another AccessCode has the code of one that went before its code")
			r.dropOrphan(ctx, gone)
		}
		return ctrl.Result{}, err
	}
	if gone.DeletionTimestamp.IsZero() {
		gone.DeletionTimestamp = &metav1.Time{Time: r.Clock.Now()}
	}
	current := &scope{code: gone, history: history}
	res, off := r.deleteOrphanedCode(ctx, current)
	if res.suspect {
		r.suspect(gone)
	}
	r.orphans.keep(gone, current.history)
	lost, unsure := r.unreachableReason(ctx, current)
	switch {
	case off:
		log.Info("Took off the code of an AccessCode that went before its code")
		r.write(gone, &eventRecord{reason: eventRemoved, action: kube.ActionDelete, message: "The code is off the lock"})
	case lost != "":
		log.Info("Can't take off the code of an AccessCode that went before its code", "reason", lost)
		r.write(gone, &eventRecord{
			warning: true, reason: eventDeleteFailed, action: kube.ActionDelete,
			message: "The AccessCode is gone and its code stays on the lock: " + lost,
		})
	case res.err != nil || unsure != nil:
		return ctrl.Result{}, cmp.Or(res.err, unsure)
	default:
		return ctrl.Result{RequeueAfter: max(cmp.Or(res.after, suspectRetry), kube.Soon)}, nil
	}
	r.dropOrphan(ctx, gone)
	return ctrl.Result{}, nil
}

// deleteOrphanedCode takes the next step of the deletion, unless nothing leads to the code.
func (r *Reconciler) deleteOrphanedCode(ctx context.Context, current *scope) (res result, off bool) {
	if untraceable(current.code) != nil {
		return result{}, false
	}
	return r.deleteRemote(ctx, current)
}

// takenOver says that the code of an orphan belongs to another AccessCode now.
func (r *Reconciler) takenOver(ctx context.Context, gone *v1alpha1.AccessCode) (bool, error) {
	if id := gone.Status.AccessCodeID; id != "" {
		if claimed, err := r.claimed(ctx, r, gone, id); claimed || err != nil {
			return claimed, err
		}
	}
	var list v1alpha1.AccessCodeList
	err := r.List(ctx, &list, client.InNamespace(gone.Namespace), client.MatchingFields{kube.IndexDevice: gone.Spec.DeviceID}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return false, fmt.Errorf("looking for the AccessCode of a remote code: %w", err)
	}
	return slices.ContainsFunc(list.Items, func(c v1alpha1.AccessCode) bool { return succeeds(&c, gone) }), nil
}

// unreachableReason says why nothing leads to an orphaned code any more; "" when something may.
func (r *Reconciler) unreachableReason(ctx context.Context, current *scope) (string, error) {
	if res := untraceable(current.code); res != nil {
		return res.message, nil
	}
	if current.live != nil {
		return "", nil
	}
	var ws v1alpha1.SeamWorkspace
	err := r.Get(ctx, current.code.WorkspaceKey().NamespacedName(), &ws)
	if apierrors.IsNotFound(err) {
		return fmt.Sprintf("SeamWorkspace %q does not exist", current.code.WorkspaceName()), nil
	}
	return "", client.IgnoreNotFound(err)
}

// dropOrphan forgets an orphan and enqueues those that wait for its PIN or its place on the lock.
func (r *Reconciler) dropOrphan(ctx context.Context, gone *v1alpha1.AccessCode) {
	r.orphans.drop(gone.UID)
	r.enqueueWaitingOn(ctx, gone.Spec.DeviceID, types.NamespacedName{})
	r.Triggers.EnqueueWorkspace(gone.WorkspaceKey())
}

// orphanLook is how often a create that waits for an orphan is looked at again.
const orphanLook = 3 * time.Second

// waitForOrphan has a create wait while an orphan of the same name may have a code on the lock that is not known yet. It
// returns nil where there is no such orphan.
func (r *Reconciler) waitForOrphan(code *v1alpha1.AccessCode) *result {
	former := r.orphans.pendingBefore(code)
	if former == nil {
		return nil
	}
	return &result{
		reason: v1alpha1.ReasonCreating, after: orphanLook,
		message: "A former " + nameFor(code, former) + " may have a code on this lock that is not known yet: it is looked for before another is made",
	}
}

// pendingBefore returns an orphan whose create is pending, and whose code could be mistaken for one of the given AccessCode;
// nil when there is none.
func (o *orphans) pendingBefore(code *v1alpha1.AccessCode) *v1alpha1.AccessCode {
	return o.find(func(c *v1alpha1.AccessCode) bool {
		intent := intentOf(c)
		return c.UID != code.UID && c.Status.AccessCodeID == "" && c.Spec.DeviceID == code.Spec.DeviceID && intent != nil &&
			(intent.Name == code.RemoteName() || c.RemoteName() == code.RemoteName()) && !succeeds(code, c)
	})
}
