// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"time"
	"unicode/utf8"
)

const (
	dateLen = len("2006-01-02")
	uuidLen = len("00000000-0000-0000-0000-000000000000")
	// zoneless is the shortest time of day that RFC 3339 allows, without zone.
	zoneless = len("T15:04:05")
	// maxFraction is how many digits a fraction of a second may have:
	// nanoseconds, as precise as any clock here.
	maxFraction = 9
)

// protectedLen returns the length of the UUID, timestamp or date that s begins
// with, or 0. It must end where a word ends: "2030-01-011234" is no date, and
// its last digits, which may be a PIN, would not be masked.
func protectedLen(s string) int {
	for _, n := range [...]int{uuidPrefix(s), timestampPrefix(s), datePrefix(s)} {
		if n == 0 {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[n:]); n == len(s) || !isWord(next) {
			return n
		}
	}
	return 0
}

func uuidPrefix(s string) int {
	if len(s) < uuidLen {
		return 0
	}
	for i := range uuidLen {
		switch dash := i == 8 || i == 13 || i == 18 || i == 23; {
		case dash && s[i] != '-':
			return 0
		case !dash && !isHex(s[i]):
			return 0
		}
	}
	return uuidLen
}

func datePrefix(s string) int {
	// The dashes first: time.Parse allocates an error for every other word.
	if len(s) < dateLen || s[4] != '-' || s[7] != '-' {
		return 0
	}
	if _, err := time.Parse(time.DateOnly, s[:dateLen]); err != nil {
		return 0
	}
	return dateLen
}

// timestampPrefix returns the length of the timestamp that s begins with, or 0.
// It must have a zone, as RFC 3339 demands.
func timestampPrefix(s string) int {
	if datePrefix(s) == 0 || len(s) < dateLen+zoneless {
		return 0
	}
	end := dateLen + zoneless
	if _, err := time.Parse("T15:04:05", s[dateLen:end]); err != nil {
		return 0
	}
	if end < len(s) && s[end] == '.' {
		digits := 0
		for end+1+digits < len(s) && isDigit(s[end+1+digits]) {
			digits++
		}
		if digits == 0 || digits > maxFraction {
			return 0
		}
		end += 1 + digits
	}
	zone := zonePrefix(s[end:])
	if zone == 0 {
		return 0
	}
	return end + zone
}

func zonePrefix(s string) int {
	const offset = len("+07:00")
	if s != "" && s[0] == 'Z' {
		return 1
	}
	if len(s) < offset {
		return 0
	}
	if _, err := time.Parse("-07:00", s[:offset]); err != nil {
		return 0
	}
	return offset
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

func isHex(b byte) bool {
	return isDigit(b) || 'a' <= b && b <= 'f' || 'A' <= b && b <= 'F'
}
