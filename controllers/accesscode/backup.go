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

// pullBackup pulls the backup code and stores its PIN. The conditions still describe the primary code, as the step says.
func (r *Reconciler) pullBackup(ctx context.Context, current *scope, remote *seam.AccessCode, step plan.Step) result {
	// The Secret first: a backup code that nobody can read is no use.
	_, inTheWay, err := r.pinSecret(ctx, current.code)
	switch {
	case err != nil:
		return failure(err)
	case inTheWay != nil:
		refused := current.result(step, remote)
		refused.after = kube.SlowLook
		return refused // what is in the way is said there already
	}
	backup, err := current.live.PullBackup(ctx, remote.AccessCodeID)
	if err == nil {
		err = current.plausible(backup)
	}
	switch {
	case seam.IsRefused(err) || seam.IsInvalidInput(err) || seam.IsDuplicate(err):
		res := current.result(step, remote)
		res.after = nextDelay(&current.history.emptyPulls, firstPullRetry, maxPullRetry)
		res.message = redact.Truncate(step.Message+". No backup code could be pulled: "+err.Error(), kube.MaxMessage)
		res.event = &eventRecord{warning: true, reason: eventPullFailed, action: kube.ActionPull, message: res.message, onChange: true}
		return res
	case err != nil:
		res := current.failed(eventPullFailed, err)
		res.remote = remote
		return res
	}
	current.history.emptyPulls = wait.Backoff{}
	r.Metrics.BackupPulled(current.code.Namespace)
	if err := r.storeBackup(ctx, current, backup); err != nil {
		res := current.failed(eventPullFailed, err)
		res.remote, res.backup = remote, backup
		return res
	}
	if request := current.pullRequest(); request != "" {
		current.history.pulled = request
	}
	logf.FromContext(ctx).Info("Pulled the backup code", "accessCodeID", remote.AccessCodeID, "backupAccessCodeID", backup.AccessCodeID)
	res := current.result(step, remote)
	res.backup = backup
	res.event = &eventRecord{reason: eventBackupPulled, action: kube.ActionPull, message: "The PIN of the backup code is in the Secret " + current.code.CodeSecretName()}
	return res
}

// placeForBackup says why the PIN of a backup code could not be written to its Secret; "" when it could. It is checked from the
// beginning: when the backup is needed, it is too late for a person to act. A chosen PIN is in the same Secret, which was
// checked for that.
func (r *Reconciler) placeForBackup(ctx context.Context, current *scope) (string, error) {
	if current.code.Spec.Backup == nil || current.pin.chosen {
		return "", nil
	}
	_, res, err := r.pinSecret(ctx, current.code)
	if err != nil || res == nil || res.reason != v1alpha1.ReasonSecretConflict {
		return "", err
	}
	return res.message, nil
}

// storeBackup writes the PIN of the backup code to our Secret, unless it is there. A Secret that is not ours is not touched, and
// then backupRef stays empty.
func (r *Reconciler) storeBackup(ctx context.Context, current *scope, backup *seam.AccessCode) error {
	secret, res, err := r.pinSecret(ctx, current.code)
	if err != nil || res != nil || backup.Code == "" {
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
