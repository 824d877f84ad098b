// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// ErrStopped is the error of all calls once the Runner has stopped, as if the process of the controllers had ended.
var ErrStopped = errors.New("the process has ended")

// patience is how long a step may take on the system's clock before it counts as hung.
const patience = 2 * time.Minute

// Options are what a Runner is built from.
type Options struct {
	Scheme *runtime.Scheme
	Clock  clock.PassiveClock
	// API has the objects, and reports their changes.
	API client.WithWatch
	// Watched returns an empty list for each kind that is cached.
	Watched func() []client.ObjectList
	// AddIndexes adds the indexes of the cache.
	AddIndexes func(context.Context, client.FieldIndexer) error
	// Steady replaces the delay after which a controller's request comes back, after a failure or as it has asked for, by one
	// without jitter.
	Steady func(controller string, failed bool, after time.Duration) time.Duration
	// Together has the controllers of which, all together, at most Most reconciles may be under way at once: they may wait for
	// each other otherwise than by a call.
	Together map[string]bool
	Most     int
}

// Runner runs controllers one step at a time. Except for the calls that controllers make, it is for one goroutine.
type Runner struct {
	options     Options
	cache       *lagging
	controllers []manager.Runnable
	queues      []*queue
	cancel      context.CancelFunc
	running     sync.WaitGroup
	// ended receives a value when a step ends: before the next call, or with the reconcile.
	ended chan struct{}
	// parked are the reconciles that are about to make a call, in the order in which they began.
	parked  []*Task
	current *Task
	stopped bool
	begun   int

	mu         sync.Mutex
	registered []registration
}

type registration struct {
	kind    string
	handler toolscache.ResourceEventHandler
}

// Task is one reconcile.
type Task struct {
	Controller string
	Request    reconcile.Request
	// Seen is the object of the request as the reconcile first read it from the cache, nil when it was not there.
	Seen client.Object

	number int
	resume chan error
}

// New returns a Runner that has yet to be started, with a cache that is up to date.
func New(ctx context.Context, options Options) (*Runner, error) {
	r := &Runner{options: options, ended: make(chan struct{})}
	var err error
	if r.cache, err = newCache(ctx, r); err != nil {
		return nil, err
	}
	return r, options.AddIndexes(ctx, r.cache)
}

// Start starts controllers. Each function registers one, as with a manager.
func (r *Runner) Start(setups ...func(ctrl.Manager) error) error {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	for _, setup := range setups {
		if err := setup(asManager{runner: r}); err != nil {
			return err
		}
	}
	for _, controller := range r.controllers {
		r.running.Go(func() { _ = controller.Start(ctx) })
		for range workersOf(controller) {
			<-r.ended // each worker, when it first asks for something to do
		}
		r.tellFirst()
	}
	return nil
}

// tellFirst calls new event handlers with the objects that are there.
func (r *Runner) tellFirst() {
	r.mu.Lock()
	registered := r.registered
	r.registered = nil
	r.mu.Unlock()
	slices.SortFunc(registered, func(a, b registration) int { return strings.Compare(a.kind, b.kind) })
	for _, one := range registered {
		r.cache.watching[one.kind] = append(r.cache.watching[one.kind], one.handler)
		for _, key := range slices.Sorted(maps.Keys(r.cache.stored)) {
			if strings.HasPrefix(key, one.kind+" ") {
				one.handler.OnAdd(r.cache.stored[key], true)
			}
		}
	}
}

// Stop ends the process of the controllers, whatever they are doing. Calls that they are about to make are not made.
func (r *Runner) Stop() {
	if r.stopped {
		return
	}
	r.stopped = true
	for len(r.parked) > 0 {
		task := r.parked[0]
		r.parked = r.parked[1:]
		r.run(task, func() { task.resume <- ErrStopped })
	}
	if r.cancel != nil {
		r.cancel()
	}
	r.running.Wait()
	r.cache.close()
}

// choice is one step that may come next.
type choice struct {
	what string
	take func() *Task
}

// Step makes one step. Where there are several, choose picks one by its number; number 0 is the one that brings what was begun
// to its end soonest. task is the reconcile that took the step, nil for a step of the cache. ok is false where there is nothing
// to do at this time.
func (r *Runner) Step(choose func(n int) int) (what string, task *Task, ok bool) {
	choices := r.choices()
	if len(choices) == 0 {
		return "", nil, false
	}
	i := 0
	if len(choices) > 1 {
		i = choose(len(choices))
	}
	return choices[i].what, choices[i].take(), true
}

func (r *Runner) choices() []choice {
	r.cache.hear()
	var choices []choice
	for i, task := range r.parked {
		choices = append(choices, choice{what: "goes on", take: func() *Task {
			r.parked = slices.Delete(r.parked, i, i+1)
			r.run(task, func() { task.resume <- nil })
			return task
		}})
	}
	for _, key := range slices.Sorted(maps.Keys(r.cache.behind)) {
		choices = append(choices, choice{what: "the cache learns of " + key, take: func() *Task { r.cache.learn(key); return nil }})
	}
	for _, to := range slices.Sorted(maps.Keys(r.cache.told)) {
		choices = append(choices, choice{what: "told of " + to, take: func() *Task { r.cache.tell(to); return nil }})
	}
	return append(choices, r.starts()...)
}

