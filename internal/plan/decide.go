// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// secondLook is how long a missing code has to stay missing before it counts as gone: providers now and then report a code
	// as gone that is there.
	secondLook = 5 * time.Second
	// removalGrace is how long after the end of its window Seam may take to remove a code before the operator asks for the
	// removal.
	removalGrace = 5 * time.Minute
	// warnedLooks is how many reads may show nothing but a warning of a removal before the removal is asked for again.
	warnedLooks = 5
	// updatesPerHour is how many updates are sent in an hour for a change that the code at Seam does not take.
	updatesPerHour = 3
	// createSettles is how long after a create whose answer was lost its code may still appear at Seam.
	createSettles = time.Minute
	// failureSettles is how long after a create that Seam itself answered with an error its code may still appear. It doubles
	// with each such answer, so that creates are sent ever more rarely to a Seam that fails.
	failureSettles = 8 * time.Second
	// settleMargin is added to that time before the read that decides: Seam's time is known to a second or so.
	settleMargin = time.Second
	// conversionSettles is how long Seam may take to manage a code before it is asked again.
	conversionSettles = 2 * time.Minute
	// updateSettles is how long no further update is sent while Seam brings one to the lock.
	updateSettles = time.Minute
)

// Decide returns the one next step for a code. now is Seam's time.
func Decide(want Desired, known Known, seen Observed, now time.Time) Step {
	switch {
	case want.Deleted:
		return decideDeleted(want, known, seen, now)
	case seen.UpdateRefused:
		return decideUpdateRefused(want, known, seen, now)
	case want.Window.Over(now):
		return decideOver(want, known, seen, now)
	case seen.Remote != nil:
		return decidePresent(want, known, seen, now)
	case seen.Lost != nil:
		return decideLost(want, known, seen.Lost, now)
	case !seen.PINTaken && known.missedOnce(now):
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonCreating, After: secondLook,
			Message: "The code is gone from Seam: it is looked for once more, then created again",
		}
	case seen.PINTaken || seen.Blocking != nil || seen.Unmanaged != nil:
		return decideTaken(want, known, seen, now)
	default:
		return decideMissing(want, known, now)
	}
}

// DecideCreated returns the step that Seam's answer to a create leads to, with the reason and message that say where the code
// stands. Where that step would be a write, it returns step, the one that created the code.
func DecideCreated(step Step, want Desired, known Known, created *seam.AccessCode, now time.Time) Step {
	known = Known{
		ID: created.AccessCodeID, FutureStart: known.FutureStart, StartRefusals: known.StartRefusals,
		Applied: known.Applied && want.Offline, Zone: known.Zone,
	}
	if next := Decide(want, known, Observed{Remote: created}, now); next.Kind == None || next.Kind == Wait {
		return next
	}
	return step
}

// decideDeleted removes the backup code before the primary code: the backup is found through the primary.
func decideDeleted(want Desired, known Known, seen Observed, now time.Time) Step {
	if step, ok := takeOff(known, seen.Backup); ok {
		return step
	}
	if step, ok := takeOff(known, seen.Remote); ok && !endedOffline(seen.Remote, now) {
		return step
	}
	if step, ok := takeOffUnmanaged(want, known, seen, now); ok {
		return step
	}
	if known.mayShow(now) {
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonRemoving, After: known.nextLook(now),
			Message: "It is not known yet whether the last call has created the code: it is looked for before this AccessCode goes",
		}
	}
	return Step{Kind: Release, Reason: v1alpha1.ReasonRemoving, Message: "This AccessCode goes and " + offMessage(seen)}
}

// takeOff asks for the removal of a code from the lock, or waits for it; false when there is no code.
func takeOff(known Known, remote *seam.AccessCode) (Step, bool) {
	switch {
	case remote == nil:
		return Step{}, false
	case isRemoving(remote) && (known.Looks < warnedLooks || !onlyWarned(remote)):
		return removing(known, remote), true
	}
	return Step{
		Kind: Delete, Reason: v1alpha1.ReasonRemoving, After: pollAfter(0), Target: remote,
		Message: "Seam is asked to take the code off the lock",
	}, true
}

