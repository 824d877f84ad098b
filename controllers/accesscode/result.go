// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"errors"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// maxDeleteRetry is the longest time between two requests for a removal that does not show.
const maxDeleteRetry = time.Minute

// suspectRetry is when a call whose credentials were refused is tried again. The check of the SeamWorkspace may find nothing
// wrong with them.
const suspectRetry = 30 * time.Second

// expiredLook is how often it is checked again that a window is over, without a call to Seam: the clock may have been wrong.
const expiredLook = time.Hour

// result is what a reconcile ended with: what the status is to say, and when to look again.
type result struct {
	reason, message string
	// after is when to look again; zero when only a change or the drift sweep brings the code back.
	after time.Duration
	// err makes the queue try again, later each time. Without a reason the status is left as it is.
	err error
	// remote is the code at Seam, nil when it was not seen.
	remote *seam.AccessCode
	// deviceName is what Seam calls the lock, empty when that is not known.
	deviceName string
	// backup is the backup code at Seam, nil when it was not seen.
	backup *seam.AccessCode
	// noBackup says that Seam is known to have no backup code.
	noBackup bool
	// backupRef is where the PIN of the backup code is kept, nil when it could not be stored or was not looked at.
	backupRef *v1alpha1.SecretKeyReference
	// noPlace says why the PIN of a backup code could not be written to its Secret, and what to do; empty where it could.
	noPlace string
	// pulled is the value of the pull-backup annotation that was handled.
	pulled string
	// gone says that the code is known not to be at Seam.
	gone bool
	// pin is the resolved PIN.
	pin pin
	// quiet says that nothing is reported, because something else is about to enqueue the AccessCode.
	quiet bool
	// windows are those of the schedule; nil where they are not known.
	windows *windows
	// renewal is the value of the annotation that asked for another PIN, and that was handled.
	renewal string
	// released says that the finalizer is off.
	released bool
	// yielded says that the recorded code was given up, because it is another AccessCode's.
	yielded bool
	// event is the Event to record about the step; nil for none.
	event *eventRecord
	// arrived says that Seam shows all that is wanted. resent says that what it shows was sent again in this reconcile.
	arrived, resent bool
	// refusedForNow says that Seam refused a call for a reason that passes, so that the spec is not carried out yet.
	refusedForNow bool
	// suspect says that Seam refused the credentials, so that the SeamWorkspace has to be checked.
	suspect bool
	// unanswered says that Seam has not answered, so that nothing new is known of the code.
	unanswered bool

	// off says that nothing of the code is left at Seam, so that an AccessCode that is being deleted may go.
	off bool
	// again says that no step was taken, but something was learned that the next one depends on.
	again bool
	// happened is what the step has done.
	happened happened
	// history is that of the AccessCode after all steps of the reconcile.
	history history
	// foundDrift says that this reconcile found the code changed elsewhere, and none before it.
	foundDrift bool
	// waited is how long the spec has been due on the lock; zero where that is not known.
	waited time.Duration
}

// blockedError says that a reconcile does not go on, and the result that it ends with.
type blockedError struct{ result result }

func (e *blockedError) Error() string { return e.result.message }

// asError returns a result as an error: the one channel by which a reconcile ends early.
func (res result) asError() error { return &blockedError{res} }

// blocked is the error where something keeps the operator from asking Seam at all.
func blocked(reason, format string, args ...any) error {
	return blockedFor(0, reason, format, args...)
}

// blockedFor is blocked, looked at again after a time.
func blockedFor(after time.Duration, reason, format string, args ...any) error {
	return result{reason: reason, message: fmt.Sprintf(format, args...), after: after}.asError()
}

// blockedBy returns the result with which an error says that the reconcile ends; false for another error.
func blockedBy(err error) (result, bool) {
	blocked, ok := errors.AsType[*blockedError](err)
	if !ok {
		return result{}, false
	}
	return blocked.result, true
}

// conditionText is what the conditions say. Where the PIN of a backup code can't be written, the code itself works, but a
// person must act in time: so the conditions say it as soon as the code is at Seam.
func (res result) conditionText() (reason, message string) {
	if res.noPlace == "" || res.remote == nil || res.reason == v1alpha1.ReasonRemoving || res.reason == v1alpha1.ReasonExpired {
		return res.reason, res.message
	}
	reason, message = v1alpha1.ReasonSecretConflict, res.message+". But there is no place for a backup code: "+res.noPlace
	if kube.VerdictOf(res.reason) == kube.Stalled {
		reason = res.reason
	}
	return reason, message
}

// retry is the result of an error of which the status says nothing. The queue tries again.
func retry(err error) result { return result{err: err} }