// starts are the reconciles that may begin.
func (r *Runner) starts() []choice {
	together := 0
	for _, q := range r.queues {
		if r.options.Together[q.name] {
			together += q.working()
		}
	}
	var choices []choice
	for _, q := range r.queues {
		q.promote(r.options.Clock.Now())
		if !q.startable() || r.options.Together[q.name] && together >= r.options.Most {
			continue
		}
		choices = append(choices, choice{what: "begins", take: func() *Task {
			got := q.take()
			r.begun++
			task := &Task{Controller: q.name, Request: got.request, number: r.begun, resume: make(chan error)}
			r.run(task, func() { q.give <- got })
			return task
		}})
	}
	return choices
}

// run lets one worker go on until its next call, or the end of its reconcile.
func (r *Runner) run(task *Task, begin func()) {
	r.current = task
	begin()
	select {
	case <-r.ended:
	case <-time.After(patience):
		panic(fmt.Sprintf("%s %s hangs", task.Controller, task.Request)) //nolint:forbidigo // no test can go on
	}
	r.current = nil
}

// call makes a worker wait until it is told to go on, then makes its call. A call from elsewhere is made at once.
func (r *Runner) call(do func() error) error {
	task := r.current
	switch {
	case task == nil:
		return do()
	case r.stopped:
		return ErrStopped
	}
	r.parked = append(r.parked, task)
	slices.SortFunc(r.parked, func(a, b *Task) int { return a.number - b.number })
	r.ended <- struct{}{}
	if err := <-task.resume; err != nil {
		return err
	}
	return do()
}

// Current is the reconcile that is taking a step, nil when none is.
func (r *Runner) Current() *Task { return r.current }

// sees records the object that a reconcile is about.
func (r *Runner) sees(key client.ObjectKey, o client.Object) {
	if r.current != nil && r.current.Seen == nil && r.current.Request.NamespacedName == key {
		r.current.Seen = o
	}
}

// Next is when the first waiting request is due, zero when none waits.
func (r *Runner) Next() time.Time {
	var first time.Time
	for _, q := range r.queues {
		if at := q.next(); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// Busy says that reconciles are under way.
func (r *Runner) Busy() bool { return len(r.parked) > 0 }

// Finish lets all reconciles under way end, and starts none.
func (r *Runner) Finish(choose func(n int) int, after func(task *Task)) {
	for r.Busy() {
		i := 0
		if len(r.parked) > 1 {
			i = choose(len(r.parked))
		}
		task := r.parked[i]
		r.parked = slices.Delete(r.parked, i, i+1)
		r.run(task, func() { task.resume <- nil })
		after(task)
	}
}

// CatchUp has the cache, and all who watch, hear of everything that has changed until now.
func (r *Runner) CatchUp() {
	for r.cache.hear(); len(r.cache.behind)+len(r.cache.told) > 0; r.cache.hear() {
		for _, key := range slices.Sorted(maps.Keys(r.cache.behind)) {
			r.cache.learn(key)
		}
		for _, to := range slices.Sorted(maps.Keys(r.cache.told)) {
			r.cache.tell(to)
		}
	}
}

// Heard says that all that watch have heard of all changes of an object.
func (r *Runner) Heard(o client.Object) bool {
	r.cache.hear()
	key := r.cache.keyOf(o)
	if len(r.cache.behind[key]) > 0 {
		return false
	}
	for to := range r.cache.told {
		if strings.HasPrefix(to, key+" by ") {
			return false
		}
	}
	return true
}

// asManager is what a controller needs of a manager to set itself up.
type asManager struct {
	manager.Manager // what controllers have no use for

	runner *Runner
}

func (m asManager) GetCache() cache.Cache { return m.runner.cache }

func (m asManager) GetScheme() *runtime.Scheme { return m.runner.options.Scheme }

func (m asManager) GetLogger() logr.Logger { return logr.Discard() }

func (m asManager) GetControllerOptions() config.Controller {
	// Several of a name, one after the other; and a panic is the test's.
	return config.Controller{SkipNameValidation: new(true), RecoverPanic: new(false)}
}

// Add takes a controller, and gives it the queue of the Runner. The field is exported, its type is not.
func (m asManager) Add(runnable manager.Runnable) error {
	field := reflect.ValueOf(runnable).Elem().FieldByName("NewQueue")
	newQueue := func(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
		return m.runner.newQueue(name, limiter)
	}
	if !field.IsValid() || !field.Type().AssignableTo(reflect.TypeOf(newQueue)) {
		return fmt.Errorf("%T is no controller that this package knows", runnable)
	}
	field.Set(reflect.ValueOf(newQueue))
	m.runner.controllers = append(m.runner.controllers, runnable)
	return nil
}

func workersOf(controller manager.Runnable) int {
	return int(reflect.ValueOf(controller).Elem().FieldByName("MaxConcurrentReconciles").Int())
}
