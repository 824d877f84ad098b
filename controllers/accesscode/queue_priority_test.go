// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/access-codes/access-code-operator/internal/kube"
)

// slowSeam is a controller with controller-runtime's own queue and one worker, whose steps end when the test says so.
type slowSeam struct {
	t     *testing.T
	fair  *fairQueue
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
	begun chan reconcile.Request
	end   chan reconcileEnd
}

type reconcileEnd struct {
	after time.Duration
	err   error
}

func newSlowSeam(t *testing.T) *slowSeam {
	t.Helper()
	s := &slowSeam{t: t, fair: newFairQueue(), begun: make(chan reconcile.Request), end: make(chan reconcileEnd)}
	step := reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		select {
		case s.begun <- request:
		case <-ctx.Done():
			return reconcile.Result{}, nil
		}
		select {
		case end := <-s.end:
			return reconcile.Result{RequeueAfter: end.after}, end.err
		case <-ctx.Done():
			return reconcile.Result{}, nil
		}
	})
	c, err := controller.NewUnmanaged("slow-"+uuid.NewString(), controller.Options{
		Reconciler: s.fair.ranked(step), MaxConcurrentReconciles: 1, LogConstructor: func(*reconcile.Request) logr.Logger { return logr.Discard() },
		RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](time.Millisecond, time.Millisecond),
		NewQueue: func(name string, limiter workqueue.TypedRateLimiter[reconcile.Request]) workqueue.TypedRateLimitingInterface[reconcile.Request] {
			return priorityqueue.New(name, func(o *priorityqueue.Opts[reconcile.Request]) { o.RateLimiter = limiter })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	err = c.Watch(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		s.queue = queue
		close(started)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	running.Go(func() {
		if err := c.Start(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	<-started
	return s
}

func requestIn(namespace, name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
}

// serve lets steps end, each of which leads to another, until that of a request begins, and returns how many.
func (s *slowSeam) serve(end reconcileEnd, until func(n int, begun reconcile.Request) bool) int {
	s.t.Helper()
	for n := 0; ; n++ {
		select {
		case begun := <-s.begun:
			if until(n, begun) {
				return n
			}
			s.end <- end
		case <-time.After(time.Minute):
			s.t.Fatal("nothing begins any more")
		}
	}
}

// allReady waits until so many have come back and wait for the worker.
func (s *slowSeam) allReady(n int) {
	s.t.Helper()
	err := wait.PollUntilContextTimeout(s.t.Context(), time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		return s.queue.Len() == n, nil
	})
	if err != nil {
		s.t.Fatalf("%d wait, want %d", s.queue.Len(), n)
	}
}

// TestEditsHoldUpNobody: 200 objects of one namespace that were edited, each of which comes back again and again while
// Seam is slow, hold up neither one of another namespace that is new, nor what follows it.
func TestEditsHoldUpNobody(t *testing.T) {
	const many = 200
	ends := map[string]reconcileEnd{
		"followed": {after: time.Millisecond},
		"failed":   {err: errors.New("Seam does not answer")},
	}
	for name, end := range ends {
		for _, served := range []int{1, many, 3 * many} {
			t.Run(fmt.Sprint(name, "-", served), func(t *testing.T) {
				t.Parallel()
				holdUpNobody(t, many, served, end)
			})
		}
	}
}

// holdUpNobody has so many objects edited, and served so often, before one of another namespace is new.
func holdUpNobody(t *testing.T, edited, served int, end reconcileEnd) {
	const most = 16
	s := newSlowSeam(t)
	for i := range edited {
		s.fair.add(s.queue, requestIn("hotel", fmt.Sprint("edited-", i)), priorityEdit)
	}
	s.serve(end, func(n int, _ reconcile.Request) bool { return n == served })
	guest := requestIn("hostel", "new")
	s.fair.add(s.queue, guest, priorityNew)
	for _, step := range []string{"it is new", "it is followed"} {
		s.end <- end
		n := s.serve(end, func(n int, begun reconcile.Request) bool {
			if n == 0 && begun != guest {
				s.allReady(edited) // but the one that is under way
			}
			return begun == guest
		})
		if n > most {
			t.Errorf("%d go before it while %s, want at most %d", n, step, most)
		}
	}
}

// TestWhatComesBackHasThePriorityOfAFollowUp: whatever it was before.
func TestWhatComesBackHasThePriorityOfAFollowUp(t *testing.T) {
	t.Parallel()
	for _, before := range []int{priorityEdit, priorityNew, priorityLook, priorityLater, priorityReturn} {
		for _, test := range []struct {
			after time.Duration
			err   error
			want  *int
		}{
			{0, nil, nil},
			{time.Second, nil, new(priorityLook)},
			{0, errors.New("no answer"), new(priorityLook)},
			{time.Hour, nil, new(priorityLater)},
		} {
			fair := newFairQueue()
			queue := priorityqueue.New[reconcile.Request]("")
			defer queue.ShutDown()
			fair.add(queue, requestIn("hotel", "guest"), before)
			result, err := fair.ranked(reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
				return reconcile.Result{RequeueAfter: test.after}, test.err
			})).Reconcile(t.Context(), requestIn("hotel", "guest"))
			if got := result.Priority; !errors.Is(err, test.err) || (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("from %d, after %s, %v: %v", before, test.after, test.err, got)
			}
		}
	}
	result, _ := kube.Evenly(reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
		return reconcile.Result{RequeueAfter: time.Second}, nil
	})).Reconcile(t.Context(), requestIn("hotel", "default"))
	if result.Priority == nil || *result.Priority != 0 {
		t.Errorf("a SeamWorkspace comes back with %v", result.Priority)
	}
}

// TestDepthOfTheQueueIsCounted: the metric has each priority, however many wait, and no place for all that came too late.
func TestDepthOfTheQueueIsCounted(t *testing.T) {
	t.Parallel()
	const many = 20_000
	name := "depth-" + uuid.NewString()
	fair := newFairQueue()
	queue := priorityqueue.New[reconcile.Request](name)
	defer queue.ShutDown()
	priorities := []int{priorityEdit, priorityNew, priorityLook, priorityLater, priorityReturn}
	for _, priority := range priorities {
		for i := range many {
			fair.add(queue, requestIn(fmt.Sprint("hotel-", priority), fmt.Sprint(i)), priority)
		}
	}
	queue.Len() // has all of them taken in
	depth := depthOf(t, name)
	sum := 0.0
	for priority, n := range depth {
		sum += n
		if _, err := strconv.Atoi(priority); err != nil {
			t.Errorf("priority %q", priority)
		}
	}
	if want := float64(many * len(priorities)); sum != want || len(depth) >= 25 {
		t.Errorf("%v wait, with %d priorities, want %v", sum, len(depth), want)
	}
}

// depthOf is what the metric says of a queue, by priority.
func depthOf(t *testing.T, name string) map[string]float64 {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	depth := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if family.GetName() == "workqueue_depth" && labels["name"] == name {
				depth[labels["priority"]] = metric.GetGauge().GetValue()
			}
		}
	}
	return depth
}
