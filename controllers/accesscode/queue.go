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

// The priorities of the queue: what a person waits for goes before what nobody notices. Each is lowered by the rank of its
// bucket, at most maxRank, so that a namespace with many requests waiting comes after one with few, even after its less
// urgent ones. Hazard: there must be fewer than 25 priorities, ranks included. From the 26th on, controller-runtime's
// metrics of the queue are wrong.
const (
	priorityEdit   = 3  // somebody changed something that is there
	priorityNew    = 2  // somebody created something
	priorityLook   = 1  // something may have changed at the lock, or a step is to be followed
	priorityLater  = 0  // a time has come that was set long before, such as the end of a window
	priorityReturn = -8 // what is there when the operator starts, after all others
)

// maxRank is the most by which the length of a bucket lowers a priority.
const maxRank = 7

// followSoon is the longest delay after which a requeue still counts as the next step, and not as a time set long before.
const followSoon = time.Minute

// fairQueue ranks what is put into the workqueue, so that no namespace starves another. It counts the waiting requests in
// buckets, one for each namespace and priority. It is safe for concurrent use.
type fairQueue struct {
	mu      sync.Mutex
	waiting map[types.NamespacedName]int // the priority, before it is lowered by the rank
	counts  map[bucket]int
}

type bucket struct {
	namespace string
	priority  int
}

func newFairQueue() *fairQueue {
	return &fairQueue{waiting: map[types.NamespacedName]int{}, counts: map[bucket]int{}}
}

// add puts a request into the workqueue, with its priority lowered by the rank of its bucket.
func (q *fairQueue) add(queue workqueue.TypedRateLimitingInterface[reconcile.Request], request reconcile.Request, priority int) {
	ranked := priority - q.rank(request.NamespacedName, priority)
	if prioritized, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		prioritized.AddWithOpts(priorityqueue.AddOpts{Priority: &ranked}, request)
		return
	}
	queue.Add(request)
}

// rank counts a request as waiting and returns the rank of its bucket: the logarithm, to base 4, of its length. What is less
// urgent than a new object also comes after the new objects of its own namespace: then the looks go out together, in few
// calls.
func (q *fairQueue) rank(key types.NamespacedName, priority int) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	own := bucket{key.Namespace, priority}
	count := q.counts[own]
	if priority < priorityNew {
		count = max(count, q.counts[bucket{key.Namespace, priorityNew}])
	}
	rank := min((bits.Len(uint(count))+1)/2, maxRank)
	before, waits := q.waiting[key]
	if waits && before >= priority {
		return rank
	}
	if waits {
		q.decrement(bucket{key.Namespace, before})
	}
	q.waiting[key] = priority
	q.counts[own]++
	return rank
}

// dequeued takes a request out of its bucket.
func (q *fairQueue) dequeued(key types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if priority, ok := q.waiting[key]; ok {
		delete(q.waiting, key)
		q.decrement(bucket{key.Namespace, priority})
	}
}

func (q *fairQueue) decrement(l bucket) {
	if q.counts[l]--; q.counts[l] <= 0 {
		delete(q.counts, l)
	}
}

// ranked wraps a reconciler. It takes each request out of its bucket, and ranks a requeue as the next step of an object.
// controller-runtime itself would keep the priority of before: whoever edited much once would stay ahead of all others.
func (q *fairQueue) ranked(next reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		q.dequeued(request.NamespacedName)
		result, err := next.Reconcile(ctx, request)
		if err == nil && result.RequeueAfter == 0 {
			return result, nil
		}
		priority := priorityLook
		if err == nil && result.RequeueAfter > followSoon {
			priority = priorityLater
		}
		result.Priority = new(priority - q.rank(request.NamespacedName, priority))
		return result, err
	})
}

// ofObjects enqueues AccessCodes by how urgent they are: edited, new, there before the start.
func (q *fairQueue) ofObjects() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			priority := priorityNew
			if e.IsInInitialList {
				priority = priorityReturn
			}
			q.add(queue, requestOf(e.Object), priority)
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			q.add(queue, requestOf(e.ObjectNew), priorityEdit)
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			q.add(queue, requestOf(e.Object), priorityLook)
		},
	}
}

// ofOthers enqueues the AccessCodes that another object concerns.
func (q *fairQueue) ofOthers(concerned handler.MapFunc) handler.EventHandler {
	enqueue := func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], object client.Object, priority int) {
		for _, request := range concerned(ctx, object) {
			q.add(queue, request, priority)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			priority := priorityLook
			if e.IsInInitialList {
				priority = priorityReturn
			}
			enqueue(ctx, queue, e.Object, priority)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			enqueue(ctx, queue, e.ObjectOld, priorityLook)
			enqueue(ctx, queue, e.ObjectNew, priorityLook)
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			enqueue(ctx, queue, e.Object, priorityLook)
		},
	}
}
