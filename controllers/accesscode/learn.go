// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// keepPINs keeps in the Secret what only the lock knows: a PIN that the provider chose, or that was imported, or whose Secret
// was lost, and that of a backup code. It finds out about the backup pool where that matters.
func (p pinStore) keepPINs(ctx context.Context, s snapshot) (snapshot, error) {
	remote := s.observed.Remote
	if remote == nil {
		return s, nil
	}
	s, err := p.keepPIN(ctx, s, remote)
	if err != nil {
		return s, err
	}
	if s.observed.Backup != nil {
		return p.keepBackupPIN(ctx, s, s.observed.Backup)
	}
	if s.code.Spec.Backup != nil && !remote.IsBackupAccessCodeAvailable || plan.HasNoSpace(remote) {
		return withDevice(ctx, s)
	}
	return s, nil
}

func (p pinStore) keepPIN(ctx context.Context, s snapshot, remote *seam.AccessCode) (snapshot, error) {
	s, err := withDeviceForPIN(ctx, s, remote)
	if err != nil {
		return s, err
	}
	if !s.pin.chosen || remote.Code == "" || s.pin.value == remote.Code {
		return s, nil
	}
	if s.pin.value != "" {
		// Either somebody changed one of the two, which the plan sees to, or the provider chose another one.
		if s, err = withDevice(ctx, s); err != nil || !s.desired.Provider {
			return s, err
		}
	} else if s.desired.OtherLength(remote) {
		return s, nil // another is chosen
	}
	kept, err := p.store(ctx, s.code, s.pin, remote.Code)
	if err != nil {
		return s, err
	}
	return s.withPIN(kept), nil
}

// keepBackupPIN writes the PIN of the backup code to our Secret, unless it is there. A Secret that is not ours is not touched,
// and then backupRef stays empty.
func (p pinStore) keepBackupPIN(ctx context.Context, s snapshot, backup *seam.AccessCode) (snapshot, error) {
	secret, err := p.secretOf(ctx, s.code)
	if _, inTheWay := blockedBy(err); inTheWay {
		return s, nil
	}
	if err != nil || backup.Code == "" {
		return s, err
	}
	ref := &v1alpha1.SecretKeyReference{Name: s.code.CodeSecretName(), Key: v1alpha1.BackupCodeSecretKey}
	own := s.pin
	if secret == nil || redact.Secret(secret.Data[ref.Key]) != backup.Code || !metav1.IsControlledBy(secret, s.code) {
		kept, err := p.store(ctx, s.code, pin{ref: ref, secret: secret}, backup.Code)
		if err != nil {
			return s, err
		}
		if own.chosen {
			own.secret = kept.secret
		}
	}
	return s.with(func(f *facts) { f.pin, f.backupRef = own, ref }), nil
}

// withDeviceForPIN finds out what the lock takes where the chosen PIN may have to be another one.
func withDeviceForPIN(ctx context.Context, s snapshot, remote *seam.AccessCode) (snapshot, error) {
	switch {
	case !s.pin.chosen:
		return s, nil
	case s.desired.OtherLength(remote):
		return withDevice(ctx, s)
	case plan.MayMisfit(remote):
		if s.history.looks == 0 {
			s.session.ForgetDevice(remote.DeviceID) // that may be what has changed
		}
		known, err := withDevice(ctx, s)
		if err != nil {
			logf.FromContext(ctx).V(1).Info("What the lock takes can't be looked at", "reason", err.Error())
		}
		return known, nil
	}
	return s, nil
}

// withZone finds out the lock's time zone, where that decides whether the window of an offline code is as wanted. A lock
// that is gone, or does not say where it is, has none.
func withZone(ctx context.Context, s snapshot) (snapshot, error) {
	if s.over() || !plan.NeedsZone(s.desired, s.known, s.observed.Remote) {
		return s, nil
	}
	s, err := withDevice(ctx, s)
	switch {
	case seam.IsDeviceNotFound(err):
		return s, nil
	case err != nil:
		return s, err
	case s.device.Location == nil:
		return s, nil
	}
	if name := cmp.Or(s.device.Location.TimeZone, s.device.Location.Timezone); name != "" && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return s.with(func(f *facts) { f.zone = zone }), nil
		}
	}
	return s, nil
}

// withDeviceForStart fetches the device where a code starts later than wanted: the lock may take no start in the past.
func withDeviceForStart(ctx context.Context, s snapshot) (snapshot, error) {
	window, remote := windowOf(s.code), s.observed.Remote
	if remote == nil || window == nil || window.Ahead(s.now) || window.Over(s.now) || remote.StartsAt == nil || !remote.StartsAt.After(s.now) {
		return s, nil
	}
	return withDevice(ctx, s)
}

// withDeviceName asks for the lock of a code that is there where the lock's name is not known yet: once for all codes of the
// lock, and in one call for many locks. A name is worth no failure, so that one is only noted. asked says whether it was asked
// for. now is the operator's time.
func withDeviceName(ctx context.Context, s snapshot, now time.Time) (known snapshot, asked bool) {
	named := s.code.Status.DeviceName != "" || s.lockName() != ""
	leaving := s.observed.Remote == nil || !s.code.DeletionTimestamp.IsZero()
	if named || leaving || now.Sub(s.history.askedName).Abs() < nameRetry {
		return s, false
	}
	known, err := withDevice(ctx, s)
	if err != nil {
		logf.FromContext(ctx).V(1).Info("The name of the lock is not known", "reason", err.Error())
	}
	return known, true
}
