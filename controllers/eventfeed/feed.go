// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package eventfeed follows what happens at Seam. It asks for events, receives webhooks and sweeps over all codes, and
// wakes the AccessCodes that something has happened to.
package eventfeed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
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
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

const (
	// DefaultPollInterval is how often Seam is asked for events where the SeamWorkspace doesn't say.
	DefaultPollInterval = 5 * time.Second
	// maxPollBackoff is the longest time between two polls that Seam does not answer.
	maxPollBackoff = time.Minute
	// DoubtAge is how old a check of the credentials has to be for polls that fail to lead to another.
	DoubtAge = 30 * time.Second
	// feedTimeout bounds one poll, or one sweep over all codes of a workspace.
	feedTimeout = 5 * time.Minute
	// feedWorkers is how many workspaces are listened to at once.
	feedWorkers = 8
)

// Reconciler listens to what happens at Seam: for each connected SeamWorkspace it asks for events, and now and then
// sweeps over all codes. It wakes the AccessCodes that something has happened to, and no others.
type Reconciler struct {
	client.Client

	// Registry holds the live side of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers connects this controller with the others.
	Triggers *kube.Triggers
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// Shard is which AccessCodes are served.
	Shard kube.Shard

	mu       sync.Mutex
	failures map[types.NamespacedName]int // in a row
}

