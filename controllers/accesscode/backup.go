// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
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

// pullBackup pulls the backup code and keeps its PIN. That the code itself has failed, or not, is told by the step.
func (r *Reconciler) pullBackup(ctx context.Context, current *run, remote *seam.AccessCode, step plan.Step) outcome {
	// The Secret first: a backup code that nobody can read is no use.
	_, inTheWay, err := r.pinSecret(ctx, current.code)
	switch {
	case err != nil:
		return failure(err)
	case inTheWay != nil:
		refused := current.outcome(step, remote)
		refused.after = kube.SlowLook
		return refused // what is in the way is said there already
	}
	backup, err := current.live.PullBackup(ctx, remote.AccessCodeID)
	if err == nil {
		err = current.plausible(backup)
	}
	switch {
	case seam.IsRefused(err) || seam.IsInvalidInput(err) || seam.IsDuplicate(err):
		o := current.outcome(step, remote)
		o.after = nextDelay(&current.past.emptyPulls, firstPullRetry, maxPullRetry)
		o.message = redact.Truncate(step.Message+". No backup code could be pulled: "+err.Error(), kube.MaxMessage)
		o.event = &note{warning: true, reason: eventPullFailed, action: kube.ActionPull, message: o.message, onChange: true}
		return o
	case err != nil:
		o := current.failed(eventPullFailed, err)
		o.remote = remote
		return o
	}
	current.past.emptyPulls = wait.Backoff{}
	r.Metrics.BackupPulled(current.code.Namespace)
	if err := r.storeBackup(ctx, current, backup); err != nil {
		o := current.failed(eventPullFailed, err)
		o.remote, o.backup = remote, backup
		return o
	}
	if request := current.pullRequest(); request != "" {
		current.past.pulled = request
	}
	logf.FromContext(ctx).Info("Pulled the backup code", "accessCodeID", remote.AccessCodeID, "backupAccessCodeID", backup.AccessCodeID)
	o := current.outcome(step, remote)
	o.backup = backup
	o.event = &note{reason: eventBackupPulled, action: kube.ActionPull, message: "The PIN of the backup code is in the Secret " + current.code.CodeSecretName()}
	return o
}

// placeForBackup says why the PIN of a backup code could not be written, "" when it could. That is found out when the
// object comes: when the backup is needed, it is too late for a person to act. Where the PIN of the code itself is written
// to the same Secret, that has been settled.
func (r *Reconciler) placeForBackup(ctx context.Context, current *run) (string, error) {
	if current.code.Spec.Backup == nil || current.pin.chosen {
		return "", nil
	}
	_, o, err := r.pinSecret(ctx, current.code)
	if err != nil || o == nil || o.reason != v1alpha1.ReasonSecretConflict {
		return "", err
	}
	return o.message, nil
}

// storeBackup writes the PIN of the backup code to the Secret that is ours, when it is not there. A Secret that is not
// ours is left alone, and then nothing is said of where the PIN is.
func (r *Reconciler) storeBackup(ctx context.Context, current *run, backup *seam.AccessCode) error {
	secret, o, err := r.pinSecret(ctx, current.code)
	if err != nil || o != nil || backup.Code == "" {
		return err
	}
	ref := &v1alpha1.SecretKeyReference{Name: current.code.CodeSecretName(), Key: v1alpha1.BackupCodeSecretKey}
	if secret == nil || redact.Secret(secret.Data[ref.Key]) != backup.Code || !metav1.IsControlledBy(secret, current.code) {
		kept, err := r.storePIN(ctx, current.code, pin{ref: ref, secret: secret}, backup.Code)
		if err != nil {
			return err
		}
		if current.pin.chosen {
			current.pin.secret = kept.secret
		}
	}
	current.backupRef = ref
	return nil
}
