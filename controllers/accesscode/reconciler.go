// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package accesscode reconciles AccessCodes with the codes on the locks: it reads an AccessCode, looks at Seam, has the
// planner decide, takes the one next step, and writes what came of it.
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
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Options are what a Reconciler works with.
type Options struct {
	client.Client

	// Metadata is the cache, asked for the metadata of Secrets only.
	Metadata client.Reader
	// APIReader reads from the API server itself, not from the cache.
	APIReader client.Reader
	// Registry holds the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers connects this controller with the others.
	Triggers *kube.Triggers
	// Metrics count what happens.
	Metrics *metrics.Instruments
	// Recorder records Events.
	Recorder events.EventRecorder
	// Clock is the operator's own; windows go by Seam's.
	Clock clock.PassiveClock
	// MaxConcurrentReconciles is how many AccessCodes are worked on at once; 1 when zero.
	MaxConcurrentReconciles int
	// Shard is which of them are served.
	Shard kube.Shard
}

// Reconciler reconciles AccessCodes with the codes on the locks.
type Reconciler struct {
	Options

	memory *memory
	turns  *turns
	// left are AccessCodes that went before their codes.
	left *leftBehind
}

// NewReconciler returns one that remembers nothing yet.
func NewReconciler(options Options) *Reconciler {
	return &Reconciler{Options: options, memory: newMemory(), turns: newTurns(), left: newLeftBehind()}
}

// run is one reconcile of one AccessCode.
type run struct {
	code *v1alpha1.AccessCode
	live *workspace.Session
	pin  pin
	past recollection
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

// Reconcile takes the one next step for one AccessCode: observe, decide, act, report. It may be cut short after any
// line; the next one starts from what is stored.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	// A stop of the operator lets a step that has begun end: a call cut off half-way would have to be found out about.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), kube.ReconcileTimeout)
	defer cancel()

	var code v1alpha1.AccessCode
	if err := r.Get(ctx, request.NamespacedName, &code); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.memory.forget(request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading AccessCode %q: %w", request.NamespacedName, err)
	}
	if !r.Shard.Has(&code) {
		r.memory.forget(request.NamespacedName)
		r.memory.intents.forget(code.UID)
		return ctrl.Result{}, nil
	}
	if err := kube.Heal(ctx, r.Client, &code, code.Undecodable); err != nil {
		return r.report(ctx, &run{code: &code}, failure(err))
	}
	current := &run{code: &code, past: r.memory.recall(&code)}
	current.past.applied(&code, r.Clock.Now())
	if err := r.intendAgain(ctx, current, nil); err != nil {
		return r.report(ctx, current, failure(err))
	}
	switch {
	case !code.DeletionTimestamp.IsZero():
		return r.report(ctx, current, r.reconcileDelete(ctx, current))
	case code.Spec.Suspend:
		return r.reconcileSuspended(ctx, current)
	default:
		return r.report(ctx, current, r.reconcileLive(ctx, current))
	}
}

// reconcileLive is for an AccessCode that is not being deleted.
func (r *Reconciler) reconcileLive(ctx context.Context, current *run) outcome {
	if o := unusable(current.code); o != nil {
		return *o
	}
	for _, prepare := range []func(context.Context, *run) *outcome{r.attach, r.yield, r.resolveCopy, r.fix} {
		if o := prepare(ctx, current); o != nil {
			return *o
		}
	}
	seen, err := r.observe(ctx, current)
	if err != nil {
		return current.failed("", err)
	}
	return r.act(ctx, current, seen)
}

// fix finds out which PIN is wanted, and who chooses it. An outcome says what the code waits for; not once its window is
// over: then it goes off the lock without a PIN, too.
func (r *Reconciler) fix(ctx context.Context, current *run) *outcome {
	pin, o, err := r.fixOwnPIN(ctx, current.code)
	over := current.over()
	switch {
	case err != nil && !over:
		return failedWith(err)
	case o != nil && !over:
		o.after = cmp.Or(o.after, current.nextLook(plan.Step{}))
		return o
	}
	current.pin = pin
	// Who chooses the PIN decides what a code of ours looks like.
	if known := current.known(); !known.Doubt && (known.ID != "" || over) {
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

// attach finds the session of the AccessCode's workspace. An outcome says why there is none to work with.
func (r *Reconciler) attach(ctx context.Context, current *run) *outcome {
	key := current.code.WorkspaceKey()
	var ws v1alpha1.SeamWorkspace
	if err := r.Get(ctx, key.NamespacedName(), &ws); err != nil {
		if client.IgnoreNotFound(err) == nil {
			return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q does not exist in this namespace: create it, or name another in spec.workspaceRef%s", key.Name, hint(current.code))
		}
		return failedWith(fmt.Errorf("reading SeamWorkspace %q: %w", key, err))
	}
	if o := r.available(&ws, current.code); o != nil {
		return o
	}
	live, ok := r.Registry.Get(key)
	if !ok {
		// Whatever makes it ready wakes its AccessCodes, so there is nothing to do, or to say, until then.
		return &outcome{quiet: true}
	}
	current.live = live
	if recorded := current.code.Status.WorkspaceID; recorded != "" && live.WorkspaceID() != "" && recorded != live.WorkspaceID() {
		// There, not finding the code would say nothing about whether it is on the lock.
		o := blocked(v1alpha1.ReasonInvalidSpec, "The code is in Seam workspace %q, but SeamWorkspace %q has credentials for %q: correct spec.workspaceRef or the credentials",
			recorded, key.Name, live.WorkspaceID())
		o.after = kube.SlowLook
		return o
	}
	return nil
}

// available says why a SeamWorkspace can't be worked with, nil when it can or when that is not known yet.
func (r *Reconciler) available(ws *v1alpha1.SeamWorkspace, code *v1alpha1.AccessCode) *outcome {
	deleted := !code.DeletionTimestamp.IsZero()
	_, connected := r.Registry.Connected(ws.Key())
	reason := kube.ReadyReason(ws.Status.Conditions)
	switch {
	case ws.Spec.Suspend && !deleted:
		return &outcome{quiet: true}
	case kube.UnreadableSpec(ws.Undecodable) != "":
		// Said here, for the API server may not take what its own controller says.
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q: %s%s", ws.Name, kube.UnreadableSpec(ws.Undecodable), hint(code))
	case !ws.DeletionTimestamp.IsZero() && !code.HasFinalizer() && nothingCreated(code):
		return blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q is being deleted and takes nothing new: name another SeamWorkspace of the same Seam workspace in spec.workspaceRef, on all AccessCodes that use it; it goes when none does any more", ws.Name)
	case !ws.InUse() && !deleted:
		// Nothing may be created before its own controller has marked it, which wakes its AccessCodes.
		return &outcome{quiet: true}
	case connected:
		return nil
	case ws.Status.ObservedGeneration == ws.Generation && kube.VerdictOf(reason) != kube.Ready:
		o := blocked(v1alpha1.ReasonWorkspaceNotReady, "SeamWorkspace %q is not ready (%s): see its conditions%s", ws.Name, reason, hint(code))
		o.unasked = reason == v1alpha1.ReasonAPIUnavailable
		return o
	}
	return nil
}

// hint says what becomes of an AccessCode that is being deleted and can't reach Seam.
func hint(code *v1alpha1.AccessCode) string {
	if code.DeletionTimestamp.IsZero() {
		return ""
	}
	return "; until then the code stays on the lock" + orphanRemedy
}

// orphanRemedy is how to let go of an AccessCode that can't go.
const orphanRemedy = ". To leave it there, set spec.deletionPolicy to Orphan"
