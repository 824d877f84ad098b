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
	// secondLook is how long a missing code has to stay missing before it counts as gone: providers now and then
	// report a code gone that is there.
	secondLook = 5 * time.Second
	// removalGrace is how long Seam has to take a code off the lock after its window before the operator asks for it.
	removalGrace = 5 * time.Minute
	// updatesPerHour is how often a remote code that doesn't take a change is asked to.
	updatesPerHour = 3
	// updateSettles is how long an update that Seam is carrying out is left alone.
	updateSettles = time.Minute
)

// Decide returns the one next step for a code. now is Seam's time.
func Decide(want Desired, known Known, seen Observed, now time.Time) Step {
	switch {
	case want.Deleted:
		return decideDeleted(known, seen)
	case want.Window.Over(now):
		return decideOver(known, seen, now)
	case seen.Remote != nil:
		return decidePresent(want, known, seen.Remote, now)
	case seen.Refused || seen.Blocking != nil:
		return decideTaken(want, known, seen)
	default:
		return decideMissing(known, now)
	}
}

func decideDeleted(known Known, seen Observed) Step {
	switch {
	case seen.Remote == nil:
		return Step{Kind: Release, Reason: v1alpha1.ReasonRemoving}
	case isRemoving(seen.Remote):
		return removing(known, seen.Remote)
	default:
		return Step{
			Kind: Delete, Reason: v1alpha1.ReasonRemoving, After: pollAfter(0),
			Message: "Seam is asked to take the code off the lock",
		}
	}
}

// decideOver is for a code whose window is past: it is never created again, and it must not stay on the lock.
func decideOver(known Known, seen Observed, now time.Time) Step {
	remote := seen.Remote
	switch {
	case remote == nil && known.ID == "" && known.Intent == nil:
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonScheduleInPast,
			Message: "spec.schedule.endsAt is in the past, nothing was created: set a later spec.schedule.endsAt, or delete this AccessCode",
		}
	case remote == nil, remote.Status == seam.StatusUnset && isPast(remote.EndsAt, now):
		return Step{
			Kind: None, Reason: v1alpha1.ReasonExpired,
			Message: "The window is over and the code is off the lock",
		}
	case isRemoving(remote):
		return removing(known, remote)
	case isPast(remote.EndsAt, now.Add(-removalGrace)), !isPast(remote.EndsAt, now):
		// Either Seam has not removed it, or the window was cut short and Seam takes no end that is past.
		return Step{
			Kind: Delete, Reason: v1alpha1.ReasonRemoving, After: pollAfter(0),
			Message: "The window is over: Seam is asked to take the code off the lock",
		}
	default:
		return removing(known, remote)
	}
}

// decideMissing is for a code that is not at Seam and whose PIN nothing else holds.
func decideMissing(known Known, now time.Time) Step {
	vanished := known.ID != "" && !known.Expired
	if vanished && (known.Missing.IsZero() || now.Sub(known.Missing) < secondLook) {
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonCreating, After: secondLook,
			Message: "The code is gone from Seam: it is looked for once more, then created again",
		}
	}
	return Step{
		Kind: Create, Reason: v1alpha1.ReasonCreating, After: pollAfter(0),
		Message: "Seam has accepted the code and is putting it on the lock",
	}
}

// decideTaken is for a PIN that something else on the lock holds.
func decideTaken(want Desired, known Known, seen Observed) Step {
	switch {
	case seen.Blocking != nil && isRemoving(seen.Blocking):
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonCreating, After: pollAfter(known.Looks),
			Message: "Another code with this PIN is being removed from the lock: its removal is waited for",
		}
	case seen.Blocking != nil && want.Adopt:
		return Step{Kind: Adopt, Reason: v1alpha1.ReasonCreating, After: pollAfter(0)}
	case want.Chosen && known.ID == "":
		return Step{Kind: Rechoose, Reason: v1alpha1.ReasonCreating}
	default:
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonCodeConflict,
			Message: "The lock has another code with this PIN, which is not touched: choose another PIN, remove the other code, or set spec.adoptionPolicy to Matching",
		}
	}
}

// decidePresent is for a code that is at Seam, within or before its window.
func decidePresent(want Desired, known Known, remote *seam.AccessCode, now time.Time) Step {
	if isRemoving(remote) {
		return removing(known, remote)
	}
	changes := Diff(want, remote, now)
	if changes.Empty() {
		return settle(want, known, remote, now)
	}
	recent := since(known.Updates, now.Add(-time.Hour))
	switch {
	case len(recent) > 0 && now.Sub(recent[len(recent)-1]) < updateSettles && (isUpdating(remote) || remote.Status == seam.StatusSetting):
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonUpdating, After: pollAfter(known.Looks),
			Message: "Seam has accepted the change and is putting it on the lock",
		}
	case len(recent) >= updatesPerHour:
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonNotConverging, After: recent[0].Add(time.Hour).Sub(now),
			Message: fmt.Sprintf("%d updates within an hour did not change %s on the lock: look at the errors and warnings, and at what else changes this code",
				len(recent), strings.Join(changes.Fields(), ", ")),
		}
	}
	return Step{
		Kind: Update, Reason: v1alpha1.ReasonUpdating, After: pollAfter(0), Changes: changes,
		Message: "Seam has accepted the change and is putting it on the lock",
	}
}

func removing(known Known, remote *seam.AccessCode) Step {
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonRemoving, After: pollAfter(known.Looks),
		Message: "Seam is taking the code off the lock" + named(remote.Errors),
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

func isRemoving(code *seam.AccessCode) bool {
	return code.Status == seam.StatusRemoving || hasMutation(code, mutationDeleting)
}
