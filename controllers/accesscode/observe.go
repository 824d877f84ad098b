// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// observer looks at Seam for the code of an AccessCode, and for what is in its way.
type observer struct {
	intents intentStore
	holders holders
	pins    pinStore
	waiting *waiters
}

// observe looks for the code at Seam: by its id where one is recorded or named for import, else among the codes of the device
// while a create is pending, or where a matching code is to be adopted.
func (o observer) observe(ctx context.Context, s snapshot) (snapshot, error) {
	if !s.worthALook() {
		return s, nil
	}
	if s.code.DeletionTimestamp.IsZero() {
		if err := o.intents.ensureFinalizer(ctx, s.code); err != nil {
			return s, err
		}
	}
	seen, err := o.observeCode(ctx, s)
	if err == nil {
		err = o.intents.restoreFrom(ctx, s, seen.Remote)
	}
	if err != nil {
		return s, err
	}
	if seen.Backup, err = fetchBackup(ctx, s, seen.Remote); err != nil {
		return s, err
	}
	if seen, err = o.observeLostBackup(ctx, s, seen); err != nil {
		return s, err
	}
	return s.with(func(f *facts) { f.observed, f.noBackup = seen, seen.Backup == nil }), nil
}

func (o observer) observeCode(ctx context.Context, s snapshot) (plan.Observed, error) {
	switch {
	case s.known.ID != "":
		remote, err := fetch(ctx, s, s.known.ID)
		if err != nil || remote != nil {
			return plan.Observed{Remote: remote}, err
		}
	case s.known.Import != "" && s.known.Intent == nil:
		return o.observeImport(ctx, s, s.known.Import)
	}
	return o.observeMissing(ctx, s)
}

// observeMissing looks for a code that was not found by a recorded id: the one of a pending create, a lost one, or one to adopt.
func (o observer) observeMissing(ctx context.Context, s snapshot) (plan.Observed, error) {
	var seen plan.Observed
	if s.known.CreatePending {
		var err error
		if seen, err = o.search(ctx, s, s.known.Intent); err != nil || seen.Remote != nil {
			return seen, err
		}
	}
	missed, err := o.observeUnmanaged(ctx, s)
	if err != nil || missed.Lost != nil {
		return missed, err
	}
	seen.Shown = missed.Shown
	// Without a pending create, the recorded code was the only one of ours. Where it is gone, a code that was put in its place
	// may be there to adopt.
	if s.known.CreatePending || s.known.ID != "" && !s.adopts() {
		return seen, nil
	}
	return o.search(ctx, s, nil)
}

// observeImport looks for the code that is named for import, managed or not.
func (o observer) observeImport(ctx context.Context, s snapshot, id string) (plan.Observed, error) {
	remote, err := s.session.Find(ctx, id)
	managed := err == nil
	if seam.IsAccessCodeNotFound(err) {
		remote, err = s.session.GetUnmanaged(ctx, id)
	}
	switch {
	case seam.IsAccessCodeNotFound(err) || seam.IsInvalidInput(err):
		return plan.Observed{}, nil // there is no such code, or it is no id
	case err != nil:
		return plan.Observed{}, fmt.Errorf("looking at the code to import: %w", err)
	case remote.DeviceID != s.code.Spec.DeviceID:
		return plan.Observed{}, nil
	}
	recorded, err := o.holders.recordedNow(ctx, s.code, remote.AccessCodeID)
	if err == nil && recorded {
		holder, err := o.holders.holderOf(ctx, s.code, remote)
		return plan.Observed{Blocking: remote, Claimed: true, Holder: holder}, err
	}
	if err != nil {
		return plan.Observed{}, err
	}
	first, err := o.holders.importedBefore(ctx, s.code, remote.AccessCodeID)
	if err != nil || first != nil {
		return plan.Observed{Blocking: remote, Claimed: true, Holder: holderName(s.code, first)}, err
	}
	if !managed {
		return plan.Observed{Unmanaged: remote}, nil
	}
	return plan.Observed{Remote: remote}, s.plausible(remote)
}

// search looks among the codes of the device for the one that the intention created, and for one that blocks its PIN.
func (o observer) search(ctx context.Context, s snapshot, intent *plan.Intent) (plan.Observed, error) {
	codes, err := o.codesOfDevice(ctx, s, intent)
	if err != nil || codes == nil {
		return plan.Observed{}, err
	}
	recorded, err := o.holders.recordedIDs(ctx, s.code, codes)
	if err != nil {
		return plan.Observed{}, err
	}
	ours, blocking := plan.Find(codes, s.desired, intent, func(id string) bool { return recorded[id] })
	if err := o.holders.confirm(ctx, s, ours, blocking); err != nil {
		return plan.Observed{}, err
	}
	seen := plan.Observed{Remote: ours, Blocking: blocking, Claimed: blocking != nil && recorded[blocking.AccessCodeID]}
	if blocking != nil {
		if seen.Holder, err = o.holders.holderOf(ctx, s.code, blocking); err != nil {
			return plan.Observed{}, err
		}
	}
	if ours == nil && blocking == nil && s.converts() {
		if seen.Unmanaged, err = s.session.FindUnmanaged(ctx, s.desired.DeviceID, s.desired.Code); err != nil {
			return plan.Observed{}, fmt.Errorf("looking through the unmanaged codes of the device: %w", err)
		}
	}
	return seen, nil
}

// codesOfDevice are the managed codes of the device; nil when the device is gone, and its codes with it. Without an intention
// what is looked for is another code than the recorded one. The AccessCode counts as waiting from before the look on, so that
// nothing that leaves the lock goes by unseen.
func (o observer) codesOfDevice(ctx context.Context, s snapshot, intent *plan.Intent) ([]seam.AccessCode, error) {
	leaving := !s.code.DeletionTimestamp.IsZero()
	if !leaving {
		o.waiting.add(s.code.Spec.DeviceID, client.ObjectKeyFromObject(s.code))
	}
	codes, err := s.session.List(ctx, s.code.Spec.DeviceID)
	switch {
	case seam.IsDeviceNotFound(err) && (leaving || s.over()):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking through the codes of the device: %w", err)
	}
	if err := s.plausibleList(codes); err != nil {
		return nil, err
	}
	own := s.code.Status.AccessCodeID
	others := make([]seam.AccessCode, 0, len(codes))
	for i := range codes {
		if intent != nil || own == "" || codes[i].AccessCodeID != own {
			others = append(others, codes[i])
		}
	}
	return others, nil
}

// fetchBackup returns the backup code that was pulled, nil when there is none or it is gone. That of an earlier code
// comes before that of a code which was adopted since: nothing but the status leads to it.
func fetchBackup(ctx context.Context, s snapshot, remote *seam.AccessCode) (*seam.AccessCode, error) {
	var ids []string
	if backup := s.code.Status.BackupCode; backup != nil && backup.AccessCodeID != "" {
		ids = append(ids, backup.AccessCodeID)
	}
	if remote != nil && remote.PulledBackupAccessCodeID != "" && !slices.Contains(ids, remote.PulledBackupAccessCodeID) {
		ids = append(ids, remote.PulledBackupAccessCodeID)
	}
	for _, id := range ids {
		if backup, err := fetch(ctx, s, id); backup != nil || err != nil {
			return backup, err
		}
	}
	return nil, nil
}

// fetch returns the recorded code, nil when Seam says that it does not exist.
func fetch(ctx context.Context, s snapshot, id string) (*seam.AccessCode, error) {
	remote, err := s.session.Get(ctx, id)
	switch {
	case seam.IsAccessCodeNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking at the code: %w", err)
	}
	return remote, s.plausible(remote)
}
