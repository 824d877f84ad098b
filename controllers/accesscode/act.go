// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/ptr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// act takes the decided step: at most one write to Seam.
func (r *Reconciler) act(ctx context.Context, current *scope, seen plan.Observed) result {
	seen, err := r.learn(ctx, current, seen)
	if err != nil {
		return current.failed("", err)
	}
	step, seen := current.decide(seen)
	logf.FromContext(ctx).V(1).Info("Decided", "step", step.Kind, "reason", step.Reason)
	current.measureStep(step)
	res := r.take(ctx, current, seen, step)
	if res.backup == nil {
		res.backup, res.noBackup = seen.Backup, current.noBackup
	}
	res.pulled = current.history.pulled
	res.resent = step.SendsShownField()
	res.arrived = current.arrived(res, seen.Remote)
	res.showLost(seen)
	if res.unreported() != nil {
		return res
	}
	if res.noPlace, err = r.placeForBackup(ctx, current); err != nil {
		return failure(err)
	}
	return res
}

// decide asks the planner for the next step. A code that is to be adopted counts as ours, and the planner is asked again.
func (s *scope) decide(seen plan.Observed) (plan.Step, plan.Observed) {
	for {
		step := plan.Decide(s.want(), s.known(), seen, s.live.Now())
		if step.Kind != plan.Adopt {
			return step, seen
		}
		seen = plan.Observed{Remote: seen.Blocking}
	}
}

// take takes one step.
func (r *Reconciler) take(ctx context.Context, current *scope, seen plan.Observed, step plan.Step) result {
	switch step.Kind {
	case plan.Create:
		return r.create(ctx, current, step)
	case plan.Rechoose:
		return r.rechoose(ctx, current, seen.Remote)
	case plan.Rotate:
		return r.rotate(ctx, current, seen.Remote, step.Message)
	case plan.Convert:
		return r.convert(ctx, current, seen, step)
	case plan.Update:
		return r.update(ctx, current, seen.Remote, step)
	case plan.PullBackup:
		return r.pullBackup(ctx, current, seen.Remote, step)
	case plan.Delete, plan.DeleteUnmanaged:
		return r.remove(ctx, current, seen.Remote, step)
	}
	current.learnName(ctx, seen.Remote, r.Clock.Now())
	return current.result(step, seen.Remote)
}

// arrived says whether Seam shows what is wanted, by its answer where there was one.
func (s *scope) arrived(res result, seen *seam.AccessCode) bool {
	remote := cmp.Or(res.remote, seen)
	return remote != nil && tracksArrival(s.code) && plan.HasArrived(s.want(), s.known(), remote, s.live.Now())
}

// learn looks up what the decision needs besides seen, and stores PINs that only the lock knows.
func (r *Reconciler) learn(ctx context.Context, current *scope, seen plan.Observed) (plan.Observed, error) {
	// Once the window is over, a PIN that can't be stored must not keep the code on the lock.
	if err := r.learnPINs(ctx, current, seen); err != nil && !current.over() {
		return seen, err
	}
	seen, err := r.held(ctx, current, seen)
	if err != nil {
		return seen, err
	}
	if err := current.learnZone(ctx, seen.Remote); err != nil {
		return seen, err
	}
	return seen, current.learnStart(ctx, seen.Remote)
}

// learnDevice fetches the device, for what the lock supports.
func (s *scope) learnDevice(ctx context.Context) error {
	device, err := s.live.Device(ctx, s.code.Spec.DeviceID)
	if err != nil {
		return fmt.Errorf("looking at the device: %w", err)
	}
	s.device = device
	return nil
}

// unsupported says what of want the lock does not support; nil for nothing. Seam itself would accept it and try for ever.
func (s *scope) unsupported(want plan.Desired) *result {
	if want.Backup != "" && !ptr.Deref(s.device.Properties.SupportsBackupAccessCodePool, false) {
		return &result{
			reason: v1alpha1.ReasonBackupNotSupported, after: kube.SlowLook, message: "The device has no backup pool: remove spec.backup",
		}
	}
	if fault := plan.Unsupported(want, s.device); fault != "" {
		return &result{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook}
	}
	return nil
}

// checkCreate says why the lock would not take the code; nil when no reason is known. It replaces a chosen PIN that the lock
// does not take.
func (r *Reconciler) checkCreate(ctx context.Context, current *scope) *result {
	if err := current.learnDevice(ctx); err != nil {
		return new(current.failed(eventCreateFailed, err))
	}
	away := current.offlineLock()
	if away == nil {
		if res := r.refit(ctx, current); res != nil {
			return res
		}
	}
	want := current.want()
	if away != nil && want.Misfit != "" {
		want.Code = "" // another is chosen when the lock is back
	}
	if res := cmp.Or(current.unsupported(want), away); res != nil {
		return new(res.warning(eventCreateFailed))
	}
	return nil
}

