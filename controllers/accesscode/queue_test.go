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
	turns := newTurns()
	queue := priorityqueue.New[reconcile.Request]("test")
	defer queue.ShutDown()
	request := func(namespace, name string) reconcile.Request {
		return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}
	}
	for i := range 10_000 {
		turns.add(queue, request("hotel", fmt.Sprint("there-", i)), priorityReturn)
		turns.add(queue, request("hotel", fmt.Sprint("new-", i)), priorityNew)
	}
	turns.add(queue, request("hostel", "new"), priorityNew)
	turns.add(queue, request("hotel", "new-9999"), priorityEdit)
	turns.add(queue, request("hostel", "look"), priorityLook)
	turns.add(queue, request("hotel", "look"), priorityLook)
	place := map[string]int{}
	for i := range 20_003 {
		next, _, _ := queue.GetWithPriority()
		turns.began(next.NamespacedName)
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
	if len(turns.waiting) != 0 || len(turns.counts) != 0 {
		t.Errorf("%d of those who had their turn are remembered, in %d lanes", len(turns.waiting), len(turns.counts))
	}
}
