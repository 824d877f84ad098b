// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestCreateValidation(t *testing.T) {
	hour := time.Hour
	native := func(more object) object { return with(more, "device_id", sim.SeedNativeLockID) }
	six := func(more object) object { return with(more, "device_id", sim.SeedSixDigitLockID) }
	for name, tc := range map[string]struct {
		body    object
		status  int
		kind    string
		message string
	}{
		"no device":        {object{}, 400, "invalid_input", "device_id is required"},
		"malformed device": {object{"device_id": "august_device_1"}, 400, "invalid_input", `Invalid uuid for "device_id"`},
		"two faults":       {object{"device_id": 1, "code": 2}, 400, "invalid_input", `2 Input Errors: Expected string, received number for "device_id", Expected string, received number for "code"`},
		"null name":        {native(object{"name": nil}), 400, "invalid_input", `Expected string, received null for "name"`},
		"unknown device":   {object{"device_id": "5eed0000-0000-4000-8000-00000000ffff"}, 404, "device_not_found", "Device not found"},
		"short PIN":        {native(object{"code": "123"}), 400, "invalid_input", `Must be 4 to 12 digits for "code"`},
		"long PIN":         {native(object{"code": "1234567890123"}), 400, "invalid_input", `Must be 4 to 12 digits for "code"`},
		"letters":          {native(object{"code": "12ab"}), 400, "invalid_input", `Must be 4 to 12 digits for "code"`},
		"empty PIN":        {native(object{"code": ""}), 400, "invalid_input", `Must be 4 to 12 digits for "code"`},
		"start alone":      {native(object{"starts_at": wire(start())}), 400, "invalid_input", "Both starts_at and ends_at must be provided if one is"},
		"end alone":        {native(object{"ends_at": wire(start().Add(hour))}), 400, "invalid_input", "Both starts_at and ends_at must be provided if one is"},
		"no date":          {native(object{"starts_at": "soon", "ends_at": "late"}), 400, "invalid_input", `2 Input Errors: Must be parsable date string if defined for "starts_at", Must be parsable date string if defined for "ends_at"`},
		"end before start": {native(frame(2*hour, hour)), 400, "invalid_input", `Must be after starts_at for "ends_at"`},
		"wholly past":      {native(frame(-2*hour, -hour)), 400, "invalid_input", `Must be in the future for "ends_at"`},
		"pool for ongoing": {native(object{"use_backup_access_code_pool": true}), 400, "invalid_input", "Cannot use the backup pool for ongoing codes"},
		"no such rounding": {native(object{"max_time_rounding": "1week"}), 400, "invalid_input", `Invalid enum value for "max_time_rounding"`},
		"flag as text":     {native(object{"is_one_time_use": "yes"}), 400, "invalid_input", `Expected boolean, received string for "is_one_time_use"`},
		"wrong length":     {six(object{"code": "1357"}), 400, "invalid_input", `Device supports PIN codes of 6 digits for "code"`},
		"constraint":       {six(object{"code": "777777"}), 400, "invalid_input", `PIN code violates the device's constraint no_all_same_digits for "code"`},
		"sequence":         {six(object{"code": "987654"}), 400, "invalid_input", `PIN code violates the device's constraint no_ascending_or_descending_sequence for "code"`},
		"long name":        {six(object{"name": "a name beyond measure"}), 400, "invalid_input", `String must contain at most 14 character(s) for "name"`},
		"short name":       {six(object{"name": "x"}), 400, "invalid_input", `String must contain at least 2 character(s) for "name"`},
		"thermostat":       {object{"device_id": sim.SeedThermostatID}, 400, "device_type_not_supported", "Device cannot program online access codes"},
		"provider's PIN":   {object{"device_id": sim.SeedProviderPINLockID, "code": "1234"}, 400, "invalid_input", `The PIN code cannot be specified for this device for "code"`},
		"no offline codes": {native(object{"is_offline_access_code": true}), 400, "device_type_not_supported", "Device cannot program offline access codes"},
		"offline ongoing":  {object{"device_id": sim.SeedOfflineCodeLockID, "is_offline_access_code": true}, 400, "invalid_input", "Offline access codes must be time bound"},
		"offline with PIN": {with(frame(hour, 2*hour), "device_id", sim.SeedOfflineCodeLockID, "use_offline_access_code", true, "code", "1234"), 400, "invalid_input", `The PIN code cannot be specified for this device for "code"`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			got := a.post("/access_codes/create", tc.body)
			a.wantError(got, tc.status, tc.kind)
			a.equal("message", got.error("message"), any(tc.message))
			codes := a.sim.State().AccessCodes
			a.equal("codes after a refusal", len(codes), 1) // the seeded unmanaged one
		})
	}
}

