// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// observe looks at Seam for the code: by its id when one is recorded or named for import, and among the codes of the
// device while a creation may have gone unrecorded, or where a matching code is to be adopted.
func (r *Reconciler) observe(ctx context.Context, current *run) (plan.Observed, error) {
	code := current.code
	if !current.worthALook() {
		return plan.Observed{}, nil
	}
	if code.DeletionTimestamp.IsZero() {
		if err := r.ensureFinalizer(ctx, code); err != nil {
			return plan.Observed{}, err
		}
	}
	seen, err := r.observeCode(ctx, current)
	if err == nil {
		err = r.intendAgain(ctx, current, seen.Remote)
	}
	if err != nil {
		return plan.Observed{}, err
	}
	seen.Backup, err = current.fetchBackup(ctx, seen.Remote)
	current.noBackup = err == nil && seen.Backup == nil
	return seen, err
}

func (r *Reconciler) observeCode(ctx context.Context, current *run) (plan.Observed, error) {
	known := current.known()
	switch {
	case known.ID != "":
		remote, err := current.fetch(ctx, known.ID)
		if err != nil || remote != nil {
			return plan.Observed{Remote: remote}, err
		}
	case known.Import != "" && known.Intent == nil:
		return r.observeImport(ctx, current, known.Import)
	}
	return r.observeMissing(ctx, current, known)
}

// observeMissing looks for a code that was not found by a recorded id: for what the intention has led to, for one that
// Seam has lost, and for one to adopt.
func (r *Reconciler) observeMissing(ctx context.Context, current *run, known plan.Known) (plan.Observed, error) {
	var seen plan.Observed
	if known.Doubt {
		var err error
		if seen, err = r.search(ctx, current, known.Intent); err != nil || seen.Remote != nil {
			return seen, err
		}
	}
	missed, err := r.findLost(ctx, current)
	if err != nil || missed.Lost != nil {
		return missed, err
	}
	seen.Shown = missed.Shown
	// What the intention has led to is recorded: nothing else at Seam is of its making. Where that is gone, a code that was
	// put in its place may be there to adopt.
	if known.Doubt || known.ID != "" && !current.adopts() {
		return seen, nil
	}
	return r.search(ctx, current, nil)
}

// worthALook says whether there may be anything at Seam. There is nothing of a code that was never to be created or
// adopted, and no more of one that was seen to be off the lock after its window.
func (c *run) worthALook() bool {
	known, want := c.known(), c.want()
	over := c.over()
	if known.ID == "" && !known.Doubt {
		reason := kube.ReadyReason(c.code.Status.Conditions)
		taken := reason == v1alpha1.ReasonCodeConflict || reason == v1alpha1.ReasonWaitingForPIN
		adopting := known.Import != "" || c.adopts() || taken
		return adopting && !over && !want.Deleted
	}
	return want.Deleted || !known.Expired || !over
}

// adopts says whether a code with the same PIN is to be taken over.
func (c *run) adopts() bool {
	want := c.want()
	return (want.Adopt || want.Inherited) && want.Code != "" && !want.Deleted
}

// converts says whether that is so of a code which Seam does not manage, too.
func (c *run) converts() bool { return c.want().Adopt && c.adopts() }

// observeImport looks for the code that is named for import, managed or not.
func (r *Reconciler) observeImport(ctx context.Context, current *run, id string) (plan.Observed, error) {
	remote, err := current.live.Find(ctx, id)
	managed := err == nil
	if seam.IsAccessCodeNotFound(err) {
		remote, err = current.live.GetUnmanaged(ctx, id)
	}
	switch {
	case seam.IsAccessCodeNotFound(err) || seam.IsInvalidInput(err):
		return plan.Observed{}, nil // there is no such code, or it is no id
	case err != nil:
		return plan.Observed{}, fmt.Errorf("looking at the code to import: %w", err)
	case remote.DeviceID != current.code.Spec.DeviceID:
		return plan.Observed{}, nil
	case !managed:
		return plan.Observed{Unmanaged: remote}, nil
	}
	claimed, err := r.claimedNow(ctx, current.code, remote.AccessCodeID)
	if err == nil && claimed {
		holder, err := r.holderOf(ctx, current.code, remote)
		return plan.Observed{Blocking: remote, Claimed: true, Holder: holder}, err
	}
	if err != nil {
		return plan.Observed{}, err
	}
	first, err := r.namedBefore(ctx, current.code, remote.AccessCodeID)
	if err != nil || first != nil {
		return plan.Observed{Blocking: remote, Claimed: true, Holder: holderNamed(current.code, first)}, err
	}
	return plan.Observed{Remote: remote}, current.plausible(remote)
}

