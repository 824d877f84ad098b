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

// cleanUpWorkers is how many AccessCodes that are left behind are worked on at once.
const cleanUpWorkers = 8

// leftBehind keeps the last states of AccessCodes that went before their codes, by UID: another of the same name may
// have come since. It is safe for concurrent use.
type leftBehind struct {
	mu    sync.Mutex
	byUID map[types.UID]left
	// trigger has those worked on, by their namespace and UID.
	trigger *kube.Trigger[types.NamespacedName]
}

type left struct {
	code *v1alpha1.AccessCode
	past recollection
}

func newLeftBehind() *leftBehind {
	return &leftBehind{byUID: map[types.UID]left{}, trigger: kube.NewTrigger[types.NamespacedName]()}
}

func (l *leftBehind) add(code *v1alpha1.AccessCode) {
	l.mu.Lock()
	l.byUID[code.UID] = left{code: code, past: recollection{uid: code.UID}}
	l.mu.Unlock()
	l.trigger.Enqueue(types.NamespacedName{Namespace: code.Namespace, Name: string(code.UID)})
}

// get returns a copy of an AccessCode that is left behind, nil when there is none.
func (l *leftBehind) get(uid types.UID) (*v1alpha1.AccessCode, recollection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.byUID[uid]
	return one.code.DeepCopy(), one.past
}

func (l *leftBehind) keep(code *v1alpha1.AccessCode, past recollection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byUID[code.UID] = left{code: code, past: past}
}

func (l *leftBehind) drop(uid types.UID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byUID, uid)
}

// find returns one of which something is true, nil when there is none. It must not be changed.
func (l *leftBehind) find(is func(*v1alpha1.AccessCode) bool) *v1alpha1.AccessCode {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, one := range l.byUID {
		if is(one.code) {
			return one.code
		}
	}
	return nil
}

// needs says whether a SeamWorkspace is needed to take codes off locks whose AccessCodes are gone.
func (l *leftBehind) needs(ws *v1alpha1.SeamWorkspace) bool {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		return c.WorkspaceKey() == ws.Key() || c.Namespace == ws.Namespace && c.Unreadable("spec.workspaceRef")
	}) != nil
}

// HasOrphans says whether a SeamWorkspace is needed to take codes off locks whose AccessCodes are gone.
func (r *Reconciler) HasOrphans(ws *v1alpha1.SeamWorkspace) bool { return r.left.needs(ws) }

// owns says whether a code at Seam is recorded with one that is left behind, and that code is not a restore of it.
func (l *leftBehind) owns(id string, code *v1alpha1.AccessCode) bool {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		return c.UID != code.UID && slices.Contains(c.RecordedIDs(), id) && !succeeds(code, c)
	}) != nil
}

// succeeds says that an AccessCode leads to the code of one that is gone: it was restored from that, or names its code for
// import. Then the code stays.
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

// rememberLeftBehind keeps the last state of an AccessCode that the operator did not let go, and whose code is to leave
// the lock. A replace of the whole object takes the finalizer off, and so do people; and the API server reads an object
// before it deletes it, so that a finalizer that is stored in between is lost. Whoever waits on the lock of one that is gone
// is woken: where the answer to the write that took off the finalizer was lost, or somebody else took it off, nothing else
// does.
func (r *Reconciler) rememberLeftBehind(e event.DeleteEvent) {
	code, ok := e.Object.(*v1alpha1.AccessCode)
	if !ok {
		return
	}
	r.wakeRemembered(code.Spec.DeviceID)
	intent := r.memory.intents.of(code)
	r.memory.intents.forget(code.UID)
	if e.DeleteStateUnknown || r.memory.intents.wasLetGo(code.UID) {
		return
	}
	gone := code.DeepCopy()
	if lacks(gone, intent) {
		metav1.SetMetaDataAnnotation(&gone.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent)
	}
	controllerutil.AddFinalizer(gone, v1alpha1.Finalizer)
	if !leavesNothing(gone) {
		r.left.add(gone)
		r.Triggers.EnqueueWorkspace(gone.WorkspaceKey()) // whose credentials are needed still
	}
}

// setupCleanUp registers what works on AccessCodes that are left behind: beside all others, so that one of the same name
// does not wait for it.
func (r *Reconciler) setupCleanUp(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("accesscode-left-behind").
		WatchesRawSource(r.left.trigger.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
			queue.Add(reconcile.Request{NamespacedName: key})
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: cleanUpWorkers,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   kube.ReconcileTimeout,
		}).
		Complete(reconcile.Func(r.cleanUp))
	if err != nil {
		return fmt.Errorf("setting up the controller of AccessCodes that are left behind: %w", err)
	}
	return nil
}

