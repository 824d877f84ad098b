// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"math/bits"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// The priorities of the queue: what a person waits for goes before what nobody notices. Within one, whoever has more
// waiting in a namespace comes later, so that a namespace with ten thousand does not keep another's one from its turn.
// They are few, for each is a label in the metrics of the queue.
const (
	priorityEdit   = 30  // somebody changed something that is there
	priorityNew    = 15  // somebody created something
	priorityLook   = 0   // something may have changed at the lock, or a step is to be followed
	priorityReturn = -50 // what is there when the operator starts
)

// maxRank is the most that others waiting in a namespace count.
const maxRank = 14

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

// rank is the logarithm of how many wait in the namespace with the same priority.
func (t *turns) rank(key types.NamespacedName, priority int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := lane{key.Namespace, priority}
	rank := min(bits.Len(uint(t.counts[own])), maxRank)
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