// fetchBackup returns the backup code that was pulled, nil when there is none or it is gone. That of an earlier code
// comes before that of a code which was adopted since: nothing but the status leads to it.
func (c *run) fetchBackup(ctx context.Context, remote *seam.AccessCode) (*seam.AccessCode, error) {
	var ids []string
	if backup := c.code.Status.BackupCode; backup != nil && backup.AccessCodeID != "" {
		ids = append(ids, backup.AccessCodeID)
	}
	if remote != nil && remote.PulledBackupAccessCodeID != "" && !slices.Contains(ids, remote.PulledBackupAccessCodeID) {
		ids = append(ids, remote.PulledBackupAccessCodeID)
	}
	for _, id := range ids {
		if backup, err := c.fetch(ctx, id); backup != nil || err != nil {
			return backup, err
		}
	}
	return nil, nil
}

// fetch returns the recorded code, nil when Seam says that it does not exist.
func (c *run) fetch(ctx context.Context, id string) (*seam.AccessCode, error) {
	remote, err := c.live.Get(ctx, id)
	switch {
	case seam.IsAccessCodeNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking at the code: %w", err)
	}
	return remote, c.plausible(remote)
}

// plausible refuses an answer that can't be about the code that was asked for.
func (c *run) plausible(remote *seam.AccessCode) error {
	// A spec without it is on its way out; the id was asked for, and that is the one that was recorded.
	known := c.code.Spec.DeviceID != ""
	elsewhere := remote.WorkspaceID != "" && c.live.WorkspaceID() != "" && remote.WorkspaceID != c.live.WorkspaceID()
	switch {
	case known && remote.DeviceID != c.code.Spec.DeviceID || elsewhere:
		return &seam.Error{Kind: seam.Unavailable, InDoubt: true, Message: "the answer is a code of another device or workspace"}
	case len(remote.AccessCodeID) > kube.MaxID || len(remote.WorkspaceID) > kube.MaxID:
		return &seam.Error{Kind: seam.Unavailable, InDoubt: true, Message: "the answer is a code with an id that is no id"}
	}
	return nil
}

// plausibleList refuses a list with codes of the device that can't be there: the one that is looked for may be missing
// from it just as well. That it has codes of other devices, too, is nothing unheard of.
func (c *run) plausibleList(codes []seam.AccessCode) error {
	for i := range codes {
		if codes[i].DeviceID != c.code.Spec.DeviceID {
			continue
		}
		if err := c.plausible(&codes[i]); err != nil {
			return err
		}
	}
	return nil
}

// search looks among the codes of the device for the one that the intention created, and for one that blocks its PIN.
func (r *Reconciler) search(ctx context.Context, current *run, intent *plan.Intent) (plan.Observed, error) {
	codes, err := r.codesOfDevice(ctx, current, intent)
	if err != nil || codes == nil {
		return plan.Observed{}, err
	}
	claimed, err := r.claims(ctx, current.code, codes)
	if err != nil {
		return plan.Observed{}, err
	}
	want := current.want()
	ours, blocking := plan.Find(codes, want, intent, func(id string) bool { return claimed[id] })
	if err := r.confirm(ctx, current, ours, blocking); err != nil {
		return plan.Observed{}, err
	}
	seen := plan.Observed{Remote: ours, Blocking: blocking, Claimed: blocking != nil && claimed[blocking.AccessCodeID]}
	if blocking != nil {
		if seen.Holder, err = r.holderOf(ctx, current.code, blocking); err != nil {
			return plan.Observed{}, err
		}
	}
	if ours == nil && blocking == nil && current.converts() {
		if seen.Unmanaged, err = current.live.FindUnmanaged(ctx, want.DeviceID, want.Code); err != nil {
			return plan.Observed{}, fmt.Errorf("looking through the unmanaged codes of the device: %w", err)
		}
	}
	return seen, nil
}

