// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Lost describes a code of ours that may still be on the lock although Seam no longer manages it. Hazard: when Seam does not
// find a managed code, the code may still open the lock.
type Lost struct {
	// DeviceID is the lock.
	DeviceID string
	// ID is the id under which Seam managed the code; it may have another one now. Empty where none was recorded: then only a
	// code that is no older than the intention to create can be ours.
	ID     string
	Intent *Intent
	// PINs and Names are all PINs and names that the code may have on the lock.
	PINs  []redact.Secret
	Names []string
	// Backup says that it is a pulled backup code, which has a name of Seam's.
	Backup bool
}

// backupName begins the names that Seam gives to backup codes.
const backupName = "Backup "

// Find picks our code from the unmanaged codes of the lock; nil when it is not among them. A lock takes no two equal PINs. So a
// code with our PIN is ours if it has our name, or none, as some locks keep no names. A code with our PIN and another name is
// returned as shown: perhaps ours was renamed.
func (l Lost) Find(unmanaged []seam.AccessCode) (ours, shown *seam.AccessCode) {
	for i := range unmanaged {
		code := &unmanaged[i]
		samePIN := code.Code != "" && slices.Contains(l.PINs, code.Code)
		switch {
		case code.DeviceID != l.DeviceID:
		case l.ID != "" && code.AccessCodeID == l.ID:
			return code, nil
		case samePIN && l.fits(code):
			ours = code
		case samePIN:
			shown = code
		}
	}
	return ours, shown
}

// fits says that a code with our PIN is ours.
func (l Lost) fits(code *seam.AccessCode) bool {
	if code.Name != "" && !l.hasName(code.Name) && (!l.Backup || !strings.HasPrefix(code.Name, backupName)) {
		return false
	}
	return l.ID != "" || l.Intent != nil && !code.CreatedAt.Before(l.Intent.At.Add(-clockTolerance))
}

// offMessage says that the code is off the lock, or, where the lock still shows its PIN under another name, that the PIN is
// not.
func offMessage(seen Observed) string {
	if seen.Shown == nil {
		return "the code is off the lock"
	}
	return fmt.Sprintf("the code is gone, but not its PIN: the lock has unmanaged code %s with it, which has another name and is not touched. Remove that code if nobody is to have it",
		seen.Shown.AccessCodeID)
}

func (l Lost) hasName(name string) bool {
	return slices.ContainsFunc(l.Names, func(own string) bool { return SameName(own, name) })
}

// LookForLost says whether a code that Seam does not find is looked for among the unmanaged codes: once it has been missing for
// a while, and before it is reported as off the lock.
func (k Known) LookForLost(want Desired, now time.Time) bool {
	switch {
	case k.Expired || k.Ended || k.mayShow(now) || k.ID == "" && !k.CreatePending:
		return false
	case want.Deleted || want.Window.Over(now):
		return true
	}
	return !k.missedOnce(now)
}

// decideLost is for a code of ours that Seam no longer manages and that is still on the lock. Seam is to manage it again, under
// the id that it has now. Another is never created: the lock would not take the PIN twice.
func decideLost(want Desired, known Known, lost *seam.AccessCode, now time.Time) Step {
	if lost.AccessCodeID != known.ID {
		return Step{
			Kind: Record, Reason: v1alpha1.ReasonCreating,
			Message: "Seam does not manage the code any more, and it is on the lock still: it is to be managed again",
		}
	}
	step := decideUnmanaged(known, lost, now)
	switch {
	case step.Kind != GiveUp:
		return step
	case codeDiffers(want, lost) && !lost.CannotDeleteUnmanagedAccessCode:
		return Step{
			Kind: DeleteUnmanaged, Reason: v1alpha1.ReasonUpdating, After: pollAfter(0), Target: lost,
			Message: "Seam has lost the code and can't manage it again: it is taken off, and made anew with the PIN that it is to have",
		}
	}
	step.Message = LostMessage(lost)
	return step
}

// takeBack removes a code that was created in place of one that seemed gone, and that the lock does not take because that one
// is still there. The new code has never worked; the old one does.
func takeBack(known Known, remote *seam.AccessCode) Step {
	step, _ := takeOff(known, remote)
	step.Reason = v1alpha1.ReasonCreating
	step.Message = "The code of before is on the lock still, unmanaged: the one made in its place is taken back, and that one managed again"
	return step
}

// LostMessage says that Seam can't manage a lost code again.
func LostMessage(lost *seam.AccessCode) string {
	return fmt.Sprintf("Seam has lost the code and can't manage it again: it is on the lock as unmanaged code %s and works there. Delete this AccessCode to have it taken off, or remove that code to have it made anew",
		lost.AccessCodeID)
}

// takeOffUnmanaged has what Seam has lost taken off the lock: the code, or else its backup; false where nothing was lost.
func takeOffUnmanaged(want Desired, known Known, seen Observed, now time.Time) (Step, bool) {
	switch {
	case seen.Lost != nil:
		return takeOffLost(want, known, seen.Lost, now), true
	case seen.LostBackup != nil:
		return takeOffLostBackup(seen.LostBackup), true
	}
	return Step{}, false
}

// takeOffLostBackup has a backup code taken off the lock that Seam has lost.
func takeOffLostBackup(lost *seam.AccessCode) Step {
	if lost.CannotDeleteUnmanagedAccessCode {
		return conflict(fmt.Sprintf("Seam has lost the backup code and can't take it off: its PIN still opens the lock, as unmanaged code %s. Remove that code at the lock or in the app of its maker",
			lost.AccessCodeID))
	}
	return Step{
		Kind: DeleteUnmanaged, Reason: v1alpha1.ReasonRemoving, After: pollAfter(0), Target: lost,
		Message: "Seam has lost the backup code, which is on the lock still: it is asked to take it off",
	}
}

// takeOffLost has a lost code removed from the lock. Where Seam can't remove an unmanaged code, it is managed again first.
func takeOffLost(want Desired, known Known, lost *seam.AccessCode, now time.Time) Step {
	if !lost.CannotDeleteUnmanagedAccessCode {
		return Step{
			Kind: DeleteUnmanaged, Reason: v1alpha1.ReasonRemoving, After: pollAfter(0), Target: lost,
			Message: "Seam has lost the code, which is on the lock still: it is asked to take it off",
		}
	}
	step := decideLost(want, known, lost, now)
	if step.Kind == GiveUp {
		step.Message = fmt.Sprintf("Seam has lost the code and can't take it off: its PIN still opens the lock, as unmanaged code %s. Remove that code at the lock or in the app of its maker",
			lost.AccessCodeID)
		return step
	}
	step.Reason = v1alpha1.ReasonRemoving
	return step
}
