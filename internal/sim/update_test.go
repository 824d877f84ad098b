// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// An update is partial: the object shows it at once, the lock has it after a while.
func TestUpdateParts(t *testing.T) {
	ends := wire(start().Add(9 * time.Hour))
	for name, tc := range map[string]struct {
		change   object
		mutation []any
		from, to any
		shown    object
	}{
		"name": {
			object{"name": "Bob"}, []any{"updating_name"}, object{"name": "Ann"}, object{"name": "Bob"},
			object{"name": "Bob", "code": "1234", "type": "time_bound"},
		},
		"code": {
			object{"code": "5678"}, []any{"updating_code"}, object{"code": "1234"}, object{"code": "5678"},
			object{"name": "Ann", "code": "5678", "type": "time_bound"},
		},
		"end only": {
			object{"ends_at": ends}, []any{"updating_time_frame"},
			frame(-time.Hour, 5*time.Hour), object{"starts_at": wire(start().Add(-time.Hour)), "ends_at": ends},
			object{"name": "Ann", "ends_at": ends, "starts_at": wire(start().Add(-time.Hour))},
		},
		"to ongoing": {
			object{"type": "ongoing"}, []any{"updating_time_frame"},
			frame(-time.Hour, 5*time.Hour), object{"starts_at": nil, "ends_at": nil},
			object{"name": "Ann", "type": "ongoing", "starts_at": nil, "ends_at": nil},
		},
		"nothing new": {object{"name": "Ann", "code": "1234"}, []any{}, nil, nil, object{"status": "set"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := a.create(sim.SeedNativeLockID, with(frame(-time.Hour, 5*time.Hour), "name", "Ann", "code", "1234"))["access_code_id"]
			a.pass(setDelay)
			got := a.ok("/access_codes/update", with(tc.change, "access_code_id", id))
			a.equal("attempt", obj(got["action_attempt"])["action_type"], any("UPDATE_ACCESS_CODE"))
			code := a.code(id)
			a.equal("mutations", each(code["pending_mutations"], "mutation_code"), tc.mutation)
			for member, want := range tc.shown {
				a.equal(member, code[member], want)
			}
			if tc.from == nil {
				return
			}
			a.equal("from", each(code["pending_mutations"], "from"), []any{tc.from})
			a.equal("to", each(code["pending_mutations"], "to"), []any{tc.to})
			a.equal("status", code["status"], any("setting"))
			a.pass(setDelay)
			code = a.code(id)
			a.equal("status", code["status"], any("set"))
			a.equal("mutations", code["pending_mutations"], any([]any{}))
		})
	}
}

func TestUpdateRefusals(t *testing.T) {
	past := wire(start().Add(-time.Minute))
	for name, tc := range map[string]struct {
		change  object
		status  int
		kind    string
		message string
	}{
		"unknown id":           {object{"access_code_id": unknownID}, 404, "access_code_not_found", "Could not find an access_code with device_id or access_code_id"},
		"another device":       {object{"device_id": sim.SeedJustInTimeLockID}, 404, "access_code_not_found", "Could not find an access_code with device_id or access_code_id"},
		"malformed PIN":        {object{"code": "12"}, 400, "invalid_input", `Must be 4 to 12 digits for "code"`},
		"unsupported length":   {object{"code": "123456789"}, 400, "invalid_input", `Device supports PIN codes of 4, 5, 6, 7, 8 digits for "code"`},
		"taken PIN":            {object{"code": "2222"}, 409, "duplicate_access_code", "Cannot set duplicate access code 2222 named Ann"},
		"taken PIN, new name":  {object{"code": "2222", "name": "Eve"}, 409, "duplicate_access_code", "Cannot set duplicate access code 2222 named Eve"},
		"ongoing, start only":  {object{"starts_at": wire(start())}, 400, "invalid_input", "Both starts_at and ends_at must be provided if one is"},
		"ongoing, end only":    {object{"ends_at": wire(start().Add(time.Hour))}, 400, "invalid_input", "Both starts_at and ends_at must be provided if one is"},
		"time bound, no times": {object{"type": "time_bound"}, 400, "invalid_input", "Both starts_at and ends_at must be provided if one is"},
		"end in the past":      {object{"starts_at": wire(start().Add(-time.Hour)), "ends_at": past}, 400, "invalid_input", `Must be in the future for "ends_at"`},
		"ongoing with times":   {object{"type": "ongoing", "ends_at": past}, 400, "invalid_input", "Neither starts_at nor ends_at can be provided for an ongoing access code"},
		"no such type":         {object{"type": "sometimes"}, 400, "invalid_input", `Invalid enum value for "type"`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := a.create(sim.SeedNativeLockID, object{"name": "Ann", "code": "1111"})["access_code_id"]
			a.create(sim.SeedNativeLockID, object{"code": "2222"})
			a.pass(setDelay)
			before := a.code(id)
			body := with(object{"access_code_id": id}, "name", "Ann")
			for k, v := range tc.change {
				body[k] = v
			}
			got := a.post("/access_codes/update", body)
			a.wantError(got, tc.status, tc.kind)
			a.equal("message", got.error("message"), any(tc.message))
			a.equal("the code after a refusal", a.code(id), before)
		})
	}
}

func TestUpdateByOtherVerbs(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	for _, verb := range []string{"PUT", "PATCH"} {
		got := a.do(verb, "/access_codes/update", object{"access_code_id": id, "name": verb})
		a.equal("status", got.status, 200)
		a.equal("name", a.code(id)["name"], any(verb))
	}
}

