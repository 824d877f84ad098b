// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"errors"
	"time"

	"k8s.io/utils/clock"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// creator creates codes at Seam.
type creator struct {
	pins       pinStore
	intents    intentStore
	observer   observer
	rotator    rotator
	leftBehind *leftBehind
	clock      clock.PassiveClock
}

func (c creator) create(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	s, res, ready := c.prepare(ctx, s)
	if !ready {
		return s, res
	}
	window := createWindow(s)
	if res, ok := tooLate(s, window); ok {
		return s, res
	}
	if res, ok := c.waitForFormer(s.code); ok {
		return s, res
	}
	// Before the intention, so that a call that has to wait leaves nothing behind.
	reservation, err := s.session.Reserve(s.code.Spec.DeviceID, string(s.code.UID))
	if err != nil {
		return s, s.failed(eventCreateFailed, err)
	}
	s, try, err := c.send(ctx, s, reservation)
	if err != nil {
		s, res := c.failed(ctx, s, window, err)
		res.happened.create = try.outcome
		return s, res
	}
	if s.code.Spec.Backup != nil {
		s.session.ForgetDevice(s.code.Spec.DeviceID) // its backup pool is on now
	}
	logf.FromContext(ctx).Info("Created the code", "accessCodeID", try.remote.AccessCodeID, "deviceID", try.remote.DeviceID)
	res = s.writeResult(step, try.remote)
	res.happened.create = try.outcome
	res.event = &eventRecord{reason: eventCreated, action: kube.ActionCreate, message: "Seam has accepted the code"}
	if s.code.Status.AccessCodeID != "" && !s.removedOnPurpose() {
		res.event = &eventRecord{reason: eventDriftCorrected, action: kube.ActionCreate, message: "The code was gone from the lock and is created again"}
	}
	return s, res
}

// prepare finds out whether the lock would take the code. Where it would not, a result says why, or that another PIN was chosen
// that it takes.
func (c creator) prepare(ctx context.Context, s snapshot) (known snapshot, res result, ready bool) {
	s, err := withDevice(ctx, s)
	if err != nil {
		return s, s.failed(eventCreateFailed, err), false
	}
	away, offline := offlineLock(s)
	switch {
	case offline:
		s.session.ForgetDevice(s.device.DeviceID) // to be asked for anew the next time
	case s.desired.Misfit != "" && !s.pinReplaced && plan.UnsupportedLength(s.desired, s.device) == "":
		s, res = c.rotator.chooseAnew(ctx, s, s.desired.Misfit)
		return s, res, false
	}
	res, impossible := c.impossible(s, away, offline)
	return s, res, !impossible
}

// impossible is the result where the lock would not take the code: away where it is offline; false when no reason is known.
func (c creator) impossible(s snapshot, away result, offline bool) (result, bool) {
	want := s.desired
	if offline && want.Misfit != "" {
		want.Code = "" // another is chosen when the lock is back
	}
	res, ok := unsupported(want, s.device)
	switch {
	case ok:
		res.happened = away.happened
	case offline:
		res = away
	default:
		return result{}, false
	}
	return res.warning(eventCreateFailed), true
}

// formerLook is how often a create is looked at again that waits for a former AccessCode.
const formerLook = 3 * time.Second

// waitForFormer has a create wait while a former AccessCode of the same name may have a code on the lock that is not known yet.
// It returns false where there is none.
func (c creator) waitForFormer(code *v1alpha1.AccessCode) (result, bool) {
	former := c.leftBehind.pendingBefore(code)
	if former == nil {
		return result{}, false
	}
	return result{
		reason: v1alpha1.ReasonCreating, after: formerLook,
		message: "A former " + nameFor(code, former) + " may have a code on this lock that is not known yet: it is looked for before another is made",
	}, true
}

// sendWithin is how long after the intention was stored a create may be sent. A later one could show only after the planner
// has stopped waiting for it, and a second code would be made.
const sendWithin = 10 * time.Second

// errLate says that a create was not sent because its intention is too old. The process was frozen meanwhile, and another
// replica may have taken over, or even released the AccessCode.
var errLate = errors.New("the intention to create is too old")

// try is one try to create a code, and what came of it.
type try struct {
	remote  *seam.AccessCode
	outcome createOutcome
}

// send chooses a PIN where there is none, stores the intention, and creates the code at Seam. reservation is canceled where
// nothing is sent.
func (c creator) send(ctx context.Context, s snapshot, reservation workspace.Reservation) (snapshot, try, error) {
	s, earlier, err := c.intend(ctx, s)
	if err != nil {
		reservation.Cancel()
		return s, try{}, err
	}
	remote, err := s.session.Create(ctx, reservation, createRequest(s))
	if err == nil {
		if err := s.plausible(remote); err != nil {
			return s, try{outcome: createOutcome{accepted: true}}, err
		}
		return s, try{remote, createOutcome{accepted: true, id: remote.AccessCodeID}}, nil
	}
	var failed try
	if seam.Ended(err) && seam.InDoubt(err) {
		failed.outcome = createOutcome{failedTry: intentOf(s.code).Tried, failedAt: s.session.Now()}
	}
	s.session.ForgetDevice(s.code.Spec.DeviceID) // what it was thought to support may be why
	if !seam.InDoubt(err) {
		if err := c.intents.withdraw(ctx, s.code, earlier); err != nil {
			return s, failed, err
		}
	}
	return s, failed, err
}

// intend chooses the PIN where there is none and stores the intention. It returns the intention of an earlier create that is
// pending.
func (c creator) intend(ctx context.Context, s snapshot) (snapshot, *storedIntent, error) {
	var err error
	if s.pin.value == "" && !s.desired.Provider {
		// Before the intention, which tells which PIN it is for.
		if s, err = c.pins.choose(ctx, s, nil); err != nil {
			return s, nil, err
		}
	}
	began := c.clock.Now()
	earlier, err := c.intents.store(ctx, s)
	if err != nil {
		return s, nil, err
	}
	now := c.clock.Now()
	// By either clock: the monotonic one stands still while the machine sleeps.
	if max(now.Sub(began).Abs(), now.Round(0).Sub(began.Round(0)).Abs()) > sendWithin {
		return s, nil, errLate
	}
	return s, earlier, nil
}

// failed is for a create that was not sent, or that Seam has not accepted.
func (c creator) failed(ctx context.Context, s snapshot, window *plan.Window, err error) (snapshot, result) {
	switch {
	case errors.Is(err, errLate):
		return s, result{quiet: true, after: kube.Soon}
	case seam.IsDuplicate(err):
		return c.findHolder(ctx, s)
	case startRefused(s, window, err):
		return s, s.startRefusedResult()
	case pinRefused(s, err):
		return c.rotator.replaceRefused(ctx, s)
	}
	return s, s.failed(eventCreateFailed, err)
}

// findHolder finds out which code has the PIN after a create was refused because of it. What to do is decided by that.
func (c creator) findHolder(ctx context.Context, s snapshot) (snapshot, result) {
	s = newSnapshot(s.facts) // the intention was withdrawn
	seen, err := c.observer.findHolder(ctx, s, s.known.Intent)
	if err != nil {
		return s, s.failed(eventCreateFailed, err)
	}
	missed, err := c.observer.observeUnmanaged(ctx, s)
	switch {
	case err != nil:
		return s, retry(err)
	case missed.Lost != nil:
		return s, result{quiet: true, after: kube.Soon} // it was not among the codes of the lock a moment ago
	}
	seen.PINTaken = true
	return s.with(func(f *facts) { f.observed, f.refused = seen, plan.Create }), result{again: true}
}
