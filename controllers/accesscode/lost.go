// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"fmt"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// findLost looks for the recorded code, which Seam does not find, among those on its lock that Seam does not manage. It sees
// nothing when there is no reason to look, or when neither the code nor its PIN is among them.
func (r *Reconciler) findLost(ctx context.Context, current *run) (seen plan.Observed, err error) {
	if !current.known().LookForLost(current.want(), current.live.Now()) {
		return seen, nil
	}
	codes, err := current.live.ListUnmanaged(ctx, current.code.Spec.DeviceID)
	switch {
	case seam.IsDeviceNotFound(err):
		return seen, nil // nor is there a lock to open
	case seam.IsRefused(err) || seam.IsInvalidInput(err):
		// Not everybody's credentials may ask, and nothing must hang on that.
		logf.FromContext(ctx).V(1).Info("The unmanaged codes of the lock can't be looked at", "reason", err.Error())
		return seen, nil
	case err != nil:
		return seen, fmt.Errorf("looking through the unmanaged codes of the device: %w", err)
	}
	looks, err := r.looksOfLost(ctx, current)
	if err != nil {
		return seen, err
	}
	seen.Lost, seen.Shown = looks.Find(codes)
	if seen.Lost == nil {
		return seen, nil
	}
	claimed, err := r.claimedNow(ctx, current.code, seen.Lost.AccessCodeID)
	if claimed || err != nil {
		return plan.Observed{}, err // it was imported by another AccessCode
	}
	return seen, nil
}

// isLost says that an unmanaged code which has the PIN is the one that was thought gone when a code was made in its place.
func (r *Reconciler) isLost(ctx context.Context, current *run, holder *seam.AccessCode) (bool, error) {
	intent := intentOf(current.code)
	if holder == nil || holder.IsManaged || intent == nil || intent.Replaces == "" {
		return false, nil
	}
	looks, err := r.looksOfLost(ctx, current)
	ours, _ := looks.Find([]seam.AccessCode{*holder})
	return err == nil && ours != nil, err
}

// looksOfLost is what the code may look like on the lock: as it is wanted, and as it was last seen. Where its PIN can't be
// known, its id is what is left to tell it by.
func (r *Reconciler) looksOfLost(ctx context.Context, current *run) (plan.Lost, error) {
	lost := plan.Lost{
		DeviceID: current.code.Spec.DeviceID, ID: cmp.Or(current.code.Status.AccessCodeID, current.past.made),
		Names: []string{current.code.RemoteName()}, Intent: current.known().Intent,
	}
	own := current.pin
	if own.value == "" {
		var err error
		// Once its window is over, a PIN that can't be read keeps nothing from leaving the lock.
		if own, _, err = r.fixPIN(ctx, current.code); err != nil && !current.over() {
			return lost, err
		}
	}
	lost.PINs = []redact.Secret{own.value}
	if seen := current.past.converged; seen != nil {
		lost.PINs, lost.Names = append(lost.PINs, seen.Code), append(lost.Names, seen.Name)
	}
	if intent := intentOf(current.code); intent != nil {
		lost.Names = append(lost.Names, intent.Name)
	}
	return lost, nil
}

// showLost has status tell of a code that Seam has lost as of any other, and record the id under which it is on the lock:
// what is sent to have it managed again must find that recorded.
func (res *result) showLost(seen plan.Observed) {
	if seen.Remote == nil && seen.Lost != nil {
		res.remote, res.gone = seen.Lost, false
	}
}