// unreported is the error where the status says nothing of it.
func (res result) unreported() error {
	if res.reason != "" {
		return nil
	}
	return res.err
}

// lookResult is the result of a step that sends nothing to Seam, or that was decided after the one write of this reconcile.
func (s snapshot) lookResult(step plan.Step, remote *seam.AccessCode) result {
	res := result{
		reason: step.Reason, message: step.Message, after: step.After,
		remote: remote, gone: remote == nil,
		pin: s.pin, backupRef: s.backupRef,
		happened: happened{at: s.session.Now(), want: s.desired, look: &look{step, remote}},
	}
	switch step.Kind {
	case plan.None:
		res.after = s.nextLook(step)
	case plan.GiveUp:
		if res.after == 0 {
			res.after = kube.SlowLook
		}
	case plan.Create, plan.Update, plan.Delete, plan.Rechoose, plan.Adopt, plan.Convert, plan.Record, plan.PullBackup, plan.DeleteUnmanaged:
		res.after = kube.Soon
	}
	return res
}

// writeResult is the result of a write that Seam has accepted. It says where the code stands according to Seam's answer, or,
// where the answer does not tell, what the step said.
func (s snapshot) writeResult(step plan.Step, remote *seam.AccessCode) result {
	did := happened{at: s.session.Now(), want: s.desired, wrote: true}
	if step.Kind == plan.Delete || step.Kind == plan.DeleteUnmanaged {
		// A removal that does not show is asked for again, each time later.
		did.deleted, did.deleteAgain = step.Target.AccessCodeID, step.After
		_, step.After = s.history.askedToDelete(did.deleted, did.deleteAgain)
	}
	if step.Kind == plan.Create {
		step = plan.DecideCreated(step, s.desired, s.known, remote, did.at)
	}
	res := result{
		reason: step.Reason, message: step.Message, after: step.After,
		remote: remote, pin: s.pin, backupRef: s.backupRef, happened: did,
	}
	if step.Kind == plan.None {
		res.after = s.nextLook(step)
	}
	return res
}

// failedWith is failed for a code that is at Seam.
func (s snapshot) failedWith(remote *seam.AccessCode, event string, err error) result {
	res := s.failed(event, err)
	res.remote = remote
	return res
}

// failed is the result of an error: the one that it carries; or that of a call to Seam, or of a write to Kubernetes, that
// failed. event is the reason of the Event to record; empty for none.
func (s snapshot) failed(event string, err error) result {
	if res, ok := blockedBy(err); ok {
		return res
	}
	res := result{pin: s.pin, message: err.Error()}
	kind := seam.KindOf(err)
	if kind == seam.NotFound && !seam.IsDeviceNotFound(err) {
		kind = seam.Unavailable // something is missing that was not asked for
	}
	switch kind {
	case seam.Unauthorized, seam.InvalidToken:
		res.reason, res.message = v1alpha1.ReasonWorkspaceNotReady, "Seam refuses the credentials of SeamWorkspace "+s.code.WorkspaceName()
		res.suspect, res.after = true, suspectRetry
	case seam.RateLimited:
		res.reason, res.message = v1alpha1.ReasonRateLimited, "Seam's limit of calls for this lock is reached; the next call is made when it allows one"
		res.after = max(seam.RetryAfter(err), kube.Soon)
	case seam.Unavailable:
		res.reason, res.message, res.err = v1alpha1.ReasonAPIUnavailable, kube.UnavailableMessage(err), err
	case seam.NotFound:
		res.reason, res.after = v1alpha1.ReasonDeviceNotFound, kube.SlowLook
		res.message = fmt.Sprintf("Seam knows no device %q in this workspace: connect it to Seam or, as spec.deviceID can't be changed, delete this AccessCode and create another with the id of the device", s.code.Spec.DeviceID)
	case seam.InvalidInput, seam.Refused, seam.Duplicate:
		s.refusal(&res, event, err)
	default:
		return s.failedHere(event, err)
	}
	res.unanswered = isUnanswered(event, err)
	if event == "" || res.reason == v1alpha1.ReasonRateLimited {
		return res // waiting for a limit is no failure
	}
	return res.warning(event)
}

// failedHere is failed for an error that is none of Seam's.
func (s snapshot) failedHere(event string, err error) result {
	if errors.Is(err, workspace.ErrNotConnected) {
		return result{quiet: true}
	}
	if _, ok := errors.AsType[*secretRefusedError](err); !ok {
		return retry(err)
	}
	res := result{
		reason: v1alpha1.ReasonSecretConflict, after: kube.SlowLook, pin: s.pin,
		message: err.Error() + ": look at the quotas and policies of the namespace, and at what the operator may do",
	}
	if event == "" {
		return res
	}
	return res.warning(event)
}
