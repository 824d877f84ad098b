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

// maxDeleteRetry is the longest time after which a removal that does not show is asked for again.
const maxDeleteRetry = time.Minute

// suspectRetry is when a call is tried again whose credentials were refused, should their workspace turn out to be well.
const suspectRetry = 30 * time.Second

// expiredLook is when it is asked again whether a window is over, without a call to Seam: a clock that was wrong may have
// said so.
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

// outcome is where a reconcile has ended: what the status is to say, and when to look again.
type outcome struct {
	reason, message string
	// after is when to look again; zero when only a change or the drift sweep brings the code back.
	after time.Duration
	// err makes the queue try again, later each time. Without a reason it is all there is: status is left as it is.
	err error
	// remote is the code at Seam, nil when it was not seen.
	remote *seam.AccessCode
	// deviceName is what Seam calls the lock, empty when that is not known.
	deviceName string
	// backup is the backup code at Seam, nil when it was not seen.
	backup *seam.AccessCode
	// noBackup says that there is known to be none at Seam.
	noBackup bool
	// backupRef is where the PIN of the backup code is kept, nil when it could not be stored or was not looked at.
	backupRef *v1alpha1.SecretKeyReference
	// noPlace says that the PIN of a backup code could not be written, and what to do about it; empty where it could.
	noPlace string
	// pulled is the value of the pull-backup annotation that was handled.
	pulled string
	// gone says that the code is known not to be at Seam.
	gone bool
	// pin is the PIN as fixed.
	pin pin
	// quiet says that there is nothing to report: something else is about to wake the AccessCode.
	quiet bool
	// released says that the finalizer is off.
	released bool
	// yielded says that the recorded code is given up, for it is another AccessCode's.
	yielded bool
	// event is what to tell about the step taken, nil when nothing.
	event *note
	// arrived says that Seam shows all that is wanted, and resent that what it shows was just sent anew.
	arrived, resent bool
	// passing says that a call was refused for now, so that the spec is not carried out.
	passing bool
	// suspect says that Seam refused the credentials, so that the workspace has to be checked.
	suspect bool
	// unasked says that Seam could not be asked, which is no news of the code.
	unasked bool
}

// note is an Event to record.
type note struct {
	reason, action, message string
	warning                 bool
	// onChange says that the Event is for the first time only, not for every time again.
	onChange bool
}

// blocked is the outcome for what keeps the operator from even asking Seam.
func blocked(reason, format string, args ...any) *outcome {
	return &outcome{reason: reason, message: fmt.Sprintf(format, args...)}
}

// told is what the conditions say. That a backup code has no place takes nothing from the code itself, but a person must act
// while there is time: so it is said as soon as the code is at Seam.
func (o outcome) told() (reason, message string) {
	if o.noPlace == "" || o.remote == nil || o.reason == v1alpha1.ReasonRemoving || o.reason == v1alpha1.ReasonExpired {
		return o.reason, o.message
	}
	reason, message = v1alpha1.ReasonSecretConflict, o.message+". But there is no place for a backup code: "+o.noPlace
	if kube.VerdictOf(o.reason) == kube.Stalled {
		reason = o.reason
	}
	return reason, message
}

// failure is the outcome of what went wrong, with nothing to say in status: the queue tries again.
func failure(err error) outcome { return outcome{err: err} }

// failedWith is failure for what comes before a step, nil where nothing went wrong.
func failedWith(err error) *outcome {
	if err == nil {
		return nil
	}
	return new(failure(err))
}

// unreported is an error of which status says nothing.
func (o outcome) unreported() error {
	if o.reason != "" {
		return nil
	}
	return o.err
}

// outcome is that of a step which leaves Seam alone, or was decided after the one write that a reconcile may make.
func (c *run) outcome(step plan.Step, remote *seam.AccessCode) outcome {
	o := outcome{
		reason: step.Reason, message: step.Message, after: step.After,
		remote: remote, gone: remote == nil,
		pin: c.pin, backupRef: c.backupRef,
	}
	switch step.Kind {
	case plan.None:
		o.after = c.nextLook(step)
	case plan.GiveUp:
		if o.after == 0 {
			o.after = kube.SlowLook
		}
	case plan.Create, plan.Update, plan.Delete, plan.Rechoose, plan.Adopt, plan.Convert, plan.Record, plan.PullBackup, plan.DeleteUnmanaged:
		o.after = kube.Soon
	}
	c.past.learn(step, remote, c.want(), c.live.Now())
	c.past.seenOff(step.Reason, c.live.Now())
	return o
}

