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

// GatherFor is how long changes of AccessCodes are collected before their SeamWorkspace is reconciled once for all of them.
const GatherFor = 200 * time.Millisecond

// Triggers connects the controllers where no change of an object does: a workspace that was connected, credentials that a
// call found refused, and what has happened at Seam.
type Triggers struct {
	// AccessCodesOf is for all AccessCodes of a workspace.
	AccessCodesOf *Trigger[v1alpha1.WorkspaceKey]
	// AccessCodes is for single ones.
	AccessCodes *Trigger[types.NamespacedName]
	// Workspaces is for workspaces.
	Workspaces *Trigger[v1alpha1.WorkspaceKey]
	// Feeds is for the event feeds of workspaces.
	Feeds *Trigger[v1alpha1.WorkspaceKey]
}

// NewTriggers returns the connection for one set of controllers.
func NewTriggers() *Triggers {
	return &Triggers{
		AccessCodesOf: NewTrigger[v1alpha1.WorkspaceKey](),
		AccessCodes:   NewTrigger[types.NamespacedName](),
		Workspaces:    NewTrigger[v1alpha1.WorkspaceKey](),
		Feeds:         NewTrigger[v1alpha1.WorkspaceKey](),
	}
}

// EnqueueAccessCodesOf has every AccessCode of a workspace looked at.
func (t *Triggers) EnqueueAccessCodesOf(key v1alpha1.WorkspaceKey) { t.AccessCodesOf.Enqueue(key) }

// EnqueueAccessCode has one AccessCode looked at.
func (t *Triggers) EnqueueAccessCode(key types.NamespacedName) { t.AccessCodes.Enqueue(key) }

// EnqueueWorkspace has a workspace checked.
func (t *Triggers) EnqueueWorkspace(key v1alpha1.WorkspaceKey) { t.Workspaces.Enqueue(key) }

// EnqueueFeed has it found out what has happened to the codes of a workspace.
func (t *Triggers) EnqueueFeed(key v1alpha1.WorkspaceKey) { t.Feeds.Enqueue(key) }

// Trigger puts requests, each known by its key, into the queue of one controller. Whoever enqueues one remembers that what it found was told, so none
// may be lost, and nobody waits for room: the queue holds each object once, however often it is enqueued.
type Trigger[K comparable] struct {
	mu sync.Mutex
	// add puts a request into the queue; nil until the controller has started.
	add func(K)
	// waiting are those from before that, each once and in the order in which they came.
	waiting []K
	known   map[K]bool
}

// NewTrigger returns one that keeps requests until its controller has started.
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

// Take returns, and forgets, those that wait for the controller to start.
func (t *Trigger[K]) Take() []K {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting := t.waiting
	t.waiting = nil
	clear(t.known)
	return waiting
}

// Source has the queue of a controller get them, the way that add does it.
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
