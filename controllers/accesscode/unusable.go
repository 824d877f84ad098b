// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// unusable says what in a spec the API server would not admit, where acting upon the rest could do harm; nil when there
// is nothing.
func unusable(code *v1alpha1.AccessCode) error {
	if message := kube.UnreadableSpec(code.Undecodable); message != "" {
		return blocked(v1alpha1.ReasonInvalidSpec, "%s", message)
	}
	spec := code.Spec
	for _, fault := range []struct {
		found   bool
		message string
	}{
		{spec.DeviceID == "", "spec.deviceID is missing: set it"},
		{spec.Schedule != nil && spec.Schedule.EndsAt.IsZero(), "spec.schedule.endsAt is missing: set it, or remove spec.schedule"},
		{spec.Code != "" && !validPIN.MatchString(spec.Code), "spec.code must be 4 to 12 digits: correct it"},
		{spec.CodeFrom != nil && (spec.CodeFrom.SecretKeyRef.Name == "" || spec.CodeFrom.SecretKeyRef.Key == ""), "spec.codeFrom.secretKeyRef lacks its name or its key: set it"},
		{spec.CodeLength != nil && (*spec.CodeLength < 4 || *spec.CodeLength > 12), "spec.codeLength must be 4 to 12: correct it"},
	} {
		if fault.found {
			return blocked(v1alpha1.ReasonInvalidSpec, "%s", fault.message)
		}
	}
	return nil
}

// untraceable says what keeps the operator from finding the code of an AccessCode that is being deleted, nil when
// nothing does: to go on without it would leave the code on the lock and tell nobody. All else that can't be read does
// not matter any more. A deletionPolicy that can't be read counts as left out.
func untraceable(code *v1alpha1.AccessCode) error {
	const remedy = "%s can't be read, so that the code can't be found at Seam: apply a valid value%s"
	for _, path := range []string{"spec.workspaceRef", "status.accessCodeID", "status.workspaceID"} {
		if code.Unreadable(path) {
			return blocked(v1alpha1.ReasonInvalidSpec, remedy, path, hint(code))
		}
	}
	if code.Status.AccessCodeID != "" || intentOf(code) == nil {
		return nil
	}
	// Nothing but what is wanted tells our code from others.
	if message := kube.UnreadableSpec(code.Undecodable); message != "" {
		return blocked(v1alpha1.ReasonInvalidSpec, "%s%s", message, hint(code))
	}
	if code.Spec.DeviceID == "" {
		return blocked(v1alpha1.ReasonInvalidSpec, "spec.deviceID is missing, so that the code can't be found at Seam: set it%s", hint(code))
	}
	return nil
}
