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
func (r *Reconciler) act(ctx context.Context, current *run, seen plan.Observed) outcome {
	seen, err := r.learn(ctx, current, seen)
	if err != nil {
		return current.failed("", err)
	}
	step, seen := current.decide(seen)
	logf.FromContext(ctx).V(1).Info("Decided", "step", step.Kind, "reason", step.Reason)
	current.measureStep(step)
	o := r.take(ctx, current, seen, step)
	if o.backup == nil {
		o.backup, o.noBackup = seen.Backup, current.noBackup
	}
	o.pulled = current.past.pulled
	o.resent = step.Resent()
	o.arrived = current.arrived(o, seen.Remote)
	o.showLost(seen)
	if o.unreported() != nil {
		return o
	}
	if o.noPlace, err = r.placeForBackup(ctx, current); err != nil {
		return failure(err)
	}
	return o
}

// decide asks the planner what to do about what was seen. A code that is to be adopted is ours from then on.
func (c *run) decide(seen plan.Observed) (plan.Step, plan.Observed) {
	for {
		step := plan.Decide(c.want(), c.known(), seen, c.live.Now())
		if step.Kind != plan.Adopt {
			return step, seen
		}
		seen = plan.Observed{Remote: seen.Blocking}
	}
}

// take takes one step.
func (r *Reconciler) take(ctx context.Context, current *run, seen plan.Observed, step plan.Step) outcome {
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
	return current.outcome(step, seen.Remote)
}

// arrived says whether Seam shows what is wanted, by its answer where there was one.
func (c *run) arrived(o outcome, seen *seam.AccessCode) bool {
	remote := cmp.Or(o.remote, seen)
	return remote != nil && tracksArrival(c.code) && plan.HasArrived(c.want(), c.known(), remote, c.live.Now())
}

