// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/sim"
)

const unmanagedPath = "/access_codes/unmanaged/"

// foreign puts a code on the native lock that is not ours.
func (a *api) foreign(code sim.ForeignCode) string {
	a.t.Helper()
	code.DeviceID = sim.SeedNativeLockID
	if code.Code == "" {
		code.Code = "4321"
	}
	id, err := a.sim.AddForeignCode(code)
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

func (a *api) unmanaged(id any) object {
	a.t.Helper()
	return obj(a.ok(unmanagedPath+"get", object{"access_code_id": id})["access_code"])
}

func TestUnmanagedObject(t *testing.T) {
	a := newAPI(t)
	want := object{
		"access_code_id": sim.SeedUnmanagedCodeID, "workspace_id": sim.SeedWorkspaceID, "device_id": sim.SeedFewSlotsLockID,
		"type": "ongoing", "status": "set", "display_status": "Active", "name": "Gardener", "code": sim.SeedUnmanagedPIN, "created_at": wire(start()),
		"errors": []any{}, "warnings": []any{}, "is_managed": false, "cannot_be_managed": true,
	}
	if diff := cmp.Diff(want, a.unmanaged(sim.SeedUnmanagedCodeID)); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	byPIN := a.ok(unmanagedPath+"get", object{"device_id": sim.SeedFewSlotsLockID, "code": sim.SeedUnmanagedPIN})
	a.equal("by PIN", byPIN["access_code"], any(want))
	id := a.foreign(sim.ForeignCode{CannotDelete: true})
	a.equal("may be managed", a.unmanaged(id)["cannot_be_managed"], nil)
	a.equal("cannot be deleted", a.unmanaged(id)["cannot_delete_unmanaged_access_code"], any(true))

	managed := a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"]
	for name, body := range map[string]object{
		"managed":        {"access_code_id": managed},
		"unknown":        {"access_code_id": unknownID},
		"managed PIN":    {"device_id": sim.SeedNativeLockID, "code": "1234"},
		"unknown device": {"device_id": unknownID, "code": "1234"},
		"other device":   {"access_code_id": id, "device_id": sim.SeedFewSlotsLockID},
	} {
		if got := a.post(unmanagedPath+"get", body); got.error("type") != "access_code_not_found" {
			t.Errorf("%s: got %d %s", name, got.status, got.raw)
		}
	}
	a.wantError(a.post("/access_codes/get", object{"access_code_id": id}), 404, "access_code_not_found")
	a.wantError(a.post(unmanagedPath+"get", object{}), 400, "invalid_input")
}

func TestUnmanagedList(t *testing.T) {
	a := newAPI(t)
	a.create(sim.SeedNativeLockID, nil)
	first := a.foreign(sim.ForeignCode{Name: "Cleaner", Code: "1111"})
	second := a.foreign(sim.ForeignCode{Name: "Cook", Code: "2222"})
	query := url.Values{"device_id": {sim.SeedNativeLockID}, "limit": {"1"}}
	page := a.get(unmanagedPath+"list", query).body
	a.equal("page", each(page["access_codes"], "access_code_id"), []any{first})
	query.Set("page_cursor", str(obj(page["pagination"])["next_page_cursor"]))
	page = a.get(unmanagedPath+"list", query).body
	a.equal("rest", each(page["access_codes"], "access_code_id"), []any{second})
	a.equal("end", obj(page["pagination"])["has_next_page"], any(false))
	found := a.ok(unmanagedPath+"list", object{"device_id": sim.SeedNativeLockID, "search": "coo"})
	a.equal("search", each(found["access_codes"], "name"), []any{"Cook"})
	a.wantError(a.post(unmanagedPath+"list", object{}), 400, "invalid_input")
	a.wantError(a.post(unmanagedPath+"list", object{"device_id": unknownID}), 404, "device_not_found")
}

func TestConvert(t *testing.T) {
	for name, tc := range map[string]struct {
		path string
		body object
	}{
		"convert": {"convert_to_managed", object{"allow_external_modification": true}},
		"update":  {"update", object{"is_managed": true, "is_external_modification_allowed": true}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := a.foreign(sim.ForeignCode{Name: "Cleaner"})
			for range 2 { // asking twice holds up nothing
				a.equal("reply", a.ok(unmanagedPath+tc.path, with(tc.body, "access_code_id", id)), object{"ok": true})
				a.equal("not yet", a.unmanaged(id)["status"], any("set"))
				a.pass(setDelay / 2)
			}
			a.wantError(a.post(unmanagedPath+"get", object{"access_code_id": id}), 404, "access_code_not_found")
			code := a.code(id)
			for member, want := range map[string]any{
				"is_managed": true, "status": "set", "name": "Cleaner", "code": "4321", "is_external_modification_allowed": true,
			} {
				a.equal(member, code[member], want)
			}
			a.equal("events", a.eventTypes(id), []any{"access_code.unmanaged.created", "access_code.unmanaged.converted_to_managed"})
			a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "code": "4321"}), 409, "duplicate_access_code")
			a.ok("/access_codes/update", object{"access_code_id": id, "name": "Cook"})
			a.equal("no clash with itself", a.code(id)["errors"], any([]any{}))
			a.ok("/access_codes/update", object{"access_code_id": id, "code": "1234"})
			a.pass(setDelay)
			a.equal("like any other", a.code(id)["code"], any("1234"))
			a.foreign(sim.ForeignCode{Code: "4321"}) // which is free now
		})
	}
}

