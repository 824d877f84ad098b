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

// recollection is what the controller remembers of one AccessCode between two reconciles. A restart loses it, which
// costs a look, or a try, too many and never a code.
type recollection struct {
	uid types.UID
	// stripped says that the finalizer was found gone, and with it the intention, which is to be made anew.
	stripped bool
	// missing is since when the code has been missing at Seam, zero when it is not.
	missing time.Time
	// updates are the times of the updates sent for updatedTo, since the code was last seen as wanted.
	updates   []time.Time
	updatedTo plan.Desired
	// refusedStarts counts the begins that Seam has refused for refusedTo.
	refusedStarts int
	refusedTo     plan.Desired
	// converged is what the code was last seen to be, when that was as wanted.
	converged *plan.Desired
	// had is the same without what was sent since, and has not been seen to have arrived.
	had *plan.Desired
	// made is the code with which Seam answered the last create; status has it, too, unless that could not be written.
	made string
	// conversions are the times at which Seam was asked to manage the code that is to be adopted.
	conversions []time.Time
	// rotations are the times at which the chosen PIN was replaced by another, those of the last hour.
	rotations []time.Time
	// deleting is the remote code that Seam was asked last to take off, and deletes the delays until it is asked again.
	deleting string
	deletes  wait.Backoff
	// pulled is the value of the pull-backup annotation that was handled last, whether status could be written or not.
	pulled string
	// emptyPulls are the delays after pulls of the backup code that Seam has refused; zero after one that it has not.
	emptyPulls wait.Backoff
	// generation is the one of the spec that was seen last, and since is from when on the code is to be on the lock as it
	// says; zero once it was, or when that is not known.
	generation int64
	since      time.Time
	// drifted says that the code was found changed elsewhere, and not as wanted since.
	drifted bool
	// offSince is since when the code is known not to work on the lock, by Seam's clock: since that was seen, or since the last
	// change that was sent. Zero while it works, and while nothing is known.
	offSince time.Time
	// offBefore is for how long status has said so when the operator started, as long as nothing else is known.
	offBefore time.Duration
	// failedTry is which create Seam itself answered with an error, by the time of its intention, failedAt is when, and
	// failures counts such answers in a row.
	failedTry, failedAt time.Time
	failures            int
	// refusals are the delays after calls that Seam has refused for now; zero after one that it has not.
	refusals wait.Backoff
	// askedPool is when Seam last accepted an update that was to turn the lock's backup pool on.
	askedPool time.Time
	// askedName is when the lock was last asked for because of its name alone.
	askedName time.Time
	// restsOn is where the PIN came from when the code was last seen as wanted.
	restsOn string
	// looks counts the looks in a row that ended with reason.
	looks  int
	reason string
}

// sentFor says whether the updates remembered were for this wanted state.
func (r *recollection) sentFor(want plan.Desired) bool {
	return len(r.updates) > 0 && r.updatedTo.Equal(want)
}

// sent remembers an update that Seam has accepted.
func (r *recollection) sent(want plan.Desired, changes plan.Changes, now time.Time) {
	if !r.sentFor(want) {
		r.updates = nil
	}
	r.updates, r.updatedTo = append(r.updates, now), want
	r.forgets(changes)
	if want.EnablePool {
		r.askedPool = now
	}
}

// mayAskForPool says whether an update may ask for the backup pool. Seam's newest types do not have that in an update, and
// one that stays off keeps nobody out: each update may reach the lock, so there is one a day for that alone.
func (r *recollection) mayAskForPool(now time.Time) bool {
	return now.Sub(r.askedPool).Abs() >= 24*time.Hour
}

// forgets notes that what was sent is not known to be as before.
func (r *recollection) forgets(sent plan.Changes) {
	if r.had != nil {
		r.had = sent.Without(*r.had)
	}
}

// startRefused counts the begins that Seam has refused for this wanted state.
func (r *recollection) startRefused(want plan.Desired) int {
	if r.refusedStarts > 0 && r.refusedTo.Equal(want) {
		return r.refusedStarts
	}
	return 0
}

