// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package accesscode reconciles AccessCodes with the codes on the locks. A reconcile reads an AccessCode, looks at Seam, asks
// the planner for the one next step, takes it, and writes the result to the status.
package accesscode

import (
	"cmp"
	"context"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Options are what a Reconciler works with.
type Options struct {
	client.Client

	// Metadata is the cache. Only the metadata of Secrets is read from it.
	Metadata client.Reader
	// APIReader reads from the API server itself, not from the cache.
	APIReader client.Reader
	// Registry has the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers enqueue objects for this controller and the others.
	Triggers *kube.Triggers
	// Metrics count what happens.
	Metrics *metrics.Instruments
	// Recorder records Events.
	Recorder events.EventRecorder
	// Clock is the operator's clock. Windows are compared with Seam's.
	Clock clock.PassiveClock
	// Zones are the time zones of locks.
	Zones *schedule.Zones
	// MaxConcurrentReconciles is how many AccessCodes are reconciled at once; 1 when zero.
	MaxConcurrentReconciles int
	// Shard selects the AccessCodes that are served.
	Shard kube.Shard
}

// Reconciler reconciles AccessCodes with the codes on the locks.
type Reconciler struct {
	Options

	tracker *tracker
	queue   *fairQueue
	// orphans are AccessCodes that went before their codes.
	orphans *orphans
}

// NewReconciler returns a Reconciler without any history.
func NewReconciler(options Options) *Reconciler {
	return &Reconciler{Options: options, tracker: newTracker(), queue: newFairQueue(), orphans: newOrphans()}
}

// scope is one reconcile of one AccessCode.
type scope struct {
	code    *v1alpha1.AccessCode
	live    *workspace.Session
	pin     pin
	history history
	// backupRef is where the PIN of the backup code is kept, nil until that is known.
	backupRef *v1alpha1.SecretKeyReference
	// device is the lock, nil where what it supports was not needed to be known.
	device *seam.Device
	// zone is the time zone of the lock, nil where it was not needed, or is not known.
	zone *time.Location
	// noBackup says that there was no backup code when it was looked for.
	noBackup bool
	// foundDrift says that this reconcile found the code changed elsewhere, and none before it.
	foundDrift bool
}

// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes,verbs=list;watch;patch
// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes/status,verbs=patch
// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes/finalizers,verbs=update
// +kubebuilder:rbac:groups=core,resources=secrets,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Reconcile takes the one next step for one AccessCode: observe, decide, act, report. It may be interrupted after any line.
// The next reconcile starts from what is stored.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	// A stop of the operator does not interrupt a step: of an interrupted call, it would not be known whether it took effect.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	var code v1alpha1.AccessCode
	if err := r.Get(ctx, request.NamespacedName, &code); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.tracker.forget(request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading AccessCode %q: %w", request.NamespacedName, err)
	}
	if !r.Shard.Has(&code) {
		r.tracker.forget(request.NamespacedName)
		r.tracker.intents.forget(code.UID)
		return ctrl.Result{}, nil
	}
	if err := kube.Heal(ctx, r.Client, &code, code.Undecodable); err != nil {
		return r.report(ctx, &scope{code: &code}, failure(err))
	}
	current := &scope{code: &code, history: r.tracker.recall(&code)}
	current.history.noteGeneration(&code, r.Clock.Now())
	if err := r.intendAgain(ctx, current, nil); err != nil {
		return r.report(ctx, current, failure(err))
	}
	switch {
	case !code.DeletionTimestamp.IsZero():
		return r.report(ctx, current, r.reconcileDelete(ctx, current))
	case code.Spec.Suspend:
		return r.reconcileSuspended(ctx, current)
	default:
		return r.report(ctx, current, r.reconcileNormal(ctx, current))
	}
}

// reconcileNormal is for an AccessCode that is not being deleted.
func (r *Reconciler) reconcileNormal(ctx context.Context, current *scope) result {
	if res := unusable(current.code); res != nil {
		return *res
	}
	for _, prepare := range []func(context.Context, *scope) *result{r.connect, r.yieldToOwner, r.resolveCopy, r.preparePIN} {
		if res := prepare(ctx, current); res != nil {
			return *res
		}
	}
	seen, err := r.observe(ctx, current)
	if err != nil {
		return current.failed("", err)
	}
	return r.act(ctx, current, seen)
}

