// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// GatherFor is how long changes are collected before a SeamWorkspace, or its event feed, is reconciled once for all of them.
const GatherFor = 200 * time.Millisecond

// Triggers lets one controller enqueue objects for another where no change of an object does it: when a workspace was
// connected, when Seam refused credentials, and when something has happened at Seam.
type Triggers struct {
	// AccessCodesOf enqueues all AccessCodes of a SeamWorkspace. Its keys are those of SeamWorkspaces.
	AccessCodesOf *Trigger[v1alpha1.WorkspaceKey]
	// AccessCodes enqueues single AccessCodes.
	AccessCodes *Trigger[types.NamespacedName]
	// Workspaces enqueues SeamWorkspaces.
	Workspaces *Trigger[v1alpha1.WorkspaceKey]
	// Feeds enqueues the event feeds of SeamWorkspaces.
	Feeds *Trigger[v1alpha1.WorkspaceKey]
}

// NewTriggers returns the triggers of one set of controllers.
func NewTriggers() *Triggers {
	return &Triggers{
		AccessCodesOf: NewTrigger[v1alpha1.WorkspaceKey](),
		AccessCodes:   NewTrigger[types.NamespacedName](),
		Workspaces:    NewTrigger[v1alpha1.WorkspaceKey](),
		Feeds:         NewTrigger[v1alpha1.WorkspaceKey](),
	}
}

// EnqueueAccessCodesOf has all AccessCodes of a SeamWorkspace reconciled.
func (t *Triggers) EnqueueAccessCodesOf(key v1alpha1.WorkspaceKey) { t.AccessCodesOf.Enqueue(key) }

// EnqueueAccessCode has one AccessCode reconciled.
func (t *Triggers) EnqueueAccessCode(key types.NamespacedName) { t.AccessCodes.Enqueue(key) }

// EnqueueWorkspace has a SeamWorkspace reconciled.
func (t *Triggers) EnqueueWorkspace(key v1alpha1.WorkspaceKey) { t.Workspaces.Enqueue(key) }

// EnqueueFeed has the event feed of a SeamWorkspace reconciled.
func (t *Triggers) EnqueueFeed(key v1alpha1.WorkspaceKey) { t.Feeds.Enqueue(key) }

// Trigger puts requests into the queue of one controller. It loses none: a change at Seam is reported once only. Enqueue never
// blocks: the queue holds each object once, however often it is enqueued.
type Trigger[K comparable] struct {
	mu sync.Mutex
	// add puts a request into the queue; nil until the controller has started.
	add func(K)
	// waiting are the requests that came before the controller started, each once and in their order.
	waiting []K
	known   map[K]bool
}

// NewTrigger returns a Trigger that holds requests until its controller has started.
func NewTrigger[K comparable]() *Trigger[K] { return &Trigger[K]{known: map[K]bool{}} }

// Enqueue has an object reconciled.
func (t *Trigger[K]) Enqueue(key K) {
	t.mu.Lock()
	add := t.add
	if add == nil && !t.known[key] {
		t.known[key] = true
		t.waiting = append(t.waiting, key)
	}
	t.mu.Unlock()
	if add != nil {
		add(key)
	}
}

// Take removes and returns the requests that wait for the controller to start.
func (t *Trigger[K]) Take() []K {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting := t.waiting
	t.waiting = nil
	clear(t.known)
	return waiting
}

// Source is the source of requests for a controller. add puts each into its queue.
func (t *Trigger[K]) Source(add func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key K)) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		into := func(key K) { add(ctx, queue, key) }
		t.mu.Lock()
		t.add = into
		t.mu.Unlock()
		for _, key := range t.Take() {
			into(key)
		}
		return nil
	})
}