// decideOver is for a code whose window is over. It is never created again, and neither it nor its backup may stay on the lock.
func decideOver(want Desired, known Known, seen Observed, now time.Time) Step {
	if seen.Remote == nil && known.ID == "" && known.Intent == nil {
		return OverBefore(known)
	}
	for _, remote := range []*seam.AccessCode{seen.Backup, seen.Remote} {
		switch {
		case remote == nil, isOffAfterEnd(remote, now), endedOffline(remote, now):
			continue
		case isPast(remote.EndsAt, now) && !isPast(remote.EndsAt, now.Add(-removalGrace)):
			return removing(known, remote)
		case endsRounded(want, remote, now):
			return Step{
				Kind: Wait, Reason: v1alpha1.ReasonRemoving, After: remote.EndsAt.Sub(now) + firstPoll,
				Message: "The provider has rounded the end of the window: until then the code works",
			}
		}
		// Either Seam has not removed it, or the window was cut short and Seam takes no end in the past.
		step, _ := takeOff(known, remote)
		if step.Kind == Delete {
			step.Message = "The window is over: Seam is asked to take the code off the lock"
		}
		return step
	}
	if step, ok := takeOffUnmanaged(want, known, seen, now); ok {
		return step
	}
	if known.mayShow(now) {
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonRemoving, After: known.nextLook(now),
			Message: "The window is over, and it is not known yet whether the last call has created the code: it is looked for",
		}
	}
	return Step{
		Kind: None, Reason: v1alpha1.ReasonExpired,
		Message: "The window is over and " + offMessage(seen),
	}
}

// OverBefore is the step where the window ended before there was a code: nothing is left to do.
func OverBefore(known Known) Step {
	step := Step{
		Kind: None, Reason: v1alpha1.ReasonExpired,
		Message: "The window was over before a code was created: nothing was created, and nothing is left to do",
	}
	if known.Import != "" {
		step.Message = "The window was over before a code was taken over: nothing was created, and the code that the annotation " +
			v1alpha1.AccessCodeIDAnnotation + " names was not touched"
	}
	return step
}

// endsRounded says that the provider has moved the end of an offline code to a later time, as it may. The code can't be removed
// before that.
func endsRounded(want Desired, remote *seam.AccessCode, now time.Time) bool {
	return want.Offline && remote.EndsAt != nil && now.Before(*remote.EndsAt) && near(want.Window.EndsAt, *remote.EndsAt, roundingSlack(want))
}

// missedOnce says that the recorded code is missing, but not yet for long enough to count as gone.
func (k Known) missedOnce(now time.Time) bool {
	return k.ID != "" && !k.Expired && !k.Ended && (k.Missing.IsZero() || now.Sub(k.Missing).Abs() < secondLook)
}

// decideMissing is for a code that is not at Seam and whose PIN is free.
func decideMissing(want Desired, known Known, now time.Time) Step {
	if known.ID == "" && known.Import != "" && known.Intent == nil {
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonInvalidSpec,
			Message: "The device has no code with the id in the annotation " + v1alpha1.AccessCodeIDAnnotation + ": correct the annotation, or remove it to have a code created",
		}
	}
	if known.mayShow(now) {
		return awaitCreate(known, now)
	}
	reason := v1alpha1.ReasonCreating
	if known.Ended && want.Window.Ahead(now) {
		reason = v1alpha1.ReasonScheduled // nobody waits for the code yet
	}
	if step, ok := renewal(want, reason); ok {
		return step
	}
	return Step{
		Kind: Create, Reason: v1alpha1.ReasonCreating, After: pollAfter(0),
		Message: "Seam has accepted the code and is putting it on the lock",
	}
}

// awaitCreate is the step that waits until it is certain what the last create has done. Seam refuses a second code with the
// same PIN, but no longer once the first to arrive was changed or removed.
func awaitCreate(known Known, now time.Time) Step {
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonCreating, After: known.nextLook(now),
		Message: "It is not known yet whether the last call has created the code: it is looked for before another is made",
	}
}

// mayShow says that the code of the last create may still appear at Seam, because the create was sent, or answered with an
// error, so short a time ago.
func (k Known) mayShow(now time.Time) bool {
	if !k.CreatePending || k.Intent == nil {
		return false
	}
	sent, settles := k.settling()
	return now.Sub(sent).Abs() < settles
}

