// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestRefusals tells refusals that pass, or that somebody else ends, from those that lie in the request ("").
func TestRefusals(t *testing.T) {
	tests := []struct{ errorType, message, reason string }{
		{"device_offline", "Device is offline", v1alpha1.ReasonDeviceUnreachable},
		{"device_disconnected", "", v1alpha1.ReasonDeviceUnreachable},
		{"hub_disconnected", "", v1alpha1.ReasonDeviceUnreachable},
		{"bridge_disconnected", "", v1alpha1.ReasonDeviceUnreachable},
		{"account_disconnected", "", v1alpha1.ReasonDeviceUnreachable},
		{"dormakaba_sites_disconnected", "", v1alpha1.ReasonDeviceUnreachable},
		{"gateway_offline", "", v1alpha1.ReasonDeviceUnreachable},
		{"invalid_input", "The device is offline", v1alpha1.ReasonDeviceUnreachable},
		{"device_error", "The hub is not connected", v1alpha1.ReasonDeviceUnreachable},
		{"device_busy", "", v1alpha1.ReasonDeviceError},
		{"device_timeout", "", v1alpha1.ReasonDeviceError},
		{"action_in_progress", "", v1alpha1.ReasonDeviceError},
		{"no_space_for_access_code_on_device", "", v1alpha1.ReasonDeviceError},
		{"subscription_required", "", v1alpha1.ReasonNotConverging},
		{"insufficient_permissions", "", v1alpha1.ReasonNotConverging},
		{"device_removed", "", v1alpha1.ReasonDeviceNotFound},
		{"invalid_input", "Offline access codes cannot be updated", ""},
		{"offline_access_codes_not_supported", "", ""},
		{"cannot_update_offline_access_code", "", ""},
		{"device_type_not_supported", "Device cannot program offline access codes", ""},
		{"invalid_input", "Must be in the future", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		t.Run(test.errorType+" "+test.message, func(t *testing.T) {
			refusal, ok := plan.RefusalOf(test.errorType, test.message)
			if ok != (test.reason != "") || refusal.Reason != test.reason || ok && refusal.Text == "" {
				t.Errorf("got %+v, %v, want %q", refusal, ok, test.reason)
			}
		})
	}
}

// TestRefusedFields tells by the fields that Seam names, and only where it names none by its words, what a refusal is about.
func TestRefusedFields(t *testing.T) {
	fields := func(names ...string) *seam.Error {
		err := &seam.Error{Kind: seam.InvalidInput, Message: "pin code, start date"}
		for _, name := range names {
			err.Validation = append(err.Validation, seam.FieldError{Field: name})
		}
		return err
	}
	tests := []struct {
		name       string
		err        error
		pin, start bool
	}{
		{"nothing refused", nil, false, false},
		{"another kind", &seam.Error{Kind: seam.Unavailable, Message: "pin code, start date"}, false, false},
		{"the PIN", fields("code"), true, false},
		{"the start", fields("starts_at"), false, true},
		{"both", fields("code", "starts_at"), true, true},
		{"another field", fields("name"), false, false},
		{"no field, by its words", fields(), true, true},
		{"a field without a name", fields(""), true, true},
		{"by its type", &seam.Error{Kind: seam.Refused, Type: "code_constraints"}, true, false},
		{"other words", &seam.Error{Kind: seam.Refused, Message: "No."}, false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if pin, start := plan.RefusesPIN(test.err), plan.RefusesStart(test.err); pin != test.pin || start != test.start {
				t.Errorf("about the PIN %v, about the start %v, want %v, %v", pin, start, test.pin, test.start)
			}
		})
	}
}
