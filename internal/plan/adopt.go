// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// TakenMessage says that the PIN is taken by a code on the lock that is not ours.
const TakenMessage = "The lock has another code with this PIN, which is not touched: choose another PIN, remove the other code, or set spec.adoptionPolicy to Matching"

// OwnedMessage says that a code belongs to another AccessCode. owner names that, "" where its name is not known.
func OwnedMessage(owner string) string {
	if owner != "" {
		owner = ". " + owner + " has it"
	}
	return "The code belongs to another AccessCode" + owner + ": delete one of the two, or name another code in the annotation " + v1alpha1.AccessCodeIDAnnotation
}

// decideTaken is for a PIN that another code on the lock has, and for a code to adopt that Seam does not manage. No code is
// taken over while the code of a create may still appear: that one may have the former PIN, and would be a second code.
func decideTaken(want Desired, known Known, seen Observed, now time.Time) Step {
	step := decideHolder(want, known, seen, now)
	if (step.Kind == Adopt || step.Kind == Convert) && !seen.PINTaken && known.mayShow(now) {
		return awaitCreate(known, now)
	}
	return step
}

func decideHolder(want Desired, known Known, seen Observed, now time.Time) Step {
	if seen.Blocking != nil {
		if step, ok := decideBlocking(want, known, seen); ok {
			return step
		}
	}
	if seen.Unmanaged != nil {
		return decideUnmanaged(known, seen.Unmanaged, now)
	}
	if step, ok := renewal(want, v1alpha1.ReasonCreating); ok && !known.mayShow(now) {
		return step
	}
	switch {
	case want.Chosen && known.ID == "" && !known.PINDisclosed:
		return Step{Kind: Rechoose, Reason: v1alpha1.ReasonCreating}
	case seen.Blocking == nil:
		if step, ok := triedAgain(known); ok {
			return step
		}
	default:
		if step, ok := waitForPIN(want, known, seen, now); ok {
			return step
		}
	}
	return conflict(TakenMessage)
}

// decideBlocking is for a managed code with our PIN that is being removed, named for import, or to be adopted; false when it is
// none of these.
func decideBlocking(want Desired, known Known, seen Observed) (Step, bool) {
	switch {
	case isRemoving(seen.Blocking) && seen.Holder == "":
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonCreating, After: pollAfter(known.Looks),
			Message: "Another code with this PIN is being removed from the lock: its removal is waited for",
		}, true
	case seen.Claimed && known.imports(seen.Blocking):
		return conflict(OwnedMessage(seen.Holder)), true
	case seen.Holder == "" && !seen.Claimed && (want.Adopt || want.Inherited && seen.Blocking.IsManaged && SameName(seen.Blocking.Name, want.Name)):
		return Step{
			Kind: Adopt, Reason: v1alpha1.ReasonCreating, After: pollAfter(0),
			Message: "The code with this PIN that is on the lock is taken over",
		}, true
	}
	return Step{}, false
}

// imports says that the code is the one that is named for import.
func (k Known) imports(code *seam.AccessCode) bool {
	return k.Intent == nil && k.Import != "" && k.Import == code.AccessCodeID
}

// decideUnmanaged is for a code to adopt that Seam does not manage. A conversion takes time and shows nothing until it is done.
// After as many tries as an update has, it counts as refused.
func decideUnmanaged(known Known, unmanaged *seam.AccessCode, now time.Time) Step {
	recent := since(known.Conversions, now.Add(-time.Hour))
	switch {
	case len(recent) > 0 && now.Sub(recent[len(recent)-1]).Abs() < conversionSettles:
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonCreating, After: pollAfter(known.Looks),
			Message: "Seam is asked to manage the code that is on the lock",
		}
	case unmanaged.CannotBeManaged || len(recent) >= updatesPerHour:
		return conflict("The provider does not let Seam manage the code that is on the lock: remove that code, or choose another PIN")
	}
	return Step{
		Kind: Convert, Reason: v1alpha1.ReasonCreating, After: pollAfter(0),
		Message: "Seam is asked to manage the code that is on the lock",
	}
}

func conflict(message string) Step {
	return Step{Kind: GiveUp, Reason: v1alpha1.ReasonCodeConflict, Message: message}
}
