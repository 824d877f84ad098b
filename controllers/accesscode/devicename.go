// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"strings"
	"time"
	"unicode"

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
func (f facts) lockName() string {
	device := f.device
	if device == nil && f.session != nil {
		device = f.session.KnownDevice(f.code.Spec.DeviceID)
	}
	if device == nil || device.DeviceID != f.code.Spec.DeviceID {
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
