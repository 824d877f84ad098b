// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// backupAfter is how long a code may be off the lock within its window before its backup is pulled.
const backupAfter = 5 * time.Minute

// withBackup turns a step into one that pulls the backup code, when that is due. The reason and the message still describe the
// primary code.
func withBackup(step Step, want Desired, known Known, seen Observed, now time.Time) Step {
	remote := seen.Remote
	// A backup code that was pulled for an earlier code, which has vanished, serves as that of the new code.
	pulled := remote.PulledBackupAccessCodeID != "" || seen.Backup != nil
	earlier := seen.Backup != nil && seen.Backup.AccessCodeID != remote.PulledBackupAccessCodeID
	switch {
	case earlier && (want.Pull || remote.PulledBackupAccessCodeID != ""):
		// There would be two backup codes; or there are, because the code was adopted with one of its own.
		step, _ = takeOff(known, seen.Backup)
	case want.Pull, !pulled && alwaysDue(want, now):
		step.Kind = PullBackup
		step.After = max(step.After, pollAfter(0))
	case want.Backup == v1alpha1.BackupPullOnFailure && !pulled && want.Window != nil:
		return onFailure(step, untilDue(want, known, remote, now))
	}
	return step
}

// alwaysDue says that the policy Always pulls the backup code now. Hazard: a backup code works from the moment it is pulled.
// Pulled before the window, it would let somebody in too early.
func alwaysDue(want Desired, now time.Time) bool {
	return want.Backup == v1alpha1.BackupPullAlways && want.Window != nil && !want.Window.Ahead(now)
}

// onFailure turns the step of a code that does not work into one that pulls its backup code, when that is due. When it is not
// yet, the step is shortened to end at that time. until is how long that takes.
func onFailure(step Step, until time.Duration) Step {
	switch {
	case step.Kind != Wait && step.Kind != GiveUp:
	case until <= 0:
		step.Kind, step.After = PullBackup, max(step.After, pollAfter(0))
	case step.Kind == Wait || until < backupAfter:
		until += time.Second
		step.After = min(cmp.Or(step.After, until), until)
	}
	return step
}

// untilDue is how long to wait until the backup of a code that does not work is pulled: backupAfter, counted from the latest of
// the start of its window, its creation, and the last change that was sent. A change made at the lock is given the same time to
// be corrected.
func untilDue(want Desired, known Known, remote *seam.AccessCode, now time.Time) time.Duration {
	return max(
		want.Window.StartsAt.Add(backupAfter).Sub(now),
		remote.CreatedAt.Add(backupAfter).Sub(now),
		backupAfter-known.OffFor,
	)
}
