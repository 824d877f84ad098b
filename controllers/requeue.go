// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// soon is when a step is taken that the one just taken leads to.
	soon = time.Second
	// slowLook spaces the looks at what only a person can mend.
	slowLook = 10 * time.Minute
	// sweepJitter spreads the checks of credentials over a tenth of the interval more.
	sweepJitter = 0.1
	// reconcileTimeout bounds one reconcile: two calls to Seam and what is written to Kubernetes.
	reconcileTimeout = 75 * time.Second
)

const (
	backoffBase   = time.Second
	backoffLimit  = 5 * time.Minute
	backoffJitter = 0.2
)

// backoff spaces the retries of each object: longer each time, and with jitter, so that all that failed together do
// not come back together.
type backoff struct {
	workqueue.TypedRateLimiter[reconcile.Request]
}

func newBackoff() backoff {
	return backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](backoffBase, backoffLimit)}
}

// When returns how long to wait before the next try.
func (b backoff) When(request reconcile.Request) time.Duration {
	return wait.Jitter(b.TypedRateLimiter.When(request), backoffJitter)
}

// evenly returns what reconciles so that whatever comes back has the same priority, that of what has just come.
func evenly(next reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
		result, err := next.Reconcile(ctx, request)
		result.Priority = new(0)
		return result, err
	})
}
