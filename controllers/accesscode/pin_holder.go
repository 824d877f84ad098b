// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	"github.com/access-codes/access-code-operator/internal/plan"
)

// findHolder finds out what has the PIN on the lock, managed by Seam or not.
func (o observer) findHolder(ctx context.Context, s snapshot, intent *plan.Intent) (plan.Observed, error) {
	seen, err := o.search(ctx, s, intent)
	if err != nil || seen.Remote != nil || seen.Blocking != nil || seen.Unmanaged != nil {
		return seen, err
	}
	unmanaged, err := s.session.FindUnmanaged(ctx, s.desired.DeviceID, s.desired.Code)
	if err != nil || unmanaged == nil {
		return seen, err
	}
	seen.Blocking = unmanaged
	seen.Holder, err = o.holders.holderOf(ctx, s.code, unmanaged)
	return seen, err
}

// withHolder adds what has the PIN of a code that Seam has accepted and the lock does not take.
func (o observer) withHolder(ctx context.Context, s snapshot) (snapshot, error) {
	if !plan.IsDuplicate(s.observed.Remote) || s.over() || s.desired.Code == "" {
		return s, nil
	}
	holder, err := o.findHolder(ctx, s, nil)
	if err != nil {
		return s, fmt.Errorf("looking for what has the PIN: %w", err)
	}
	seen := s.observed
	seen.Blocking, seen.Holder, seen.Claimed = holder.Blocking, holder.Holder, holder.Claimed
	lost, err := o.isLost(ctx, s, holder.Blocking)
	if err != nil {
		return s, err
	}
	if lost {
		seen.Lost = holder.Blocking
	}
	return s.withObserved(seen), nil
}
