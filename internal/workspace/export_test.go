// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import "github.com/access-codes/access-code-operator/internal/seam"

// MaxDevices is how many devices are remembered.
const MaxDevices = maxDevices

// RememberDevice has a device known as it is.
func (s *Session) RememberDevice(device *seam.Device) { s.devices.put(device) }

// Waiting is how many codes are waited for that nobody has asked for yet.
func (s *Session) Waiting() int {
	s.codes.batch.mu.Lock()
	defer s.codes.batch.mu.Unlock()
	return len(s.codes.batch.pending)
}
