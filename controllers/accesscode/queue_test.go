// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// TestFairQueue: one that is alone in its namespace does not wait for ten thousand of another, and an edit waits for
// nothing that is new.
func TestFairQueue(t *testing.T) {
	t.Parallel()
	fair := newFairQueue()
	queue := priorityqueue.New[reconcile.Request]("test")
	defer queue.ShutDown()
	request := func(namespace, name string) reconcile.Request {
		return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
	}
	for i := range 10_000 {
		fair.add(queue, request("hotel", fmt.Sprint("there-", i)), priorityReturn)
		fair.add(queue, request("hotel", fmt.Sprint("new-", i)), priorityNew)
	}
	fair.add(queue, request("hostel", "new"), priorityNew)
	fair.add(queue, request("hotel", "new-9999"), priorityEdit)
	fair.add(queue, request("hostel", "look"), priorityLook)
	fair.add(queue, request("hotel", "look"), priorityLook)
	place := map[string]int{}
	for i := range 20_003 {
		next, _, _ := queue.GetWithPriority()
		fair.dequeued(next.NamespacedName)
		place[next.String()] = i
		queue.Done(next)
	}
	for name, most := range map[string]int{"hotel/new-9999": 0, "hostel/new": 2, "hostel/look": 10_001} {
		if got := place[name]; got > most {
			t.Errorf("%s is number %d, want at most %d", name, got, most)
		}
	}
	if place["hotel/look"] < place["hotel/new-9998"] {
		t.Error("a look goes before what is new in its namespace")
	}
	if place["hotel/there-0"] < place["hotel/new-9998"] {
		t.Error("what was there before goes before what is new")
	}
	if len(fair.waiting) != 0 || len(fair.counts) != 0 {
		t.Errorf("%d requests that were dequeued are still counted, in %d buckets", len(fair.waiting), len(fair.counts))
	}
}
