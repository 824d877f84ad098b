// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// observe looks at Seam for the code: by its id when one is recorded, and among the codes of the device while a
// creation may have gone unrecorded.
func (r *AccessCodeReconciler) observe(ctx context.Context, current *run) (plan.Observed, error) {
	code := current.code
	if !current.worthALook() {
		return plan.Observed{}, nil
	}
	if code.DeletionTimestamp.IsZero() {
		if err := r.ensureFinalizer(ctx, code); err != nil {
			return plan.Observed{}, err
		}
	}
	if id := code.Status.AccessCodeID; id != "" {
		remote, err := current.fetch(ctx, id)
		if err != nil || remote != nil || !intentOf(code).inDoubt(id) {
			return plan.Observed{Remote: remote}, err
		}
	}
	return r.search(ctx, current, current.known().Intent)
}

// worthALook says whether there may be anything at Seam. There is nothing of a code that was never to be created,
// and no more of one that was seen to be off the lock after its window.
func (c *run) worthALook() bool {
	known, want := c.known(), c.want()
	if known.ID == "" && known.Intent == nil {
		return readyReason(c.code.Status.Conditions) == v1alpha1.ReasonCodeConflict
	}
	return want.Deleted || !known.Expired || !want.Window.Over(c.live.Now())
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
	elsewhere := remote.WorkspaceID != "" && c.live.WorkspaceID() != "" && remote.WorkspaceID != c.live.WorkspaceID()
	switch {
	case remote.DeviceID != c.code.Spec.DeviceID || elsewhere:
		return &seam.Error{Kind: seam.Unavailable, Message: "the answer is a code of another device or workspace"}
	case len(remote.AccessCodeID) > maxID:
		return &seam.Error{Kind: seam.Unavailable, Message: "the answer is a code with an id that is no id"}
	}
	return nil
}

// maxID is the length of the longest id that status has room for.
const maxID = 128

// search looks among the codes of the device for the one that the intention created, and for one that blocks its PIN.
func (r *AccessCodeReconciler) search(ctx context.Context, current *run, intent *plan.Intent) (plan.Observed, error) {
	codes, err := current.live.List(ctx, current.code.Spec.DeviceID)
	switch {
	case seam.IsDeviceNotFound(err) && !current.code.DeletionTimestamp.IsZero():
		return plan.Observed{}, nil // with the device, its codes are gone
	case err != nil:
		return plan.Observed{}, fmt.Errorf("looking through the codes of the device: %w", err)
	}
	claimed := map[string]bool{}
	for i := range codes {
		if claimed[codes[i].AccessCodeID], err = r.claimed(ctx, current.code, codes[i].AccessCodeID); err != nil {
			return plan.Observed{}, err
		}
	}
	ours, blocking := plan.Find(codes, current.want(), intent, func(id string) bool { return claimed[id] })
	return plan.Observed{Remote: ours, Blocking: blocking}, nil
}

// claimed says whether a remote code is recorded with another AccessCode.
func (r *AccessCodeReconciler) claimed(ctx context.Context, code *v1alpha1.AccessCode, id string) (bool, error) {
	var owners v1alpha1.AccessCodeList
	if err := r.List(ctx, &owners, client.MatchingFields{indexAccessCodeID: id}); err != nil {
		return false, fmt.Errorf("looking for the AccessCode of a remote code: %w", err)
	}
	for i := range owners.Items {
		if owners.Items[i].UID != code.UID {
			return true, nil
		}
	}
	return false, nil
}

// act takes the decided step: at most one write to Seam.
func (r *AccessCodeReconciler) act(ctx context.Context, current *run, seen plan.Observed) (outcome, error) {
	step := plan.Decide(current.want(), current.known(), seen, current.live.Now())
	logf.FromContext(ctx).V(1).Info("Decided", "step", step.Kind, "reason", step.Reason)
	if remote := seen.Remote; remote != nil && current.pin.chosen && current.pin.value == "" && remote.Code != "" {
		// The Secret, or the PIN in it, was lost; the lock still has it.
		var err error
		if current.pin, err = r.storePIN(ctx, current.code, current.pin, remote.Code); err != nil {
			return outcome{}, err
		}
	}
	switch step.Kind {
	case plan.Create:
		return r.create(ctx, current, step)
	case plan.Rechoose:
		return r.rechoose(ctx, current)
	case plan.Update:
		return r.update(ctx, current, seen.Remote, step)
	case plan.Delete:
		return r.remove(ctx, current, seen.Remote, step)
	default:
		return current.outcome(step, seen.Remote), nil
	}
}