// SetupWithManager registers the controller and what wakes it: a workspace that was connected, an edit, and itself.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("seamworkspace-feed").
		For(&v1alpha1.SeamWorkspace{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(r.Triggers.Feeds.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], request reconcile.Request) {
			queue.AddAfter(request, kube.GatherFor) // many events may be told one by one
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

// Reconcile polls the events of one workspace, or sweeps over its codes where that is due, and says when to poll next.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var ws v1alpha1.SeamWorkspace
	if err := r.Get(ctx, request.NamespacedName, &ws); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, fmt.Errorf("reading SeamWorkspace %q: %w", request.NamespacedName, err)
		}
		r.answered(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	live, ok := r.Registry.Connected(request.NamespacedName)
	if !ok {
		return ctrl.Result{}, nil // whatever connects it wakes its feed
	}
	first := live.SweptAt().IsZero()
	var err error
	if !ws.Spec.Suspend {
		err = r.follow(ctx, &ws, live)
	}
	if first {
		// Also where it failed: then each code finds out by itself.
		live.CatchUp()
	}
	if jumped := live.Jumped(); first || jumped {
		r.Triggers.EnqueueAccessCodesOf(request.NamespacedName)
	}
	if ws.Spec.Suspend {
		return ctrl.Result{}, nil
	}
	return r.next(ctx, &ws, err)
}

// next says when to poll again after one that has ended so.
func (r *Reconciler) next(ctx context.Context, ws *v1alpha1.SeamWorkspace, err error) (ctrl.Result, error) {
	key := client.ObjectKeyFromObject(ws)
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
	after, times := r.unanswered(ws)
	if times > 1 && r.Registry.Doubt(key, DoubtAge) {
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

// answered forgets what went wrong before.
func (r *Reconciler) answered(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.failures, key)
}

// unanswered says when to poll again after one more failure, later each time, and how many there were in a row.
func (r *Reconciler) unanswered(ws *v1alpha1.SeamWorkspace) (after time.Duration, times int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := client.ObjectKeyFromObject(ws)
	if r.failures == nil {
		r.failures = map[types.NamespacedName]int{}
	}
	r.failures[key]++
	times = r.failures[key]
	every := pollInterval(ws)
	return max(every, min(every<<min(times, 16), maxPollBackoff)), times
}

// follow takes in what has happened since the last time. What it can't follow up now, it does the next time, by a look at
// all codes.
func (r *Reconciler) follow(ctx context.Context, ws *v1alpha1.SeamWorkspace, live *workspace.Live) error {
	if swept := live.SweptAt(); swept.IsZero() || r.Clock.Now().Sub(swept).Abs() >= ws.SyncInterval() {
		return r.sweep(ctx, ws, live)
	}
	events, complete, failed := live.Events(ctx)
	if failed != nil {
		failed = fmt.Errorf("asking for events: %w", failed)
	}
	// Also where that failed: what was read or pushed until then is not told again.
	err := r.followUp(ctx, ws, live, events, complete)
	if err != nil {
		live.Missed()
	}
	return cmp.Or(failed, err)
}

func (r *Reconciler) followUp(ctx context.Context, ws *v1alpha1.SeamWorkspace, live *workspace.Live, events []seam.Event, complete bool) error {
	c := concern{ws: ws, live: live, all: !complete, ids: map[string][]types.NamespacedName{}, keys: map[types.NamespacedName]bool{}}
	for i := range events {
		if err := r.concerned(ctx, &c, &events[i]); err != nil {
			return err
		}
	}
	if !complete {
		// A sweep looks at recorded codes only, and what was not told may be that a PIN is free.
		if err := r.waiting(ctx, &c, kube.IndexWorkspace, ws.Name); err != nil {
			return err
		}
	}
	for key := range c.keys {
		r.Triggers.EnqueueAccessCode(key)
	}
	if c.all {
		return r.sweep(ctx, ws, live)
	}
	return r.wakeChanged(ctx, &c)
}

// sweep looks at all codes of a workspace and wakes the AccessCodes whose code does not look as it did last.
func (r *Reconciler) sweep(ctx context.Context, ws *v1alpha1.SeamWorkspace, live *workspace.Live) error {
	first := live.SweptAt().IsZero()
	codes, err := r.codes(ctx, ws, kube.IndexWorkspace, ws.Name)
	if err != nil {
		return err
	}
	owners, ids := map[string]*v1alpha1.AccessCode{}, make([]string, 0, len(codes))
	for _, code := range codes {
		if kube.ReadyReason(code.Status.Conditions) == v1alpha1.ReasonExpired {
			continue
		}
		for _, id := range code.RecordedIDs() {
			owners[id] = code
			ids = append(ids, id)
		}
	}
	changed, err := live.Sweep(ctx, ids, true)
	if !first { // then all are woken anyway
		for _, id := range changed {
			r.Triggers.EnqueueAccessCode(client.ObjectKeyFromObject(owners[id]))
		}
	}
	if err != nil {
		return fmt.Errorf("looking at all codes: %w", err)
	}
	if !first {
		live.CatchUp()
	}
	logf.FromContext(ctx).V(1).Info("Looked at all codes", "codes", len(ids), "changed", len(changed))
	return nil
}

// concern is what events are about.
type concern struct {
	ws   *v1alpha1.SeamWorkspace
	live *workspace.Live
	// ids are codes to look at; the AccessCodes that have recorded them are woken where they have changed.
	ids map[string][]types.NamespacedName
	// keys are AccessCodes to wake in any case.
	keys map[types.NamespacedName]bool
	// all says that it may be about any code.
	all bool
}

func (c *concern) add(code *v1alpha1.AccessCode) {
	key := client.ObjectKeyFromObject(code)
	id := code.Status.AccessCodeID
	switch {
	case id == "":
		c.keys[key] = true
	case !slices.Contains(c.ids[id], key):
		c.ids[id] = append(c.ids[id], key)
	}
}

// concerned finds out which AccessCodes an event is about. What it says beyond that is not relied upon.
func (r *Reconciler) concerned(ctx context.Context, c *concern, about *seam.Event) error {
	switch {
	case strings.HasPrefix(about.EventType, "connected_account."):
		c.all = true // which devices are of the account is not known
		return r.unreachable(ctx, c, kube.IndexWorkspace, c.ws.Name)
	case strings.HasPrefix(about.EventType, "device."):
		return r.ofDevice(ctx, c, about.DeviceID)
	case about.AccessCodeID == "":
		return nil
	}
	for _, index := range []string{kube.IndexAccessCodeID, kube.IndexBackupID} {
		codes, err := r.codes(ctx, c.ws, index, about.AccessCodeID)
		if err != nil {
			return err
		}
		for _, code := range codes {
			if index == kube.IndexAccessCodeID {
				c.add(code)
			} else {
				c.keys[client.ObjectKeyFromObject(code)] = true
			}
		}
		if len(codes) > 0 {
			return nil
		}
	}
	return r.ofStranger(ctx, c, about)
}

// ofDevice is for what happens to a device: its codes carry its errors.
func (r *Reconciler) ofDevice(ctx context.Context, c *concern, deviceID string) error {
	c.live.ForgetDevice(deviceID)
	codes, err := r.codes(ctx, c.ws, kube.IndexDevice, deviceID)
	for _, code := range codes {
		c.add(code)
	}
	return cmp.Or(err, r.unreachable(ctx, c, kube.IndexDevice, deviceID))
}

// unreachable are those that something was refused for while a lock was away: their codes look as they did before.
func (r *Reconciler) unreachable(ctx context.Context, c *concern, index, value string) error {
	codes, err := r.codes(ctx, c.ws, index, value)
	for _, code := range codes {
		if kube.ReadyReason(code.Status.Conditions) == v1alpha1.ReasonDeviceUnreachable {
			c.keys[client.ObjectKeyFromObject(code)] = true
		}
	}
	return err
}

// ofStranger is for what happens to a code that is nobody's here: its PIN may be free now, or it may be the one that is
// to be adopted. An AccessCode whose own code was created a moment ago finds out without this.
func (r *Reconciler) ofStranger(ctx context.Context, c *concern, about *seam.Event) error {
	return r.waiting(ctx, c, kube.IndexDevice, about.DeviceID)
}

// waiting are those that wait for what a code which is nobody's here does.
func (r *Reconciler) waiting(ctx context.Context, c *concern, index, value string) error {
	codes, err := r.codes(ctx, c.ws, index, value)
	for _, code := range codes {
		adopts := code.Spec.AdoptionPolicy == v1alpha1.AdoptionMatching && code.Status.AccessCodeID == ""
		if adopts || plan.WaitsForLock(code) {
			c.keys[client.ObjectKeyFromObject(code)] = true
		}
	}
	return err
}

// wakeChanged wakes those whose code has changed.
func (r *Reconciler) wakeChanged(ctx context.Context, c *concern) error {
	changed, err := c.live.Sweep(ctx, slices.Sorted(maps.Keys(c.ids)), false)
	for _, id := range changed {
		for _, key := range c.ids[id] {
			r.Triggers.EnqueueAccessCode(key)
		}
	}
	if err != nil {
		return fmt.Errorf("looking at the codes that events are about: %w", err)
	}
	return nil
}

// codes are those of a workspace that an index has, straight from the cache: they are not to be changed.
func (r *Reconciler) codes(ctx context.Context, ws *v1alpha1.SeamWorkspace, index, value string) ([]*v1alpha1.AccessCode, error) {
	if value == "" {
		return nil, nil
	}
	var list v1alpha1.AccessCodeList
	err := r.List(ctx, &list, client.InNamespace(ws.Namespace), client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("looking up AccessCodes by %s: %w", index, err)
	}
	codes := make([]*v1alpha1.AccessCode, 0, len(list.Items))
	for i := range list.Items {
		if list.Items[i].WorkspaceName() == ws.Name && r.Shard.Has(&list.Items[i]) {
			codes = append(codes, &list.Items[i])
		}
	}
	return codes, nil
}
