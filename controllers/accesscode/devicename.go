// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// maxDeviceName is how much of a lock's name is kept.
	maxDeviceName = 128
	// nameRetry is how long after a look that did not tell a lock's name the next one is made for it.
	nameRetry = time.Hour
)

// lockName is Seam's name of the lock, as far as it is known without a call; empty when it is not.
func (s *scope) lockName() string {
	device := s.device
	if device == nil && s.live != nil {
		device = s.live.KnownDevice(s.code.Spec.DeviceID)
	}
	if device == nil || device.DeviceID != s.code.Spec.DeviceID {
		return ""
	}
	return deviceName(device)
}

// deviceName is what Seam calls a device, in one line. Digits in it are left alone: a room number is no PIN.
func deviceName(device *seam.Device) string {
	name := cmp.Or(device.DisplayName, device.Nickname, device.Properties.Name)
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, name)
	return redact.Truncate(strings.TrimSpace(name), maxDeviceName)
}

// learnName asks for the lock of a code that is there where the lock's name is not known yet: once for all codes of the
// lock, and in one call for many locks. A name is worth no failure, so that one is only noted.
func (s *scope) learnName(ctx context.Context, remote *seam.AccessCode, now time.Time) {
	known := s.code.Status.DeviceName != "" || s.lockName() != ""
	leaving := remote == nil || !s.code.DeletionTimestamp.IsZero()
	if known || leaving || now.Sub(s.history.askedName).Abs() < nameRetry {
		return
	}
	s.history.askedName = now
	if err := s.learnDevice(ctx); err != nil {
		logf.FromContext(ctx).V(1).Info("The name of the lock is not known", "reason", err.Error())
	}
}
