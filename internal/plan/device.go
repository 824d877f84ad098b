// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Constraints of a device, in Seam's words (constraint_type). Others are left to Seam to check.
const (
	constraintProviderChooses = "cannot_specify_pin_code"
	constraintNameLength      = "name_length"
)

// ProviderChooses says that the provider of a device chooses all PINs, so that no PIN can be given.
func ProviderChooses(device *seam.Device) bool {
	return slices.ContainsFunc(device.Properties.CodeConstraints, func(c seam.CodeConstraint) bool {
		return c.ConstraintType == constraintProviderChooses
	})
}

// Unsupported is the message for what want asks for and the device does not support; "" when nothing is known against it. It
// names the field of the spec and the remedy, and holds no PIN. Hazard: Seam itself would accept such a code, try, and fail for
// ever.
func Unsupported(want Desired, device *seam.Device) string {
	switch {
	case takesNoCodes(device):
		return "The device takes no access codes: put the id of a lock that does into spec.deviceID. As it can't be changed, delete this AccessCode and create another"
	case want.Offline && !isTrue(device.CanProgramOfflineAccessCodes):
		return "The device has no offline access codes, and spec.offline can't be removed: delete this AccessCode and create it again without spec.offline"
	case !want.Offline && device.CanProgramOnlineAccessCodes == nil && device.CanProgramOfflineAccessCodes != nil:
		return "The device has offline access codes only, and spec.offline can't be added: delete this AccessCode and create it again with spec.offline and without a PIN"
	case want.Offline && want.Window == nil:
		return "An offline access code has a window: set spec.schedule with endsAt"
	}
	if fault := cmp.Or(unsupportedName(want, device), unsupportedWindow(want, device)); fault != "" {
		return fault
	}
	return unsupportedPIN(want, device)
}

// takesNoCodes says that a device has no access codes of any kind. Seam leaves out what a device can't do. So a device is known
// to have none only where Seam names something else that it can do.
func takesNoCodes(device *seam.Device) bool {
	if device.CanProgramOnlineAccessCodes != nil || device.CanProgramOfflineAccessCodes != nil {
		return false // perhaps not at the moment
	}
	return len(device.CapabilitiesSupported) > 0 && !slices.Contains(device.CapabilitiesSupported, "access_code") ||
		device.CanRemotelyLock != nil || device.CanRemotelyUnlock != nil
}

// SupportsLength says whether a device takes PINs with a number of digits. A device that names no lengths takes any.
func SupportsLength(digits int, device *seam.Device) bool {
	lengths := device.Properties.SupportedCodeLengths
	return len(lengths) == 0 || slices.Contains(lengths, digits)
}

// Suits says whether a PIN to be chosen keeps all rules of the device, by every reading of their names.
func Suits(pin redact.Secret, device *seam.Device) bool {
	return !slices.ContainsFunc(device.Properties.CodeConstraints, func(c seam.CodeConstraint) bool {
		rule, ok := pinRuleOf(c.ConstraintType)
		return ok && rule.broken(string(pin))
	})
}

func unsupportedPIN(want Desired, device *seam.Device) string {
	lengths := device.Properties.SupportedCodeLengths
	switch {
	case want.Offline:
		return ""
	case UnsupportedLength(want, device) != "":
		return UnsupportedLength(want, device)
	case want.Code == "":
		return ""
	case ProviderChooses(device):
		return "The provider of the device chooses its PINs: remove " + want.pinField()
	case !SupportsLength(len(want.Code), device):
		return fmt.Sprintf("The device supports %s digits, %s has %d: put a PIN of %s digits there",
			listOf(lengths), want.pinPlace(), len(want.Code), listOf(lengths))
	}
	if constraint, rule := brokenRule(want.Code, device); constraint != "" {
		return "The device does not take the PIN in " + want.pinPlace() + " (" + constraint + "): " + rule.remedy
	}
	return ""
}

// pinPlace names, for a message, the place of the PIN.
func (d Desired) pinPlace() string { return cmp.Or(d.PINPlace, fieldCode) }

// pinField is the field of the spec through which the PIN was given.
func (d Desired) pinField() string {
	if d.pinPlace() == fieldCode {
		return fieldCode
	}
	return "spec.codeFrom"
}

const fieldCode = "spec.code"

// brokenRule returns the constraint of the device that a PIN certainly breaks, "" when there is none.
func brokenRule(pin redact.Secret, device *seam.Device) (string, pinRule) {
	for _, c := range device.Properties.CodeConstraints {
		if rule, ok := pinRuleOf(c.ConstraintType); ok && rule.surely(string(pin)) {
			return c.ConstraintType, rule
		}
	}
	return "", pinRule{}
}

func unsupportedName(want Desired, device *seam.Device) string {
	length := len([]rune(want.Name))
	for _, c := range device.Properties.CodeConstraints {
		if c.ConstraintType != constraintNameLength {
			continue
		}
		short, long := c.MinLength != nil && length < *c.MinLength, c.MaxLength != nil && length > *c.MaxLength
		switch {
		case !short && !long:
			continue
		case want.Unnamed:
			return fmt.Sprintf("The device takes names of %s characters, the name of this AccessCode, which is used as spec.displayName is left out, has %d: set spec.displayName",
				bounds(c.MinLength, c.MaxLength), length)
		case short:
			return fmt.Sprintf("The device takes names of %s characters, spec.displayName has %d: lengthen it", bounds(c.MinLength, c.MaxLength), length)
		}
		return fmt.Sprintf("The device takes names of %s characters, spec.displayName has %d: shorten it", bounds(c.MinLength, c.MaxLength), length)
	}
	return ""
}

func bounds(low, high *int) string {
	switch {
	case low == nil:
		return fmt.Sprintf("at most %d", *high)
	case high == nil:
		return fmt.Sprintf("at least %d", *low)
	}
	return fmt.Sprintf("%d to %d", *low, *high)
}

// listOf writes numbers as a person does: "4", "4 or 6", "4, 5 or 6", "4 to 8".
func listOf(numbers []int) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	words := make([]string, 0, len(sorted))
	for _, n := range sorted {
		words = append(words, fmt.Sprint(n))
	}
	last := len(words) - 1
	if last > 2 && sorted[last]-sorted[0] == last {
		return words[0] + " to " + words[last]
	}
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func isTrue(b *bool) bool { return b != nil && *b }
