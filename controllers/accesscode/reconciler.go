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
	"github.com/access-codes/access-code-operator/internal/schedule"
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

// Reconciler reconciles AccessCodes with the codes on the locks. Its memory is in tracker, queue and leftBehind; the parts that
// do the work have none, and are put together from the Options for each reconcile.
type Reconciler struct {
	Options

	tracker    *tracker
	queue      *fairQueue
	leftBehind *leftBehind
}

// NewReconciler returns a Reconciler without any history.
func NewReconciler(options Options) *Reconciler {
	return &Reconciler{Options: options, tracker: newTracker(), queue: newFairQueue(), leftBehind: newLeftBehind()}
}

// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes,verbs=list;watch;patch;delete
// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes/status,verbs=patch
// +kubebuilder:rbac:groups=access-codes.io,resources=accesscodes/finalizers,verbs=update
// +kubebuilder:rbac:groups=core,resources=secrets,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Reconcile takes the one next step for one AccessCode: gather, decide, execute, report. It may be interrupted after any line.
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
	p := r.parts()
	if err := kube.Heal(ctx, r.Client, &code, code.Undecodable); err != nil {
		return p.reporter.report(ctx, &code, retry(err))
	}
	if err := p.intents.restore(ctx, &code); err != nil {
		return p.reporter.report(ctx, &code, retry(err))
	}
	known := facts{code: &code, history: r.tracker.recall(&code).forSpec(&code, r.Clock.Now())}
	switch {
	case !code.DeletionTimestamp.IsZero():
		return p.reporter.report(ctx, &code, p.deleter.delete(ctx, known))
	case code.Spec.Suspend:
		return ctrl.Result{}, p.suspender.suspend(ctx, known)
	default:
		return p.reporter.report(ctx, &code, p.reconcileNormal(ctx, known))
	}
}

// parts are what a reconcile goes through. Each has the dependencies that it needs.
type parts struct {
	intents    intentStore
	gatherer   gatherer
	executor   executor
	expirer    expirer
	deleter    deleter
	suspender  suspender
	reporter   reporter
	leftBehind leftBehindReconciler
	clock      clock.PassiveClock
}

func (r *Reconciler) parts() parts {
	events := eventWriter{recorder: r.Recorder, tracker: r.tracker, clock: r.Clock}
	waiting := waitingLine{cache: r.Client, tracker: r.tracker, triggers: r.Triggers}
	connector := connector{cache: r.Client, registry: r.Registry, triggers: r.Triggers, clock: r.Clock}
	holders := holders{cache: r.Client, api: r.APIReader, leftBehind: r.leftBehind}
	pins := pinStore{client: r.Client}
	intents := intentStore{client: r.Client, memory: &r.tracker.intents}
	observer := observer{intents: intents, holders: holders, pins: pins, waiting: &r.tracker.waiting}
	rotator := rotator{pins: pins, waiting: waiting, events: events}
	executor := executor{
		creator: creator{pins: pins, intents: intents, observer: observer, rotator: rotator, leftBehind: r.leftBehind, clock: r.Clock},
		updater: updater{observer: observer, waiting: waiting, clock: r.Clock},
		rotator: rotator,
		backups: backups{pins: pins, metrics: r.Metrics},
		remover: remover{metrics: r.Metrics},
		clock:   r.Clock,
	}
	deleter := deleter{connector: connector, holders: holders, pins: pins, intents: intents, observer: observer, executor: executor, clock: r.Clock}
	suspender := suspender{client: r.Client, connector: connector, pins: pins, waiting: &r.tracker.waiting, clock: r.Clock}
	return parts{
		intents:   intents,
		gatherer:  gatherer{cache: r.Client, connector: connector, holders: holders, pins: pins, intents: intents, observer: observer, zones: r.Zones, triggers: r.Triggers},
		executor:  executor,
		expirer:   expirer{client: r.Client},
		deleter:   deleter,
		suspender: suspender,
		reporter: reporter{
			client: r.Client, metadata: r.Metadata, connector: connector, suspender: suspender, waiting: waiting, tracker: r.tracker,
			events: events, metrics: r.Metrics, clock: r.Clock,
		},
		leftBehind: leftBehindReconciler{
			cache: r.Client, memory: r.leftBehind, intents: &r.tracker.intents, connector: connector, holders: holders, deleter: deleter,
			waiting: waiting, events: events, triggers: r.Triggers, clock: r.Clock,
		},
		clock: r.Clock,
	}
}

// reconcileNormal is for an AccessCode that is not being deleted.
func (p parts) reconcileNormal(ctx context.Context, known facts) result {
	s, err := p.gatherer.gather(ctx, known)
	if err != nil {
		res := s.failed("", err)
		return concluded(s, s.after(res.happened), res, p.clock.Now())
	}
	made, s, res := p.executor.run(ctx, s)
	seen := made.by.observed
	if res.backup == nil {
		res.backup, res.noBackup = seen.Backup, made.by.noBackup
	}
	res.pulled = s.history.pulled
	res.resent = made.step.SendsShownField()
	res.arrived = s.arrived(cmp.Or(res.remote, seen.Remote))
	res.showLost(seen)
	res = answerRotationRequest(made.by, s, res)
	if res.unreported() != nil {
		return res
	}
	if res.noPlace, err = p.executor.backups.place(ctx, s); err != nil {
		return retry(err)
	}
	return p.expirer.expire(ctx, s, concluded(made.by, s, res, p.clock.Now()))
}

// concluded adds to the result of a reconcile what is known at its end, by the snapshot s. The step was decided on by the snapshot
// by, and now is the operator's time.
func concluded(by, s snapshot, res result, now time.Time) result {
	res.history = s.history
	res.deviceName = s.lockName()
	if s.session != nil && (s.clocks != nil || !inWallClocks(s.code)) {
		res.windows = &s.windows
	}
	if due := renewalDue(by, s); due > 0 && res.err == nil && (res.after == 0 || due < res.after) {
		res.after = due
	}
	if res.reason == v1alpha1.ReasonSet {
		res.waited = waited(s, now)
	}
	if res.remote != nil && res.after > 0 && res.err == nil {
		s.session.Expect(res.remote.AccessCodeID, res.after) // so that others' calls can take it along
	}
	return res
}
