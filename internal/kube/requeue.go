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
	// Soon is the delay before the reconcile that takes the next step.
	Soon = time.Second
	// SlowLook is the interval between reconciles of what only a person can put right.
	SlowLook = 10 * time.Minute
	// CheckJitter is the largest part of itself by which the interval between two checks of credentials is lengthened.
	CheckJitter = 0.1
	// ReconcileTimeout bounds one reconcile: two calls to Seam and the writes to Kubernetes.
	ReconcileTimeout = 75 * time.Second
)

const (
	// BackoffBase is the delay after the first failure.
	BackoffBase = time.Second
	// BackoffLimit is the longest delay between two tries, before jitter.
	BackoffLimit = 5 * time.Minute
	// BackoffJitter is the largest part of itself by which a delay is lengthened.
	BackoffJitter = 0.2
)

// Backoff is the rate limiter of a controller's queue. The delay of each object grows with each failure. Jitter keeps objects
// that failed together from coming back together.
type Backoff struct {
	workqueue.TypedRateLimiter[reconcile.Request]
}

// NewBackoff returns a Backoff without failures.
func NewBackoff() Backoff {
	return Backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](BackoffBase, BackoffLimit)}
}

// When returns how long to wait before the next try.
func (b Backoff) When(request reconcile.Request) time.Duration {
	return wait.Jitter(b.TypedRateLimiter.When(request), BackoffJitter)
}

// Doubling returns the delays between tries: base first, then twice as long each time, at most limit. It is a value, so that it
// is kept, copied and forgotten together with what is known of the object. flowcontrol.Backoff is not used here: it has to be
// swept, makes jitter part of the next delay, and starts again when a delay is more than twice the limit.
func Doubling(base, limit time.Duration) wait.Backoff {
	return wait.Backoff{Duration: min(base, limit), Factor: 2, Steps: math.MaxInt, Cap: limit}
}

// Evenly wraps a reconciler so that every requeue has priority 0, that of a new request.
func Evenly(next reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		result, err := next.Reconcile(ctx, request)
		result.Priority = new(0)
		return result, err
	})
}
