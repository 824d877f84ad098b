// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// maxHolderWait is the longest time until a taken PIN is checked again. An AccessCode that waits is reconciled when an
	// event says that the PIN is free; this is for an event that is lost.
	maxHolderWait = time.Hour
	// refusedTries is how often a create or update is sent again whose PIN Seam calls taken although it shows no code with it:
	// that code may have left a moment ago.
	refusedTries = 4
)

// waitForPIN returns the step for a code whose PIN another code has that will leave the lock by itself; false where that is not
// known. A lock takes no two equal PINs, whatever their windows.
func waitForPIN(want Desired, known Known, seen Observed, now time.Time) (Step, bool) {
	holder := seen.Blocking
	ours := seen.Holder != ""
	if !ours && !endsBefore(holder, want, now) {
		return Step{}, false
	}
	who := seen.Holder
	if !ours {
		who = "Another code"
	}
	step := Step{Kind: Wait, Reason: v1alpha1.ReasonWaitingForPIN, After: errorPollAfter(known.Looks)}
	switch {
	case isRemoving(holder), isPast(holder.EndsAt, now):
		step.Message = who + " has this PIN, and is being taken off the lock: the PIN is used as soon as it is free"
		if !ours {
			step.After = pollAfter(known.Looks) // nobody here looks at that code
		}
	case holder.EndsAt == nil:
		step.After = maxHolderWait
		step.Message = who + " has this PIN on the lock, without an end: the PIN is used as soon as it is free. Choose another PIN, or delete the other"
	default:
		step.After = min(holder.EndsAt.Sub(now)+firstPoll, maxHolderWait)
		step.Message = fmt.Sprintf("%s has this PIN on the lock until %s: the PIN is used as soon as it is free. To have the code sooner, choose another PIN",
			who, holder.EndsAt.UTC().Format(time.RFC3339))
	}
	return step, true
}

// endsBefore says that another code has left the lock by the time that ours starts to work.
func endsBefore(holder *seam.AccessCode, want Desired, now time.Time) bool {
	if holder.EndsAt == nil {
		return false
	}
	begins := now
	if want.Window != nil {
		begins = want.Window.StartsAt
	}
	return !holder.EndsAt.After(begins)
}

// triedAgain returns the step for a PIN that Seam calls taken although it shows no code with it; false once that has lasted for
// some tries.
func triedAgain(known Known) (Step, bool) {
	if known.Looks >= refusedTries {
		return Step{}, false
	}
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonWaitingForPIN, After: pollAfter(known.Looks),
		Message: "Seam says that the lock has another code with this PIN, and shows none: it may be leaving, and is asked again",
	}, true
}

// decideUpdateRefused is for a code that keeps its former PIN at Seam because the wanted one is taken.
func decideUpdateRefused(want Desired, known Known, seen Observed, now time.Time) Step {
	if seen.Blocking == nil {
		seen.Blocking = seen.Unmanaged // a second code is not taken over
	}
	if seen.Blocking == nil {
		if step, ok := triedAgain(known); ok {
			return step
		}
	} else if step, ok := waitForPIN(want, known, seen, now); ok {
		return step
	}
	return conflict("The lock has another code with this PIN, which is not touched: choose another PIN, or remove the other code. Until then the code keeps the PIN that it has on the lock")
}

// betweenWindows is the step for a code that leaves the lock after a window, and is made again for the next one.
func betweenWindows(known Known) Step {
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonScheduled, After: pollAfter(known.Looks),
		Message: "The window is over, and the code is being taken off the lock: it is made again for the next window",
	}
}

// IsDuplicate says that Seam has accepted a code that the lock does not take, because another code there has the same PIN.
func IsDuplicate(code *seam.AccessCode) bool {
	if code == nil {
		return false
	}
	t, troubled := troubleOf(code, false)
	return troubled && t.code == ErrorDuplicate
}

// decideDuplicate is for a code that IsDuplicate. Where nobody can know its PIN yet, another is chosen.
func decideDuplicate(want Desired, known Known, seen Observed, now time.Time) Step {
	if want.Chosen && want.Code != "" && !want.Offline && !known.PINDisclosed {
		return Step{Kind: Rechoose, Reason: v1alpha1.ReasonUpdating}
	}
	if seen.Blocking != nil {
		if step, ok := waitForPIN(want, known, seen, now); ok {
			return step
		}
		if seen.Blocking.IsManaged {
			return conflict(TakenMessage)
		}
	}
	return conflict("The lock has another code with this PIN that Seam does not manage: remove that code, or choose another PIN")
}

// WaitsForOtherCode says, by its status, that an AccessCode can go on once another code leaves its lock.
func WaitsForOtherCode(code *v1alpha1.AccessCode) bool {
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if ready != nil && (ready.Reason == v1alpha1.ReasonWaitingForPIN || ready.Reason == v1alpha1.ReasonCodeConflict) {
		return true
	}
	return slices.ContainsFunc(code.Status.Errors, func(e v1alpha1.AccessCodeError) bool {
		return e.Code == ErrorNoSpace || e.Code == ErrorDuplicate
	})
}
