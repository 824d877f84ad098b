// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"math/bits"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// The priorities of the queue: what a person waits for goes before what nobody notices. The more a namespace has
// waiting, the further back it comes, by up to maxRank: behind another's less urgent ones, too, so that neither ten
// thousand that are new nor hundreds that were edited keep another namespace's one from its turn. All in all they are
// fewer than 25: from the 26th on, controller-runtime's metrics of the queue go wrong.
const (
	priorityEdit   = 3  // somebody changed something that is there
	priorityNew    = 2  // somebody created something
	priorityLook   = 1  // something may have changed at the lock, or a step is to be followed
	priorityLater  = 0  // a time has come that was set long before, such as the end of a window
	priorityReturn = -8 // what is there when the operator starts, behind all others
)

// maxRank is the most that others waiting in a namespace count.
const maxRank = 7

// followSoon tells a step that is followed from a time that was set long before.
const followSoon = time.Minute

// turns counts who waits in the queue, by namespace and priority, so that each gets their turn. It is safe for
// concurrent use.
type turns struct {
	mu      sync.Mutex
	waiting map[types.NamespacedName]int // the priority before ranks
	counts  map[lane]int
}

type lane struct {
	namespace string
	priority  int
}

func newTurns() *turns {
	return &turns{waiting: map[types.NamespacedName]int{}, counts: map[lane]int{}}
}

// add puts a request into the queue, behind those that wait in the same namespace, and the further the more they are.
func (t *turns) add(queue workqueue.TypedRateLimitingInterface[reconcile.Request], request reconcile.Request, priority int) {
	ranked := priority - t.rank(request.NamespacedName, priority)
	if prioritized, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		prioritized.AddWithOpts(priorityqueue.AddOpts{Priority: &ranked}, request)
		return
	}
	queue.Add(request)
}

// rank is the logarithm, by 4, of how many wait in the namespace with the same priority. What is less urgent than what is
// new comes behind that of its own namespace, too: looks that wait for it go out together, in few calls.
func (t *turns) rank(key types.NamespacedName, priority int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := lane{key.Namespace, priority}
	count := t.counts[own]
	if priority < priorityNew {
		count = max(count, t.counts[lane{key.Namespace, priorityNew}])
	}
	rank := min((bits.Len(uint(count))+1)/2, maxRank)
	before, waits := t.waiting[key]
	if waits && before >= priority {
		return rank
	}
	if waits {
		t.leave(lane{key.Namespace, before})
	}
	t.waiting[key] = priority
	t.counts[own]++
	return rank
}

// began says that a request has had its turn.
func (t *turns) began(key types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if priority, ok := t.waiting[key]; ok {
		delete(t.waiting, key)
		t.leave(lane{key.Namespace, priority})
	}
}

func (t *turns) leave(l lane) {
	if t.counts[l]--; t.counts[l] <= 0 {
		delete(t.counts, l)
	}
}

// inTurn returns what reconciles so that whatever comes back has the priority of what follows a step. Left to
// controller-runtime it would keep the priority it had: whoever once edited much would stay ahead of all others.
func (t *turns) inTurn(next reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		t.began(request.NamespacedName)
		result, err := next.Reconcile(ctx, request)
		if err == nil && result.RequeueAfter == 0 {
			return result, nil
		}
		priority := priorityLook
		if err == nil && result.RequeueAfter > followSoon {
			priority = priorityLater
		}
		result.Priority = new(priority - t.rank(request.NamespacedName, priority))
		return result, err
	})
}

// ofObjects puts AccessCodes into the queue by how urgent they are: what was edited, what is new, what was there before.
func (t *turns) ofObjects() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			priority := priorityNew
			if e.IsInInitialList {
				priority = priorityReturn
			}
			t.add(queue, requestOf(e.Object), priority)
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			t.add(queue, requestOf(e.ObjectNew), priorityEdit)
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			t.add(queue, requestOf(e.Object), priorityLook)
		},
	}
}

// ofOthers puts the AccessCodes into the queue that another object concerns.
func (t *turns) ofOthers(concerned handler.MapFunc) handler.EventHandler {
	wake := func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], object client.Object, priority int) {
		for _, request := range concerned(ctx, object) {
			t.add(queue, request, priority)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			priority := priorityLook
			if e.IsInInitialList {
				priority = priorityReturn
			}
			wake(ctx, queue, e.Object, priority)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			wake(ctx, queue, e.ObjectOld, priorityLook)
			wake(ctx, queue, e.ObjectNew, priorityLook)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			wake(ctx, queue, e.Object, priorityLook)
		},
	}
}
