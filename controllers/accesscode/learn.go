// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// learnPINs keeps in the Secret what only the lock knows: a PIN that the provider chose, or that was imported, or
// whose Secret was lost, and that of a backup code. It finds out about the backup pool where that matters.
func (r *Reconciler) learnPINs(ctx context.Context, current *scope, seen plan.Observed) error {
	remote := seen.Remote
	if remote == nil {
		return nil
	}
	if err := r.learnPIN(ctx, current, remote); err != nil {
		return err
	}
	if seen.Backup != nil {
		return r.storeBackup(ctx, current, seen.Backup)
	}
	if current.code.Spec.Backup != nil && !remote.IsBackupAccessCodeAvailable || plan.HasNoSpace(remote) {
		return current.learnDevice(ctx)
	}
	return nil
}

func (r *Reconciler) learnPIN(ctx context.Context, current *scope, remote *seam.AccessCode) error {
	if err := current.learnFit(ctx, remote); err != nil {
		return err
	}
	if !current.pin.chosen || remote.Code == "" || current.pin.value == remote.Code {
		return nil
	}
	if current.pin.value != "" {
		// Either somebody changed one of the two, which the plan sees to, or the provider chose another one.
		if err := current.learnDevice(ctx); err != nil || !current.want().Provider {
			return err
		}
	} else if current.want().OtherLength(remote) {
		return nil // another is chosen
	}
	var err error
	current.pin, err = r.storePIN(ctx, current.code, current.pin, remote.Code)
	return err
}

// learnFit finds out what the lock takes where the chosen PIN may have to be another one.
func (s *scope) learnFit(ctx context.Context, remote *seam.AccessCode) error {
	switch {
	case !s.pin.chosen:
		return nil
	case s.want().OtherLength(remote):
		return s.learnDevice(ctx)
	case plan.MayMisfit(remote):
		if s.history.looks == 0 {
			s.live.ForgetDevice(remote.DeviceID) // that may be what has changed
		}
		if err := s.learnDevice(ctx); err != nil {
			logf.FromContext(ctx).V(1).Info("What the lock takes can't be looked at", "reason", err.Error())
		}
	}
	return nil
}
