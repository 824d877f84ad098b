// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// A pull that Seam has refused is tried again: soon at first, as a pool that was just turned on fills by itself, then
// ever later.
const (
	firstPullRetry = 10 * time.Second
	maxPullRetry   = 5 * time.Minute
)

// backups pulls backup codes.
type backups struct {
	pins    pinStore
	metrics *metrics.Instruments
}

// pull pulls the backup code and stores its PIN. The conditions still describe the primary code, as the step says.
func (b backups) pull(ctx context.Context, s snapshot, step plan.Step) (snapshot, result) {
	remote := s.observed.Remote
	// The Secret first: a backup code that nobody can read is no use.
	if _, err := b.pins.secretOf(ctx, s.code); err != nil {
		if _, inTheWay := blockedBy(err); !inTheWay {
			return s, retry(err)
		}
		res := s.lookResult(step, remote)
		res.after = kube.SlowLook
		return s, res // what is in the way is said there already
	}
	backup, err := s.session.PullBackup(ctx, remote.AccessCodeID)
	if err == nil {
		err = s.plausible(backup)
	}
	switch {
	case seam.IsRefused(err) || seam.IsInvalidInput(err) || seam.IsDuplicate(err):
		res := s.lookResult(step, remote)
		_, res.after = s.history.pullWasRefused()
		res.happened.pullRefused = true
		res.message = redact.Truncate(step.Message+". No backup code could be pulled: "+err.Error(), kube.MaxMessage)
		res.event = &eventRecord{warning: true, reason: eventPullFailed, action: kube.ActionPull, message: res.message, onChange: true}
		return s, res
	case err != nil:
		return s, s.failedWith(remote, eventPullFailed, err)
	}
	b.metrics.BackupPulled(s.code.Namespace)
	if s, err = b.pins.keepBackupPIN(ctx, s, backup); err != nil {
		res := s.failedWith(remote, eventPullFailed, err)
		res.backup, res.happened.pulled = backup, true
		return s, res
	}
	logf.FromContext(ctx).Info("Pulled the backup code", "accessCodeID", remote.AccessCodeID, "backupAccessCodeID", backup.AccessCodeID)
	res := s.lookResult(step, remote)
	res.backup = backup
	res.happened.pulled, res.happened.pullRequest = true, pullRequest(s.code, s.history)
	res.event = &eventRecord{reason: eventBackupPulled, action: kube.ActionPull, message: "The PIN of the backup code is in the Secret " + s.code.CodeSecretName()}
	return s, res
}

// place says why the PIN of a backup code could not be written to its Secret; "" when it could. It is checked from the beginning:
// when the backup is needed, it is too late for a person to act. A chosen PIN is in the same Secret, which was checked for that.
func (b backups) place(ctx context.Context, s snapshot) (string, error) {
	if s.code.Spec.Backup == nil || s.pin.chosen {
		return "", nil
	}
	_, err := b.pins.secretOf(ctx, s.code)
	if res, blocked := blockedBy(err); blocked {
		if res.reason == v1alpha1.ReasonSecretConflict {
			return res.message, nil
		}
		return "", nil
	}
	return "", err
}
