// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// RotationsPerHour is how often in an hour another PIN is chosen for a code. If the lock takes none of them, something else is
// wrong.
const RotationsPerHour = 3

// ErrorConstraints is Seam's error for a code that breaks a rule of the lock. Seam does not try it again.
const ErrorConstraints = "code_constraints_violated"

// Misfit says why a device would not take a chosen PIN, to be put after "as" in a message; "" when no reason is known. A length
// of 0 allows any length. device is nil where it is not known.
func Misfit(pin redact.Secret, length int, device *seam.Device) string {
	switch {
	case pin == "":
		return ""
	case length != 0 && len(pin) != length:
		return fmt.Sprintf("spec.codeLength is %d", length)
	case device == nil || ProviderChooses(device):
		return ""
	case !SupportsLength(len(pin), device):
		return fmt.Sprintf("the lock takes PINs of %s digits", listOf(device.Properties.SupportedCodeLengths))
	}
	if constraint, _ := brokenRule(pin, device); constraint != "" {
		return "the lock does not take it (" + constraint + ")"
	}
	return ""
}

// UnsupportedLength is the message for a spec.codeLength that the device does not support; "" when it does.
func UnsupportedLength(want Desired, device *seam.Device) string {
	if want.CodeLength == 0 || want.Offline || SupportsLength(want.CodeLength, device) {
		return ""
	}
	return fmt.Sprintf("The device supports %s digits, spec.codeLength is %d: change it, or remove it",
		listOf(device.Properties.SupportedCodeLengths), want.CodeLength)
}

// OtherLength says that the length of the chosen PIN is not spec.codeLength. Where the operator keeps no PIN, it measures the
// one at Seam.
func (d Desired) OtherLength(remote *seam.AccessCode) bool {
	pin := d.Code
	if pin == "" {
		pin = remote.Code
	}
	return d.rotates() && d.CodeLength != 0 && pin != "" && len(pin) != d.CodeLength
}

// rotates says that the PIN may be chosen anew.
func (d Desired) rotates() bool { return d.Chosen && !d.Offline && !d.Provider }

// renewal is the step for a chosen PIN whose time is over; false when there is none to renew.
func renewal(want Desired, reason string) (Step, bool) {
	if want.Renew == "" || want.Code == "" || !want.rotates() {
		return Step{}, false
	}
	return Step{Kind: Renew, Reason: reason, Message: "Another PIN was chosen, as " + want.Renew}, true
}

// MayMisfit says that Seam reports an error of the code that its PIN may have caused.
func MayMisfit(remote *seam.AccessCode) bool {
	return slices.ContainsFunc(remote.Errors, func(e seam.Issue) bool {
		return e.Scope() == seam.ScopeAccessCode && e.ErrorCode != ErrorDuplicate && e.ErrorCode != ErrorNoSpace && e.ErrorCode != errorModified
	})
}

// rotation returns the step that chooses another PIN: one of another length, or one that the lock takes. A code that works
// keeps its PIN even if the lock's rules have changed since.
func rotation(want Desired, known Known, remote *seam.AccessCode, now time.Time) (Step, bool) {
	if !want.rotates() || len(since(known.Rotations, now.Add(-time.Hour))) >= RotationsPerHour {
		return Step{}, false
	}
	why := ""
	switch {
	case want.OtherLength(remote):
		why = fmt.Sprintf("spec.codeLength is %d", want.CodeLength)
	case want.Code == "" || remote.Code != "" && remote.Code != want.Code || hasMutation(remote, mutationUpdatingCode):
		// The wanted PIN is not on the lock yet, so that an error says nothing about it.
	case known.newSince(remote, ErrorConstraints) && !changesOnlyElse(remote):
		why = "the lock does not take it"
	case !works(remote):
		why = want.Misfit
	}
	if why == "" {
		return Step{}, false
	}
	return Step{Kind: Rotate, Reason: v1alpha1.ReasonUpdating, After: pollAfter(0), Message: "Another PIN was chosen, as " + why}, true
}

// newSince says that a code has an error that came after its PIN was last chosen anew.
func (k Known) newSince(remote *seam.AccessCode, code string) bool {
	return slices.ContainsFunc(remote.Errors, func(e seam.Issue) bool {
		return e.ErrorCode == code && (e.CreatedAt == nil || len(k.Rotations) == 0 || e.CreatedAt.After(k.Rotations[len(k.Rotations)-1]))
	})
}

// works says that a code is on the lock and nothing keeps it from opening.
func works(code *seam.AccessCode) bool {
	arrived := hasArrived(code)
	_, troubled := troubleOf(code, arrived)
	return arrived && !troubled
}

// changesOnlyElse says that an update is under way that does not change the PIN, so that an error is not about the PIN.
func changesOnlyElse(code *seam.AccessCode) bool {
	return isUpdating(code) && !hasMutation(code, mutationUpdatingCode)
}

// LengthFor is a length that the device supports: the preferred one if possible, else the shortest.
func LengthFor(preferred int, device *seam.Device) int {
	if device == nil || SupportsLength(preferred, device) {
		return preferred
	}
	return slices.Min(device.Properties.SupportedCodeLengths)
}
