// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// queue is controller-runtime's priority queue on the clock of a test. Requests with a delay wait here, because the real queue
// would use the system's clock. No request is handed out until the Runner says so.
type queue struct {
	runner  *Runner
	name    string
	limiter workqueue.TypedRateLimiter[reconcile.Request]
	inner   priorityqueue.PriorityQueue[reconcile.Request]
	give    chan handedOut

	mu    sync.Mutex
	ready map[reconcile.Request]bool // in inner
	busy  map[reconcile.Request]bool // handed out, and not done
	later map[reconcile.Request]waiting
	idle  int // workers that wait for something to do
	down  bool
}

// waiting is when a request comes back, and with which priority.
type waiting struct {
	at       time.Time
	priority int
}

type handedOut struct {
	request  reconcile.Request
	priority int
}

var _ priorityqueue.PriorityQueue[reconcile.Request] = &queue{}

func (r *Runner) newQueue(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
	q := &queue{
		runner: r, name: name, limiter: limiter, give: make(chan handedOut),
		inner: priorityqueue.New(name, func(o *priorityqueue.Opts[reconcile.Request]) { o.RateLimiter = limiter }),
		ready: map[reconcile.Request]bool{}, busy: map[reconcile.Request]bool{}, later: map[reconcile.Request]waiting{},
	}
	r.queues = append(r.queues, q)
	return q
}

// AddWithOpts implements priorityqueue.PriorityQueue, with its rules: of two times the earlier one, of two priorities the
// higher one.
func (q *queue) AddWithOpts(options priorityqueue.AddOpts, requests ...reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down {
		return
	}
	priority := 0
	if options.Priority != nil {
		priority = *options.Priority
	}
	for _, request := range requests {
		after := options.After
		if options.RateLimited {
			if limited := q.limiter.When(request); after == 0 || limited < after {
				after = limited
			}
		}
		q.add(request, q.runner.options.Steady(q.name, options.RateLimited, after), priority)
	}
}

func (q *queue) add(request reconcile.Request, after time.Duration, priority int) {
	waits, ok := q.later[request]
	switch {
	case q.ready[request]:
		q.inner.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, request)
		return
	case ok:
		priority = max(priority, waits.priority)
	}
	if after <= 0 {
		delete(q.later, request)
		q.ready[request] = true
		q.inner.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, request)
		return
	}
	at := q.runner.options.Clock.Now().Add(after)
	if ok && waits.at.Before(at) {
		at = waits.at
	}
	q.later[request] = waiting{at: at, priority: priority}
}

// promote makes the requests ready whose time has come, in the order of their times.
func (q *queue) promote(now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var due []reconcile.Request
	for request, waits := range q.later {
		if !waits.at.After(now) {
			due = append(due, request)
		}
	}
	slices.SortFunc(due, func(a, b reconcile.Request) int {
		return cmp.Or(q.later[a].at.Compare(q.later[b].at), cmp.Compare(q.later[b].priority, q.later[a].priority), cmp.Compare(a.String(), b.String()))
	})
	for _, request := range due {
		q.add(request, 0, q.later[request].priority)
	}
}

// next is when the first waiting request is due, zero when none waits.
func (q *queue) next() time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	var first time.Time
	for _, waits := range q.later {
		if first.IsZero() || waits.at.Before(first) {
			first = waits.at
		}
	}
	return first
}

// startable says whether a request is ready whose object no worker has, and a worker is free.
func (q *queue) startable() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.idle == 0 {
		return false
	}
	for request := range q.ready {
		if !q.busy[request] {
			return true
		}
	}
	return false
}

func (q *queue) working() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.busy)
}

// take hands out the first request; only after startable.
func (q *queue) take() handedOut {
	request, priority, _ := q.inner.GetWithPriority()
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.ready, request)
	q.busy[request] = true
	q.idle--
	return handedOut{request: request, priority: priority}
}

// GetWithPriority implements priorityqueue.PriorityQueue. It ends the step of the worker that calls it.
func (q *queue) GetWithPriority() (request reconcile.Request, priority int, shutdown bool) {
	q.mu.Lock()
	q.idle++
	q.mu.Unlock()
	q.runner.ended <- struct{}{}
	got, ok := <-q.give
	return got.request, got.priority, !ok
}

// Done implements priorityqueue.PriorityQueue.
func (q *queue) Done(request reconcile.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, request)
	q.inner.Done(request)
}

// ShutDown implements priorityqueue.PriorityQueue.
func (q *queue) ShutDown() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.down {
		q.down = true
		close(q.give)
		q.inner.ShutDown()
	}
}

// Add implements priorityqueue.PriorityQueue, as do all that follow.
func (q *queue) Add(request reconcile.Request) { q.AddWithOpts(priorityqueue.AddOpts{}, request) }

// AddAfter adds a request some time from now.
func (q *queue) AddAfter(request reconcile.Request, after time.Duration) {
	q.AddWithOpts(priorityqueue.AddOpts{After: after}, request)
}

// AddRateLimited adds a request after a failure.
func (q *queue) AddRateLimited(request reconcile.Request) {
	q.AddWithOpts(priorityqueue.AddOpts{RateLimited: true}, request)
}

// Forget forgets the failures of a request.
func (q *queue) Forget(request reconcile.Request) { q.limiter.Forget(request) }

// NumRequeues counts the failures of a request.
func (q *queue) NumRequeues(request reconcile.Request) int { return q.limiter.NumRequeues(request) }

// Get hands out a request.
func (q *queue) Get() (request reconcile.Request, shutdown bool) {
	request, _, shutdown = q.GetWithPriority()
	return request, shutdown
}

// Len counts those that are ready.
func (q *queue) Len() int { return q.inner.Len() }

// ShutDownWithDrain is ShutDown.
func (q *queue) ShutDownWithDrain() { q.ShutDown() }

// ShuttingDown says that it is shut down.
func (q *queue) ShuttingDown() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.down
}