func TestConvertRefusals(t *testing.T) {
	a := newAPI(t)
	for path, bodies := range map[string][]object{
		"convert_to_managed": {{}, {"access_code_id": "x"}},
		"update":             {{"access_code_id": unknownID}, {"access_code_id": unknownID, "is_managed": false}, {"is_managed": true}},
	} {
		for _, body := range bodies {
			a.wantError(a.post(unmanagedPath+path, body), 400, "invalid_input")
		}
		unknown := object{"access_code_id": unknownID, "is_managed": true}
		a.wantError(a.post(unmanagedPath+path, unknown), 404, "access_code_not_found")
	}
	id := a.foreign(sim.ForeignCode{})
	a.ok(unmanagedPath+"delete", object{"access_code_id": id})
	a.wantError(a.post(unmanagedPath+"convert_to_managed", object{"access_code_id": id}), 400, "invalid_input")
}

// The provider, another workspace, or a PIN that is managed already stands in the way.
func TestConvertFails(t *testing.T) {
	failed := []any{"access_code.unmanaged.created", "access_code.unmanaged.failed_to_convert_to_managed"}
	convert := func(a *api, id any, force bool) {
		a.t.Helper()
		a.ok(unmanagedPath+"convert_to_managed", object{"access_code_id": id, "force": force})
		a.pass(setDelay)
	}
	for _, kind := range []string{"igloohome_lock", "kwikset_lock", "smartthings_lock"} {
		t.Run(kind, func(t *testing.T) {
			a := newAPI(t)
			a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Type = kind })
			id := a.foreign(sim.ForeignCode{})
			convert(a, id, true)
			code := a.unmanaged(id)
			a.equal("cannot", code["cannot_be_managed"], any(true))
			a.equal("errors", each(code["errors"], "error_code"), []any{"provider_issue"})
			a.equal("events", a.eventTypes(id), failed)
		})
	}
	a := newAPI(t)
	id := a.foreign(sim.ForeignCode{OtherWorkspace: true})
	convert(a, id, false)
	a.equal("errors", each(a.unmanaged(id)["errors"], "error_code"), []any{"provider_issue"})
	convert(a, id, true)
	a.equal("forced", a.code(id)["errors"], any([]any{}))

	clash := a.foreign(sim.ForeignCode{Code: "7777"})
	a.create(sim.SeedNativeLockID, object{"code": "7777"})
	convert(a, clash, false)
	a.equal("errors", each(a.unmanaged(clash)["errors"], "error_code"), []any{"duplicate_code_on_device"})
	a.equal("events", a.eventTypes(clash), failed)
	event := obj(list(a.ok("/events/list", object{"since": "2000-01-01", "access_code_id": clash})["events"])[0])
	a.equal("event", each(event["access_code_errors"], "error_code"), []any{"duplicate_code_on_device"})
}

// Conversion and removal need the lock.
func TestUnmanagedWaitsForTheLock(t *testing.T) {
	a := newAPI(t)
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false })
	id := a.foreign(sim.ForeignCode{})
	a.ok(unmanagedPath+"convert_to_managed", object{"access_code_id": id})
	a.pass(1000 * setDelay)
	a.equal("errors", each(a.unmanaged(id)["errors"], "error_code"), []any{"device_offline"})
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = true })
	a.pass(setDelay)
	a.equal("managed", a.code(id)["is_managed"], any(true))
}

