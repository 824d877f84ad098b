// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// TestNoWakeUpIsLost: however many requests there are at once, before and after the controller has started, and whether or not
// a worker takes them from the queue.
func TestNoWakeUpIsLost(t *testing.T) {
	t.Parallel()
	const many = 2000
	triggers := NewTriggers()
	send := func(from int) {
		for i := range many {
			triggers.EnqueueAccessCode(types.NamespacedName{Namespace: "bookings", Name: fmt.Sprint("guest-", from+i)})
		}
	}
	send(0)
	send(0)
	queue := priorityqueue.New[reconcile.Request]("test")
	defer queue.ShutDown()
	source := triggers.AccessCodes.Source(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], key types.NamespacedName) {
		queue.Add(reconcile.Request{NamespacedName: key})
	})
	if err := source.Start(t.Context(), queue); err != nil {
		t.Fatal(err)
	}
	if n := queue.Len(); n != many {
		t.Errorf("%d of %d that came before the start are woken", n, many)
	}
	send(many)
	if n := queue.Len(); n != 2*many {
		t.Errorf("%d of %d are woken", n, 2*many)
	}
}
