// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Mutations are Seam's words for a change that it has accepted and that is not on the lock yet.
const (
	mutationCreating       = "creating"
	mutationDeferring      = "deferring_creation"
	mutationDeleting       = "deleting"
	mutationUpdatingCode   = "updating_code"
	mutationUpdatingName   = "updating_name"
	mutationUpdatingWindow = "updating_time_frame"
)

// errorDuplicate is Seam's error for a PIN that something on the lock, not managed by Seam, holds already.
const errorDuplicate = "duplicate_code_on_device"

const (
	firstPoll = 3 * time.Second
	// maxPoll spaces the looks at a code that Seam is working on.
	maxPoll = time.Minute
	// maxErrorPoll spaces the looks at a code that waits for a lock to come back. When it does, an event or the sweep over
	// all codes says so sooner.
	maxErrorPoll = time.Hour
)

// settle reads off where a code stands that is at Seam as it is wanted.
func settle(want Desired, known Known, remote *seam.AccessCode, now time.Time) Step {
	ahead := want.Window.Ahead(now)
	switch {
	case remote.IsWaitingForCodeAssignment && remote.Code == "" && len(remote.Errors) == 0:
		return withoutPIN(known, remote, ahead)
	case remote.Status == seam.StatusSet && !isChanging(remote):
		return Step{Kind: None, Reason: v1alpha1.ReasonSet, Message: "The code works on the lock"}
	case ahead && remote.Status == seam.StatusUnset && len(remote.Errors) == 0:
		return Step{
			Kind: None, Reason: v1alpha1.ReasonScheduled, After: want.Window.StartsAt.Sub(now),
			Message: "Seam has accepted the code; it starts to work when its window begins",
		}
	case isUnreachable(remote):
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonDeviceUnreachable, After: errorPollAfter(known.Looks),
			Message: "The lock, its hub or its account is not connected" + named(remote.Errors),
		}
	case hasError(remote, errorDuplicate):
		return Step{
			Kind: GiveUp, Reason: v1alpha1.ReasonCodeConflict,
			Message: "The lock has another code with this PIN that Seam does not manage: remove that code, or choose another PIN",
		}
	case len(remote.Errors) > 0:
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonDeviceError, After: errorPollAfter(known.Looks),
			Message: "The code is not on the lock; Seam keeps trying" + named(remote.Errors),
		}
	default:
		return underWay(known, remote)
	}
}

// withoutPIN is for a code whose PIN the provider has yet to choose: at once, or when Seam sends the code to the lock.
func withoutPIN(known Known, remote *seam.AccessCode, ahead bool) Step {
	if ahead && hasMutation(remote, mutationDeferring) {
		return Step{
			Kind: Wait, Reason: v1alpha1.ReasonScheduled, After: errorPollAfter(known.Looks),
			Message: "Seam has accepted the code; the provider chooses its PIN when Seam sends it to the lock, before its window begins",
		}
	}
	return Step{
		Kind: Wait, Reason: v1alpha1.ReasonCreating, After: pollAfter(known.Looks),
		Message: "The provider has yet to choose the PIN",
	}
}

func underWay(known Known, remote *seam.AccessCode) Step {
	step := Step{
		Kind: Wait, Reason: v1alpha1.ReasonSetting, After: pollAfter(known.Looks),
		Message: "Seam is putting the code on the lock",
	}
	switch {
	case hasMutation(remote, mutationCreating):
		step.Reason = v1alpha1.ReasonCreating
	case isUpdating(remote):
		step.Reason = v1alpha1.ReasonUpdating
		step.Message = "Seam has accepted the change and is putting it on the lock"
	}
	return step
}

// isChanging says that Seam has yet to bring a PIN or a window to the lock: what is set there is the old one.
func isChanging(code *seam.AccessCode) bool {
	return hasMutation(code, mutationUpdatingCode) || hasMutation(code, mutationUpdatingWindow)
}

func isUpdating(code *seam.AccessCode) bool {
	return isChanging(code) || hasMutation(code, mutationUpdatingName)
}

// isUnreachable goes by the words offline and disconnected, which stand in the codes for devices, hubs, bridges and
// accounts alike, also in codes that are yet to come.
func isUnreachable(code *seam.AccessCode) bool {
	return code.Status == seam.StatusUnknown || slices.ContainsFunc(code.Errors, func(e seam.Issue) bool {
		return strings.Contains(e.ErrorCode, "offline") || strings.Contains(e.ErrorCode, "disconnected")
	})
}

func hasError(code *seam.AccessCode, errorCode string) bool {
	return slices.ContainsFunc(code.Errors, func(e seam.Issue) bool { return e.ErrorCode == errorCode })
}

func hasMutation(code *seam.AccessCode, mutation string) bool {
	return slices.ContainsFunc(code.PendingMutations, func(m seam.PendingMutation) bool { return m.MutationCode == mutation })
}

// named lists error codes, sorted, so that the message is the same however Seam orders them.
func named(issues []seam.Issue) string {
	if len(issues) == 0 {
		return ""
	}
	codes := make([]string, 0, len(issues))
	for _, e := range issues {
		codes = append(codes, e.ErrorCode)
	}
	slices.Sort(codes)
	return ": " + strings.Join(slices.Compact(codes), ", ")
}

func pollAfter(looks int) time.Duration { return spaced(looks, maxPoll) }

func errorPollAfter(looks int) time.Duration { return spaced(looks, maxErrorPoll) }

func spaced(looks int, limit time.Duration) time.Duration {
	after := firstPoll
	for range looks {
		if after >= limit {
			return limit
		}
		after *= 2
	}
	return min(after, limit)
}