func (r *Reconciler) create(ctx context.Context, current *scope, step plan.Step) result {
	code, live := current.code, current.live
	if res := r.checkCreate(ctx, current); res != nil {
		return *res
	}
	window := current.createWindow()
	if res := cmp.Or(current.tooLate(window), r.waitForOrphan(code)); res != nil {
		return *res
	}
	// Before the intention, so that a call that has to wait leaves nothing behind.
	reservation, err := live.Reserve(code.Spec.DeviceID, string(code.UID))
	if err != nil {
		return current.failed(eventCreateFailed, err)
	}
	first := code.Status.AccessCodeID == "" || current.tookOff()
	remote, err := r.send(ctx, current, reservation)
	if err != nil {
		return r.createFailed(ctx, current, window, err)
	}
	if code.Spec.Backup != nil {
		live.ForgetDevice(code.Spec.DeviceID) // its backup pool is on now
	}
	current.history.createdID = remote.AccessCodeID
	logf.FromContext(ctx).Info("Created the code", "accessCodeID", remote.AccessCodeID, "deviceID", remote.DeviceID)
	res := current.afterWrite(step, remote)
	res.event = &eventRecord{reason: eventCreated, action: kube.ActionCreate, message: "Seam has accepted the code"}
	if !first {
		res.event = &eventRecord{reason: eventDriftCorrected, action: kube.ActionCreate, message: "The code was gone from the lock and is created again"}
	}
	return res
}

// createFailed is the result of a create that was not sent, or that Seam has not accepted.
func (r *Reconciler) createFailed(ctx context.Context, current *scope, window *plan.Window, err error) result {
	switch {
	case errors.Is(err, errLate):
		return result{quiet: true, after: kube.Soon}
	case seam.IsDuplicate(err):
		return r.resolveDuplicate(ctx, current)
	case current.startRefused(window, err):
		current.history.countStartRefusal(current.want())
		return result{quiet: true, after: kube.Soon}
	case current.pinRefused(err):
		return r.createRefused(ctx, current)
	}
	return current.failed(eventCreateFailed, err)
}

// sendWithin is how long after the intention was stored a create may be sent. A later one could show only after the planner
// has stopped waiting for it, and a second code would be made.
const sendWithin = 10 * time.Second

// errLate says that a create was not sent because its intention is too old. The process was frozen meanwhile, and another
// replica may have taken over, or even released the AccessCode.
var errLate = errors.New("the intention to create is too old")

