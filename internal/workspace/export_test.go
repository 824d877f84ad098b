// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import "github.com/access-codes/access-code-operator/internal/seam"

// MaxDevices is how many devices are remembered.
const MaxDevices = maxDevices

// RememberDevice has a device known as it is.
func (l *Live) RememberDevice(device *seam.Device) { l.devices.put(device) }

// Waiting is how many codes are waited for that nobody has asked for yet.
func (l *Live) Waiting() int {
	l.looks.batch.mu.Lock()
	defer l.looks.batch.mu.Unlock()
	return len(l.looks.batch.pending)
}
