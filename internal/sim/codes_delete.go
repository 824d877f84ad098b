// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

// deleteInput is the input of /access_codes/delete.
type deleteInput struct {
	id       string
	deviceID string
}

func parseDelete(in *input) deleteInput {
	p := deleteInput{id: in.requiredID("access_code_id"), deviceID: in.id("device_id")}
	in.flag("sync")
	return p
}

// deleteCode starts the removal; the object lives on as `removing`, with its PIN, until
// the lock has forgotten it. Deleting it again in that time changes nothing.
func deleteCode(c *call, p deleteInput) (result, *apiError) {
	code, err := c.managedCode(p.id, p.deviceID)
	if err != nil {
		return nil, err
	}
	if err := c.world.charge(code.device, "delete"); err != nil {
		return nil, err
	}
	if code.offline {
		return nil, invalidInput("Offline access codes cannot be deleted")
	}
	if code.op != opRemove {
		c.world.remove(code)
		c.world.requested(code)
	}
	if !hasIssue(code.warnings, warnDeleting) {
		code.warnings = append(code.warnings, c.world.warning(warnDeleting, "The access code is being deleted."))
	}
	c.world.schedule(code)
	return result{"action_attempt": c.world.attempt(code, attemptDelete)}, nil
}

// managedCode finds the code that update or delete means.
func (c *call) managedCode(id, deviceID string) (*accessCode, *apiError) {
	code := c.code(id, true)
	if code == nil || deviceID != "" && code.device.ID != deviceID {
		return nil, codeNotFound(map[string]any{"access_code_id": id})
	}
	return code, nil
}

// requested logs what the service was asked to do and has not done yet.
func (w *world) requested(c *accessCode) {
	list := make([]map[string]any, 0, len(c.mutations))
	for _, m := range c.mutations {
		entry := map[string]any{"mutation_code": m.MutationCode}
		if m.From != nil {
			entry["from"], entry["to"] = m.From, m.To
		}
		list = append(list, entry)
	}
	w.emit(c, eventRequested, fields{"requested_mutations": list})
}
