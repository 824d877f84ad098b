// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"slices"
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

// limitWindow is Seam's minute, and a second for clocks that differ.
const limitWindow = time.Minute + time.Second

// perMinute is how many calls of a verb Seam takes for one device in a minute.
func (v Verb) perMinute() int {
	if v == VerbDelete {
		return 20
	}
	return 10
}

// sweepAbove bounds the memory of the limiter: with more entries than this, those that limit nothing any more are dropped.
const sweepAbove = 1024

// late is how long a place in the queue is kept after its time.
const late = 5 * time.Second

// maxQueue bounds the queue of one device and verb. A caller that finds it full has to ask again.
const maxQueue = 1024

// limiter keeps calls within Seam's limits for each device and verb. It never blocks: a caller that must wait learns how long,
// frees its worker, and keeps a place in the queue meanwhile. It is not built on x/time/rate: Seam counts the calls of the last
// minute, in which a token bucket lets nearly twice as many through, and a bucket has no queue.
type limiter struct {
	mu      sync.Mutex
	entries map[limitKey]*limitEntry
}

type limitKey struct {
	deviceID string
	verb     Verb
}

type limitEntry struct {
	calls   []time.Time // within the last window, oldest first
	queue   []place     // callers that were told to come back, oldest first
	blocked time.Time   // until when Seam itself has asked to wait
}

// place is a place in the queue: the time at which a caller may make its call.
type place struct {
	who string
	at  time.Time
}

func newLimiter() *limiter { return &limiter{entries: map[limitKey]*limitEntry{}} }

// reserve records a call at now and returns 0. When the limit is reached, or others wait already, it records no call and
// returns how long to wait.
func (l *limiter) reserve(deviceID string, verb Verb, who string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.entry(limitKey{deviceID, verb}, now)
	if wait := entry.blocked.Sub(now); wait > 0 {
		return wait
	}
	entry.forget(now)
	free := verb.perMinute() - len(entry.calls)
	position := entry.position(who)
	if position >= free {
		return entry.enqueue(who, position, position-free, now)
	}
	if position < len(entry.queue) {
		entry.queue = slices.Delete(entry.queue, position, position+1)
	}
	entry.calls = append(entry.calls, now)
	return 0
}

// settle moves a call from the time at which it was recorded to now, when it was answered. Seam has counted it at some moment
// in between: the call may have been long on its way, or have waited for a write that had to come first.
func (l *limiter) settle(deviceID string, verb Verb, at, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry, ok := l.entries[limitKey{deviceID, verb}]; ok && entry.remove(at) {
		entry.calls = append(entry.calls, now)
	}
}

// cancel removes a call that was recorded at a time and was not made.
func (l *limiter) cancel(deviceID string, verb Verb, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if entry, ok := l.entries[limitKey{deviceID, verb}]; ok {
		entry.remove(at)
	}
}

// remove removes a call that was recorded at a time, and reports whether there was one.
func (e *limitEntry) remove(at time.Time) bool {
	i := slices.IndexFunc(e.calls, at.Equal)
	if i < 0 {
		return false
	}
	e.calls = slices.Delete(e.calls, i, i+1)
	return true
}

// position is how many others are before a caller: all of them when it has no place yet.
func (e *limitEntry) position(who string) int {
	if i := slices.IndexFunc(e.queue, func(p place) bool { return p.who == who }); i >= 0 {
		return i
	}
	return len(e.queue)
}

// enqueue gives a caller a place, or renews it, and returns how long to wait: until so many calls have left the window that all
// callers before it, and it, can make theirs.
func (e *limitEntry) enqueue(who string, position, before int, now time.Time) time.Duration {
	wait := limitWindow
	if n := len(e.calls); n > 0 {
		wait = e.calls[before%n].Add(limitWindow * time.Duration(1+before/n)).Sub(now)
	}
	next := place{who, now.Add(wait)}
	switch {
	case position < len(e.queue):
		e.queue[position] = next
	case len(e.queue) < maxQueue:
		e.queue = append(e.queue, next)
	}
	return wait
}

// block records that Seam accepts no call before until.
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
			if entry.forget(now); len(entry.calls) == 0 && len(entry.queue) == 0 && !entry.blocked.After(now) {
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
		// A call from the near future is that of another worker, which read the clock later and came here first. One from
		// the far future is left over from before the clock was set back, and would hold the device up.
		if now.Sub(call).Abs() < limitWindow {
			kept = append(kept, call)
		}
	}
	e.calls = kept
	e.queue = slices.DeleteFunc(e.queue, func(p place) bool {
		// The second is left over from before the clock was set back.
		return now.Sub(p.at) > late || p.at.Sub(now) > limitWindow*maxQueue
	})
}
