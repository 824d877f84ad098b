// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"slices"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// timeTolerance is how far a time at Seam may be from the wanted one: Seam rounds to whole minutes.
const timeTolerance = time.Minute

// zoneTolerance replaces timeTolerance where Seam says that it moved the window because it doesn't know the lock's time zone.
const zoneTolerance = time.Hour + time.Minute

// Warnings with which Seam says that it changes a code by itself. Such a change is no drift.
const (
	warningCodeRotates    = "code_rotates_periodically"
	warningWindowAdjusted = "time_frame_adjusted_for_unknown_time_zone"
	// A change made elsewhere stands: the newer and the older name of the same warning.
	warningModified       = "external_modification_in_effect"
	warningModifiedBefore = "code_modified_external_to_seam"
	// warningBeingDeleted stands on a code that Seam is removing.
	warningBeingDeleted = "being_deleted"
	// errorModified stands in place of these warnings where a change made elsewhere is not allowed.
	errorModified = "conflicting_external_modification"
)

// Diff returns the changes that an update has to send. Where changes made elsewhere are allowed, a difference counts only where
// Seam has not shown the wanted value before.
func Diff(want Desired, known Known, remote *seam.AccessCode, now time.Time) Changes {
	var changes Changes
	stands := standing(want, known, remote)
	if !stands.name && !SameName(remote.Name, want.Name) {
		changes.Name = &want.Name
	}
	if !stands.code && codeDiffers(want, remote) {
		changes.Code = &want.Code
	}
	if !stands.window {
		changes.Window, changes.Ongoing = diffWindow(want, known, remote, now)
	}
	if remote.IsExternalModificationAllowed != want.AllowExternal && !want.Offline {
		changes.AllowExternal = &want.AllowExternal
	}
	changes.EnablePool = want.EnablePool
	// What the provider made of the spec at the create is taken as it is.
	changes.OneTimeUse = want.Offline && !known.Applied && remote.IsOneTimeUse != want.OneTimeUse
	return changes
}

// fields are the fields of a code that may be changed elsewhere.
type fields struct{ name, code, window bool }

// standing returns the fields whose difference was made elsewhere and is left alone: all of them once Seam has shown the spec,
// else those whose wanted value Seam is known to have shown.
func standing(want Desired, known Known, remote *seam.AccessCode) fields {
	if !want.AllowExternal {
		return fields{}
	}
	stands := fields{name: known.Applied, window: known.Applied}
	stands.code = known.Applied && (known.CodeApplied || isModified(remote) && !known.CodeChanged)
	if had := known.Had; had != nil {
		stands.name = stands.name || had.Name == want.Name
		stands.code = stands.code || had.Code == want.Code
		stands.window = stands.window || had.Window.equal(want.Window)
	}
	return stands
}

// HasArrived says that Seam shows the wanted state and has no change left to bring to the lock. A later difference was made
// elsewhere. For an offline code, what its create made of the spec counts as wanted.
func HasArrived(want Desired, known Known, remote *seam.AccessCode, now time.Time) bool {
	known.Applied = known.Applied && want.Offline
	changes := Diff(want, known, remote, now)
	return !changes.shown() && !isUpdating(remote)
}

// diffWindow returns the window that an update has to send, or ongoing where the code must have none.
func diffWindow(want Desired, known Known, remote *seam.AccessCode, now time.Time) (window *Window, ongoing bool) {
	switch {
	case want.Window == nil:
		return nil, remote.EndsAt != nil
	case windowDiffers(want, known, remote, now):
		return updateWindow(want, known, remote, now), false
	}
	return nil, false
}

// codeDiffers says that Seam shows another PIN. Where it shows none, the PIN is unknown and does not count as different.
func codeDiffers(want Desired, remote *seam.AccessCode) bool {
	return want.Code != "" && remote.Code != "" && remote.Code != want.Code && !hasWarning(remote, warningCodeRotates)
}

// isModified says that Seam lets a change made elsewhere stand.
func isModified(remote *seam.AccessCode) bool {
	return hasWarning(remote, warningModified) || hasWarning(remote, warningModifiedBefore)
}

func windowDiffers(desired Desired, known Known, remote *seam.AccessCode, now time.Time) bool {
	want := desired.Window
	if remote.StartsAt == nil || remote.EndsAt == nil {
		return true
	}
	if desired.Offline {
		return offlineWindowDiffers(desired, known, remote)
	}
	tolerance := timeTolerance
	if hasWarning(remote, warningWindowAdjusted) {
		tolerance = max(tolerance, zoneTolerance)
	}
	if !near(want.EndsAt, *remote.EndsAt, tolerance) {
		return true
	}
	// Once both starts are past, the difference has no effect on the lock.
	bothPast := !now.Before(want.StartsAt) && !now.Before(*remote.StartsAt)
	return !bothPast && !near(want.StartsAt, *remote.StartsAt, tolerance) && !startsSoonEnough(desired, known, remote, now)
}

// SameName compares names without the white space that Seam, and locks, trim.
func SameName(a, b string) bool { return v1alpha1.PlainName(a) == v1alpha1.PlainName(b) }

func near(a, b time.Time, tolerance time.Duration) bool { return a.Sub(b).Abs() <= tolerance }

func hasWarning(code *seam.AccessCode, warning string) bool {
	return slices.ContainsFunc(code.Warnings, func(w seam.Issue) bool { return w.WarningCode == warning })
}
