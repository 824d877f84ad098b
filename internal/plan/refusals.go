// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"errors"
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Refusal says what it means that Seam refused a call for a reason that does not lie in the request.
type Refusal struct {
	// Reason is the reason of the Ready condition. Where the refusal passes by itself, its verdict is Reconciling (see
	// kube.VerdictOf).
	Reason string
	// Text says what is the matter, and what to do where somebody has to act.
	Text string
}

// RefusalOf returns the meaning of a refusal by its error type, or, where the type does not say, by its message. It returns
// false where the reason lies in the request itself.
func RefusalOf(errorType, message string) (Refusal, bool) {
	if isConnection(errorType, message) {
		m, _ := aboutConnection("disconnected")
		return Refusal{Reason: m.reason, Text: m.text}, true
	}
	if m, ok := aboutAccess(errorType); ok && m.text != "" {
		return Refusal{Reason: m.reason, Text: m.text}, true
	}
	switch {
	case errorType == ErrorNoSpace:
		return Refusal{Reason: v1alpha1.ReasonDeviceError, Text: "The lock has no place for another code: take one off it"}, true
	case isBusy(errorType):
		return Refusal{Reason: v1alpha1.ReasonDeviceError, Text: "The lock is busy, or has not answered in time"}, true
	}
	return Refusal{}, false
}

// RefusesPIN says that Seam has refused a call because of its PIN.
func RefusesPIN(err error) bool {
	return refuses(err, "code", "pin code", "code length", "pin length", "code_constraints")
}

// RefusesStart says that Seam has refused a call because of the start of its window.
func RefusesStart(err error) bool {
	return refuses(err, "starts_at", "starts_at", "start_date", "start time", "start date")
}

// refuses says that a refusal is about a field: by the fields that Seam names or, where it names none, by its words.
func refuses(err error, field string, words ...string) bool {
	refusal, ok := errors.AsType[*seam.Error](err)
	if !ok || refusal.Kind != seam.InvalidInput && refusal.Kind != seam.Refused {
		return false
	}
	named := false
	for _, fault := range refusal.Validation {
		if fault.Field == field {
			return true
		}
		named = named || fault.Field != ""
	}
	if named {
		return false
	}
	text := strings.ToLower(refusal.Type + " " + refusal.Message)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// isConnection says that something between Seam and the lock is not connected. The word offline alone is not enough: a type may
// be about offline access codes.
func isConnection(errorType, message string) bool {
	if errorType == "offline" || slices.ContainsFunc([]string{"_offline", "_unreachable", "_not_connected"}, func(end string) bool {
		return strings.HasSuffix(errorType, end)
	}) || strings.Contains(errorType, "disconnected") {
		return true
	}
	message = strings.ToLower(message)
	return slices.ContainsFunc([]string{"is offline", "is disconnected", "is not connected", "is unreachable", "not reachable"}, func(words string) bool {
		return strings.Contains(message, words)
	})
}

// isBusy says that the same call may go through a moment later.
func isBusy(errorType string) bool {
	return slices.ContainsFunc([]string{"busy", "timeout", "timed_out", "in_progress", "temporar", "try_again"}, func(word string) bool {
		return strings.Contains(errorType, word)
	})
}