// settling returns when the pending create was sent, or answered with an error, and how long after that its code may still
// appear.
func (k Known) settling() (sent time.Time, settles time.Duration) {
	if k.Failed.IsZero() {
		return k.Intent.Tried, createSettles
	}
	settles = failureSettles
	for range k.Failures - 1 {
		settles = min(2*settles, createSettles)
	}
	return k.Failed, settles
}

// nextLook is how long to wait before the code of a pending create is looked for again: at most until just after the time in
// which it may appear.
func (k Known) nextLook(now time.Time) time.Duration {
	sent, settles := k.settling()
	return min(pollAfter(k.Looks), settles-now.Sub(sent).Abs()+settleMargin)
}

// decidePresent is for a code that is at Seam and whose window is not over.
func decidePresent(want Desired, known Known, seen Observed, now time.Time) Step {
	remote := seen.Remote
	switch {
	case isRemoving(remote) && known.Ended && want.Window.Ahead(now):
		return betweenWindows(known)
	case isRemoving(remote):
		return removing(known, remote)
	}
	if seen.Lost != nil {
		return takeBack(known, remote)
	}
	if step, ok := renewal(want, v1alpha1.ReasonUpdating); ok {
		return step
	}
	if step, ok := rotation(want, known, remote, now); ok {
		return step
	}
	changes := Diff(want, known, remote, now)
	switch {
	case changes.Empty() && IsDuplicate(remote):
		step := decideDuplicate(want, known, seen, now)
		if step.Kind == Rechoose {
			return step
		}
		return withBackup(step, want, known, seen, now)
	case changes.Empty():
		return withBackup(settle(want, known, remote, now), want, known, seen, now)
	}
	return decideUpdate(want, known, remote, changes, now)
}

// decideUpdate is for a code that differs from what is wanted.
func decideUpdate(want Desired, known Known, remote *seam.AccessCode, changes Changes, now time.Time) Step {
	recent := since(known.Updates, now.Add(-time.Hour))
	switch {
	case want.Offline:
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonUpdateNotSupported,
			Message: "An offline access code can't be changed (" + strings.Join(changes.Fields(), ", ") + "): " + offlineRemedy(remote),
		}
	case len(recent) > 0 && now.Sub(recent[len(recent)-1]) < updateSettles && isBeingSet(remote):
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonUpdating, After: pollAfter(known.Looks),
			Message: "Seam has accepted the change and is putting it on the lock",
		}
	case len(recent) >= updatesPerHour:
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonNotConverging, After: recent[0].Add(time.Hour).Sub(now),
			Message: fmt.Sprintf("%d updates within an hour did not change %s on the lock: %slook at the errors and warnings, and at what else changes this code",
				len(recent), strings.Join(changes.Fields(), ", "), externalAdvice(want)),
		}
	}
	return Step{
		Kind: Update, Reason: v1alpha1.ReasonUpdating, After: pollAfter(0), Changes: changes,
		Message: "Seam has accepted the change and is putting it on the lock",
	}
}

// externalAdvice is the advice to forbid changes made elsewhere, where they are allowed: another program may be making them.
func externalAdvice(want Desired) string {
	if want.AllowExternal {
		return "set spec.allowExternalModification to false, "
	}
	return ""
}

func removing(known Known, remote *seam.AccessCode) Step {
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonRemoving, After: pollAfter(known.Looks),
		Message: "Seam is taking the code off the lock" + errorCodes(remote.Errors),
	}
}

func since(times []time.Time, start time.Time) []time.Time {
	for i, t := range times {
		if t.After(start) {
			return times[i:]
		}
	}
	return nil
}

func isPast(t *time.Time, now time.Time) bool { return t != nil && !now.Before(*t) }

// onlyWarned says that only a warning tells of a removal. It may be left over from a removal that was given up.
func onlyWarned(code *seam.AccessCode) bool {
	return code.Status != seam.StatusRemoving && !hasMutation(code, mutationDeleting)
}

func isRemoving(code *seam.AccessCode) bool {
	return code.Status == seam.StatusRemoving || hasMutation(code, mutationDeleting) || hasWarning(code, warningBeingDeleted)
}
