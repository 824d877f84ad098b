// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// withDevice returns a snapshot with the device, for what the lock supports. It is fetched where it is not known.
func withDevice(ctx context.Context, s snapshot) (snapshot, error) {
	device, err := s.session.Device(ctx, s.code.Spec.DeviceID)
	if err != nil {
		return s, fmt.Errorf("looking at the device: %w", err)
	}
	return s.with(func(f *facts) { f.device = device }), nil
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

// withDeviceForStart fetches the device where a code starts later than wanted: the lock may take no start in the past.
func withDeviceForStart(ctx context.Context, s snapshot) (snapshot, error) {
	window, remote := s.desired.Window, s.observed.Remote
	if remote == nil || window == nil || window.Ahead(s.now) || window.Over(s.now) || remote.StartsAt == nil || !remote.StartsAt.After(s.now) {
		return s, nil
	}
	return withDevice(ctx, s)
}

// withDeviceForRenewal fetches the device where the PIN is to be another one, also one that is yet to be chosen: only its provider
// may be able to choose it.
func withDeviceForRenewal(ctx context.Context, s snapshot) (snapshot, error) {
	asked := s.pin.chosen && rotationRequest(s.code, s.history) != ""
	if s.desired.Renew == "" && !asked || s.over() {
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