func TestUnmanagedDelete(t *testing.T) {
	a := newAPI(t)
	id := a.foreign(sim.ForeignCode{})
	got := a.do(http.MethodDelete, unmanagedPath+"delete?access_code_id="+id, nil)
	a.equal("attempt", obj(got.body["action_attempt"])["action_type"], any("DELETE_ACCESS_CODE"))
	a.pass(removeDelay / 2)
	a.ok(unmanagedPath+"delete", object{"access_code_id": id})
	a.equal("still there", a.unmanaged(id)["status"], any("set"))
	a.pass(removeDelay / 2)
	a.wantError(a.post(unmanagedPath+"get", object{"access_code_id": id}), 404, "access_code_not_found")
	a.equal("attempt", a.attempt(attemptOf(got.body))["status"], any("success"))
	a.equal("events", a.eventTypes(id), []any{"access_code.unmanaged.created", "access_code.unmanaged.removed"})
	a.wantError(a.post(unmanagedPath+"delete", object{"access_code_id": id}), 404, "access_code_not_found")
	stuck := a.foreign(sim.ForeignCode{CannotDelete: true})
	a.wantError(a.post(unmanagedPath+"delete", object{"access_code_id": stuck}), 400, "cannot_delete_unmanaged_access_code")

	limited := newAPI(t, func(o *sim.Options) { o.RateLimits = true })
	id = limited.foreign(sim.ForeignCode{})
	for range 20 {
		limited.ok(unmanagedPath+"delete", object{"access_code_id": id})
	}
	limited.wantError(limited.post(unmanagedPath+"delete", object{"access_code_id": id}), 429, "rate_limit_exceeded")
}

func TestSimulateUnmanaged(t *testing.T) {
	a := newAPI(t)
	const path = "/access_codes/simulate/create_unmanaged_access_code"
	body := object{"device_id": sim.SeedNativeLockID, "name": "Cleaner", "code": "12345678"}
	code := obj(a.ok(path, body)["access_code"])
	a.equal("object", a.unmanaged(code["access_code_id"]), code)
	a.equal("status", code["status"], any("set"))
	a.equal("events", a.eventTypes(code["access_code_id"]), []any{"access_code.unmanaged.created"})
	a.wantError(a.post(path, body), 409, "duplicate_access_code")
	for _, wrong := range []object{
		{"name": "x", "code": "1234"}, {"device_id": sim.SeedNativeLockID, "code": "1234"},
		{"device_id": sim.SeedNativeLockID, "name": "x"}, {"device_id": sim.SeedNativeLockID, "name": "x", "code": "123"},
		{"device_id": sim.SeedNativeLockID, "name": "x", "code": "123456789"},
	} {
		a.wantError(a.post(path, wrong), 400, "invalid_input")
	}
	a.wantError(a.post(path, object{"device_id": unknownID, "name": "x", "code": "1234"}), 404, "device_not_found")
	a.wantError(a.post(path, object{"device_id": sim.SeedThermostatID, "name": "x", "code": "1234"}), 400, "device_type_not_supported")
	live := a.controlOK("POST", "workspaces", object{"name": "Live", "is_sandbox": false})["workspace_id"]
	lock := obj(a.controlOK("POST", "devices", object{"workspace_id": live})["device"])["device_id"]
	a.controlOK("POST", "api-keys", object{"workspace_id": live, "key": "seam_live"})
	a.key = "seam_live"
	a.wantError(a.post(path, object{"device_id": lock, "name": "x", "code": "1234"}), 400, "sandbox_only")
}

func TestReportConstraints(t *testing.T) {
	a := newAPI(t)
	const path = "/access_codes/report_device_constraints"
	lengths := func() any {
		device := obj(a.ok("/devices/get", object{"device_id": sim.SeedJustInTimeLockID})["device"])
		return obj(device["properties"])["supported_code_lengths"]
	}
	report := func(more ...any) object { return with(object{"device_id": sim.SeedJustInTimeLockID}, more...) }
	a.equal("reply", a.ok(path, report("supported_code_lengths", []any{5, 20})), object{"ok": true})
	a.equal("list", lengths(), any([]any{5.0, 20.0}))
	a.wantError(a.post("/access_codes/create", report("code", "1234")), 400, "invalid_input")
	a.ok(path, report("min_code_length", 6, "max_code_length", 8))
	a.equal("bounds", lengths(), any([]any{6.0, 7.0, 8.0}))
	a.ok(path, report("min_code_length", 14, "max_code_length", 20))
	a.wantError(a.post("/access_codes/create", report()), 400, "invalid_input")
	for _, wrong := range []object{
		{}, report(), report("min_code_length", 4), report("max_code_length", 4), report("supported_code_lengths", []any{}),
		report("supported_code_lengths", []any{4}, "min_code_length", 4, "max_code_length", 4),
		report("min_code_length", 3, "max_code_length", 4), report("min_code_length", 4, "max_code_length", 21),
		report("min_code_length", 8, "max_code_length", 4), report("supported_code_lengths", []any{4.5}),
		report("supported_code_lengths", []any{"4"}), report("supported_code_lengths", 4), report("min_code_length", "4", "max_code_length", 4),
	} {
		a.wantError(a.post(path, wrong), 400, "invalid_input")
	}
	lock := object{"device_id": sim.SeedNativeLockID, "supported_code_lengths": []any{4}}
	a.wantError(a.post(path, lock), 400, "device_type_not_supported")
	a.wantError(a.post(path, with(lock, "device_id", unknownID)), 404, "device_not_found")
}