// refuseStart remembers that Seam has refused a begin.
func (r *recollection) refuseStart(want plan.Desired) {
	r.refusedStarts, r.refusedTo = r.startRefused(want)+1, want
}

// hadConverged says whether the code was seen to be just as it is wanted now.
func (r *recollection) hadConverged(want plan.Desired) bool {
	return r.converged != nil && r.converged.Equal(want)
}

// deleted returns when Seam is asked again to take off a code, now that it was asked: after first, then later each time.
func (r *recollection) deleted(id string, first time.Duration) time.Duration {
	if r.deleting != id {
		r.deleting, r.deletes = id, kube.Doubling(first, maxDeleteRetry)
	}
	return r.deletes.Step()
}

// nextDelay returns the next of some delays, the first being base where there was none yet.
func nextDelay(delays *wait.Backoff, base, limit time.Duration) time.Duration {
	if delays.Duration == 0 {
		*delays = kube.Doubling(base, limit)
	}
	return delays.Step()
}

// acted begins a new count of looks after a write to Seam. What was written needs its time to reach the lock.
func (r *recollection) acted(now time.Time) {
	r.looks, r.reason, r.missing, r.offSince, r.offBefore, r.refusals = 0, "", time.Time{}, now, 0, wait.Backoff{}
}

// seenOff remembers since when the code does not work on the lock, by what a look has ended with.
func (r *recollection) seenOff(reason string, now time.Time) {
	switch {
	case kube.VerdictOf(reason) == kube.Ready:
		r.offSince, r.offBefore = time.Time{}, 0
	case r.offSince.IsZero() || now.Before(r.offSince): // or the clock was set back
		r.offSince, r.offBefore = now.Add(-r.offBefore), 0
	}
}

// failed remembers that Seam itself has answered a create with an error.
func (r *recollection) failed(try, now time.Time) {
	r.failedTry, r.failedAt, r.failures = try, now, r.failures+1
}

// learn remembers what a look has ended with.
func (r *recollection) learn(step plan.Step, remote *seam.AccessCode, want plan.Desired, now time.Time) {
	switch {
	case step.Kind != plan.Wait:
		r.looks = 0
	case step.Reason != r.reason:
		r.looks = 1
	default:
		r.looks++
	}
	r.reason, r.refusals = step.Reason, wait.Backoff{}
	switch {
	case remote != nil:
		r.missing = time.Time{}
	case r.missing.IsZero():
		r.missing = now
	}
	if step.Kind == plan.None && remote != nil {
		r.updates, r.converged, r.had = nil, &want, &want
	}
}

// offFor is for how long the code is known not to work on the lock.
func (r *recollection) offFor(now time.Time) time.Duration {
	if r.offSince.IsZero() {
		return r.offBefore
	}
	return max(now.Sub(r.offSince), 0)
}

// memory keeps the recollections of all AccessCodes. It is safe for concurrent use.
type memory struct {
	mu    sync.Mutex
	byKey map[types.NamespacedName]recollection
	// eventLimiters bound the Events of each.
	eventLimiters map[types.NamespacedName]eventLimiter
	// waiting are those that wait for something on a lock.
	waiting waiters
	intents intents
}

func newMemory() *memory {
	return &memory{
		byKey:         map[types.NamespacedName]recollection{},
		eventLimiters: map[types.NamespacedName]eventLimiter{},
	}
}

// recall returns what is remembered of an AccessCode, nothing of an earlier one of the same name.
func (m *memory) recall(code *v1alpha1.AccessCode) recollection {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.byKey[client.ObjectKeyFromObject(code)]; r.uid == code.UID {
		return r
	}
	return recollection{uid: code.UID}
}

func (m *memory) keep(code *v1alpha1.AccessCode, r recollection) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byKey[client.ObjectKeyFromObject(code)] = r
}

// lookSoon begins a new count of looks: what was waited for may have come.
func (m *memory) lookSoon(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.byKey[key]; ok {
		r.looks = 0
		m.byKey[key] = r
	}
}

func (m *memory) forget(key types.NamespacedName) {
	m.waiting.forget(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byKey, key)
	delete(m.eventLimiters, key)
}