// send chooses a PIN where there is none, stores the intention, and creates the code at Seam. reservation is canceled where
// nothing is sent.
func (r *Reconciler) send(ctx context.Context, current *scope, reservation workspace.Reservation) (*seam.AccessCode, error) {
	earlier, err := r.intend(ctx, current)
	if err != nil {
		reservation.Cancel()
		return nil, err
	}
	remote, err := current.live.Create(ctx, reservation, current.createRequest())
	if err == nil {
		current.history.failures = 0
		return remote, current.plausible(remote)
	}
	if seam.Ended(err) && seam.InDoubt(err) {
		current.history.countFailure(intentOf(current.code).Tried, current.live.Now())
	}
	current.live.ForgetDevice(current.code.Spec.DeviceID) // what it was thought to support may be why
	if !seam.InDoubt(err) {
		if err := r.withdrawIntent(ctx, current.code, earlier); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// intend chooses the PIN where there is none and stores the intention. It returns the intention of an earlier create that is
// pending.
func (r *Reconciler) intend(ctx context.Context, current *scope) (earlier *storedIntent, err error) {
	if current.pin.value == "" && !current.want().Provider {
		// Before the intention, which tells which PIN it is for.
		if current.pin, err = r.choose(ctx, current, nil); err != nil {
			return nil, err
		}
	}
	began := r.Clock.Now()
	if earlier, err = r.storeIntent(ctx, current); err != nil {
		return nil, err
	}
	now := r.Clock.Now()
	// By either clock: the monotonic one stands still while the machine sleeps.
	if max(now.Sub(began).Abs(), now.Round(0).Sub(began.Round(0)).Abs()) > sendWithin {
		return nil, errLate
	}
	return earlier, nil
}

// resolveDuplicate finds out which code has the PIN after a create was refused because of it, and decides anew.
func (r *Reconciler) resolveDuplicate(ctx context.Context, current *scope) result {
	seen, err := r.findHolder(ctx, current, current.known().Intent)
	if err != nil {
		return current.failed(eventCreateFailed, err)
	}
	missed, err := r.observeUnmanaged(ctx, current)
	switch {
	case err != nil:
		return failure(err)
	case missed.Lost != nil:
		return result{quiet: true, after: kube.Soon} // it was not among the codes of the lock a moment ago
	}
	step := plan.DecideRefused(current.want(), current.known(), seen, current.live.Now())
	if step.Kind == plan.Rechoose {
		return r.rechoose(ctx, current, nil)
	}
	res := current.result(step, seen.Remote)
	if step.Kind == plan.GiveUp {
		res.event = &eventRecord{warning: true, reason: eventCreateFailed, action: kube.ActionCreate, message: step.Message}
	}
	return res
}

// rechoose replaces a chosen PIN that is taken on the lock. Where there is no code yet, the next reconcile creates it.
func (r *Reconciler) rechoose(ctx context.Context, current *scope, remote *seam.AccessCode) result {
	if remote != nil {
		return r.rotate(ctx, current, remote, "Another PIN was chosen, as the lock has another code with the one of before")
	}
	var err error
	if current.pin, err = r.choose(ctx, current, nil); err != nil {
		return current.failed(eventCreateFailed, err)
	}
	return result{reason: v1alpha1.ReasonCreating, message: "The chosen PIN was taken on the lock: another was chosen", after: kube.Soon, pin: current.pin}
}

// checkUpdate says why the lock would not take a change; nil when no reason is known.
func (s *scope) checkUpdate(ctx context.Context, changes plan.Changes) *result {
	if changes.Code == nil && changes.Name == nil {
		return nil
	}
	if err := s.learnDevice(ctx); err != nil {
		return new(s.failed(eventUpdateFailed, err))
	}
	sent := s.want()
	if changes.Code == nil {
		sent.Code, sent.CodeLength = "", 0 // the lock has it
	}
	res := s.unsupported(sent)
	if res == nil {
		return nil
	}
	return new(res.warning(eventUpdateFailed))
}

func (r *Reconciler) update(ctx context.Context, current *scope, remote *seam.AccessCode, step plan.Step) result {
	if refused := current.checkUpdate(ctx, step.Changes); refused != nil {
		refused.remote = remote
		return *refused
	}
	if step.Changes.EnablePool {
		current.live.ForgetDevice(remote.DeviceID)
	}
	want := current.want()
	drift := current.history.hadConverged(want)
	err := current.live.Update(ctx, remote.DeviceID, current.updateRequest(remote.AccessCodeID, step.Changes))
	switch {
	case seam.IsAccessCodeNotFound(err):
		return result{quiet: true, after: kube.Soon}
	case current.startRefused(step.Changes.Window, err):
		current.history.countStartRefusal(current.want())
		return result{quiet: true, after: kube.Soon}
	case seam.IsDuplicate(err):
		return r.resolveDuplicateUpdate(ctx, current, remote, step)
	case err != nil:
		res := current.failed(eventUpdateFailed, err)
		res.remote = remote
		return res
	}
	if step.Changes.Code != nil {
		r.enqueueWaiting(ctx, current.code) // the PIN of before is free
	}
	current.history.noteUpdate(want, step.Changes, current.live.Now())
	if !drift && current.history.dueSince.IsZero() {
		current.history.dueSince = r.Clock.Now() // a PIN that was changed in its Secret
	}
	logf.FromContext(ctx).Info("Updated the code", "accessCodeID", remote.AccessCodeID, "fields", step.Changes.Fields())
	res := current.afterWrite(step, remote)
	res.event = &eventRecord{reason: eventUpdated, action: kube.ActionUpdate, message: "Sent to the lock: " + fieldList(step.Changes)}
	if drift {
		res.event.reason, res.event.message = eventDriftCorrected, "Changed elsewhere and put back: "+fieldList(step.Changes)
	}
	return res
}

// remove deletes the step's target: the code or its backup. remote is the code; nil when it is gone.
func (r *Reconciler) remove(ctx context.Context, current *scope, remote *seam.AccessCode, step plan.Step) result {
	target := step.Target
	send := current.live.Delete
	if step.Kind == plan.DeleteUnmanaged {
		send = current.live.DeleteUnmanaged
	}
	err := send(ctx, target.DeviceID, target.AccessCodeID)
	if err != nil && !seam.IsAccessCodeNotFound(err) {
		if kind := seam.KindOf(err); kind != "" && kind != seam.RateLimited {
			r.Metrics.RemovalFailed(current.code.Namespace)
		}
		if res, ok := current.removalRefused(target, err); ok {
			res.remote = remote
			return res
		}
		res := current.failed(eventDeleteFailed, err)
		res.remote = remote
		return res
	}
	logf.FromContext(ctx).Info("Asked Seam to take the code off the lock", "accessCodeID", target.AccessCodeID)
	return current.afterWrite(step, remote)
}

// convert asks Seam to manage a code that is on the lock; the next look finds it managed.
func (r *Reconciler) convert(ctx context.Context, current *scope, seen plan.Observed, step plan.Step) result {
	unmanaged := cmp.Or(seen.Lost, seen.Unmanaged)
	err := current.live.Convert(ctx, unmanaged.DeviceID, seam.ConvertToManagedRequest{
		AccessCodeID: unmanaged.AccessCodeID, AllowExternalModification: current.code.Spec.AllowExternalModification,
	})
	if err != nil {
		res := current.failed(eventAdoptFailed, err)
		if seen.Lost != nil && res.reason == v1alpha1.ReasonCodeConflict {
			res.message = plan.LostMessage(unmanaged)
		}
		return res
	}
	current.history.conversions = append(current.history.conversions, current.live.Now())
	logf.FromContext(ctx).Info("Asked Seam to manage the code", "accessCodeID", unmanaged.AccessCodeID)
	return current.afterWrite(step, nil)
}