// Two updates in a row: the lock goes from the first old value to the last new one.
func TestUpdatesJoin(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1111", "name": "a"})["access_code_id"]
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "b"})
	a.equal("while creating", each(a.code(id)["pending_mutations"], "mutation_code"), []any{"creating", "updating_name"})
	a.pass(setDelay)
	a.ok("/access_codes/update", object{"access_code_id": id, "code": "2222"})
	a.pass(setDelay / 2)
	a.ok("/access_codes/update", object{"access_code_id": id, "code": "3333", "name": "c"})
	pending := a.code(id)["pending_mutations"]
	a.equal("mutations", each(pending, "mutation_code"), []any{"updating_name", "updating_code"})
	a.equal("from", each(pending, "from"), []any{object{"name": "b"}, object{"code": "1111"}})
	a.equal("to", each(pending, "to"), []any{object{"name": "c"}, object{"code": "3333"}})
	a.pass(setDelay - time.Millisecond)
	a.equal("begins anew", a.code(id)["status"], any("setting"))
	a.pass(time.Millisecond)
	a.equal("status", a.code(id)["status"], any("set"))
	// The PINs given up are free.
	a.create(sim.SeedNativeLockID, object{"code": "1111"})
	a.create(sim.SeedNativeLockID, object{"code": "2222"})
	a.equal("by PIN", obj(a.ok("/access_codes/get", object{"device_id": sim.SeedNativeLockID, "code": "3333"})["access_code"])["access_code_id"], id)
}

func TestUpdateOfTheWindow(t *testing.T) {
	const hour = time.Hour
	for name, tc := range map[string]struct {
		device    string
		created   object
		change    object
		status    string
		scheduled any
		mutations []any
	}{
		"ongoing to an open window":   {sim.SeedNativeLockID, object{}, frame(-hour, hour), "setting", true, []any{"updating_time_frame"}},
		"ongoing to the near future":  {sim.SeedNativeLockID, object{}, frame(10*hour, 11*hour), "unset", true, []any{"updating_time_frame"}},
		"ongoing to the far future":   {sim.SeedNativeLockID, object{}, frame(100*hour, 110*hour), "unset", false, []any{"deferring_creation"}},
		"future to an open window":    {sim.SeedJustInTimeLockID, frame(10*hour, 11*hour), frame(-hour, hour), "setting", false, []any{"creating", "updating_time_frame"}},
		"just in time to the future":  {sim.SeedJustInTimeLockID, frame(0, 2*hour), frame(10*hour, 11*hour), "unset", false, []any{"deferring_creation"}},
		"no longer native":            {sim.SeedNativeLockID, frame(10*hour, 11*hour), object{"prefer_native_scheduling": false}, "unset", false, []any{"deferring_creation"}},
		"far future, a name":          {sim.SeedNativeLockID, frame(100*hour, 110*hour), object{"name": "b"}, "unset", false, []any{"deferring_creation"}},
		"waiting on the lock, a name": {sim.SeedNativeLockID, frame(10*hour, 11*hour), object{"name": "b"}, "unset", true, []any{"updating_name"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := a.create(tc.device, tc.created)["access_code_id"]
			a.pass(setDelay)
			a.ok("/access_codes/update", with(tc.change, "access_code_id", id))
			code := a.code(id)
			a.equal("status", code["status"], any(tc.status))
			a.equal("scheduled", code["is_scheduled_on_device"], tc.scheduled)
			a.equal("mutations", each(code["pending_mutations"], "mutation_code"), tc.mutations)
		})
	}
}

func TestUpdateFlags(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, frame(time.Hour, 2*time.Hour))["access_code_id"]
	a.ok("/access_codes/update", object{
		"access_code_id": id, "is_external_modification_allowed": true, "is_one_time_use": true, "use_backup_access_code_pool": true,
	})
	a.pass(setDelay) // until the pool has something in it
	code := a.code(id)
	for _, flag := range []string{"is_external_modification_allowed", "is_one_time_use", "is_backup_access_code_available"} {
		a.equal(flag, code[flag], any(true))
	}
}

func TestUpdateEvents(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"name": "a", "code": "1111"})["access_code_id"]
	a.pass(setDelay)
	a.ok("/access_codes/update", with(frame(-time.Hour, time.Hour), "access_code_id", id, "name", "b", "code", "2222"))
	a.pass(setDelay)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.set_on_device", "access_code.mutations_requested", "access_code.changed",
		"access_code.name_changed", "access_code.code_changed", "access_code.time_frame_changed", "access_code.set_on_device",
	})
	events := list(a.ok("/events/list", object{"since": "2000-01-01", "event_type": "access_code.changed"})["events"])
	changed := obj(events[0])["changed_properties"]
	a.equal("properties", each(changed, "property"), []any{"name", "code", "starts_at", "ends_at"})
	a.equal("from", each(changed, "from"), []any{"a", "1111", nil, nil})
	a.equal("to", each(changed, "to"), []any{"b", "2222", wire(start().Add(-time.Hour)), wire(start().Add(time.Hour))})
}

// What is not to be tried on a lock that is offline is refused, and changes nothing.
func TestUpdateOfAnOfflineLock(t *testing.T) {
	a := newAPI(t)
	code := a.create(sim.SeedNativeLockID, object{"code": "1234", "name": "Ann"})
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false })
	body := object{"access_code_id": code["access_code_id"], "name": "Bob", "attempt_for_offline_device": false}
	a.wantError(a.post("/access_codes/update", body), 400, "device_offline")
	a.equal("name", a.code(code["access_code_id"])["name"], "Ann")
	body["attempt_for_offline_device"] = true
	a.ok("/access_codes/update", body)
	a.equal("name", a.code(code["access_code_id"])["name"], "Bob")
}
