// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/types"
)

const (
	// maxEvents is how many Events an AccessCode may have at once, the whole of a life with its troubles.
	maxEvents = 25
	// eventInterval is when it may have one more.
	eventInterval = 5 * time.Minute
)

// eventLimiter bounds the Events of one AccessCode. A code that comes and goes would have one for each time, and the API
// server keeps each for an hour.
type eventLimiter struct{ *rate.Limiter }

func newEventLimiter() eventLimiter {
	return eventLimiter{rate.NewLimiter(rate.Every(eventInterval), maxEvents)}
}

// allow reports whether there may be one more Event now.
func (l eventLimiter) allow(now time.Time) bool {
	// A Limiter gives nothing until a clock that was set back is where it was. To set the limit anew moves it to now.
	l.SetLimitAt(now, l.Limit())
	return l.AllowN(now, 1)
}

// allowEvent reports whether one more Event may be recorded for an AccessCode.
func (t *tracker) allowEvent(key types.NamespacedName, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	limiter, ok := t.eventLimits[key]
	if !ok {
		limiter = newEventLimiter()
		t.eventLimits[key] = limiter
	}
	return limiter.allow(now)
}
