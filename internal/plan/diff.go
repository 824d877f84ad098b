// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// timeTolerance is how far a time at Seam may be from the wanted one: Seam rounds to whole minutes.
const timeTolerance = time.Minute

// zoneTolerance replaces it where Seam says that it moved the window because it doesn't know the lock's time zone.
const zoneTolerance = time.Hour + time.Minute

// Warnings with which Seam says that it changes a code by itself; what it changes is no drift.
const (
	warningCodeRotates    = "code_rotates_periodically"
	warningWindowAdjusted = "time_frame_adjusted_for_unknown_time_zone"
)

// Diff says what an update has to send to make the remote code as wanted.
func Diff(want Desired, remote *seam.AccessCode, now time.Time) Changes {
	var changes Changes
	if remote.Name != want.Name {
		changes.Name = &want.Name
	}
	// A PIN that Seam doesn't show, yet or at all, is unknown, not different.
	if want.Code != "" && remote.Code != "" && remote.Code != want.Code && !hasWarning(remote, warningCodeRotates) {
		changes.Code = &want.Code
	}
	switch {
	case want.Window == nil:
		changes.Ongoing = remote.EndsAt != nil
	case windowDiffers(*want.Window, remote, now):
		changes.Window = want.Window
	}
	return changes
}

func windowDiffers(want Window, remote *seam.AccessCode, now time.Time) bool {
	if remote.StartsAt == nil || remote.EndsAt == nil {
		return true
	}
	tolerance := timeTolerance
	if hasWarning(remote, warningWindowAdjusted) {
		tolerance = zoneTolerance
	}
	if !near(want.EndsAt, *remote.EndsAt, tolerance) {
		return true
	}
	// Once both starts are past, the difference has no effect on the lock.
	bothPast := !now.Before(want.StartsAt) && !now.Before(*remote.StartsAt)
	return !bothPast && !near(want.StartsAt, *remote.StartsAt, tolerance)
}

func near(a, b time.Time, tolerance time.Duration) bool { return a.Sub(b).Abs() <= tolerance }

func hasWarning(code *seam.AccessCode, warning string) bool {
	return slices.ContainsFunc(code.Warnings, func(w seam.Issue) bool { return w.WarningCode == warning })
}