func (r *AccessCodeReconciler) create(ctx context.Context, current *run, step plan.Step) (outcome, error) {
	code, live := current.code, current.live
	// Before the intention, so that a call that has to wait leaves no doubt behind.
	if err := live.Reserve(code.Spec.DeviceID); err != nil {
		return current.failed(eventCreateFailed, err)
	}
	first := code.Status.AccessCodeID == ""
	fresh, err := r.storeIntent(ctx, code, current.pin.source, live.Now())
	if err != nil {
		return outcome{}, err
	}
	if current.pin.value == "" {
		if current.pin, err = r.choose(ctx, code, live, current.pin); err != nil {
			return current.failed(eventCreateFailed, err)
		}
	}
	remote, err := live.Create(ctx, createRequest(current.want()))
	if err == nil {
		err = current.plausible(remote)
	}
	switch {
	case seam.IsDuplicate(err):
		return r.resolveDuplicate(ctx, current, fresh)
	case err != nil:
		return current.failed(eventCreateFailed, err)
	}
	logf.FromContext(ctx).Info("Created the code", "accessCodeID", remote.AccessCodeID, "deviceID", remote.DeviceID)
	o := current.afterWrite(step, remote)
	o.event = &note{reason: eventCreated, action: actionCreate, message: "Seam has accepted the code"}
	if !first {
		o.event = &note{reason: eventDriftCorrected, action: actionCreate, message: "The code was gone from the lock and is created again"}
	}
	return o, nil
}

// resolveDuplicate finds out what holds the PIN after a create was refused because of it.
func (r *AccessCodeReconciler) resolveDuplicate(ctx context.Context, current *run, fresh bool) (outcome, error) {
	intent := current.known().Intent
	if fresh {
		// The only call that this intention was for has just been refused: nothing on the lock is of its making.
		intent = nil
	}
	seen, err := r.search(ctx, current, intent)
	if err != nil {
		return current.failed(eventCreateFailed, err)
	}
	seen.Refused = true
	step := plan.Decide(current.want(), current.known(), seen, current.live.Now())
	switch {
	case step.Kind == plan.Rechoose:
		return r.rechoose(ctx, current)
	case step.Kind == plan.GiveUp && fresh:
		if err := r.withdrawIntent(ctx, current.code); err != nil {
			return outcome{}, err
		}
	}
	o := current.outcome(step, seen.Remote)
	if step.Kind == plan.GiveUp {
		o.event = &note{warning: true, reason: eventCreateFailed, action: actionCreate, message: step.Message}
	}
	return o, nil
}

// rechoose replaces a chosen PIN that turned out to be taken; the next reconcile creates the code with it.
func (r *AccessCodeReconciler) rechoose(ctx context.Context, current *run) (outcome, error) {
	var err error
	if current.pin, err = r.choose(ctx, current.code, current.live, current.pin); err != nil {
		return current.failed(eventCreateFailed, err)
	}
	return outcome{reason: v1alpha1.ReasonCreating, message: "The chosen PIN was taken on the lock: another was chosen", after: soon, pin: current.pin}, nil
}

func (r *AccessCodeReconciler) update(ctx context.Context, current *run, remote *seam.AccessCode, step plan.Step) (outcome, error) {
	want := current.want()
	drift := current.past.hadConverged(want)
	current.past.sent(want, current.live.Now())
	err := current.live.Update(ctx, remote.DeviceID, updateRequest(remote.AccessCodeID, step.Changes))
	switch {
	case seam.IsAccessCodeNotFound(err):
		return outcome{quiet: true, after: soon}, nil
	case err != nil:
		o, err := current.failed(eventUpdateFailed, err)
		o.remote = remote
		return o, err
	}
	logf.FromContext(ctx).Info("Updated the code", "accessCodeID", remote.AccessCodeID, "fields", step.Changes.Fields())
	o := current.afterWrite(step, remote)
	o.event = &note{reason: eventUpdated, action: actionUpdate, message: "Sent to the lock: " + fieldList(step.Changes)}
	if drift {
		o.event.reason, o.event.message = eventDriftCorrected, "Changed elsewhere and put back: "+fieldList(step.Changes)
	}
	return o, nil
}

func (r *AccessCodeReconciler) remove(ctx context.Context, current *run, remote *seam.AccessCode, step plan.Step) (outcome, error) {
	err := current.live.Delete(ctx, remote.DeviceID, remote.AccessCodeID)
	if err != nil && !seam.IsAccessCodeNotFound(err) {
		o, err := current.failed(eventDeleteFailed, err)
		o.remote = remote
		return o, err
	}
	logf.FromContext(ctx).Info("Asked Seam to take the code off the lock", "accessCodeID", remote.AccessCodeID)
	return current.afterWrite(step, remote), nil
}
