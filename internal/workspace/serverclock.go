// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"sync"
	"time"
)

// clockSlack is how far Seam's clock may be from the operator's before it counts: below that, the second that a Date
// header is good for and the time on the way would make the difference flutter.
const clockSlack = 30 * time.Second

// clockLimit is how far it may be at most. A Date that is further off, such as from a proxy whose clock was never set,
// tells nothing: a certificate that the operator's clock finds valid is not even that long valid as a rule.
const clockLimit = 366 * 24 * time.Hour

// serverClock is Seam's clock, known from the Date headers of its answers. The zero value goes with the operator's.
type serverClock struct {
	mu     sync.Mutex
	offset time.Duration
	told   time.Duration // the offset at the last jumped
}

// jumped says whether the clock has gone another way than the operator's since the last time.
func (c *serverClock) jumped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if (c.offset - c.told).Abs() < clockSlack {
		return false
	}
	c.told = c.offset
	return true
}

func (c *serverClock) at(now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return now.Add(c.offset)
}

func (c *serverClock) learn(date, now time.Time) {
	if date.IsZero() {
		return
	}
	offset := date.Sub(now)
	if offset.Abs() > clockLimit {
		return
	}
	if offset.Abs() < clockSlack {
		offset = 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = offset
}