// learn finds out what the decision needs beside what was seen, and keeps PINs that only the lock knows.
func (r *Reconciler) learn(ctx context.Context, current *run, seen plan.Observed) (plan.Observed, error) {
	// Once the window is over nobody needs a PIN any more, and what keeps it from being stored must not keep it on the lock.
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

// learnDevice finds out what the lock supports.
func (c *run) learnDevice(ctx context.Context) error {
	device, err := c.live.Device(ctx, c.code.Spec.DeviceID)
	if err != nil {
		return fmt.Errorf("looking at the device: %w", err)
	}
	c.device = device
	return nil
}

// unsupported says what the lock does not support of what is to be sent, before Seam is asked to try for ever.
func (c *run) unsupported(want plan.Desired) *outcome {
	if want.Backup != "" && !ptr.Deref(c.device.Properties.SupportsBackupAccessCodePool, false) {
		return &outcome{
			reason: v1alpha1.ReasonBackupNotSupported, after: kube.SlowLook, message: "The device has no backup pool: remove spec.backup",
		}
	}
	if fault := plan.Unsupported(want, c.device); fault != "" {
		return &outcome{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook}
	}
	return nil
}

// checkCreate says why the lock does not take the code, before Seam is asked to try; nil when nothing is known against it. A
// chosen PIN that the lock does not take is replaced.
func (r *Reconciler) checkCreate(ctx context.Context, current *run) *outcome {
	if err := current.learnDevice(ctx); err != nil {
		return new(current.failed(eventCreateFailed, err))
	}
	away := current.away()
	if away == nil {
		if o := r.refit(ctx, current); o != nil {
			return o
		}
	}
	want := current.want()
	if away != nil && want.Misfit != "" {
		want.Code = "" // another is chosen when the lock is back
	}
	if o := cmp.Or(current.unsupported(want), away); o != nil {
		return new(o.warning(eventCreateFailed))
	}
	return nil
}

func (r *Reconciler) create(ctx context.Context, current *run, step plan.Step) outcome {
	code, live := current.code, current.live
	if o := r.checkCreate(ctx, current); o != nil {
		return *o
	}
	window := current.createWindow()
	if o := cmp.Or(current.tooLate(window), r.afterFormer(code)); o != nil {
		return *o
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
	current.past.made = remote.AccessCodeID
	logf.FromContext(ctx).Info("Created the code", "accessCodeID", remote.AccessCodeID, "deviceID", remote.DeviceID)
	o := current.afterWrite(step, remote)
	o.event = &note{reason: eventCreated, action: kube.ActionCreate, message: "Seam has accepted the code"}
	if !first {
		o.event = &note{reason: eventDriftCorrected, action: kube.ActionCreate, message: "The code was gone from the lock and is created again"}
	}
	return o
}

// createFailed is for a create that was not sent, or that Seam has not accepted.
func (r *Reconciler) createFailed(ctx context.Context, current *run, window *plan.Window, err error) outcome {
	switch {
	case errors.Is(err, errLate):
		return outcome{quiet: true, after: kube.Soon}
	case seam.IsDuplicate(err):
		return r.resolveDuplicate(ctx, current)
	case current.startRefused(window, err):
		current.past.refuseStart(current.want())
		return outcome{quiet: true, after: kube.Soon}
	case current.pinRefused(err):
		return r.createRefused(ctx, current)
	}
	return current.failed(eventCreateFailed, err)
}

// sendWithin is how long after the intention a create may begin, so that it has shown, or failed, by the time that others
// rely on that: see plan's grace for a create without an answer. The time-out of the call bounds when it leaves.
const sendWithin = 10 * time.Second

// errLate says that a create was not sent because its intention is too old: the process was frozen meanwhile, another
// replica may have gone on from there, and even have released the AccessCode.
var errLate = errors.New("the intention to create is too old")

// send chooses a PIN where there is none, stores the intention, and creates the code at Seam. reservation is canceled where
// nothing is sent.
func (r *Reconciler) send(ctx context.Context, current *run, reservation workspace.Reservation) (*seam.AccessCode, error) {
	earlier, err := r.intend(ctx, current)
	if err != nil {
		reservation.Cancel()
		return nil, err
	}
	remote, err := current.live.Create(ctx, reservation, current.createRequest())
	if err == nil {
		current.past.failures = 0
		return remote, current.plausible(remote)
	}
	if seam.Ended(err) && seam.InDoubt(err) {
		current.past.failed(intentOf(current.code).Tried, current.live.Now())
	}
	current.live.ForgetDevice(current.code.Spec.DeviceID) // what it was thought to support may be why
	if !seam.InDoubt(err) {
		if err := r.withdrawIntent(ctx, current.code, earlier); err != nil {
			return nil, err
		}
	}
	return nil, err
}

// intend does what comes before a create, and returns the intention of an earlier try that is in doubt.
func (r *Reconciler) intend(ctx context.Context, current *run) (earlier *storedIntent, err error) {
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

// resolveDuplicate finds out what holds the PIN after a create was refused because of it.
func (r *Reconciler) resolveDuplicate(ctx context.Context, current *run) outcome {
	seen, err := r.findHolder(ctx, current, current.known().Intent)
	if err != nil {
		return current.failed(eventCreateFailed, err)
	}
	missed, err := r.findLost(ctx, current)
	switch {
	case err != nil:
		return failure(err)
	case missed.Lost != nil:
		return outcome{quiet: true, after: kube.Soon} // it was not among the codes of the lock a moment ago
	}
	step := plan.DecideRefused(current.want(), current.known(), seen, current.live.Now())
	if step.Kind == plan.Rechoose {
		return r.rechoose(ctx, current, nil)
	}
	o := current.outcome(step, seen.Remote)
	if step.Kind == plan.GiveUp {
		o.event = &note{warning: true, reason: eventCreateFailed, action: kube.ActionCreate, message: step.Message}
	}
	return o
}

// rechoose replaces a chosen PIN that turned out to be taken; the next reconcile creates the code with it, where there is
// none yet.
func (r *Reconciler) rechoose(ctx context.Context, current *run, remote *seam.AccessCode) outcome {
	if remote != nil {
		return r.rotate(ctx, current, remote, "Another PIN was chosen, as the lock has another code with the one of before")
	}
	var err error
	if current.pin, err = r.choose(ctx, current, nil); err != nil {
		return current.failed(eventCreateFailed, err)
	}
	return outcome{reason: v1alpha1.ReasonCreating, message: "The chosen PIN was taken on the lock: another was chosen", after: kube.Soon, pin: current.pin}
}

// checkUpdate says why the lock does not take a change, before Seam is asked to try; nil when nothing is known against it.
func (c *run) checkUpdate(ctx context.Context, changes plan.Changes) *outcome {
	if changes.Code == nil && changes.Name == nil {
		return nil
	}
	if err := c.learnDevice(ctx); err != nil {
		return new(c.failed(eventUpdateFailed, err))
	}
	sent := c.want()
	if changes.Code == nil {
		sent.Code, sent.CodeLength = "", 0 // the lock has it
	}
	o := c.unsupported(sent)
	if o == nil {
		return nil
	}
	return new(o.warning(eventUpdateFailed))
}

func (r *Reconciler) update(ctx context.Context, current *run, remote *seam.AccessCode, step plan.Step) outcome {
	if refused := current.checkUpdate(ctx, step.Changes); refused != nil {
		refused.remote = remote
		return *refused
	}
	if step.Changes.EnablePool {
		current.live.ForgetDevice(remote.DeviceID)
	}
	want := current.want()
	drift := current.past.hadConverged(want)
	err := current.live.Update(ctx, remote.DeviceID, current.updateRequest(remote.AccessCodeID, step.Changes))
	switch {
	case seam.IsAccessCodeNotFound(err):
		return outcome{quiet: true, after: kube.Soon}
	case current.startRefused(step.Changes.Window, err):
		current.past.refuseStart(current.want())
		return outcome{quiet: true, after: kube.Soon}
	case seam.IsDuplicate(err):
		return r.resolveDuplicateUpdate(ctx, current, remote, step)
	case err != nil:
		o := current.failed(eventUpdateFailed, err)
		o.remote = remote
		return o
	}
	if step.Changes.Code != nil {
		r.wakeWaiting(ctx, current.code) // the PIN of before is free
	}
	current.past.sent(want, step.Changes, current.live.Now())
	if !drift && current.past.since.IsZero() {
		current.past.since = r.Clock.Now() // a PIN that was changed in its Secret
	}
	logf.FromContext(ctx).Info("Updated the code", "accessCodeID", remote.AccessCodeID, "fields", step.Changes.Fields())
	o := current.afterWrite(step, remote)
	o.event = &note{reason: eventUpdated, action: kube.ActionUpdate, message: "Sent to the lock: " + fieldList(step.Changes)}
	if drift {
		o.event.reason, o.event.message = eventDriftCorrected, "Changed elsewhere and put back: "+fieldList(step.Changes)
	}
	return o
}

// remove deletes the code, or its backup. remote is the code itself, nil when it is gone.
func (r *Reconciler) remove(ctx context.Context, current *run, remote *seam.AccessCode, step plan.Step) outcome {
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
		if o, ok := current.removalRefused(target, err); ok {
			o.remote = remote
			return o
		}
		o := current.failed(eventDeleteFailed, err)
		o.remote = remote
		return o
	}
	logf.FromContext(ctx).Info("Asked Seam to take the code off the lock", "accessCodeID", target.AccessCodeID)
	return current.afterWrite(step, remote)
}

// convert asks Seam to manage a code that is on the lock; the next look finds it managed.
func (r *Reconciler) convert(ctx context.Context, current *run, seen plan.Observed, step plan.Step) outcome {
	unmanaged := cmp.Or(seen.Lost, seen.Unmanaged)
	err := current.live.Convert(ctx, unmanaged.DeviceID, seam.ConvertToManagedRequest{
		AccessCodeID: unmanaged.AccessCodeID, AllowExternalModification: current.code.Spec.AllowExternalModification,
	})
	if err != nil {
		o := current.failed(eventAdoptFailed, err)
		if seen.Lost != nil && o.reason == v1alpha1.ReasonCodeConflict {
			o.message = plan.LostMessage(unmanaged)
		}
		return o
	}
	current.past.conversions = append(current.past.conversions, current.live.Now())
	logf.FromContext(ctx).Info("Asked Seam to manage the code", "accessCodeID", unmanaged.AccessCodeID)
	return current.afterWrite(step, nil)
}
