// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "time"

// What must hold. The table of the report shows each beside what was measured; -smoke asserts the counts among them.
const (
	// largestSize is what the bounds are for, baseSize what growth is measured from.
	largestSize = 10_000
	baseSize    = 1_000

	// maxOverGoLoop and maxOverJavaScript are ratios of wall times to converge with the limits off.
	maxOverGoLoop     = 3.0
	maxOverJavaScript = 1.0
	// maxOverBest is the ratio of the makespan with the limits on to the best that the limits allow.
	maxOverBest    = 1.1
	maxRateLimited = 0
	maxStray       = 0

	// maxWritesPerCode and maxReadsPerCode are calls of Seam to converge.
	maxWritesPerCode = 1.1
	maxReadsPerCode  = 0.2

	// maxIdleHour is calls of Seam in an hour in which nothing changes.
	maxIdleHour       = 1_000
	maxIdleKubeWrites = 0

	maxRestartCalls      = 120
	maxRestartKubeWrites = 0
	maxRestart           = 15 * time.Second

	// eventPoll is how often the operator asks for events; a change at a lock has a second more to be seen.
	eventPoll     = 5 * time.Second
	maxLockChange = eventPoll + time.Second

	maxEdit = 2 * time.Second

	maxPeakMiB = 150

	// maxGrowth is by how much a figure may grow where the codes grow by one: a tenth more is noise.
	maxGrowth = 1.1
)
