// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// rotateTries is how many PINs are tried in one reconcile when Seam takes none of those before.
const rotateTries = 3

// rotator chooses another PIN in the place of one that was chosen.
type rotator struct {
	pins    pinStore
	waiting waitingLine
	events  eventWriter
}

// replace takes the step that puts another PIN in the place of the chosen one.
func (r rotator) replace(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	switch step.Kind {
	case plan.Rotate:
		return r.rotate(ctx, s, step.Message)
	case plan.Renew:
		return r.renew(ctx, s, step)
	default:
		return r.rechoose(ctx, s)
	}
}

// rechoose replaces a chosen PIN that is taken on the lock. Where there is no code yet, the next reconcile creates it.
func (r rotator) rechoose(ctx context.Context, s snapshot) (snapshot, result) {
	if s.observed.Remote != nil && s.refused == "" {
		return r.rotate(ctx, s, "Another PIN was chosen, as the lock has another code with the one of before")
	}
	s, err := r.pins.choose(ctx, s, nil)
	if err != nil {
		return s, s.failed(eventCreateFailed, err)
	}
	return s, result{reason: v1alpha1.ReasonCreating, message: "The chosen PIN was taken on the lock: another was chosen", after: kube.Soon, pin: s.pin}
}

// rotate chooses another PIN for a code that is at Seam: in the Secret first, then in the code, which stays the same one.
// message says why.
func (r rotator) rotate(ctx context.Context, s snapshot, message string) (snapshot, result) {
	remote := s.observed.Remote
	s, err := withDevice(ctx, s)
	if err == nil {
		if fault := plan.UnsupportedLength(s.desired, s.device); fault != "" {
			res := result{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook, remote: remote, pin: s.pin}
			return s, res.warning(eventUpdateFailed)
		}
		s, err = r.rotateInPlace(ctx, s, remote)
	}
	if err != nil {
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	logf.FromContext(ctx).Info("Chose another PIN", "accessCodeID", remote.AccessCodeID)
	r.waiting.freedBy(ctx, s.code) // the PIN of before is free
	now := s.session.Now()
	res := result{
		reason: v1alpha1.ReasonUpdating, message: message, after: kube.Soon,
		remote: remote, pin: s.pin, backupRef: s.backupRef,
		happened: happened{at: now, dueSince: now, rotated: true, wrote: true},
	}
	// What else of the spec is new goes with the next look.
	rest := plan.Diff(s.desired, s.known, remote, now)
	rest.Code = nil
	res.refusedForNow = !rest.Empty()
	res.event = &eventRecord{reason: eventPINRotated, action: kube.ActionUpdate, message: message + ". It is in the Secret " + s.code.CodeSecretName()}
	return s, res
}

// rotateInPlace tries PINs until Seam takes one. Each is in the Secret before it is sent.
func (r rotator) rotateInPlace(ctx context.Context, s snapshot, remote *seam.AccessCode) (snapshot, error) {
	for try := 1; ; try++ {
		var err error
		if s, err = r.pins.choose(ctx, s, remote); err != nil {
			return s, err
		}
		value := s.pin.value
		err = s.session.Update(ctx, remote.DeviceID, updateRequest(s.code, remote.AccessCodeID, plan.Changes{Code: &value}))
		if err == nil || try == rotateTries || !seam.IsDuplicate(err) && !plan.RefusesPIN(err) {
			return s, err
		}
	}
}

// chooseAnew puts another PIN in the place of the chosen one, for a code that is not at Seam. why says what is wrong with that
// one, after "as".
func (r rotator) chooseAnew(ctx context.Context, s snapshot, why string) (snapshot, result) {
	s, err := r.pins.choose(ctx, s, nil)
	if err != nil {
		return s, s.failed(eventCreateFailed, err)
	}
	now := s.session.Now()
	r.events.record(s.code, &eventRecord{
		reason: eventPINRotated, action: kube.ActionCreate,
		message: "Another PIN was chosen, as " + why + ". It is in the Secret " + s.code.CodeSecretName(),
	})
	s = s.with(func(f *facts) { f.pinReplaced = true })
	return s, result{again: true, happened: happened{at: now, dueSince: now, rotated: true}}
}

// replaceRefused chooses another PIN after a create was refused because of the one that was chosen.
func (r rotator) replaceRefused(ctx context.Context, s snapshot) (snapshot, result) {
	s, err := withDevice(ctx, s)
	if err != nil {
		return s, s.failed(eventCreateFailed, err)
	}
	if fault := plan.UnsupportedLength(s.desired, s.device); fault != "" {
		res := result{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook, pin: s.pin}
		return s, res.warning(eventCreateFailed)
	}
	s, res := r.chooseAnew(ctx, s, "Seam does not take it for this lock")
	if !res.again {
		return s, res
	}
	return s, result{
		reason: v1alpha1.ReasonCreating, message: "Seam does not take the chosen PIN for this lock: another was chosen", after: kube.Soon,
		pin: s.pin, happened: res.happened,
	}
}

// pinRefused says that Seam has refused a call because of a PIN that was chosen, so that another may do.
func pinRefused(s snapshot, err error) bool {
	want := s.desired
	return want.Chosen && !want.Offline && !want.Provider && plan.RefusesPIN(err) && len(s.history.recentRotations(s.session.Now())) < plan.RotationsPerHour
}
