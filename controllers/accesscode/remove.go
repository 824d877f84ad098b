// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// remover takes codes off their locks.
type remover struct{ metrics *metrics.Instruments }

// remove deletes the step's target: the code or its backup.
func (r remover) remove(ctx context.Context, s snapshot, step plan.Step) result {
	target, remote := step.Target, s.observed.Remote
	send := s.session.Delete
	if step.Kind == plan.DeleteUnmanaged {
		send = s.session.DeleteUnmanaged
	}
	err := send(ctx, target.DeviceID, target.AccessCodeID)
	if err != nil && !seam.IsAccessCodeNotFound(err) {
		if kind := seam.KindOf(err); kind != "" && kind != seam.RateLimited {
			r.metrics.RemovalFailed(s.code.Namespace)
		}
		if res, ok := removalRefused(s, target, err); ok {
			res.remote = remote
			return res
		}
		return s.failedWith(remote, eventDeleteFailed, err)
	}
	logf.FromContext(ctx).Info("Asked Seam to take the code off the lock", "accessCodeID", target.AccessCodeID)
	return s.writeResult(step, remote)
}
