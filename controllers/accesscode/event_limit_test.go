// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"testing"
	"time"
)

func TestEventsAreLimited(t *testing.T) {
	now := statusNow
	limiter := newEventLimiter()
	spend := func() (n int) {
		for limiter.allow(now) {
			n++
		}
		return n
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{
		{0, maxEvents}, {eventInterval - time.Second, 0}, {time.Second, 1}, {3 * eventInterval, 3}, {24 * time.Hour, maxEvents},
		{-24 * time.Hour, 0}, {eventInterval, 1}, {100 * 365 * 24 * time.Hour, maxEvents},
	} {
		now = now.Add(step.after)
		if got := spend(); got != step.want {
			t.Errorf("%d after %s, want %d", got, step.after, step.want)
		}
	}
}