// codesOfDevice are the managed codes of the device; nil when the device is gone, and its codes with it. Without an intention
// what is looked for is another code than the recorded one.
func (r *Reconciler) codesOfDevice(ctx context.Context, current *run, intent *plan.Intent) ([]seam.AccessCode, error) {
	leaving := !current.code.DeletionTimestamp.IsZero()
	if !leaving {
		r.memory.waiting.add(current.code.Spec.DeviceID, client.ObjectKeyFromObject(current.code))
	}
	codes, err := current.live.List(ctx, current.code.Spec.DeviceID)
	switch {
	case seam.IsDeviceNotFound(err) && (leaving || current.over()):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("looking through the codes of the device: %w", err)
	}
	if err := current.plausibleList(codes); err != nil {
		return nil, err
	}
	own := current.code.Status.AccessCodeID
	others := make([]seam.AccessCode, 0, len(codes))
	for i := range codes {
		if intent != nil || own == "" || codes[i].AccessCodeID != own {
			others = append(others, codes[i])
		}
	}
	return others, nil
}

// confirm asks the API server itself whether a code that is about to be recorded is recorded with another AccessCode:
// the cache may not know yet. Then it is as with any object that was changed since it was read.
func (r *Reconciler) confirm(ctx context.Context, current *run, ours, blocking *seam.AccessCode) error {
	about := ours
	if about == nil && current.adopts() {
		about = blocking
	}
	if about == nil || about.AccessCodeID == current.code.Status.AccessCodeID {
		return nil
	}
	if known, err := r.claimed(ctx, r, current.code, about.AccessCodeID); err != nil || known {
		return err // a conflict that shows already
	}
	claimed, err := r.claimedNow(ctx, current.code, about.AccessCodeID)
	if err == nil && claimed {
		err = apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("accesscodes").GroupResource(), current.code.Name, errClaimed)
	}
	return err
}

var errClaimed = errors.New("its code was recorded with another AccessCode a moment ago")

// claims says which codes are recorded with another AccessCode.
func (r *Reconciler) claims(ctx context.Context, code *v1alpha1.AccessCode, codes []seam.AccessCode) (map[string]bool, error) {
	claims := map[string]bool{}
	for i := range codes {
		claimed, err := r.claimed(ctx, r, code, codes[i].AccessCodeID)
		if err != nil {
			return nil, err
		}
		claims[codes[i].AccessCodeID] = claimed
	}
	return claims, nil
}

// claimedNow asks the API server itself, too: about the AccessCode's own namespace, which it surely may.
func (r *Reconciler) claimedNow(ctx context.Context, code *v1alpha1.AccessCode, id string) (bool, error) {
	if known, err := r.claimed(ctx, r, code, id); err != nil || known {
		return known, err
	}
	return r.claimed(ctx, r.APIReader, code, id, client.InNamespace(code.Namespace))
}

// claimed says whether a remote code is recorded with another AccessCode, as far as the reader knows.
func (r *Reconciler) claimed(ctx context.Context, reader client.Reader, code *v1alpha1.AccessCode, id string, within ...client.ListOption) (bool, error) {
	if r.left.owns(id, code) {
		return true, nil
	}
	var owners v1alpha1.AccessCodeList
	if err := reader.List(ctx, &owners, append(within, client.MatchingFields{kube.IndexAccessCodeID: id})...); err != nil {
		return false, fmt.Errorf("looking for the AccessCode of a remote code: %w", err)
	}
	for i := range owners.Items {
		if owners.Items[i].UID != code.UID {
			return true, nil
		}
	}
	return false, nil
}
