// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// gatherFor is how long what AccessCodes change about their SeamWorkspace is gatherFor: each look at it goes over all of
// them.
const gatherFor = 200 * time.Millisecond

// Wakes connects the controllers where no change of an object does: a workspace that was connected, credentials that a
// call found refused, and what has happened at Seam.
type Wakes struct {
	codes      *wakeUps // all of a workspace, by the key of the SeamWorkspace
	code       *wakeUps
	workspaces *wakeUps
	feeds      *wakeUps
}

// newWakes returns the connection for one set of controllers.
func newWakes() *Wakes {
	return &Wakes{codes: newWakeUps(), code: newWakeUps(), workspaces: newWakeUps(), feeds: newWakeUps()}
}

// wakeCodes has every AccessCode of a SeamWorkspace looked at.
func (w *Wakes) wakeCodes(key types.NamespacedName) { w.codes.send(key) }

// wakeCode has one AccessCode looked at.
func (w *Wakes) wakeCode(key types.NamespacedName) { w.code.send(key) }

// wakeWorkspace has a SeamWorkspace checked.
func (w *Wakes) wakeWorkspace(key types.NamespacedName) { w.workspaces.send(key) }

// wakeFeed has it found out what has happened to the codes of a SeamWorkspace.
func (w *Wakes) wakeFeed(key types.NamespacedName) { w.feeds.send(key) }

// wakeUps are on their way to the queue of one controller. Whoever sends one remembers that what it found was told, so
// none may be lost, and nobody waits for room: the queue holds each object once, however often it is woken.
type wakeUps struct {
	mu sync.Mutex
	// add puts a request into the queue; nil until the controller has started.
	add func(reconcile.Request)
	// waiting are those from before that, each once and in the order in which they came.
	waiting []types.NamespacedName
	known   map[types.NamespacedName]bool
}

func newWakeUps() *wakeUps { return &wakeUps{known: map[types.NamespacedName]bool{}} }

func (w *wakeUps) send(key types.NamespacedName) {
	w.mu.Lock()
	add := w.add
	if add == nil && !w.known[key] {
		w.known[key] = true
		w.waiting = append(w.waiting, key)
	}
	w.mu.Unlock()
	if add != nil {
		add(reconcile.Request{NamespacedName: key})
	}
}

// take returns those that wait.
func (w *wakeUps) take() []types.NamespacedName {
	w.mu.Lock()
	defer w.mu.Unlock()
	waiting := w.waiting
	w.waiting = nil
	clear(w.known)
	return waiting
}

// source has the queue of a controller get them, the way that add does it.
func (w *wakeUps) source(add func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], request reconcile.Request)) source.Source {
	return source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		into := func(request reconcile.Request) { add(ctx, queue, request) }
		w.mu.Lock()
		w.add = into
		w.mu.Unlock()
		for _, key := range w.take() {
			into(reconcile.Request{NamespacedName: key})
		}
		return nil
	})
}
