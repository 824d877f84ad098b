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

// withBackup makes the step one that pulls the backup code, when it is time for that. Where the code itself stands is
// told by the step as it was.
func withBackup(step Step, want Desired, known Known, seen Observed, now time.Time) Step {
	remote := seen.Remote
	// A backup code that was pulled for a code which vanished since is as good as one of the new code's own.
	pulled := remote.PulledBackupAccessCodeID != "" || seen.Backup != nil
	earlier := seen.Backup != nil && seen.Backup.AccessCodeID != remote.PulledBackupAccessCodeID
	switch {
	case earlier && (want.Pull || remote.PulledBackupAccessCodeID != ""):
		// There would be two, or are, as the code was adopted with one of its own.
		step, _ = takeOff(known, seen.Backup)
	case want.Pull, !pulled && alwaysDue(want, now):
		step.Kind = PullBackup
		step.After = max(step.After, pollAfter(0))
	case want.Backup == v1alpha1.BackupPullOnFailure && !pulled && want.Window != nil:
		return onFailure(step, untilDue(want, known, remote, now))
	}
	return step
}

// alwaysDue goes by the window also where the policy is Always: a backup code works from the moment it is pulled, and
// before the window it would let somebody in too early.
func alwaysDue(want Desired, now time.Time) bool {
	return want.Backup == v1alpha1.BackupPullAlways && want.Window != nil && !want.Window.Ahead(now)
}

// onFailure makes the step of a code that does not work one that pulls its backup when that is due, and else has the code
// looked at by then.
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

// untilDue is how long a code that does not work is still left to Seam before its backup is pulled: it has its time to
// reach the lock from the beginning of its window, from its creation, and from the last change that was sent. A change
// that is made at the lock, too, is given that time to be put back.
func untilDue(want Desired, known Known, remote *seam.AccessCode, now time.Time) time.Duration {
	return max(
		want.Window.StartsAt.Add(backupAfter).Sub(now),
		remote.CreatedAt.Add(backupAfter).Sub(now),
		backupAfter-known.OffFor,
	)
}