// preparePIN resolves the PIN and finds out who chooses it. A result says what the code waits for. Once the window is over,
// nothing is waited for: the code leaves the lock without its PIN being known.
func (r *Reconciler) preparePIN(ctx context.Context, current *scope) *result {
	pin, res, err := r.resolveOwnPIN(ctx, current.code)
	over := current.over()
	switch {
	case err != nil && !over:
		return failedWith(err)
	case res != nil && !over:
		res.after = cmp.Or(res.after, current.nextLook(plan.Step{}))
		return res
	}
	current.pin = pin
	// Who chooses the PIN decides what a code of ours looks like.
	if known := current.known(); !known.CreatePending && (known.ID != "" || over) {
		return nil
	}
	err = current.learnDevice(ctx)
	if err == nil || over && seam.IsDeviceNotFound(err) {
		return nil
	}
	failed := current.failed("", err)
	if kube.VerdictOf(failed.reason) == kube.Stalled {
		failed = failed.warning(eventCreateFailed)
	}
	return &failed
}

// connect gets the connection of the AccessCode's workspace. A result says why there is none.
func (r *Reconciler) connect(ctx context.Context, current *scope) *result {
	key := current.code.WorkspaceKey()
	var ws v1alpha1.SeamWorkspace
	if err := r.Get(ctx, key.NamespacedName(), &ws); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q does not exist in this namespace: create it, or name another in spec.workspaceRef%s", key.Name, hint(current.code))
		}
		return failedWith(fmt.Errorf("reading SeamWorkspace %q: %w", key, err))
	}
	if res := r.available(&ws, current.code); res != nil {
		return res
	}
	live, ok := r.Registry.Get(key)
	if !ok {
		// Nothing to do or to report: its AccessCodes are enqueued when it becomes ready.
		return &result{quiet: true}
	}
	current.live = live
	if recorded := current.code.Status.WorkspaceID; recorded != "" && live.WorkspaceID() != "" && recorded != live.WorkspaceID() {
		// In another workspace, a code that is not found may still be on the lock.
		res := blocked(v1alpha1.ReasonInvalidSpec, "The code is in Seam workspace %q, but SeamWorkspace %q has credentials for %q: correct spec.workspaceRef or the credentials",
			recorded, key.Name, live.WorkspaceID())
		res.after = kube.SlowLook
		return res
	}
	return nil
}

// available says why a SeamWorkspace can't be used; nil when it can, or when that is not known yet.
func (r *Reconciler) available(ws *v1alpha1.SeamWorkspace, code *v1alpha1.AccessCode) *result {
	deleted := !code.DeletionTimestamp.IsZero()
	_, connected := r.Registry.Connected(ws.Key())
	reason := kube.ReadyReason(ws.Status.Conditions)
	switch {
	case ws.Spec.Suspend && !deleted:
		return &result{quiet: true}
	case kube.UnreadableSpec(ws.Undecodable) != "":
		// Said here, because the API server may refuse the status that its own controller writes.
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q: %s%s", ws.Name, kube.UnreadableSpec(ws.Undecodable), hint(code))
	case !ws.DeletionTimestamp.IsZero() && !code.HasFinalizer() && nothingCreated(code):
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q is being deleted and takes nothing new: name another SeamWorkspace of the same Seam workspace in spec.workspaceRef, on all AccessCodes that use it; it goes when none does any more", ws.Name)
	case !ws.InUse() && !deleted:
		// Nothing may be created before its own controller has put the finalizer on it. That enqueues its AccessCodes.
		return &result{quiet: true}
	case connected:
		return nil
	case ws.Status.ObservedGeneration == ws.Generation && kube.VerdictOf(reason) != kube.Ready:
		res := blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q is not ready (%s): see its conditions%s", ws.Name, reason, hint(code))
		res.unasked = reason == v1alpha1.ReasonAPIUnavailable
		return res
	}
	return nil
}

// hint is appended to a message of an AccessCode that is being deleted: the code stays on the lock, and what to do.
func hint(code *v1alpha1.AccessCode) string {
	if code.DeletionTimestamp.IsZero() {
		return ""
	}
	return "; until then the code stays on the lock" + orphanRemedy
}

// orphanRemedy says how to delete an AccessCode whose code can't be taken off the lock.
const orphanRemedy = ". To leave it there, set spec.deletionPolicy to Orphan"
