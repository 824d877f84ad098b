// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// history is what the controller remembers of one AccessCode between two reconciles. A restart loses it. That may cost one
// look or one call more, but never a code.
type history struct {
	uid types.UID
	// stripped says that the finalizer and the intention were found missing, so that the intention has to be written again.
	stripped bool
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

// sentFor says whether the updates remembered were for this wanted state.
func (h *history) sentFor(want plan.Desired) bool {
	return len(h.updates) > 0 && h.updatedTo.Equal(want)
}

// noteUpdate remembers an update that Seam has accepted.
func (h *history) noteUpdate(want plan.Desired, changes plan.Changes, now time.Time) {
	if !h.sentFor(want) {
		h.updates = nil
	}
	h.updates, h.updatedTo = append(h.updates, now), want
	h.dropSent(changes)
	if want.EnablePool {
		h.askedPool = now
	}
}

// mayAskForPool says whether an update may ask for the backup pool. It allows one such update a day: each may reach the lock,
// Seam may not support it, and a pool that stays off keeps nobody out.
func (h *history) mayAskForPool(now time.Time) bool {
	return now.Sub(h.askedPool).Abs() >= 24*time.Hour
}

// dropSent removes the fields that were sent from had.
func (h *history) dropSent(sent plan.Changes) {
	if h.had != nil {
		h.had = sent.Without(*h.had)
	}
}

// startRefusals is how often Seam has refused the start for this wanted state.
func (h *history) startRefusals(want plan.Desired) int {
	if h.refusedStarts > 0 && h.refusedTo.Equal(want) {
		return h.refusedStarts
	}
	return 0
}

// countStartRefusal counts a start that Seam has refused.
func (h *history) countStartRefusal(want plan.Desired) {
	h.refusedStarts, h.refusedTo = h.startRefusals(want)+1, want
}

// hadConverged says whether the code was seen to be just as it is wanted now.
func (h *history) hadConverged(want plan.Desired) bool {
	return h.converged != nil && h.converged.Equal(want)
}

// noteDelete returns when Seam is asked again to delete a code, now that it was asked: after first, then later each time.
func (h *history) noteDelete(id string, first time.Duration) time.Duration {
	if h.deleting != id {
		h.deleting, h.deletes = id, kube.Doubling(first, maxDeleteRetry)
	}
	return h.deletes.Step()
}

// nextDelay returns the next of some delays; base where there was none yet.
func nextDelay(delays *wait.Backoff, base, limit time.Duration) time.Duration {
	if delays.Duration == 0 {
		*delays = kube.Doubling(base, limit)
	}
	return delays.Step()
}

// noteWrite resets the counts of looks and refusals after a write to Seam: it takes time until the write reaches the lock.
func (h *history) noteWrite(now time.Time) {
	h.looks, h.reason, h.missing, h.offSince, h.offBefore, h.refusals = 0, "", time.Time{}, now, 0, wait.Backoff{}
}

// noteOff keeps offSince up to date with the reason that a look ended with.
func (h *history) noteOff(reason string, now time.Time) {
	switch {
	case kube.VerdictOf(reason) == kube.Ready:
		h.offSince, h.offBefore = time.Time{}, 0
	case h.offSince.IsZero() || now.Before(h.offSince): // or the clock was set back
		h.offSince, h.offBefore = now.Add(-h.offBefore), 0
	}
}

// countFailure counts a create that Seam itself has answered with an error.
func (h *history) countFailure(try, now time.Time) {
	h.failedTry, h.failedAt, h.failures = try, now, h.failures+1
}

// noteLook records what a look ended with.
func (h *history) noteLook(step plan.Step, remote *seam.AccessCode, want plan.Desired, now time.Time) {
	switch {
	case step.Kind != plan.Wait:
		h.looks = 0
	case step.Reason != h.reason:
		h.looks = 1
	default:
		h.looks++
	}
	h.reason, h.refusals = step.Reason, wait.Backoff{}
	switch {
	case remote != nil:
		h.missing = time.Time{}
	case h.missing.IsZero():
		h.missing = now
	}
	if step.Kind == plan.None && remote != nil {
		h.updates, h.converged, h.had = nil, &want, &want
	}
}

// offFor is for how long the code is known not to work on the lock.
func (h *history) offFor(now time.Time) time.Duration {
	if h.offSince.IsZero() {
		return h.offBefore
	}
	return max(now.Sub(h.offSince), 0)
}

// tracker holds the history of every AccessCode, and what they have in common. It is safe for concurrent use.
type tracker struct {
	mu          sync.Mutex
	byKey       map[types.NamespacedName]history
	eventLimits map[types.NamespacedName]eventLimiter
	// waiting are those that wait for something on a lock.
	waiting waiters
	intents intents
}

func newTracker() *tracker {
	return &tracker{
		byKey:       map[types.NamespacedName]history{},
		eventLimits: map[types.NamespacedName]eventLimiter{},
	}
}

// recall returns the history of an AccessCode. That of an earlier one of the same name does not count.
func (t *tracker) recall(code *v1alpha1.AccessCode) history {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.byKey[client.ObjectKeyFromObject(code)]; r.uid == code.UID {
		return r
	}
	return history{uid: code.UID}
}

func (t *tracker) keep(code *v1alpha1.AccessCode, r history) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.byKey[client.ObjectKeyFromObject(code)] = r
}

// lookSoon resets the count of looks, so that the next ones come soon: what was waited for may have happened.
func (t *tracker) lookSoon(key types.NamespacedName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r, ok := t.byKey[key]; ok {
		r.looks = 0
		t.byKey[key] = r
	}
}

func (t *tracker) forget(key types.NamespacedName) {
	t.waiting.forget(key)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.byKey, key)
	delete(t.eventLimits, key)
}
