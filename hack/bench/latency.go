// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math"
	"slices"
	"time"
)

// latencies sum up how long single things took.
type latencies struct {
	Count int `json:"count"`
	// Missed counts those that did not happen in the time that was waited. They count as slower than all others.
	Missed int     `json:"missed"`
	P50    float64 `json:"p50_seconds"` // -1: among those missed
	P99    float64 `json:"p99_seconds"`
}

func summarize(samples []time.Duration, missed int) *latencies {
	sorted := slices.Sorted(slices.Values(samples))
	return &latencies{
		Count: len(samples) + missed, Missed: missed,
		P50: percentile(sorted, missed, 0.50), P99: percentile(sorted, missed, 0.99),
	}
}

// percentile returns the nearest-rank percentile in seconds: the smallest sample that is not exceeded by the given share. It is
// -1 where that is a missed one, and where there are no samples.
func percentile(sorted []time.Duration, missed int, share float64) float64 {
	rank := int(math.Ceil(share * float64(len(sorted)+missed)))
	if rank < 1 || rank > len(sorted) {
		return -1
	}
	return sorted[rank-1].Seconds()
}
