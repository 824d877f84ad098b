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

// Seam's words for a change that it has accepted and not yet brought to the lock.
const (
	mutationCreating       = "creating"
	mutationDeferring      = "deferring_creation"
	mutationDeleting       = "deleting"
	mutationUpdatingCode   = "updating_code"
	mutationUpdatingName   = "updating_name"
	mutationUpdatingWindow = "updating_time_frame"
)

const (
	firstPoll = 3 * time.Second
	// maxPoll is the longest interval between reads of a code that Seam is working on.
	maxPoll = time.Minute
	// maxErrorPoll is the longest interval between reads of a code that has an error, such as an offline lock, or waits for
	// something that may take days. An event, or the sweep over all codes, reports sooner that it has come.
	maxErrorPoll = time.Hour
)

// farAhead is how long before the window of a code a lock that is not connected starts to matter: locks that keep windows by
// themselves get the code 72 hours ahead.
const farAhead = 72 * time.Hour

// settle returns the step for a code that is at Seam as it is wanted, by how far it has come.
func settle(want Desired, known Known, remote *seam.AccessCode, now time.Time) Step {
	starts := startOf(want, remote)
	// Seam rounds a start to the next minute. That alone does not put the start of the window in the future.
	ahead := starts.Sub(now) > timeTolerance || starts.After(now) && want.Window.Ahead(now)
	arrived := hasArrived(remote)
	t, troubled := troubleOf(remote, arrived && !ahead)
	switch {
	case awaitsPIN(remote):
		return withoutPIN(known, remote, ahead)
	case ahead && !troubled:
		step := scheduledFor(starts.Sub(now))
		step.Message += movedWindow(want, remote)
		return step
	case t.reason == v1alpha1.ReasonDeviceUnreachable && starts.Sub(now) > farAhead:
		return scheduledFor(starts.Sub(now) - farAhead)
	case troubled:
		return t.step(want, known, remote)
	case arrived:
		return working(want, known, remote, now)
	default:
		return underWay(known, remote)
	}
}

// working is the step for a code that works on the lock. While its name is still on its way there, it is read again, ever more
// rarely, so that the status shows what Seam says of it then.
func working(want Desired, known Known, remote *seam.AccessCode, now time.Time) Step {
	step := Step{Kind: None, Reason: v1alpha1.ReasonSet, Message: "The code works on the lock" + movedWindow(want, remote)}
	if !hasMutation(remote, mutationUpdatingName) {
		return step
	}
	step.Kind, step.After = Wait, errorPollAfter(known.Looks)
	if want.Window != nil {
		step.After = min(step.After, max(want.Window.EndsAt.Sub(now), 0)+firstPoll)
	}
	return step
}

// scheduledFor is the step for a code that Seam has accepted and whose window has not started. after is when to look again.
func scheduledFor(after time.Duration) Step {
	return Step{
		Kind: None, Reason: v1alpha1.ReasonScheduled, After: after,
		Message: "Seam has accepted the code; it starts to work when its window begins",
	}
}

// startOf is when the code starts to work according to Seam; the zero time for an ongoing code.
func startOf(want Desired, remote *seam.AccessCode) time.Time {
	switch {
	case want.Window == nil:
		return time.Time{}
	case remote.StartsAt != nil:
		return *remote.StartsAt
	}
	return want.Window.StartsAt
}

// hasArrived says that Seam has nothing left to do for the code as it is. The pending mutations tell. Where they are missing,
// as they once were, or one is unknown here, the status decides, which Seam is phasing out.
func hasArrived(code *seam.AccessCode) bool {
	unknown := code.PendingMutations == nil
	for _, m := range code.PendingMutations {
		switch m.MutationCode {
		case mutationCreating, mutationDeferring, mutationDeleting, mutationUpdatingCode, mutationUpdatingWindow:
			return false
		case mutationUpdatingName: // it opens the lock under either name
		default:
			unknown = true
		}
	}
	return !unknown || code.Status == seam.StatusSet
}

// isBeingSet says that Seam is about to bring the code to the lock.
func isBeingSet(code *seam.AccessCode) bool {
	return isUpdating(code) || hasMutation(code, mutationCreating) || hasError(code, errorModified) ||
		code.PendingMutations == nil && code.Status == seam.StatusSetting
}

// isOffAfterEnd says that a code whose window is over has left the lock although Seam still shows it. A status or an error that
// says otherwise is believed: a code that stays on the lock must be reported.
func isOffAfterEnd(code *seam.AccessCode, now time.Time) bool {
	if !isPast(code.EndsAt, now) || isRemoving(code) || len(code.PendingMutations) > 0 {
		return false
	}
	if _, troubled := troubleOf(code, true); troubled {
		return false
	}
	return code.Status == seam.StatusUnset || code.Status == "" && code.PendingMutations != nil
}

func awaitsPIN(remote *seam.AccessCode) bool {
	return remote.IsWaitingForCodeAssignment && remote.Code == "" && len(remote.Errors) == 0
}

// withoutPIN is the step for a code whose provider has yet to choose the PIN, either at once or when Seam sends the code to the
// lock.
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
	case remote.PendingMutations == nil && remote.Status == seam.StatusUnknown:
		step.Reason, step.After = v1alpha1.ReasonDeviceUnreachable, errorPollAfter(known.Looks)
		step.Message = "The lock, its hub or its account is not connected"
	case hasMutation(remote, mutationCreating):
		step.Reason = v1alpha1.ReasonCreating
	case isUpdating(remote):
		step.Reason = v1alpha1.ReasonUpdating
		step.Message = "Seam has accepted the change and is putting it on the lock"
	}
	return step
}

// isChanging says that Seam has yet to bring a PIN or a window to the lock, which still has the old one.
func isChanging(code *seam.AccessCode) bool {
	return hasMutation(code, mutationUpdatingCode) || hasMutation(code, mutationUpdatingWindow)
}

func isUpdating(code *seam.AccessCode) bool {
	return isChanging(code) || hasMutation(code, mutationUpdatingName)
}

func hasError(code *seam.AccessCode, errorCode string) bool {
	return slices.ContainsFunc(code.Errors, func(e seam.Issue) bool { return e.ErrorCode == errorCode })
}

func hasMutation(code *seam.AccessCode, mutation string) bool {
	return slices.ContainsFunc(code.PendingMutations, func(m seam.PendingMutation) bool { return m.MutationCode == mutation })
}

// errorCodes lists error codes, sorted, so that the message is the same in whatever order Seam sends them.
func errorCodes(issues []seam.Issue) string {
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
