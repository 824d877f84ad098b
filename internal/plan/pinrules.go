// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import "strings"

// pinRule is a constraint of a device on PINs.
type pinRule struct {
	broken func(pin string) bool
	remedy string
	// vague says that the name of the rule can be read in several ways. A PIN that is chosen keeps to all of them. A PIN that
	// is given is left for Seam to judge, unless it breaks the rule by every reading.
	vague bool
	// certain says whether a PIN breaks a vague rule by every reading; nil when none does.
	certain func(pin string) bool
}

// surely says whether a PIN breaks the rule by every reading of it.
func (r pinRule) surely(pin string) bool {
	if r.vague {
		return r.certain != nil && r.certain(pin)
	}
	return r.broken(pin)
}

// pinRuleOf returns the rule for a constraint_type of Seam, and false for one that is unknown or can't be checked without
// knowing the other codes of the device.
func pinRuleOf(constraint string) (pinRule, bool) {
	switch constraint {
	case "no_zeros":
		return pinRule{broken: contains("0"), remedy: "choose one without 0"}, true
	case "cannot_contain_089":
		return pinRule{broken: contains("089"), remedy: "choose one without 0, 8 and 9"}, true
	case "cannot_contain_0789":
		return pinRule{broken: contains("0789"), remedy: "choose one without 0, 7, 8 and 9"}, true
	case "cannot_start_with_12":
		return pinRule{broken: func(p string) bool { return strings.HasPrefix(p, "12") }, remedy: "choose one that starts otherwise"}, true
	case "no_all_same_digits":
		return pinRule{broken: func(p string) bool { return distinct(p) == 1 }, remedy: "choose one with different digits"}, true
	case "at_least_three_unique_digits":
		return pinRule{broken: func(p string) bool { return distinct(p) < 3 }, remedy: "choose one with three different digits or more"}, true
	case "unique_first_four_digits":
		return pinRule{broken: func(p string) bool { return distinct(p[:min(4, len(p))]) < 4 }, vague: true}, true
	case "no_triple_consecutive_ints":
		return pinRule{broken: func(p string) bool { return longestRun(p) >= 3 }, vague: true}, true
	case "no_ascending_or_descending_sequence":
		return pinRule{
			broken: func(p string) bool { return longestRun(p) >= 3 }, vague: true,
			certain: isSequence, remedy: "choose one whose digits do not all go up or down by one",
		}, true
	}
	return pinRule{}, false
}

func contains(digits string) func(string) bool {
	return func(pin string) bool { return strings.ContainsAny(pin, digits) }
}

func distinct(pin string) int {
	seen := map[rune]bool{}
	for _, digit := range pin {
		seen[digit] = true
	}
	return len(seen)
}

// isSequence says whether the digits go up by one, or down by one, from the first to the last.
func isSequence(pin string) bool {
	return longestRun(pin) == len(pin) && distinct(pin) == len(pin)
}

// longestRun is the length of the longest part whose digits are all the same, go up by one, or go down by one.
func longestRun(pin string) int {
	longest, run, step := 1, 1, 0
	for i := 1; i < len(pin); i++ {
		difference := int(pin[i]) - int(pin[i-1])
		switch {
		case difference < -1 || difference > 1:
			run = 1
		case run > 1 && difference == step:
			run++
		default:
			run, step = 2, difference
		}
		longest = max(longest, run)
	}
	return longest
}
