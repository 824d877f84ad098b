// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"

	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// executor takes the one next step for a code: at most one write to Seam.
type executor struct {
	creator creator
	updater updater
	rotator rotator
	backups backups
	remover remover
	clock   clock.PassiveClock
}

// decision is the step that was decided for a code, and by which snapshot.
type decision struct {
	step plan.Step
	by   snapshot
}

// run asks the planner for the next step and takes it. Where a step only learns something, it ends with a new snapshot, and the
// planner is asked again. It returns the decision on the step that was taken, the snapshot after it, and its result.
func (e executor) run(ctx context.Context, s snapshot) (decision, snapshot, result) {
	var made decision
	foundDrift := false
	for {
		step := plan.Decide(s.desired, s.known, s.observed, s.now)
		if s.refused == "" {
			made = decision{step, s} // what follows a refused call is told, not done
		}
		logf.FromContext(ctx).V(1).Info("Decided", "step", step.Kind, "reason", step.Reason)
		drifted := s.refused == "" && s.drifts(step) && !s.history.drifted
		foundDrift = foundDrift || drifted
		next, res := e.execute(ctx, s, step)
		res.happened.drifted, res.foundDrift = drifted, foundDrift
		if s = next.after(res.happened); !res.again {
			return made, s, res
		}
	}
}

// execute takes one step. It returns the snapshot with what was learned on the way.
func (e executor) execute(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	if s.refused != "" && step.Kind != plan.Rechoose {
		return s, s.refusedResult(step)
	}
	switch step.Kind {
	case plan.Adopt:
		// From here on it counts as ours.
		return s.withObserved(plan.Observed{Remote: s.observed.Blocking}), result{again: true}
	case plan.Create:
		return e.creator.create(ctx, s, step)
	case plan.Rechoose, plan.Rotate, plan.Renew:
		return e.rotator.replace(ctx, s, step)
	case plan.Convert:
		return s, convert(ctx, s, step)
	case plan.Update:
		return e.updater.update(ctx, s, step)
	case plan.PullBackup:
		return e.backups.pull(ctx, s, step)
	case plan.Delete, plan.DeleteUnmanaged:
		return s, e.remover.remove(ctx, s, step)
	case plan.Release:
		return s, result{message: step.Message, off: true}
	}
	return e.look(ctx, s, step)
}

// look takes a step that sends nothing.
func (e executor) look(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	now := e.clock.Now()
	s, asked := withDeviceName(ctx, s, now)
	res := s.lookResult(step, s.observed.Remote)
	res.quiet = s.leavesTheLock(step)
	if asked {
		res.happened.askedName = now
	}
	return s, res
}

// refusedResult is the result of a call that was refused because its PIN is taken: what is to be done about that, which is not
// done in the same reconcile.
func (s snapshot) refusedResult(step plan.Step) result {
	res := s.lookResult(step, s.observed.Remote)
	switch {
	case step.Kind != plan.GiveUp:
		return res
	case s.refused == plan.Create:
		res.event = &eventRecord{warning: true, reason: eventCreateFailed, action: kube.ActionCreate, message: step.Message}
		return res
	}
	return res.warning(eventUpdateFailed)
}

// unsupported is the result where the lock does not support what is wanted; false where it does, as far as is known. Seam itself
// would accept it and try for ever.
func unsupported(want plan.Desired, device *seam.Device) (result, bool) {
	if want.Backup != "" && !ptr.Deref(device.Properties.SupportsBackupAccessCodePool, false) {
		return result{
			reason: v1alpha1.ReasonBackupNotSupported, after: kube.SlowLook, message: "The device has no backup pool: remove spec.backup",
		}, true
	}
	if fault := plan.Unsupported(want, device); fault != "" {
		return result{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook}, true
	}
	return result{}, false
}

// convert asks Seam to manage a code that is on the lock; the next look finds it managed.
func convert(ctx context.Context, s snapshot, step plan.Step) result {
	unmanaged := cmp.Or(s.observed.Lost, s.observed.Unmanaged)
	err := s.session.Convert(ctx, unmanaged.DeviceID, seam.ConvertToManagedRequest{
		AccessCodeID: unmanaged.AccessCodeID, AllowExternalModification: s.code.Spec.AllowExternalModification,
	})
	if err != nil {
		res := s.failed(eventAdoptFailed, err)
		if s.observed.Lost != nil && res.reason == v1alpha1.ReasonCodeConflict {
			res.message = plan.LostMessage(unmanaged)
		}
		return res
	}
	logf.FromContext(ctx).Info("Asked Seam to manage the code", "accessCodeID", unmanaged.AccessCodeID)
	res := s.writeResult(step, nil)
	res.happened.converted = true
	return res
}
