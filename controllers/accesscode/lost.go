// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"fmt"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// observeUnmanaged looks for a recorded code that Seam does not find among the codes of the lock that Seam does not manage. It
// returns nothing when there is no reason to look, or when neither the code nor its PIN is among them.
func (o observer) observeUnmanaged(ctx context.Context, s snapshot) (seen plan.Observed, err error) {
	if !s.known.LookForLost(s.desired, s.session.Now()) {
		return seen, nil
	}
	codes, err := o.listUnmanaged(ctx, s)
	if err != nil {
		return seen, err
	}
	lost, err := o.describeLost(ctx, s)
	if err != nil {
		return seen, err
	}
	seen.Lost, seen.Shown = lost.Find(codes)
	if seen.Lost == nil {
		return seen, nil
	}
	recorded, err := o.holders.recordedNow(ctx, s.code, seen.Lost.AccessCodeID)
	if recorded || err != nil {
		return plan.Observed{}, err // it was imported by another AccessCode
	}
	return seen, nil
}

// listUnmanaged returns the codes of the lock that Seam does not manage; none where the lock is gone, or where they can't be
// looked at.
func (o observer) listUnmanaged(ctx context.Context, s snapshot) ([]seam.AccessCode, error) {
	codes, err := s.session.ListUnmanaged(ctx, s.code.Spec.DeviceID)
	switch {
	case seam.IsDeviceNotFound(err):
		return nil, nil // without the lock there is no code
	case seam.IsRefused(err) || seam.IsInvalidInput(err):
		// Some credentials may not list unmanaged codes. Nothing may depend on it.
		logf.FromContext(ctx).V(1).Info("The unmanaged codes of the lock can't be looked at", "reason", err.Error())
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking through the unmanaged codes of the device: %w", err)
	}
	return codes, nil
}

// observeLostBackup looks for a pulled backup code that Seam does not find among the codes of the lock that Seam does not
// manage.
func (o observer) observeLostBackup(ctx context.Context, s snapshot, seen plan.Observed) (plan.Observed, error) {
	if !s.missesBackup(seen) {
		return seen, nil
	}
	codes, err := o.listUnmanaged(ctx, s)
	if err != nil || len(codes) == 0 {
		return seen, err
	}
	lost, shown := o.describeBackup(ctx, s.code).Find(codes)
	seen.Shown = cmp.Or(seen.Shown, shown)
	if lost == nil {
		return seen, nil
	}
	recorded, err := o.holders.recordedNow(ctx, s.code, lost.AccessCodeID)
	if err == nil && !recorded {
		seen.LostBackup = lost
	}
	return seen, err
}

// missesBackup says that Seam does not find a backup code that was pulled. During a stay it still serves as the backup. When all
// is to go, it is looked for last: the code is not reported as off the lock while its backup opens it.
func (s snapshot) missesBackup(seen plan.Observed) bool {
	backup := s.code.Status.BackupCode
	if backup == nil || backup.AccessCodeID == "" || seen.Backup != nil || seen.Lost != nil {
		return false
	}
	leaving := s.desired.Deleted || s.over()
	return leaving == (seen.Remote == nil)
}

// describeBackup says what the lost backup code of an AccessCode may look like on the lock. Where its PIN can't be read, only its
// id identifies it.
func (o observer) describeBackup(ctx context.Context, code *v1alpha1.AccessCode) plan.Lost {
	lost := plan.Lost{DeviceID: code.Spec.DeviceID, ID: code.Status.BackupCode.AccessCodeID, Backup: true}
	if secret, err := o.pins.secretOf(ctx, code); err == nil && secret != nil {
		lost.PINs = []redact.Secret{redact.Secret(secret.Data[v1alpha1.BackupCodeSecretKey])}
	}
	return lost
}

// isLost says that holder is the code that was thought gone when another was created in its place.
func (o observer) isLost(ctx context.Context, s snapshot, holder *seam.AccessCode) (bool, error) {
	intent := intentOf(s.code)
	if holder == nil || holder.IsManaged || intent == nil || intent.Replaces == "" {
		return false, nil
	}
	lost, err := o.describeLost(ctx, s)
	ours, _ := lost.Find([]seam.AccessCode{*holder})
	return err == nil && ours != nil, err
}

// describeLost says what the lost code may look like on the lock: as it is wanted, or as it was last seen. Where its PIN is not
// known, only its id identifies it.
func (o observer) describeLost(ctx context.Context, s snapshot) (plan.Lost, error) {
	lost := plan.Lost{
		DeviceID: s.code.Spec.DeviceID, ID: cmp.Or(s.code.Status.AccessCodeID, s.history.createdID),
		Names: []string{s.code.RemoteName()}, Intent: s.known.Intent,
	}
	own := s.pin
	if own.value == "" {
		var err error
		own, err = o.pins.resolve(ctx, s.code)
		// Once its window is over, a PIN that can't be read keeps nothing from leaving the lock.
		if _, missing := blockedBy(err); err != nil && !missing && !s.over() {
			return lost, err
		}
	}
	lost.PINs = []redact.Secret{own.value}
	if seen := s.history.converged; seen != nil {
		lost.PINs, lost.Names = append(lost.PINs, seen.Code), append(lost.Names, seen.Name)
	}
	if intent := intentOf(s.code); intent != nil {
		lost.Names = append(lost.Names, intent.Name)
	}
	return lost, nil
}

// showLost has the status describe a lost code like any other, and record the id that it has on the lock. The request to manage
// it again relies on that record.
func (res *result) showLost(seen plan.Observed) {
	if seen.Remote == nil && seen.Lost != nil {
		res.remote, res.gone = seen.Lost, false
	}
}
