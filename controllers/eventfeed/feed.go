// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package eventfeed follows what happens at Seam: it polls events, receives webhooks, and from time to time has all codes read.
// It passes changes on to the listener of each kind, which enqueues the objects concerned.
package eventfeed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

const (
	// DefaultPollInterval is how often Seam is asked for events where the SeamWorkspace doesn't say.
	DefaultPollInterval = 5 * time.Second
	// maxPollBackoff is the longest delay before another poll while polls fail.
	maxPollBackoff = time.Minute
	// RecheckAge is how old the last check of the credentials must be for failing polls to lead to another check.
	RecheckAge = 30 * time.Second
	// feedTimeout bounds one poll, or one sweep: the read of all codes of a workspace.
	feedTimeout = 5 * time.Minute
	// feedWorkers is how many feeds are reconciled at once.
	feedWorkers = 8
)

// Listener enqueues the objects of one kind that a change at Seam concerns.
type Listener interface {
	// FollowUp enqueues the objects that events of a SeamWorkspace concern. complete says that no event is missing.
	FollowUp(ctx context.Context, ws *v1alpha1.SeamWorkspace, session *workspace.Session, events []seam.Event, complete bool) error
	// Sweep reads everything that the objects of a SeamWorkspace have at Seam, to find changes without an event.
	Sweep(ctx context.Context, ws *v1alpha1.SeamWorkspace, session *workspace.Session) error
	// All enqueues all objects of a SeamWorkspace.
	All(key v1alpha1.WorkspaceKey)
}

// Reconciler is the controller of the event feeds. For each connected SeamWorkspace it polls events, and once every
// SyncInterval it has the listeners sweep.
type Reconciler struct {
	client.Client

	// Registry holds the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers connects this controller with the others.
	Triggers *kube.Triggers
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// Listeners are told of events, each for the kind that it serves.
	Listeners []Listener

	mu sync.Mutex
	// retries are the delays of the workspaces whose last poll failed.
	retries map[v1alpha1.WorkspaceKey]wait.Backoff
}

// SetupWithManager registers the controller and what triggers it: a workspace that was connected, an edit, a webhook, and its
// own timer.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("seamworkspace-feed").
		For(&v1alpha1.SeamWorkspace{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(r.Triggers.Feeds.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key v1alpha1.WorkspaceKey) {
			queue.AddAfter(reconcile.Request{NamespacedName: key.NamespacedName()}, kube.GatherFor) // many events may be told one by one
		})).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: feedWorkers,
			RateLimiter:             kube.NewBackoff(),
			ReconciliationTimeout:   feedTimeout,
		}).
		Complete(kube.Evenly(r))
	if err != nil {
		return fmt.Errorf("setting up the controller of the event feeds: %w", err)
	}
	return nil
}

// Reconcile polls the events of one workspace, or sweeps where that is due, and returns when to poll next.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	key := v1alpha1.SeamWorkspaceKey(request.NamespacedName)
	var ws v1alpha1.SeamWorkspace
	if err := r.Get(ctx, request.NamespacedName, &ws); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, fmt.Errorf("reading SeamWorkspace %q: %w", request.NamespacedName, err)
		}
		r.answered(key)
		return ctrl.Result{}, nil
	}
	session, ok := r.Registry.Connected(key)
	if !ok {
		return ctrl.Result{}, nil // its feed is enqueued when it is connected
	}
	first := session.SweptAt().IsZero()
	var err error
	if !ws.Spec.Suspend {
		err = r.follow(ctx, &ws, session)
	}
	if first {
		// Also where the sweep failed: then each code is read by itself.
		session.CatchUp()
	}
	if jumped := session.Jumped(); first || jumped {
		for _, listener := range r.Listeners {
			listener.All(key)
		}
	}
	if ws.Spec.Suspend {
		return ctrl.Result{}, nil
	}
	return r.next(ctx, &ws, err)
}

// next returns when to poll after a poll, or sweep, that ended with err.
func (r *Reconciler) next(ctx context.Context, ws *v1alpha1.SeamWorkspace, err error) (ctrl.Result, error) {
	key := ws.Key()
	switch kind := seam.KindOf(err); {
	case err == nil:
		r.answered(key)
		return ctrl.Result{RequeueAfter: pollInterval(ws)}, nil
	case errors.Is(err, workspace.ErrNotConnected):
		return ctrl.Result{}, nil
	case kind == seam.RateLimited:
		return ctrl.Result{RequeueAfter: max(seam.RetryAfter(err), pollInterval(ws))}, nil
	case (kind == seam.Unauthorized || kind == seam.InvalidToken) && r.Registry.Suspect(key):
		r.Triggers.EnqueueWorkspace(key)
		return ctrl.Result{}, nil
	}
	after, again := r.unanswered(ws)
	if again && r.Registry.Recheck(key, RecheckAge) {
		r.Triggers.EnqueueWorkspace(key) // so that an outage is told before AccessCodes tell of it one by one
	}
	logf.FromContext(ctx).Info("Events can't be read", "error", err.Error(), "again after", after)
	return ctrl.Result{RequeueAfter: after}, nil
}

func pollInterval(ws *v1alpha1.SeamWorkspace) time.Duration {
	if ws.Spec.Events == nil || ws.Spec.Events.PollInterval == nil {
		return DefaultPollInterval
	}
	return max(ws.Spec.Events.PollInterval.Duration, time.Second) // also of what an older CRD has admitted
}

// answered forgets failed polls.
func (r *Reconciler) answered(key v1alpha1.WorkspaceKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.retries, key)
}

// unanswered returns when to poll after one more failure, later each time, and whether the poll before has failed, too.
func (r *Reconciler) unanswered(ws *v1alpha1.SeamWorkspace) (after time.Duration, again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := ws.Key()
	if r.retries == nil {
		r.retries = map[v1alpha1.WorkspaceKey]wait.Backoff{}
	}
	every := pollInterval(ws)
	delays, again := r.retries[key]
	if !again {
		delays = kube.Doubling(2*every, maxPollBackoff)
	}
	after = max(every, delays.Step())
	r.retries[key] = delays
	return after, again
}

// follow sweeps where that is due, and else passes on the events since the last poll. Where a listener fails, the next poll is
// incomplete, so that the listeners read all codes.
func (r *Reconciler) follow(ctx context.Context, ws *v1alpha1.SeamWorkspace, session *workspace.Session) error {
	if swept := session.SweptAt(); swept.IsZero() || r.Clock.Now().Sub(swept).Abs() >= ws.SyncInterval() {
		return r.each(func(l Listener) error { return l.Sweep(ctx, ws, session) })
	}
	events, complete, failed := session.Events(ctx)
	if failed != nil {
		failed = fmt.Errorf("asking for events: %w", failed)
	}
	// Also where the poll failed: the events that were read or pushed until then are not returned again.
	err := r.each(func(l Listener) error { return l.FollowUp(ctx, ws, session, events, complete) })
	if err != nil {
		session.Missed()
	}
	return cmp.Or(failed, err)
}

// each calls do with every listener, even where another has failed, and returns the first error.
func (r *Reconciler) each(do func(Listener) error) error {
	var first error
	for _, listener := range r.Listeners {
		first = cmp.Or(first, do(listener))
	}
	return first
}
