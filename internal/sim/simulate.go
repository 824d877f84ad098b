// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"

	"github.com/google/uuid"
)

func simulateRoutes() []route {
	return []route{endpoint("/access_codes/simulate/create_unmanaged_access_code", creates(), parseSimulate, simulateUnmanaged)}
}

// simulateInput is the input of the one thing that a sandbox can do to its locks.
type simulateInput struct {
	deviceID string
	name     string
	code     string
}

func parseSimulate(in *input) simulateInput {
	p := simulateInput{deviceID: in.requiredID("device_id")}
	in.require("name")
	p.name = in.word("name")
	in.require("code")
	// Shorter than elsewhere in the API: 4 to 8 digits.
	if pin := in.pin("code"); pin != nil && len(*pin) > 8 {
		in.note("code", "Must be 4 to 8 digits")
	} else if pin != nil {
		p.code = *pin
	}
	return p
}

// simulateUnmanaged does what AddUnmanagedCode does, for callers of the API.
func simulateUnmanaged(c *call, p simulateInput) (result, *apiError) {
	d := c.device(p.deviceID)
	switch {
	case d == nil:
		return nil, deviceNotFound(p.deviceID)
	case !c.world.workspaces[d.WorkspaceID].IsSandbox:
		return nil, fail(http.StatusBadRequest, "sandbox_only", "Only sandbox workspaces can simulate access codes")
	case !d.CanProgramOnlineCodes:
		return nil, fail(http.StatusBadRequest, "device_type_not_supported", "Device cannot have simulated access codes")
	case !d.free(p.code):
		return nil, duplicate(p.code, &p.name, nil)
	}
	code := c.world.putOnLock(d, uuid.NewString(), p.name, p.code)
	return result{"access_code": c.world.answerUnmanaged(code)}, nil
}