func TestValidationErrorsNameTheField(t *testing.T) {
	a := newAPI(t)
	got := a.post("/access_codes/create", object{"device_id": "x"})
	a.equal("malformed", got.error("validation_errors"), any(object{"_errors": []any{}, "device_id": object{"_errors": []any{"Invalid uuid"}}}))
	got = a.post("/access_codes/create", object{})
	a.equal("missing", got.error("validation_errors"), any(object{"_errors": []any{}, "device_id": object{"_errors": []any{"Required"}}}))
	got = a.post("/access_codes/list", object{})
	a.equal("general", got.error("validation_errors"), any(object{"_errors": []any{"Either 'device_id' or 'access_code_ids' is required"}}))
}

// Every documented field is kept and shown, and times are rounded up to the minute.
func TestCreateObject(t *testing.T) {
	a := newAPI(t)
	got := a.ok("/access_codes/create", object{
		"device_id": sim.SeedNativeLockID, "name": "Ann", "code": "24680",
		"starts_at": "2030-03-01T10:00:01", "ends_at": "2030-03-02T12:30:00+02:00",
		"common_code_key": "key", "allow_external_modification": true, "is_one_time_use": true,
		"use_backup_access_code_pool": true, "prefer_native_scheduling": false, "max_time_rounding": "1d",
		"attempt_for_offline_device": true, "sync": false, "preferred_code_length": 4,
	})
	code := obj(got["access_code"])
	want := object{
		"workspace_id": sim.SeedWorkspaceID, "device_id": sim.SeedNativeLockID, "type": "time_bound", "status": "unset", "display_status": "Scheduled",
		"name": "Ann", "code": "24680", "common_code_key": "key", "created_at": wire(start()),
		"starts_at": "2030-03-01T10:01:00.000Z", "ends_at": "2030-03-02T10:30:00.000Z",
		"errors": []any{}, "warnings": []any{}, "is_managed": true, "is_backup": false,
		"is_backup_access_code_available": false, "appearance": nil, "is_external_modification_allowed": true, "is_one_time_use": true,
		"is_offline_access_code": false, "is_scheduled_on_device": false, "is_waiting_for_code_assignment": false,
	}
	ignored := cmpopts.IgnoreMapEntries(func(k string, _ any) bool { return k == "access_code_id" || k == "pending_mutations" })
	if diff := cmp.Diff(want, code, ignored); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	a.equal("mutations", each(code["pending_mutations"], "mutation_code"), []any{"deferring_creation"})
	// Not native, by the caller's wish: one hour before the start.
	a.equal("scheduled", each(code["pending_mutations"], "scheduled_at"), []any{"2030-03-01T09:01:00.000Z"})
	attempt := obj(got["action_attempt"])
	a.equal("attempt", attempt["action_type"], any("CREATE_ACCESS_CODE"))
	a.equal("attempt", attempt["status"], any("pending"))
	a.equal("get", a.code(code["access_code_id"]), code)
	device := obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
	a.equal("pool", obj(device["properties"])["backup_access_code_pool_enabled"], any(true))
}

