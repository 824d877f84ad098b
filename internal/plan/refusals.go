// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
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
