// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// maxEvents is how many Events an AccessCode may have at once, the whole of a life with its troubles.
	maxEvents = 25
	// eventInterval is when it may have one more.
	eventInterval = 5 * time.Minute
)

// allowance bounds the Events of one AccessCode: of a code that comes and goes there would be one for each time, and
// each is an object that the API server keeps for an hour.
type allowance struct {
	left int
	// from is when the first of those that are spent was, or the last was given back.
	from time.Time
}

// take reports whether there is one more now.
func (a *allowance) take(now time.Time) bool {
	if a.from.IsZero() || now.Before(a.from) { // set back, the clock says nothing of how long ago it was
		a.from = now
	}
	if back := int(now.Sub(a.from) / eventInterval); back > 0 {
		a.left = min(a.left+back, maxEvents)
		a.from = a.from.Add(time.Duration(back) * eventInterval)
	}
	if a.left == maxEvents {
		a.from = now
	}
	if a.left == 0 {
		return false
	}
	a.left--
	return true
}

// allowEvent reports whether one more Event may be recorded for an AccessCode.
func (t *tracker) allowEvent(key types.NamespacedName, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.eventLimits[key] == nil {
		t.eventLimits[key] = &allowance{left: maxEvents}
	}
	return t.eventLimits[key].take(now)
}
