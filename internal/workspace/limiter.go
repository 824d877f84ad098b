// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"sync"
	"time"
)

// Verb is a kind of call that Seam limits.
type Verb string

// The verbs that Seam limits, by device and minute (rate-limits-and-guardrails in its documentation).
const (
	VerbCreate Verb = "create"
	VerbUpdate Verb = "update"
	VerbDelete Verb = "delete"
)

// limitWindow is Seam's minute, and a second more: a call may be quicker on its way than the one it follows.
const limitWindow = time.Minute + time.Second

// perMinute is how many calls of a verb Seam takes for one device in a minute.
func (v Verb) perMinute() int {
	if v == VerbDelete {
		return 20
	}
	return 10
}

// sweepAbove bounds the limiter's memory: above so many entries, those that limit nothing any more are dropped.
const sweepAbove = 1024

// limiter keeps calls within Seam's limits for each device and verb. It never blocks: who must wait is told how
// long, and gives its worker back.
type limiter struct {
	mu      sync.Mutex
	entries map[limitKey]*limitEntry
}

type limitKey struct {
	deviceID string
	verb     Verb
}

type limitEntry struct {
	calls   []time.Time // within the last window, in the order in which they came
	blocked time.Time   // until when Seam itself has asked to wait
}

func newLimiter() *limiter { return &limiter{entries: map[limitKey]*limitEntry{}} }

// take records a call at now and returns 0, or returns how long to wait when the call would be one too many.
func (l *limiter) take(deviceID string, verb Verb, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.entry(limitKey{deviceID, verb}, now)
	if wait := entry.blocked.Sub(now); wait > 0 {
		return wait
	}
	entry.forget(now)
	if len(entry.calls) >= verb.perMinute() {
		return entry.calls[0].Add(limitWindow).Sub(now)
	}
	entry.calls = append(entry.calls, now)
	return 0
}

// block records that Seam wants no call before until.
func (l *limiter) block(deviceID string, verb Verb, until, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.entry(limitKey{deviceID, verb}, now)
	if until.After(entry.blocked) {
		entry.blocked = until
	}
}

func (l *limiter) entry(key limitKey, now time.Time) *limitEntry {
	if entry, ok := l.entries[key]; ok {
		return entry
	}
	if len(l.entries) >= sweepAbove {
		for k, entry := range l.entries {
			if entry.forget(now); len(entry.calls) == 0 && !entry.blocked.After(now) {
				delete(l.entries, k)
			}
		}
	}
	entry := &limitEntry{}
	l.entries[key] = entry
	return entry
}

func (e *limitEntry) forget(now time.Time) {
	kept := e.calls[:0]
	for _, call := range e.calls {
		// A call from the future is of another worker, which read the clock later and came here first. One from far
		// in the future is left over from before the clock was set back: it would hold the device up.
		if now.Sub(call).Abs() < limitWindow {
			kept = append(kept, call)
		}
	}
	e.calls = kept
}
