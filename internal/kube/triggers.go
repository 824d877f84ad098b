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
)

// GatherFor is how long changes of AccessCodes are collected before their SeamWorkspace is reconciled once for all of them.
const GatherFor = 200 * time.Millisecond

// Triggers connects the controllers where no change of an object does: a workspace that was connected, credentials that a
// call found refused, and what has happened at Seam.
type Triggers struct {
	// AccessCodesOf is for all AccessCodes of a SeamWorkspace, by the key of that.
	AccessCodesOf *Trigger
	// AccessCodes is for single ones.
	AccessCodes *Trigger
	// Workspaces is for SeamWorkspaces.
	Workspaces *Trigger
	// Feeds is for the event feeds of SeamWorkspaces.
	Feeds *Trigger
}

// NewTriggers returns the connection for one set of controllers.
func NewTriggers() *Triggers {
	return &Triggers{AccessCodesOf: NewTrigger(), AccessCodes: NewTrigger(), Workspaces: NewTrigger(), Feeds: NewTrigger()}
}

// EnqueueAccessCodesOf has every AccessCode of a SeamWorkspace looked at.
func (t *Triggers) EnqueueAccessCodesOf(key types.NamespacedName) { t.AccessCodesOf.Enqueue(key) }

// EnqueueAccessCode has one AccessCode looked at.
func (t *Triggers) EnqueueAccessCode(key types.NamespacedName) { t.AccessCodes.Enqueue(key) }

// EnqueueWorkspace has a SeamWorkspace checked.
func (t *Triggers) EnqueueWorkspace(key types.NamespacedName) { t.Workspaces.Enqueue(key) }

// EnqueueFeed has it found out what has happened to the codes of a SeamWorkspace.
func (t *Triggers) EnqueueFeed(key types.NamespacedName) { t.Feeds.Enqueue(key) }

// Trigger puts requests into the queue of one controller. Whoever enqueues one remembers that what it found was told, so none
// may be lost, and nobody waits for room: the queue holds each object once, however often it is enqueued.
type Trigger struct {
	mu sync.Mutex
	// add puts a request into the queue; nil until the controller has started.
	add func(reconcile.Request)
	// waiting are those from before that, each once and in the order in which they came.
	waiting []types.NamespacedName
	known   map[types.NamespacedName]bool
}

// NewTrigger returns one that keeps requests until its controller has started.
func NewTrigger() *Trigger { return &Trigger{known: map[types.NamespacedName]bool{}} }

// Enqueue has an object reconciled.
func (t *Trigger) Enqueue(key types.NamespacedName) {
	t.mu.Lock()
	add := t.add
	if add == nil && !t.known[key] {
		t.known[key] = true
		t.waiting = append(t.waiting, key)
	}
	t.mu.Unlock()
	if add != nil {
		add(reconcile.Request{NamespacedName: key})
	}
}

// Take returns, and forgets, those that wait for the controller to start.
func (t *Trigger) Take() []types.NamespacedName {
	t.mu.Lock()
	defer t.mu.Unlock()
	waiting := t.waiting
	t.waiting = nil
	clear(t.known)
	return waiting
}

// Source has the queue of a controller get them, the way that add does it.
func (t *Trigger) Source(add func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], request reconcile.Request)) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		into := func(request reconcile.Request) { add(ctx, queue, request) }
		t.mu.Lock()
		t.add = into
		t.mu.Unlock()
		for _, key := range t.Take() {
			into(reconcile.Request{NamespacedName: key})
		}
		return nil
	})
}
