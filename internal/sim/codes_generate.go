// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "net/http"

func parseDeviceID(in *input) string { return in.requiredID("device_id") }

// generateCode proposes a PIN that the device would take now. It reserves nothing: a
// second call may propose the same one.
func generateCode(c *call, deviceID string) (result, *apiError) {
	d := c.device(deviceID)
	if d == nil {
		return nil, deviceNotFound(deviceID)
	}
	if !d.CanProgramOnlineCodes || d.constrained("cannot_specify_pin_code") {
		return nil, fail(http.StatusBadRequest, "device_type_not_supported", "Codes cannot be generated for this device")
	}
	pin, err := d.choosePIN(0)
	if err != nil {
		return nil, err
	}
	return result{"generated_code": map[string]any{"device_id": d.ID, "code": pin}}, nil
}
