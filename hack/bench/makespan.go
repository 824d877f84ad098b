// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "time"

const (
	// createsPerMinute is how many codes Seam lets be made on one device in a minute.
	createsPerMinute = 10
	limitWindow      = time.Minute
)

// bestMakespan is the least time in which codes can come to be on a device while the limits hold: the last round of
// ten begins when the minutes of those before it are over, and its creates take one request and the lock's time.
func bestMakespan(codesPerDevice int, latency, setDelay time.Duration) time.Duration {
	if codesPerDevice < 1 {
		return 0
	}
	rounds := (codesPerDevice + createsPerMinute - 1) / createsPerMinute
	return time.Duration(rounds-1)*limitWindow + latency + setDelay
}
