// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/metrics"
)

// verbs are those that Seam limits.
var verbs = []Verb{VerbCreate, VerbUpdate, VerbDelete}

// Limits returns how much of Seam's limits each SeamWorkspace has left, in no order.
func (r *Registry) Limits() []metrics.Limit {
	r.mu.Lock()
	defer r.mu.Unlock()
	limits := make([]metrics.Limit, 0, len(verbs)*len(r.sessions))
	now := r.options.Clock.Now()
	for key, session := range r.sessions {
		stand := session.limiter.stand(now)
		for _, verb := range verbs {
			limit := stand[verb]
			limit.Namespace, limit.Workspace, limit.Verb = key.Namespace, key.Name, string(verb)
			limits = append(limits, limit)
		}
	}
	return limits
}

// stand returns, for each verb, how many calls the device with the least room still allows, and how many callers wait in all
// queues.
func (l *limiter) stand(now time.Time) map[Verb]metrics.Limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	stand := make(map[Verb]metrics.Limit, len(verbs))
	for _, verb := range verbs {
		stand[verb] = metrics.Limit{Left: verb.perMinute()}
	}
	for key, entry := range l.entries {
		entry.forget(now)
		left := key.verb.perMinute() - len(entry.calls)
		if entry.blocked.After(now) {
			left = 0
		}
		limit := stand[key.verb]
		limit.Left, limit.Waiting = max(min(limit.Left, left), 0), limit.Waiting+len(entry.queue)
		stand[key.verb] = limit
	}
	return stand
}
