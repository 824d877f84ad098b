// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

// history is what the controller remembers of one AccessCode between two reconciles. A restart loses it. That may cost one
// look or one call more, but never a code. It is a value: a reconcile reads it at its beginning, and report stores what has
// become of it.
type history struct {
	uid types.UID
	// missing is since when the code has been missing at Seam, zero when it is not.
	missing time.Time
	// updates are the times of the updates sent for updatedTo, since the code was last seen as wanted.
	updates   []time.Time
	updatedTo plan.Desired
	// refusedStarts counts the begins that Seam has refused for refusedTo.
	refusedStarts int
	refusedTo     plan.Desired
	// converged is the wanted state when the code was last seen to match it.
	converged *plan.Desired
	// had is converged without the fields that were sent since and not seen to have arrived.
	had *plan.Desired
	// createdID is the id in Seam's answer to the last create. The status has it, too, unless it could not be written.
	createdID string
	// conversions are the times at which Seam was asked to manage the code that is to be adopted.
	conversions []time.Time
	// rotations are the times, within the last hour, at which the chosen PIN was replaced by another.
	rotations []time.Time
	// chosenAt is when the chosen PIN was last replaced by another, by Seam's clock, and renewal the value of the rotate-requested-at
	// annotation that was handled with another PIN last: even if the status could not be written, or is not in the cache yet.
	chosenAt time.Time
	renewal  string
	// deleting is the id of the code that Seam was last asked to delete. deletes are the delays until it is asked again.
	deleting string
	deletes  wait.Backoff
	// pulled is the value of the pull-backup annotation that was handled last, even if the status could not be written.
	pulled string
	// emptyPulls are the delays after pulls of the backup code that Seam has refused; zero after one that it has not.
	emptyPulls wait.Backoff
	// generation is that of the spec that was seen last. dueSince is when that spec became due on the lock; zero once it was
	// reached, or where that is not known.
	generation int64
	dueSince   time.Time
	// drifted says that the code was found changed elsewhere, and not as wanted since.
	drifted bool
	// offSince is since when the code is known not to work on the lock, by Seam's clock: since that was first seen, or since
	// the last change was sent. Zero while the code works, and while nothing is known.
	offSince time.Time
	// offBefore is how long the status had said so when the operator started. It counts until offSince is known.
	offBefore time.Duration
	// failedTry is the create that Seam itself last answered with an error, by the time in its intention. failedAt is the time
	// of that answer, and failures counts such answers in a row.
	failedTry, failedAt time.Time
	failures            int
	// refusals are the delays after calls that Seam has refused for a reason that passes; zero after one that it has not.
	refusals wait.Backoff
	// askedPool is when Seam last accepted an update that was to turn the lock's backup pool on.
	askedPool time.Time
	// askedName is when the device was last fetched for its name alone.
	askedName time.Time
	// pinSource is the source of the PIN when the code was last seen as wanted.
	pinSource string
	// looks counts the looks in a row that ended with reason.
	looks  int
	reason string
}

// forSpec is the history for the present spec: it knows when a new one became due on the lock. After a restart the time is
// unknown, except for a scheduled code, whose window begins it.
func (h history) forSpec(code *v1alpha1.AccessCode, now time.Time) history {
	if h.generation == code.Generation {
		return h
	}
	last := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if h.generation == 0 && last != nil && isOffLock(last.Reason) {
		h.offBefore = max(now.Sub(last.LastTransitionTime.Time), 0) // it began before the restart
	}
	h.generation, h.drifted = code.Generation, false
	switch {
	case last == nil && code.Generation > 1:
		h.dueSince = now // edited before anything was said of it, such as resumed
	case last == nil:
		h.dueSince = code.CreationTimestamp.Time
	case last.ObservedGeneration < code.Generation:
		h.dueSince = now
	case last.Reason == v1alpha1.ReasonScheduled:
		h.dueSince = last.LastTransitionTime.Time
	default:
		h.dueSince = time.Time{}
	}
	return h
}

// isOffLock says that a reason means that the code was seen not to work on the lock.
func isOffLock(reason string) bool {
	switch reason {
	case v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonSetting, v1alpha1.ReasonDeviceError, v1alpha1.ReasonDeviceUnreachable:
		return true
	}
	return false
}

// sentFor says whether the updates remembered were for this wanted state.
func (h history) sentFor(want plan.Desired) bool {
	return len(h.updates) > 0 && h.updatedTo.Equal(want)
}

// mayAskForPool says whether an update may ask for the backup pool. It allows one such update a day: each may reach the lock,
// Seam may not support it, and a pool that stays off keeps nobody out.
func (h history) mayAskForPool(now time.Time) bool {
	return now.Sub(h.askedPool).Abs() >= 24*time.Hour
}

// startRefusals is how often Seam has refused the start for this wanted state.
func (h history) startRefusals(want plan.Desired) int {
	if h.refusedStarts > 0 && h.refusedTo.Equal(want) {
		return h.refusedStarts
	}
	return 0
}

// hadConverged says whether the code was seen to be just as it is wanted now.
func (h history) hadConverged(want plan.Desired) bool {
	return h.converged != nil && h.converged.Equal(want)
}

// offFor is for how long the code is known not to work on the lock.
func (h history) offFor(now time.Time) time.Duration {
	if h.offSince.IsZero() {
		return h.offBefore
	}
	return max(now.Sub(h.offSince), 0)
}

// recentRotations are the times, within the last hour, at which the PIN was chosen anew.
func (h history) recentRotations(now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(h.rotations), func(t time.Time) bool { return now.Sub(t).Abs() > time.Hour })
}

// askedToDelete is the history once Seam was asked to delete a code, and when it is asked again: after first, then later each
// time.
func (h history) askedToDelete(id string, first time.Duration) (history, time.Duration) {
	if h.deleting != id {
		h.deleting, h.deletes = id, kube.Doubling(first, maxDeleteRetry)
	}
	again := h.deletes.Step()
	return h, again
}

// wasRefused is the history once Seam has refused a call for a reason that passes, and when to try again: later each time.
func (h history) wasRefused() (history, time.Duration) {
	again := nextDelay(&h.refusals, firstRefusalRetry, maxRefusalRetry)
	return h, again
}

// pullWasRefused is the history once Seam has refused to give a backup code, and when to try again: later each time.
func (h history) pullWasRefused() (history, time.Duration) {
	again := nextDelay(&h.emptyPulls, firstPullRetry, maxPullRetry)
	return h, again
}

// nextDelay returns the next of some delays; base where there was none yet.
func nextDelay(delays *wait.Backoff, base, limit time.Duration) time.Duration {
	if delays.Duration == 0 {
		*delays = kube.Doubling(base, limit)
	}
	return delays.Step()
}

// reported is the history once a result is reported.
func (h history) reported(res result) history {
	switch res.reason {
	case v1alpha1.ReasonSet:
		h.drifted, h.dueSince = false, time.Time{}
	case v1alpha1.ReasonScheduled:
		h.drifted = false
	}
	if kube.VerdictOf(res.reason) == kube.Ready && res.pin.source != "" {
		h.pinSource = res.pin.source
	}
	return h
}
