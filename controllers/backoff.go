// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
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
