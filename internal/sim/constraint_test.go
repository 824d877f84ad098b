// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestConstraints(t *testing.T) {
	for name, tc := range map[string]struct{ refused, accepted []string }{
		"no_zeros":                            {[]string{"1203", "0000"}, []string{"1234"}},
		"cannot_start_with_12":                {[]string{"1234", "1299"}, []string{"2112", "1324"}},
		"no_triple_consecutive_ints":          {[]string{"9123", "9321", "1234"}, []string{"1243", "1122"}},
		"no_ascending_or_descending_sequence": {[]string{"1234", "9876"}, []string{"1235", "9123"}},
		"at_least_three_unique_digits":        {[]string{"1122", "1111"}, []string{"1123"}},
		"no_all_same_digits":                  {[]string{"1111"}, []string{"1112"}},
		"cannot_contain_089":                  {[]string{"1230", "1238", "1239"}, []string{"1237"}},
		"cannot_contain_0789":                 {[]string{"1230", "1237", "1238", "1239"}, []string{"1236"}},
		"unique_first_four_digits":            {[]string{"55556", "5555"}, []string{"55566"}},
		"some_rule_of_tomorrow":               {nil, []string{"1111"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.create(sim.SeedNativeLockID, object{"code": "555577"})
			err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) {
				d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: name}}
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, pin := range tc.refused {
				a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "code": pin}), 400, "invalid_input")
			}
			for _, pin := range tc.accepted {
				a.create(sim.SeedNativeLockID, object{"code": pin})
			}
		})
	}
}

func TestNameMustBeUnique(t *testing.T) {
	a := newAPI(t)
	err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) {
		d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: "name_must_be_unique"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	first := a.create(sim.SeedNativeLockID, object{"name": "Ann"})["access_code_id"]
	second := a.create(sim.SeedNativeLockID, object{"name": "Bob"})["access_code_id"]
	a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "name": "Ann"}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/update", object{"access_code_id": second, "name": "Ann"}), 400, "invalid_input")
	a.ok("/access_codes/update", object{"access_code_id": first, "name": "Ann", "code": "1234"})
}

func TestStartMustBeInFuture(t *testing.T) {
	a := newAPI(t)
	err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) {
		d.SupportedCodeLengths = nil
		d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: "start_date_in_future"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	got := a.post("/access_codes/create", with(frame(0, 3600e9), "device_id", sim.SeedNativeLockID))
	a.wantError(got, 400, "invalid_input")
	a.create(sim.SeedNativeLockID, with(frame(60e9, 3600e9), "preferred_code_length", 12))
	a.create(sim.SeedNativeLockID, object{"preferred_code_length": 3})
	lengths := []int{}
	for _, c := range a.sim.Codes(sim.SeedNativeLockID) {
		lengths = append(lengths, len(*c.Code))
	}
	a.equal("lengths", lengths, []int{12, 4})
}
