// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"net/http"
	"strings"
)

// constrained reports whether the device has a constraint, by its constraint_type.
func (d *device) constrained(constraintType string) bool {
	for _, c := range d.CodeConstraints {
		if c.ConstraintType == constraintType {
			return true
		}
	}
	return false
}

// violates checks a PIN against the constraints on its digits. It passes unknown constraints, and
// pin_code_matches_existing_set, whose set is in no document.
func violates(constraintType, pin string) bool {
	switch constraintType {
	case "no_zeros":
		return strings.Contains(pin, "0")
	case "cannot_start_with_12":
		return strings.HasPrefix(pin, "12")
	case "no_triple_consecutive_ints":
		return longestRun(pin, 1) >= 3 || longestRun(pin, -1) >= 3
	case "no_ascending_or_descending_sequence":
		return longestRun(pin, 1) == len(pin) || longestRun(pin, -1) == len(pin)
	case "at_least_three_unique_digits":
		return distinctDigits(pin) < 3
	case "no_all_same_digits":
		return distinctDigits(pin) < 2
	case "cannot_contain_089":
		return strings.ContainsAny(pin, "089")
	case "cannot_contain_0789":
		return strings.ContainsAny(pin, "0789")
	}
	return false
}

// longestRun is the length of the longest stretch in which each digit differs from the
// one before by delta.
func longestRun(pin string, delta int) int {
	longest, run := 1, 1
	for i := 1; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) == delta {
			run++
		} else {
			run = 1
		}
		longest = max(longest, run)
	}
	return longest
}

// distinctDigits counts how many different digits a PIN has.
func distinctDigits(pin string) int {
	seen := map[rune]bool{}
	for _, digit := range pin {
		seen[digit] = true
	}
	return len(seen)
}

// checkName applies the constraints on names; except is the code that is to get it.
func (d *device) checkName(name *string, except *accessCode) *apiError {
	if name == nil {
		return nil
	}
	for _, c := range d.CodeConstraints {
		switch c.ConstraintType {
		case "name_length":
			if reason := c.lengthFault(len([]rune(*name))); reason != "" {
				return fieldError("name", reason)
			}
		case "name_must_be_unique":
			if d.hasName(*name, except) {
				return fail(http.StatusBadRequest, "invalid_input", "Another access code on the device has the same name")
			}
		}
	}
	return nil
}

// lengthFault says what is wrong with a length, nothing when it is within the bounds.
func (c CodeConstraint) lengthFault(length int) string {
	switch {
	case length < c.MinLength:
		return fmt.Sprintf("String must contain at least %d character(s)", c.MinLength)
	case c.MaxLength > 0 && length > c.MaxLength:
		return fmt.Sprintf("String must contain at most %d character(s)", c.MaxLength)
	}
	return ""
}

// hasName looks at unmanaged codes as well: the lock knows no difference.
func (d *device) hasName(name string, except *accessCode) bool {
	for _, c := range d.codes {
		if c != except && c.name != nil && *c.name == name {
			return true
		}
	}
	return false
}
