// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// maxSpread is the longest time by which the renewal of a PIN is put off, so that those of codes that were made together do not fall
// into one minute.
const maxSpread = time.Hour

// renewal says why another PIN is to be chosen now, in words that follow "as"; "" when the present one stays. now is Seam's time.
func renewal(f facts, now time.Time) string {
	switch every := f.code.Spec.Rotation; {
	case !f.pin.chosen || f.pin.value == "":
		return ""
	case rotationRequest(f.code, f.history) != "":
		return "the annotation " + v1alpha1.RotateRequestedAtAnnotation + " asks for it"
	case every == nil:
		return ""
	case every.Every == v1alpha1.RotationEveryWindow:
		if usedUp(f, now) {
			return "the window is over that the one before was for"
		}
	default:
		if due, ok := nextRenewal(f); ok && !now.Before(due) {
			return "spec.rotation.every is " + every.Every
		}
	}
	return ""
}

// rotationRequest is the value of the annotation that asks for another PIN, "" when it was handled.
func rotationRequest(code *v1alpha1.AccessCode, h history) string {
	value := rotationAsked(code)
	if value == code.Status.LastHandledRotation || value == h.renewal {
		return ""
	}
	return value
}

// rotationAsked is the value of the annotation that asks for another PIN, "" where there is none.
func rotationAsked(code *v1alpha1.AccessCode) string {
	return redact.Truncate(code.Annotations[v1alpha1.RotateRequestedAtAnnotation], maxEcho)
}

// answerRotationRequest tells of a request for another PIN that was handled, also where the status could not be written then; and of
// one that needs none, or can't have one: the PIN was chosen in this very reconcile, between before and s, or is not the
// operator's to choose.
func answerRotationRequest(before, s snapshot, res result) result {
	request := rotationRequest(s.code, s.history)
	switch want := s.desired; {
	case request == "":
		if s.history.renewal == rotationAsked(s.code) {
			res.renewal = s.history.renewal
		}
	case want.Chosen && before.pin.value == "" && s.pin.value != "":
		res.renewal = request
	case (!want.Chosen || want.Offline || want.Provider) && res.event == nil:
		res.renewal = request
		res.event = &eventRecord{
			warning: true, reason: eventRotationIgnored, action: kube.ActionUpdate,
			message: "The annotation " + v1alpha1.RotateRequestedAtAnnotation + " asks for another PIN, but only a PIN that the operator has chosen is replaced: change it where it is given",
		}
	}
	return res
}

// nextRenewal is when the time of a chosen PIN is over that is replaced regularly; false where none is.
func nextRenewal(f facts) (time.Time, bool) {
	rotation := f.code.Spec.Rotation
	if rotation == nil || !f.pin.chosen || f.pin.secret == nil || rotation.Every == v1alpha1.RotationEveryWindow {
		return time.Time{}, false
	}
	every, err := time.ParseDuration(rotation.Every)
	if err != nil {
		return time.Time{}, false // the API server lets none such through
	}
	return pinSince(f).Add(every + spread(f.code, every)), true
}

// pinSince is when the chosen PIN was chosen, as far as is known.
func pinSince(f facts) time.Time {
	since := f.code.CreationTimestamp.Time
	if f.pin.secret != nil && f.pin.secret.CreationTimestamp.After(since) {
		since = f.pin.secret.CreationTimestamp.Time
	}
	if changed := f.code.Status.PINChangedAt; changed != nil && changed.After(since) {
		since = changed.Time
	}
	if f.history.chosenAt.After(since) {
		since = f.history.chosenAt
	}
	return since
}

// usedUp says that the window is over that was the first to end after the PIN was chosen.
func usedUp(f facts, now time.Time) bool {
	if f.clocks == nil {
		return false
	}
	window, next, _ := f.clocks.At(pinSince(f))
	if window == nil {
		window = next
	}
	return window != nil && !window.EndsAt.IsZero() && !now.Before(window.EndsAt)
}

// spread is by how much the renewals of an AccessCode are put off: at most a tenth of the time between two, and an hour.
func spread(code *v1alpha1.AccessCode, every time.Duration) time.Duration {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(code.UID)) // it gives no error
	return time.Duration(hash.Sum32()) % min(every/10, maxSpread)
}

// renewalDue is how long until the time of the PIN is over; zero where it has none, and where it was over already when the step was
// decided on, by the snapshot by: what kept the PIN from being renewed then has a time of its own.
func renewalDue(by, s snapshot) time.Duration {
	due, ok := nextRenewal(s.facts)
	if !ok || s.session == nil || s.over() || s.desired.Deleted || by.desired.Renew != "" {
		return 0
	}
	return max(due.Sub(s.session.Now()), kube.Soon)
}

// renew chooses another PIN and keeps it in its Secret. The code gets it in the next reconcile: by then the status tells of it, so
// that a crash in between does not have the lock get two new PINs.
func (r rotator) renew(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	remote := s.observed.Remote
	s, err := withDevice(ctx, s)
	if err != nil {
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	if fault := plan.UnsupportedLength(s.desired, s.device); fault != "" {
		res := result{reason: v1alpha1.ReasonInvalidSpec, message: fault, after: kube.SlowLook, remote: remote, pin: s.pin}
		return s, res.warning(eventUpdateFailed)
	}
	request := rotationRequest(s.code, s.history)
	if s, err = r.pins.choose(ctx, s, remote); err != nil {
		return s, s.failedWith(remote, eventUpdateFailed, err)
	}
	logf.FromContext(ctx).Info("Renewed the PIN", "accessCodeID", s.code.Status.AccessCodeID)
	now := s.session.Now()
	return s, result{
		reason: step.Reason, message: step.Message, after: kube.Soon, remote: remote, pin: s.pin, backupRef: s.backupRef,
		resent:   true,
		happened: happened{at: now, want: s.desired, dueSince: now, renewed: true, renewal: request},
		event: &eventRecord{
			reason: eventPINRotated, action: kube.ActionUpdate,
			message: fmt.Sprintf("%s. It is in the Secret %s", step.Message, s.code.CodeSecretName()),
		},
	}
}
