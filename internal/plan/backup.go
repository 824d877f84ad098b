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
func withBackup(step Step, want Desired, remote *seam.AccessCode, now time.Time) Step {
	switch {
	case want.Pull, want.Window != nil && remote.PulledBackupAccessCodeID == "" && backupDue(want, remote, now):
		step.Kind = PullBackup
		step.After = max(step.After, pollAfter(0))
	case want.Window != nil && want.Backup == v1alpha1.BackupPullOnFailure && remote.PulledBackupAccessCodeID == "" && step.Kind == Wait:
		// Not to sleep through the moment at which it is due.
		if until := want.Window.StartsAt.Add(backupAfter).Sub(now); until > 0 {
			step.After = min(step.After, until+time.Second)
		}
	}
	return step
}

// backupDue goes by the window also where the policy is Always: a backup code works from the moment it is pulled, and
// before the window it would let somebody in too early.
func backupDue(want Desired, remote *seam.AccessCode, now time.Time) bool {
	switch want.Backup {
	case v1alpha1.BackupPullAlways:
		return !want.Window.ahead(now)
	case v1alpha1.BackupPullOnFailure:
		return !now.Before(want.Window.StartsAt.Add(backupAfter)) && remote.Status != seam.StatusSet
	}
	return false
}
