// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Constraints of a device, in Seam's words (constraint_type). Others pass: Seam itself checks them.
const (
	constraintProviderChooses = "cannot_specify_pin_code"
	constraintNameLength      = "name_length"
)

// ProviderChooses says that the PINs of a device are chosen by its provider and by nobody else.
func ProviderChooses(device *seam.Device) bool {
	return slices.ContainsFunc(device.Properties.CodeConstraints, func(c seam.CodeConstraint) bool {
		return c.ConstraintType == constraintProviderChooses
	})
}

// Unsupported says what the device does not support of what is wanted, in a sentence that names the field of the spec
// and the remedy, without a PIN; "" when there is nothing known against it. Asking Seam all the same would have it
// try, and fail, for ever.
func Unsupported(want Desired, device *seam.Device) string {
	switch {
	case want.Offline && !isTrue(device.CanProgramOfflineAccessCodes):
		return "the device has no offline access codes: remove spec.offline"
	case !want.Offline && device.CanProgramOnlineAccessCodes == nil && device.CanProgramOfflineAccessCodes != nil:
		return "the device has offline access codes only: create this AccessCode with spec.offline"
	}
	if fault := unsupportedName(want.Name, device); fault != "" {
		return fault
	}
	if want.Code == "" || want.Offline {
		return ""
	}
	if ProviderChooses(device) {
		return "the provider of the device chooses its PINs: remove spec.code and spec.codeFrom"
	}
	return unsupportedPIN(want.Code, device)
}

// SupportsLength says whether a device takes PINs of so many digits, as far as it says.
func SupportsLength(digits int, device *seam.Device) bool {
	lengths := device.Properties.SupportedCodeLengths
	return len(lengths) == 0 || slices.Contains(lengths, digits)
}

// Suits says whether a PIN that is being chosen keeps clear of all that the device may have against it.
func Suits(pin redact.Secret, device *seam.Device) bool {
	return !slices.ContainsFunc(device.Properties.CodeConstraints, func(c seam.CodeConstraint) bool {
		rule, ok := pinRuleOf(c.ConstraintType)
		return ok && rule.broken(string(pin))
	})
}

func unsupportedPIN(pin redact.Secret, device *seam.Device) string {
	if !SupportsLength(len(pin), device) {
		return fmt.Sprintf("device supports %s digits, spec.code has %d", listOf(device.Properties.SupportedCodeLengths), len(pin))
	}
	for _, c := range device.Properties.CodeConstraints {
		if rule, ok := pinRuleOf(c.ConstraintType); ok && !rule.vague && rule.broken(string(pin)) {
			return "the device does not take this PIN (" + c.ConstraintType + "): " + rule.remedy
		}
	}
	return ""
}

func unsupportedName(name string, device *seam.Device) string {
	length := len([]rune(name))
	for _, c := range device.Properties.CodeConstraints {
		if c.ConstraintType != constraintNameLength {
			continue
		}
		if (c.MinLength != nil && length < *c.MinLength) || (c.MaxLength != nil && length > *c.MaxLength) {
			return fmt.Sprintf("the device takes names of %s characters, spec.displayName has %d", bounds(c.MinLength, c.MaxLength), length)
		}
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

// listOf writes numbers as a person does: "4", "4 or 6", "4, 5 or 6".
func listOf(numbers []int) string {
	words := make([]string, 0, len(numbers))
	for _, n := range slices.Sorted(slices.Values(numbers)) {
		words = append(words, fmt.Sprint(n))
	}
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func isTrue(b *bool) bool { return b != nil && *b }
