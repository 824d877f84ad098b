// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func deviceWith(lengths []int, constraints ...string) *seam.Device {
	yes := true
	device := &seam.Device{DeviceID: "lock", CanProgramOnlineAccessCodes: &yes}
	device.Properties.SupportedCodeLengths = lengths
	for _, c := range constraints {
		device.Properties.CodeConstraints = append(device.Properties.CodeConstraints, seam.CodeConstraint{ConstraintType: c})
	}
	return device
}

func named(low, high *int) *seam.Device {
	device := deviceWith(nil)
	device.Properties.CodeConstraints = []seam.CodeConstraint{{ConstraintType: "name_length", MinLength: low, MaxLength: high}}
	return device
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	three, six := 3, 6
	withCode := func(code redact.Secret) plan.Desired { return want(func(d *plan.Desired) { d.Code = code }) }
	noOnline := &seam.Device{CanProgramOfflineAccessCodes: deviceWith(nil).CanProgramOnlineAccessCodes}
	offline := want(within(window(0, time.Hour)), func(d *plan.Desired) { d.Offline, d.Code = true, "" })
	fromSecret := want(func(d *plan.Desired) { d.Code, d.PINPlace = "4829", `key "pin" of Secret "guest-pin" (spec.codeFrom)` })
	ofLength := want(chosen, func(d *plan.Desired) { d.Code, d.CodeLength = "", 4 })
	unnamed := want(func(d *plan.Desired) { d.Unnamed = true })
	tests := []struct {
		name   string
		want   plan.Desired
		device *seam.Device
		says   string // "" for supported
	}{
		{"a device that says nothing", want(), deviceWith(nil), ""},
		{"its length", want(), deviceWith([]int{4, 5}), ""},
		{"another length", withCode("4829"), deviceWith([]int{6}), "device supports 6 digits, spec.code has 4"},
		{"other lengths", withCode("4829301"), deviceWith([]int{6, 4, 5}), "device supports 4, 5 or 6 digits, spec.code has 7"},
		{"a range of lengths", withCode("482930119"), deviceWith([]int{4, 5, 6, 7, 8}), "supports 4 to 8 digits, spec.code has 9: put a PIN of 4 to 8 digits there"},
		{"a PIN from a Secret", fromSecret, deviceWith([]int{6}), `supports 6 digits, key "pin" of Secret "guest-pin" (spec.codeFrom) has 4: put a PIN of 6 digits there`},
		{"a PIN from a Secret that breaks a rule", fromSecret, deviceWith(nil, "cannot_contain_089"), `key "pin" of Secret "guest-pin"`},
		{"a PIN from a Secret, the provider chooses", fromSecret, deviceWith(nil, "cannot_specify_pin_code"), "remove spec.codeFrom"},
		{"a length to choose", ofLength, deviceWith([]int{6}), "supports 6 digits, spec.codeLength is 4: change it"},
		{"a length to choose that it takes", ofLength, deviceWith([]int{4}), ""},
		{"a sequence", withCode("123456"), deviceWith(nil, "no_ascending_or_descending_sequence"), "up or down by one"},
		{"a sequence downwards", withCode("4321"), deviceWith(nil, "no_ascending_or_descending_sequence"), "up or down by one"},
		{"a sequence in part", withCode("1239"), deviceWith(nil, "no_ascending_or_descending_sequence"), ""},
		{"no zeros", withCode("90817"), deviceWith(nil, "no_zeros"), "without 0"},
		{"no zeros, none there", withCode("9817"), deviceWith(nil, "no_zeros"), ""},
		{"0, 8, 9", withCode("1811"), deviceWith(nil, "cannot_contain_089"), "0, 8 and 9"},
		{"0, 7, 8, 9", withCode("1711"), deviceWith(nil, "cannot_contain_0789"), "0, 7, 8 and 9"},
		{"starts with 12", withCode("1234"), deviceWith(nil, "cannot_start_with_12"), "starts otherwise"},
		{"all the same", withCode("7777"), deviceWith(nil, "no_all_same_digits"), "different digits"},
		{"two digits", withCode("7171"), deviceWith(nil, "at_least_three_unique_digits"), "three different digits"},
		{"what Seam is to judge", withCode("1111"), deviceWith(nil, "unique_first_four_digits", "no_triple_consecutive_ints", "name_must_be_unique", "new"), ""},
		{"the provider chooses", want(), deviceWith(nil, "cannot_specify_pin_code"), "remove spec.code"},
		{"the provider chooses, and may", withCode(""), deviceWith(nil, "cannot_specify_pin_code"), ""},
		{"name too short", want(), named(&six, nil), "at least 6 characters, spec.displayName has 5"},
		{"name too long", want(), named(nil, &three), "at most 3 characters"},
		{"name out of bounds", want(), named(&three, &three), "3 to 3 characters"},
		{"name in bounds", want(), named(&three, &six), ""},
		{"the object's name too long", unnamed, named(nil, &three), "the name of this AccessCode, which is used as spec.displayName is left out, has 5: set spec.displayName"},
		{"no codes at all", want(), &seam.Device{CanRemotelyLock: deviceWith(nil).CanProgramOnlineAccessCodes}, "takes no access codes"},
		{"a thermostat", want(), &seam.Device{CapabilitiesSupported: []string{"thermostat"}}, "takes no access codes"},
		{"codes, but not at the moment", want(), &seam.Device{CanProgramOnlineAccessCodes: new(bool), CanRemotelyLock: new(bool)}, ""},
		{"a device that says nothing at all", want(), &seam.Device{}, ""},
		{"no offline codes", offline, deviceWith(nil), "delete this AccessCode and create it again without spec.offline"},
		{"an offline code without a window", want(func(d *plan.Desired) { d.Offline, d.Code = true, "" }), noOnline, "set spec.schedule"},
		{"offline codes", offline, noOnline, ""},
		{"offline codes only", want(), noOnline, "with spec.offline"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := plan.Unsupported(test.want, test.device)
			if (got == "") != (test.says == "") || !strings.Contains(got, test.says) {
				t.Errorf("got %q, want %q", got, test.says)
			}
			if fromElsewhere := test.want.PINPlace != "" || test.want.Chosen; fromElsewhere && strings.Contains(got, "spec.code ") {
				t.Errorf("there is no spec.code: %s", got)
			}
			if code := string(test.want.Code); code != "" && strings.Contains(got, code) {
				t.Errorf("the PIN is quoted: %s", got)
			}
		})
	}
}

func TestSuits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pin        redact.Secret
		constraint string
		suits      bool
	}{
		{"4829", "no_zeros", true},
		{"4820", "no_zeros", false},
		{"1123", "unique_first_four_digits", false},
		{"1234", "unique_first_four_digits", true},
		{"9123", "no_triple_consecutive_ints", false},
		{"9111", "no_triple_consecutive_ints", false},
		{"9121", "no_triple_consecutive_ints", true},
		{"9321", "no_ascending_or_descending_sequence", false},
		{"1122", "no_ascending_or_descending_sequence", true},
		{"1111", "something new", true},
	}
	for _, test := range tests {
		if got := plan.Suits(test.pin, deviceWith(nil, test.constraint)); got != test.suits {
			t.Errorf("%s for %s: %t", test.constraint, string(test.pin), got)
		}
	}
	if plan.SupportsLength(4, deviceWith([]int{6})) || !plan.SupportsLength(4, deviceWith(nil)) {
		t.Error("lengths")
	}
}
