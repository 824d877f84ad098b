// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"sync"
	"time"
)

// clockSlack is the largest difference between Seam's clock and the operator's that is ignored. A Date header has whole seconds
// and takes time on its way, so that a smaller difference would change with each answer.
const clockSlack = 30 * time.Second

// clockLimit is the largest difference that is believed. A Date that is further off is likely to come from a proxy whose clock
// was never set.
const clockLimit = 366 * 24 * time.Hour

// serverClock is Seam's clock, known from the Date headers of its answers. The zero value is the operator's clock.
type serverClock struct {
	mu     sync.Mutex
	offset time.Duration
	told   time.Duration // the offset at the last jumped
}

// jumped reports whether the offset from the operator's clock has changed since the last call.
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
