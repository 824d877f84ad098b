// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// Error and warning codes that the simulator puts on access codes.
const (
	errFailedToSet    = "failed_to_set_on_device"
	errFailedToRemove = "failed_to_remove_from_device"
	errDuplicate      = "duplicate_code_on_device"
	errNoSpace        = "no_space_for_access_code_on_device"
	errConflict       = "conflicting_external_modification"
	errConstraints    = "code_constraints_violated" // until the PIN changes
	errFailedToIssue  = "failed_to_issue"
	errFailedToUpdate = "failed_to_update"
	errStillActive    = "failed_to_remove" // on the lock after its end
	errProvider       = "provider_issue"
	errAccount        = "account_disconnected"          // of the device
	errEmptyPool      = "empty_backup_access_code_pool" // of the device

	warnDelaySetting  = "delay_in_setting_on_device"
	warnDelayRemoving = "delay_in_removing_from_device"
	warnDeleting      = "being_deleted"
	warnExternal      = "external_modification_in_effect"
	warnBackup        = "using_backup_access_code"
	warnPartialPool   = "partial_backup_access_code_pool" // of the device
)

// Codes of pending_mutations.
const (
	mutationCreating  = "creating"
	mutationDeferring = "deferring_creation"
	mutationDeleting  = "deleting"
	mutationCode      = "updating_code"
	mutationName      = "updating_name"
	mutationTimeFrame = "updating_time_frame"
)

func (i Issue) is(codes ...string) bool {
	return slices.Contains(codes, i.ErrorCode) || slices.Contains(codes, i.WarningCode)
}

func hasIssue(list []Issue, codes ...string) bool {
	return slices.ContainsFunc(list, func(i Issue) bool { return i.is(codes...) })
}

func (w *world) codeError(code, message string) Issue {
	return Issue{ErrorCode: code, Message: message, CreatedAt: stamp(w.now), IsAccessCodeError: new(true)}
}

func (w *world) warning(code, message string) Issue {
	return Issue{WarningCode: code, Message: message, CreatedAt: stamp(w.now)}
}

func (w *world) mutation(code string, from, to map[string]any) Mutation {
	return Mutation{
		MutationCode: code, CreatedAt: stamp(w.now), From: from, To: to,
		Message: mutationMessage(code),
	}
}

func mutationMessage(code string) string {
	switch code {
	case mutationCreating:
		return "Seam is in the process of setting the access code on the device."
	case mutationDeferring:
		return "Seam will set the access code on the device later."
	case mutationDeleting:
		return "Seam is in the process of removing the access code from the device."
	}
	return "Seam is in the process of pushing the change to the device."
}

// issueFields is what the delay and failure events carry besides the ids.
func (c *accessCode) issueFields() fields {
	f := c.device.issueFields()
	f["access_code_errors"], f["access_code_warnings"] = brief(c.ownErrors()), brief(c.ownWarnings())
	return f
}

// brief copies issues as events show them: code, message and time, without the rest.
func brief(list []Issue) []Issue {
	short := make([]Issue, len(list))
	for i, issue := range list {
		short[i] = Issue{
			ErrorCode: issue.ErrorCode, WarningCode: issue.WarningCode, Message: issue.Message, CreatedAt: issue.CreatedAt,
		}
	}
	return short
}