// cleanUp takes the one next step to get the code of an AccessCode off the lock that is left behind. No object is
// written: there is none to write to any more.
func (r *Reconciler) cleanUp(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	gone, past := r.left.get(types.UID(request.Name))
	if gone == nil {
		return ctrl.Result{}, nil
	}
	log := logf.FromContext(ctx).WithValues("accessCode", client.ObjectKeyFromObject(gone), "accessCodeID", gone.Status.AccessCodeID, "deviceID", gone.Spec.DeviceID)
	if taken, err := r.takenOver(ctx, gone); taken || err != nil {
		if taken {
			log.Info("Another AccessCode has the code of one that went before its code")
			r.cleaned(ctx, gone)
		}
		return ctrl.Result{}, err
	}
	if gone.DeletionTimestamp.IsZero() {
		gone.DeletionTimestamp = &metav1.Time{Time: r.Clock.Now()}
	}
	current := &run{code: gone, past: past}
	o, off := r.leaveBehind(ctx, current)
	if o.suspect {
		r.suspect(gone)
	}
	r.left.keep(gone, current.past)
	lost, unsure := r.outOfReach(ctx, current)
	switch {
	case off:
		log.Info("Took off the code of an AccessCode that went before its code")
		r.write(gone, &note{reason: eventRemoved, action: kube.ActionDelete, message: "The code is off the lock"})
	case lost != "":
		log.Info("Can't take off the code of an AccessCode that went before its code", "reason", lost)
		r.write(gone, &note{
			warning: true, reason: eventDeleteFailed, action: kube.ActionDelete,
			message: "The AccessCode is gone and its code stays on the lock: " + lost,
		})
	case o.err != nil || unsure != nil:
		return ctrl.Result{}, cmp.Or(o.err, unsure)
	default:
		return ctrl.Result{RequeueAfter: max(cmp.Or(o.after, suspectRetry), kube.Soon)}, nil
	}
	r.cleaned(ctx, gone)
	return ctrl.Result{}, nil
}

// leaveBehind is leave where something leads to the code.
func (r *Reconciler) leaveBehind(ctx context.Context, current *run) (o outcome, off bool) {
	if untraceable(current.code) != nil {
		return outcome{}, false
	}
	return r.leave(ctx, current)
}

// takenOver says that the code of an AccessCode that is left behind belongs to another one now.
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

// outOfReach says why nothing leads to the code any more, "" when something may.
func (r *Reconciler) outOfReach(ctx context.Context, current *run) (string, error) {
	if o := untraceable(current.code); o != nil {
		return o.message, nil
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

// cleaned forgets an AccessCode that was left behind, and wakes who waits for what it has let go of.
func (r *Reconciler) cleaned(ctx context.Context, gone *v1alpha1.AccessCode) {
	r.left.drop(gone.UID)
	r.wakeLock(ctx, gone.Spec.DeviceID, types.NamespacedName{})
	r.Triggers.EnqueueWorkspace(gone.WorkspaceKey())
}

// formerLook is when it is asked again whether a former AccessCode is done with.
const formerLook = 3 * time.Second

// afterFormer has a create wait until it is known what a former AccessCode has on the lock; nil where there is none.
func (r *Reconciler) afterFormer(code *v1alpha1.AccessCode) *outcome {
	former := r.left.formerOf(code)
	if former == nil {
		return nil
	}
	return &outcome{
		reason: v1alpha1.ReasonCreating, after: formerLook,
		message: "A former " + named(code, former) + " may have a code on this lock that is not known yet: it is looked for before another is made",
	}
}

// formerOf returns an AccessCode that went before it was known whether its create has had an effect, and whose code one
// of the given AccessCode's could be taken for; nil when there is none.
func (l *leftBehind) formerOf(code *v1alpha1.AccessCode) *v1alpha1.AccessCode {
	return l.find(func(c *v1alpha1.AccessCode) bool {
		intent := intentOf(c)
		return c.UID != code.UID && c.Status.AccessCodeID == "" && c.Spec.DeviceID == code.Spec.DeviceID && intent != nil &&
			(intent.Name == code.RemoteName() || c.RemoteName() == code.RemoteName()) && !succeeds(code, c)
	})
}
