// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"strings"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// updater changes codes that are at Seam.
type updater struct {
	observer observer
	waiting  waitingLine
	clock    clock.PassiveClock
}

func (u updater) update(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	remote := s.observed.Remote
	s, err := checkUpdate(ctx, s, step.Changes)
	if err != nil {
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	if step.Changes.EnablePool {
		s.session.ForgetDevice(remote.DeviceID)
	}
	drift := s.history.hadConverged(s.desired)
	err = s.session.Update(ctx, remote.DeviceID, updateRequest(s.code, remote.AccessCodeID, step.Changes))
	switch {
	case seam.IsAccessCodeNotFound(err):
		return s, result{quiet: true, after: kube.Soon}
	case startRefused(s, step.Changes.Window, err):
		return s, s.startRefusedResult()
	case seam.IsDuplicate(err):
		return u.findHolder(ctx, s, step)
	case err != nil:
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	if step.Changes.Code != nil {
		u.waiting.freedBy(ctx, s.code) // the PIN of before is free
	}
	logf.FromContext(ctx).Info("Updated the code", "accessCodeID", remote.AccessCodeID, "fields", step.Changes.Fields())
	res := s.writeResult(step, remote)
	res.happened.updated = &step.Changes
	res.event = &eventRecord{reason: eventUpdated, action: kube.ActionUpdate, message: "Sent to the lock: " + fieldList(step.Changes)}
	if drift {
		res.event.reason, res.event.message = eventDriftCorrected, "Changed elsewhere and put back: "+fieldList(step.Changes)
	} else {
		res.happened.dueSince = u.clock.Now() // a PIN that was changed in its Secret
	}
	return s, res
}

// checkUpdate returns an error where the lock is known not to take a change.
func checkUpdate(ctx context.Context, s snapshot, changes plan.Changes) (snapshot, error) {
	if changes.Code == nil && changes.Name == nil {
		return s, nil
	}
	s, err := withDevice(ctx, s)
	if err != nil {
		return s, err
	}
	sent := s.desired
	if changes.Code == nil {
		sent.Code, sent.CodeLength = "", 0 // the lock has it
	}
	if res, ok := unsupported(sent, s.device); ok {
		return s, res.warning(eventUpdateFailed).asError()
	}
	return s, nil
}

// findHolder finds out what has the PIN after an update was refused because of it. What else is to change does not wait for
// that. What to do about the PIN is decided by what has it.
func (u updater) findHolder(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	remote, rest := s.observed.Remote, step.Changes
	rest.Code = nil
	if !rest.Empty() {
		if err := s.session.Update(ctx, remote.DeviceID, updateRequest(s.code, remote.AccessCodeID, rest)); err != nil {
			return s, s.failedWith(remote, eventUpdateFailed, err)
		}
	}
	seen, err := u.observer.findHolder(ctx, s, nil)
	if err != nil {
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	if seen.Holder != "" && u.waiting.noteHolder(remote.DeviceID, client.ObjectKeyFromObject(s.code), remote.AccessCodeID, seen.Blocking.AccessCodeID) {
		return s, u.stepAside(ctx, s, seen.Holder)
	}
	seen.Remote, seen.UpdateRefused = remote, true
	return s.with(func(f *facts) { f.observed, f.refused = seen, plan.Update }), result{again: true}
}

// stepAside gives a code a PIN that nobody knows, for as long as it takes the others to exchange theirs: its own is
// waited for by another, and there is no order in which each could take the PIN of the next. The code stays on the lock.
func (u updater) stepAside(ctx context.Context, s snapshot, holder string) result {
	remote := s.observed.Remote
	value, err := s.session.GenerateCode(ctx, remote.DeviceID)
	if err != nil {
		return s.failedWith(remote, eventUpdateFailed, err)
	}
	changes := plan.Changes{Code: &value}
	if err := s.session.Update(ctx, remote.DeviceID, updateRequest(s.code, remote.AccessCodeID, changes)); err != nil {
		res := s.failedWith(remote, eventUpdateFailed, err)
		res.happened.sent = &changes
		return res
	}
	logf.FromContext(ctx).Info("Put a PIN in between, so that codes can exchange theirs", "accessCodeID", remote.AccessCodeID)
	u.waiting.freedBy(ctx, s.code)
	res := s.lookResult(plan.Step{
		Kind: plan.Wait, Reason: v1alpha1.ReasonWaitingForPIN, After: kube.Soon,
		Message: holder + " has this PIN on the lock, and takes over that of this one: the PIN is used as soon as it is free",
	}, remote)
	res.happened.sent, res.happened.wrote = &changes, true
	return res
}

func fieldList(changes plan.Changes) string { return strings.Join(changes.Fields(), ", ") }