// nextLook is when a code that is as wanted is looked at again without anything having happened: when its window begins
// or ends. For drift, all codes of a workspace are looked at together.
func (c *run) nextLook(step plan.Step) time.Duration {
	if step.Reason == v1alpha1.ReasonExpired {
		return expiredLook
	}
	window := c.want().Window
	switch {
	case step.After > 0:
		return step.After + kube.Soon // it begins as Seam has it
	case window == nil:
		return 0
	}
	now := c.live.Now()
	for _, edge := range []time.Time{window.StartsAt, window.EndsAt} {
		if until := edge.Sub(now); until > 0 {
			return until + kube.Soon
		}
	}
	return 0
}

// expectLook tells when the code will be looked at again, so that others' calls can take it along.
func (c *run) expectLook(o outcome) {
	if o.remote != nil && o.after > 0 && o.err == nil {
		c.live.Expect(o.remote.AccessCodeID, o.after)
	}
}

// afterWrite is the outcome of a write that Seam has accepted: where the code stands according to its answer, or,
// where that does not tell, what the step said.
func (c *run) afterWrite(step plan.Step, remote *seam.AccessCode) outcome {
	c.past.acted(c.live.Now())
	if step.Kind == plan.Delete || step.Kind == plan.DeleteUnmanaged {
		// A removal that does not show is asked for again, each time later.
		step.After = c.past.deleted(step.Target.AccessCodeID, step.After)
	}
	if step.Kind == plan.Create {
		step = plan.DecideCreated(step, c.want(), c.known(), remote, c.live.Now())
	}
	o := outcome{reason: step.Reason, message: step.Message, after: step.After, remote: remote, pin: c.pin, backupRef: c.backupRef}
	if step.Kind == plan.None {
		o.after = c.nextLook(step)
	}
	return o
}

// failed is the outcome of a call to Seam, or a write to Kubernetes, that did not go well. event names the step in
// an Event; empty for none.
func (c *run) failed(event string, err error) outcome {
	o := outcome{pin: c.pin, message: err.Error()}
	kind := seam.KindOf(err)
	if kind == seam.NotFound && !seam.IsDeviceNotFound(err) {
		kind = seam.Unavailable // what is missing is nothing that was asked for
	}
	switch kind {
	case seam.Unauthorized, seam.InvalidToken:
		o.reason, o.message = v1alpha1.ReasonWorkspaceNotReady, "Seam refuses the credentials of SeamWorkspace "+c.code.WorkspaceName()
		o.suspect, o.after = true, suspectRetry
	case seam.RateLimited:
		o.reason, o.message = v1alpha1.ReasonRateLimited, "Seam's limit of calls for this lock is reached; the next call is made when it allows one"
		o.after = max(seam.RetryAfter(err), kube.Soon)
	case seam.Unavailable:
		o.reason, o.message, o.err = v1alpha1.ReasonAPIUnavailable, kube.UnavailableMessage(err), err
	case seam.NotFound:
		o.reason, o.after = v1alpha1.ReasonDeviceNotFound, kube.SlowLook
		o.message = fmt.Sprintf("Seam knows no device %q in this workspace: connect it to Seam or, as spec.deviceID can't be changed, delete this AccessCode and create another with the id of the device", c.code.Spec.DeviceID)
	case seam.InvalidInput, seam.Refused, seam.Duplicate:
		c.refused(&o, event, err)
	default:
		if errors.Is(err, workspace.ErrNotConnected) {
			return outcome{quiet: true}
		}
		if _, ok := errors.AsType[*secretRefusedError](err); !ok {
			return failure(err)
		}
		o.reason, o.after = v1alpha1.ReasonSecretConflict, kube.SlowLook
		o.message += ": look at the quotas and policies of the namespace, and at what the operator may do"
	}
	o.unasked = unanswered(event, err)
	if event == "" || o.reason == v1alpha1.ReasonRateLimited {
		return o // to wait for one's turn is nothing to be warned of
	}
	return o.warning(event)
}

// warning adds a Warning Event for the step that failed, for the first of equal failures.
func (o outcome) warning(event string) outcome {
	o.event = &note{warning: true, reason: event, action: actionOf(event), message: o.message, onChange: true}
	return o
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
