// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// facts is what was read about one AccessCode: from Kubernetes, from Seam, and from the history.
type facts struct {
	// code is the AccessCode as it was read. The operator's own writes to its metadata show in it at once, in known only once
	// another snapshot is made.
	code *v1alpha1.AccessCode
	// session is that of the SeamWorkspace; nil until it is connected.
	session *workspace.Session
	history history
	pin     pin
	// device is the lock, nil where what it supports was not needed to be known.
	device *seam.Device
	// zone is the time zone of the lock, nil where it was not needed, or is not known.
	zone *time.Location
	// clocks is a schedule in wall clocks; nil where there is none, or where it was not made moments yet.
	clocks *schedule.Schedule
	// observed is what a look at Seam found.
	observed plan.Observed
	// noBackup says that there was no backup code when it was looked for.
	noBackup bool
	// backupRef is where the PIN of the backup code is kept, nil until that is known.
	backupRef *v1alpha1.SecretKeyReference
	// pinReplaced says that this reconcile has put another PIN in the place of a chosen one that the lock does not take.
	pinReplaced bool
	// refused is the call, Create or Update, that Seam has just refused because its PIN is taken; empty for none.
	refused plan.Kind
}

// snapshot is what is known of one AccessCode at one moment, and what follows from it in the planner's terms. It is never
// changed: who learns something more makes another with it.
type snapshot struct {
	facts

	// now is when it was made, by Seam's clock; zero without a session.
	now     time.Time
	windows windows
	desired plan.Desired
	known   plan.Known
}

// newSnapshot is the one place where the wanted and the known state are computed.
func newSnapshot(f facts) snapshot {
	s := snapshot{facts: f}
	if f.session != nil {
		s.now = f.session.Now()
	}
	s.windows = windowsAt(f, s.now)
	s.desired = desiredState(f, s.windows.current, s.now)
	s.known = knownState(f, s.desired, s.now)
	return s
}

// with returns a snapshot that knows more.
func (s snapshot) with(learn func(*facts)) snapshot {
	f := s.facts
	learn(&f)
	return newSnapshot(f)
}

func (s snapshot) withPIN(p pin) snapshot { return s.with(func(f *facts) { f.pin = p }) }

func (s snapshot) withObserved(seen plan.Observed) snapshot {
	return s.with(func(f *facts) { f.observed = seen })
}

// after returns the snapshot after a step.
func (s snapshot) after(did happened) snapshot {
	return s.with(func(f *facts) { f.history = f.history.after(did) })
}

// over says that the code's window is past, by Seam's time.
func (s snapshot) over() bool { return s.desired.Window.Over(s.now) }

// adopts says whether a code with the same PIN is to be taken over.
func (s snapshot) adopts() bool {
	want := s.desired
	return (want.Adopt || want.Inherited) && want.Code != "" && !want.Deleted
}

// converts says whether an unmanaged code with the same PIN is to be taken over, too.
func (s snapshot) converts() bool { return s.desired.Adopt && s.adopts() }

// worthALook says whether anything of the AccessCode may be at Seam. Nothing is where no code was ever to be created or adopted,
// and where the code was seen to be off the lock after its window.
func (s snapshot) worthALook() bool {
	over := s.over()
	if s.known.ID == "" && !s.known.CreatePending {
		reason := kube.ReadyReason(s.code.Status.Conditions)
		conflicting := reason == v1alpha1.ReasonCodeConflict || reason == v1alpha1.ReasonWaitingForPIN
		adopting := s.known.Import != "" || s.adopts() || conflicting
		return adopting && !over && !s.desired.Deleted
	}
	return s.desired.Deleted || !s.known.Expired || !over
}

// plausible returns an error for an answer that can't be about the code that was asked for.
func (s snapshot) plausible(remote *seam.AccessCode) error {
	// A spec without it is on its way out; the id was asked for, and that is the one that was recorded.
	known := s.code.Spec.DeviceID != ""
	elsewhere := remote.WorkspaceID != "" && s.session.WorkspaceID() != "" && remote.WorkspaceID != s.session.WorkspaceID()
	switch {
	case known && remote.DeviceID != s.code.Spec.DeviceID || elsewhere:
		return &seam.Error{Kind: seam.Unavailable, InDoubt: true, Message: "the answer is a code of another device or workspace"}
	case len(remote.AccessCodeID) > kube.MaxID || len(remote.WorkspaceID) > kube.MaxID:
		return &seam.Error{Kind: seam.Unavailable, InDoubt: true, Message: "the answer is a code with an id that is no id"}
	}
	return nil
}

// plausibleList returns an error for a list with implausible codes of the device: it may lack our code just as well. Codes of
// other devices in it are ignored.
func (s snapshot) plausibleList(codes []seam.AccessCode) error {
	for i := range codes {
		if codes[i].DeviceID != s.code.Spec.DeviceID {
			continue
		}
		if err := s.plausible(&codes[i]); err != nil {
			return err
		}
	}
	return nil
}

// nextLook is when a code that is as wanted is looked at again: when its window begins or ends. Drift is found by the sweep
// over all codes of the workspace.
func (s snapshot) nextLook(step plan.Step) time.Duration {
	if step.Reason == v1alpha1.ReasonExpired {
		return expiredLook
	}
	window := s.desired.Window
	switch {
	case step.After > 0:
		return step.After + kube.Soon // it begins as Seam has it
	case window == nil:
		return 0
	}
	now := s.session.Now()
	for _, edge := range []time.Time{window.StartsAt, window.EndsAt} {
		if until := edge.Sub(now); until > 0 {
			return until + kube.Soon
		}
	}
	return 0
}

// drifts says that a step puts back what was changed elsewhere: the code was seen as wanted before.
func (s snapshot) drifts(step plan.Step) bool {
	switch converged := s.history.hadConverged(s.desired); step.Kind {
	case plan.Update:
		return converged
	case plan.Create:
		return s.code.Status.AccessCodeID != "" && !s.removedOnPurpose() && (converged || s.history.dueSince.IsZero())
	}
	return false
}

// removedOnPurpose says that the recorded code was taken off because its window was over, or was cut short. A create after that is not
// drift: a person has asked for it.
func (s snapshot) removedOnPurpose() bool {
	return s.known.Ended || kube.ReadyReason(s.code.Status.Conditions) == v1alpha1.ReasonExpired || s.history.deleting == s.code.Status.AccessCodeID
}

// arrived says whether Seam shows what is wanted. remote is what it shows, nil when that is not known.
func (s snapshot) arrived(remote *seam.AccessCode) bool {
	return remote != nil && tracksArrival(s.code) && plan.HasArrived(s.desired, s.known, remote, s.now)
}

// pullRequest is the value of the pull-backup annotation, "" when it was handled.
func pullRequest(code *v1alpha1.AccessCode, h history) string {
	value := redact.Truncate(code.Annotations[v1alpha1.PullBackupAnnotation], maxEcho)
	if backup := code.Status.BackupCode; value == h.pulled || backup != nil && backup.LastHandledPull == value {
		return ""
	}
	return value
}
