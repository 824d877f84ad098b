// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"slices"
	"time"
)

// limitKey is what the documented limits count by.
type limitKey struct {
	deviceID string
	verb     string
}

// rateLimits are the documented limits per device and minute, over a sliding minute of the simulator's time. Refused calls do
// not count.
type rateLimits struct {
	on    bool
	calls map[limitKey][]time.Time
}

// perMinute is how many calls of a verb one device takes in a minute.
func perMinute(verb string) int {
	if verb == "delete" {
		return 20
	}
	return 10
}

// charge counts a call, or refuses it and says when the next one will do.
func (w *world) charge(d *device, verb string) *apiError {
	if !w.limits.on {
		return nil
	}
	key := limitKey{d.ID, verb}
	recent := slices.DeleteFunc(w.limits.calls[key], func(at time.Time) bool {
		return !at.After(w.now.Add(-time.Minute))
	})
	allowed := perMinute(verb)
	if len(recent) >= allowed {
		w.limits.calls[key] = recent
		err := fail(http.StatusTooManyRequests, "rate_limit_exceeded",
			"At most %d access code %ss per device and minute", allowed, verb)
		err.retryAfter = recent[0].Add(time.Minute).Sub(w.now)
		err.data = map[string]any{"device_id": d.ID}
		return err
	}
	w.limits.calls[key] = append(recent, w.now)
	return nil
}
