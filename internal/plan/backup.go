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
	pulled := hasBackup(seen)
	earlier := seen.Backup != nil && seen.Backup.AccessCodeID != remote.PulledBackupAccessCodeID
	switch {
	case earlier && (want.Pull || remote.PulledBackupAccessCodeID != ""):
		// There would be two backup codes; or there are, because the code was adopted with one of its own.
		step, _ = takeOff(known, seen.Backup)
	case want.Pull && seen.LostBackup != nil:
		step = replaceLostBackup(step, seen.LostBackup)
	case want.Pull, !pulled && alwaysDue(want, now):
		step.Kind = PullBackup
		step.After = max(step.After, pollAfter(0))
	case want.Backup == v1alpha1.BackupPullOnFailure && !pulled && want.Window != nil:
		return onFailure(step, untilDue(want, known, remote, now))
	}
	return step
}

// hasBackup says that a backup code was pulled for the code, whether or not Seam still manages it.
func hasBackup(seen Observed) bool {
	return seen.Remote.PulledBackupAccessCodeID != "" || seen.Backup != nil || seen.LostBackup != nil
}

// replaceLostBackup turns a step into one that takes a lost backup code off, before another is pulled. One that can't be taken
// off stays the backup.
func replaceLostBackup(step Step, lost *seam.AccessCode) Step {
	if removal := takeOffLostBackup(lost); removal.Kind == DeleteUnmanaged {
		return removal
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
	case step.Kind == Wait || until <= 2*backupAfter: // before a code that waits for a person is looked at anyway
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
		lastChange(remote).Add(backupAfter).Sub(now),
	)
}

// lastChange is when Seam accepted the last change that it has yet to bring to the lock; the zero time where there is none, or
// where Seam reports that it did not get there. After a restart nothing else tells of a change that was sent before.
func lastChange(remote *seam.AccessCode) (last time.Time) {
	if _, troubled := troubleOf(remote, false); troubled {
		return last
	}
	for i := range remote.PendingMutations {
		if created := remote.PendingMutations[i].CreatedAt; created.After(last) {
			last = created
		}
	}
	return last
}
