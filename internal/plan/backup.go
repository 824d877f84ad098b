// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// backupAfter is how long into its window a code may be off the lock before its backup is pulled.
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
	case want.Pull, want.Window != nil && !pulled && backupDue(want, remote, now):
		step.Kind = PullBackup
		step.After = max(step.After, pollAfter(0))
	case want.Backup == v1alpha1.BackupPullOnFailure && !pulled && step.Kind == Wait:
		step.After = min(step.After, untilDue(want, now))
	}
	return step
}

// untilDue is how long a code that fails may be left alone, so that the moment at which its backup is due is not slept
// through.
func untilDue(want Desired, now time.Time) time.Duration {
	if want.Window == nil {
		return maxErrorPoll
	}
	if until := want.Window.StartsAt.Add(backupAfter).Sub(now); until > 0 {
		return until + time.Second
	}
	return maxErrorPoll
}

// backupDue goes by the window also where the policy is Always: a backup code works from the moment it is pulled, and
// before the window it would let somebody in too early.
func backupDue(want Desired, remote *seam.AccessCode, now time.Time) bool {
	switch want.Backup {
	case v1alpha1.BackupPullAlways:
		return !want.Window.Ahead(now)
	case v1alpha1.BackupPullOnFailure:
		return !now.Before(want.Window.StartsAt.Add(backupAfter)) && remote.Status != seam.StatusSet
	}
	return false
}
