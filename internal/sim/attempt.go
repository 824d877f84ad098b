// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "github.com/google/uuid"

// pendingAttempt is the action_attempt beside an accepted change. The official clients
// never wait for those of access codes.
func pendingAttempt(actionType string) map[string]any {
	return map[string]any{
		"action_attempt_id": uuid.NewString(), "action_type": actionType,
		"status": "pending", "result": nil, "error": nil,
	}
}
