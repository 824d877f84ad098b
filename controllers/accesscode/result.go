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

// Reasons of Events, beside those of conditions.
const (
	eventCreated        = "Created"
	eventAdopted        = "Adopted"
	eventUpdated        = "Updated"
	eventPINRotated     = "PINRotated"
	eventCodeSet        = "CodeSet"
	eventDriftCorrected = "DriftCorrected"
	eventBackupPulled   = "BackupPulled"
	eventRemoved        = "Removed"
	eventCodeRemoved    = "CodeRemoved"    // at the end of its window
	eventScheduleInPast = "ScheduleInPast" // nothing was created
	eventCreateFailed   = "CreateFailed"
	eventUpdateFailed   = "UpdateFailed"
	eventDeleteFailed   = "DeleteFailed"
	eventAdoptFailed    = "AdoptFailed"
	eventPullFailed     = "BackupPullFailed"
)

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
	// quiet says that nothing is reported: something else is about to enqueue the AccessCode.
	quiet bool
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
	// unasked says that Seam could not be asked, so that nothing new is known of the code.
	unasked bool
}

// eventRecord is an Event to record.
type eventRecord struct {
	reason, action, message string
	warning                 bool
	// onChange says that the Event is recorded the first time only, not each time that the same thing happens again.
	onChange bool
}

// blocked is the result where something keeps the operator from asking Seam at all.
func blocked(reason, format string, args ...any) *result {
	return &result{reason: reason, message: fmt.Sprintf(format, args...)}
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

// failure is the result of an error of which the status says nothing. The queue tries again.
func failure(err error) result { return result{err: err} }

// failedWith returns the failure with err; nil where err is nil.
func failedWith(err error) *result {
	if err == nil {
		return nil
	}
	return new(failure(err))
}

// unreported is the error where the status says nothing of it.
func (res result) unreported() error {
	if res.reason != "" {
		return nil
	}
	return res.err
}

// result is the result of a step that sends nothing to Seam, or that was decided after the one write of this reconcile.
func (s *scope) result(step plan.Step, remote *seam.AccessCode) result {
	res := result{
		reason: step.Reason, message: step.Message, after: step.After,
		remote: remote, gone: remote == nil,
		pin: s.pin, backupRef: s.backupRef,
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
	s.history.noteLook(step, remote, s.want(), s.live.Now())
	s.history.noteOff(step.Reason, s.live.Now())
	return res
}

// nextLook is when a code that is as wanted is looked at again: when its window begins or ends. Drift is found by the sweep
// over all codes of the workspace.
func (s *scope) nextLook(step plan.Step) time.Duration {
	if step.Reason == v1alpha1.ReasonExpired {
		return expiredLook
	}
	window := s.want().Window
	switch {
	case step.After > 0:
		return step.After + kube.Soon // it begins as Seam has it
	case window == nil:
		return 0
	}
	now := s.live.Now()
	for _, edge := range []time.Time{window.StartsAt, window.EndsAt} {
		if until := edge.Sub(now); until > 0 {
			return until + kube.Soon
		}
	}
	return 0
}

// expectLook tells when the code will be looked at again, so that others' calls can take it along.
func (s *scope) expectLook(res result) {
	if res.remote != nil && res.after > 0 && res.err == nil {
		s.live.Expect(res.remote.AccessCodeID, res.after)
	}
}

// afterWrite is the result of a write that Seam has accepted. It says where the code stands according to Seam's answer, or,
// where the answer does not tell, what the step said.
func (s *scope) afterWrite(step plan.Step, remote *seam.AccessCode) result {
	s.history.noteWrite(s.live.Now())
	if step.Kind == plan.Delete || step.Kind == plan.DeleteUnmanaged {
		// A removal that does not show is asked for again, each time later.
		step.After = s.history.noteDelete(step.Target.AccessCodeID, step.After)
	}
	if step.Kind == plan.Create {
		step = plan.DecideCreated(step, s.want(), s.known(), remote, s.live.Now())
	}
	res := result{reason: step.Reason, message: step.Message, after: step.After, remote: remote, pin: s.pin, backupRef: s.backupRef}
	if step.Kind == plan.None {
		res.after = s.nextLook(step)
	}
	return res
}

// failed is the result of a call to Seam, or of a write to Kubernetes, that failed. event is the reason of the Event to record;
// empty for none.
func (s *scope) failed(event string, err error) result {
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
		if errors.Is(err, workspace.ErrNotConnected) {
			return result{quiet: true}
		}
		if _, ok := errors.AsType[*secretRefusedError](err); !ok {
			return failure(err)
		}
		res.reason, res.after = v1alpha1.ReasonSecretConflict, kube.SlowLook
		res.message += ": look at the quotas and policies of the namespace, and at what the operator may do"
	}
	res.unasked = unanswered(event, err)
	if event == "" || res.reason == v1alpha1.ReasonRateLimited {
		return res // waiting for a limit is no failure
	}
	return res.warning(event)
}

// warning adds a Warning Event for the step that failed, for the first of equal failures.
func (res result) warning(event string) result {
	res.event = &eventRecord{warning: true, reason: event, action: actionOf(event), message: res.message, onChange: true}
	return res
}

func actionOf(event string) string {
	switch event {
	case eventUpdateFailed:
		return kube.ActionUpdate
	case eventDeleteFailed:
		return kube.ActionDelete
	case eventAdoptFailed:
		return kube.ActionAdopt
	case eventPullFailed:
		return kube.ActionPull
	}
	return kube.ActionCreate
}
