// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"math"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// Soon is when a step is taken that the one just taken leads to.
	Soon = time.Second
	// SlowLook spaces the looks at what only a person can mend.
	SlowLook = 10 * time.Minute
	// SweepJitter spreads the checks of credentials over a tenth of the interval more.
	SweepJitter = 0.1
	// ReconcileTimeout bounds one reconcile: two calls to Seam and what is written to Kubernetes.
	ReconcileTimeout = 75 * time.Second
)

const (
	// BackoffBase is when a first failure is tried again.
	BackoffBase = time.Second
	// BackoffLimit is the longest time between two tries.
	BackoffLimit = 5 * time.Minute
	// BackoffJitter is by how much of itself a wait is lengthened at most.
	BackoffJitter = 0.2
)

// Backoff spaces the retries of each object: longer each time, and with jitter, so that all that failed together do
// not come back together.
type Backoff struct {
	workqueue.TypedRateLimiter[reconcile.Request]
}

// NewBackoff returns one that knows of no failure.
func NewBackoff() Backoff {
	return Backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](BackoffBase, BackoffLimit)}
}

// When returns how long to wait before the next try.
func (b Backoff) When(request reconcile.Request) time.Duration {
	return wait.Jitter(b.TypedRateLimiter.When(request), BackoffJitter)
}

// Doubling returns the delays of something that is retried: base first, then twice as long each time, at most limit. It is a
// value, so that it is kept, copied and forgotten with what is known of the object. flowcontrol.Backoff is not: it has to
// be swept, makes jitter part of the next delay, and begins anew when a delay is more than twice the limit.
func Doubling(base, limit time.Duration) wait.Backoff {
	return wait.Backoff{Duration: min(base, limit), Factor: 2, Steps: math.MaxInt, Cap: limit}
}

// Evenly returns what reconciles so that whatever comes back has the same priority, that of what has just come.
func Evenly(next reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		result, err := next.Reconcile(ctx, request)
		result.Priority = new(0)
		return result, err
	})
}