func TestDuplicatePIN(t *testing.T) {
	a := newAPI(t)
	first := a.create(sim.SeedNativeLockID, with(frame(time.Hour, 2*time.Hour), "code", "1234"))
	got := a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "code": "1234", "name": "a2"})
	a.wantError(got, 409, "duplicate_access_code")
	a.equal("message", got.error("message"), any("Cannot set duplicate access code 1234 named a2"))
	// A window that does not touch the other changes nothing.
	got = a.post("/access_codes/create", with(frame(50*time.Hour, 51*time.Hour), "device_id", sim.SeedNativeLockID, "code", "1234"))
	a.wantError(got, 409, "duplicate_access_code")
	a.equal("message", got.error("message"),
		any("Cannot set duplicate access code 1234 for period 2030-01-09T11:00:00.000Z-2030-01-09T12:00:00.000Z"))
	a.create(sim.SeedJustInTimeLockID, object{"code": "1234"}) // another lock

	a.ok("/access_codes/delete", object{"access_code_id": first["access_code_id"]})
	again := object{"device_id": sim.SeedNativeLockID, "code": "1234"}
	a.wantError(a.post("/access_codes/create", again), 409, "duplicate_access_code")
	a.pass(removeDelay - time.Millisecond)
	a.wantError(a.post("/access_codes/create", again), 409, "duplicate_access_code")
	a.pass(time.Millisecond)
	a.ok("/access_codes/create", again)
}

func TestChosenPIN(t *testing.T) {
	for name, tc := range map[string]struct {
		device string
		length any
		want   int
	}{
		"shortest supported":    {sim.SeedNativeLockID, nil, 4},
		"preferred":             {sim.SeedNativeLockID, 7, 7},
		"unsupported preferred": {sim.SeedSixDigitLockID, 4, 6},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			body := object{}
			if tc.length != nil {
				body["preferred_code_length"] = tc.length
			}
			pin, _ := a.create(tc.device, body)["code"].(string)
			if len(pin) != tc.want || strings.Trim(pin, "0123456789") != "" {
				t.Errorf("got PIN %q, want %d digits", pin, tc.want)
			}
		})
	}
}

// A code without name has none, and the provider's PIN comes with the programming.
func TestProviderChoosesPIN(t *testing.T) {
	a := newAPI(t)
	code := a.create(sim.SeedProviderPINLockID, nil)
	a.equal("name", code["name"], nil)
	a.equal("code", code["code"], nil)
	a.equal("waiting", code["is_waiting_for_code_assignment"], any(true))
	a.pass(setDelay)
	code = a.code(code["access_code_id"])
	a.equal("waiting", code["is_waiting_for_code_assignment"], any(false))
	if pin, _ := code["code"].(string); len(pin) != 4 {
		t.Errorf("got PIN %q, want four digits", pin)
	}
}

func TestOfflineCode(t *testing.T) {
	a := newAPI(t)
	if err := a.sim.UpdateDevice(sim.SeedOfflineCodeLockID, func(d *sim.Device) { d.Online = false }); err != nil {
		t.Fatal(err)
	}
	code := a.create(sim.SeedOfflineCodeLockID, with(frame(time.Hour, 2*time.Hour), "is_offline_access_code", true))
	id := code["access_code_id"]
	a.equal("errors", code["errors"], any([]any{}))
	a.equal("code", code["code"], nil)
	a.pass(setDelay)
	code = a.code(id)
	a.equal("status", code["status"], any("set"))
	a.equal("offline", code["is_offline_access_code"], any(true))
	if code["code"] == nil {
		t.Error("no PIN was assigned")
	}
	a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "name": "b"}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": id}), 400, "invalid_input")
	a.pass(2*time.Hour + removeDelay)
	a.equal("gone", a.gone(id), true)
}

func TestNoAttemptForOfflineDevice(t *testing.T) {
	a := newAPI(t)
	if err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false }); err != nil {
		t.Fatal(err)
	}
	body := object{"device_id": sim.SeedNativeLockID, "attempt_for_offline_device": false}
	a.wantError(a.post("/access_codes/create", body), 400, "device_offline")
}
