// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// control speaks to /_sim/ without a key.
func (a *api) control(method, path string, body any) answer {
	a.t.Helper()
	key := a.key
	a.key = ""
	defer func() { a.key = key }()
	return a.do(method, "/_sim/"+path, body)
}

func (a *api) controlOK(method, path string, body any) object {
	a.t.Helper()
	got := a.control(method, path, body)
	if got.status != http.StatusOK {
		a.t.Fatalf("%s %s: got %d %s", method, path, got.status, got.raw)
	}
	return got.body
}

func TestControlClock(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.equal("now", a.controlOK("GET", "clock", nil)["now"], any(start().Format(time.RFC3339)))
	a.equal("advanced", a.controlOK("POST", "clock/advance", object{"by": setDelay.String()})["now"], any("2030-01-07T09:00:04Z"))
	a.equal("status", a.code(id)["status"], any("set"))
	a.equal("backwards", a.control("POST", "clock/advance", object{"by": "-1s"}).status, 400)
	a.equal("no duration", a.control("POST", "clock/advance", object{"by": "soon"}).status, 400)
	a.equal("misspelt", a.control("POST", "clock/advance", object{"to": "1s"}).status, 400)
	a.equal("unmoved", a.sim.Now(), start().Add(setDelay))
	a.equal("backwards in Go", a.sim.Advance(-time.Hour), start().Add(setDelay))
}

func TestControlState(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	state := a.controlOK("GET", "state", nil)
	a.equal("workspaces", each(state["workspaces"], "workspace_id"), []any{sim.SeedWorkspaceID, sim.SeedOtherWorkspaceID})
	devices := []any{}
	for _, d := range sim.SeedDevices() {
		devices = append(devices, d.ID)
	}
	a.equal("devices", each(state["devices"], "device_id"), devices)
	a.equal("codes", each(state["access_codes"], "access_code_id"), []any{sim.SeedUnmanagedCodeID, id})
	if diff := cmp.Diff(sim.SeedDevices(), a.sim.State().Devices); diff != "" {
		t.Errorf("devices (-seed +state):\n%s", diff)
	}
	a.equal("no seed", len(sim.New(sim.Options{}).State().Devices), 0)
	a.equal("default seed", len(sim.New(sim.DefaultOptions()).State().Devices), 8)
	a.equal("no such device", a.sim.Codes(unknownID), []sim.AccessCode{})
}

func TestControlRequests(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.RequestLimit = 3 })
	a.create(sim.SeedNativeLockID, nil)
	for range 8 {
		a.do(http.MethodGet, "/devices/list", nil)
	}
	last := a.do(http.MethodPut, "/devices/list", nil)
	got := a.controlOK("GET", "requests", nil)
	a.equal("total", got["total"], any(10.0))
	a.equal("by path", got["by_path"], any(object{"/access_codes/create": 1.0, "/devices/list": 9.0}))
	a.equal("methods", each(got["last"], "method"), []any{"GET", "GET", "PUT"})
	a.equal("statuses", each(got["last"], "status"), []any{200.0, 200.0, 405.0})
	a.equal("id", each(got["last"], "request_id")[2], any(last.header.Get("Seam-Request-Id")))
	a.controlOK("DELETE", "requests", nil)
	a.equal("reset", a.sim.Requests(), sim.Requests{ByPath: map[string]int{}, Last: []sim.Request{}})
}

func TestControlFaults(t *testing.T) {
	a := newAPI(t)
	order := object{"path": "/access_codes/*", "kind": "delay", "delay": "1ms", "times": 2}
	fault := obj(a.controlOK("POST", "faults", order)["fault"])
	a.equal("delay", fault["delay"], any("1ms"))
	listed := a.controlOK("GET", "faults", nil)["faults"]
	a.equal("listed", each(listed, "fault_id"), []any{fault["fault_id"]})
	a.controlOK("DELETE", "faults", nil)
	a.equal("cleared", a.controlOK("GET", "faults", nil)["faults"], any([]any{}))
	a.equal("wrong kind", a.control("POST", "faults", object{"path": "/x", "kind": "flood"}).status, 400)
	a.equal("misspelt", a.control("POST", "faults", object{"path": "/x", "knd": "drop"}).status, 400)
}

func TestTakeOffLock(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"])
	a.pass(setDelay)
	a.controlOK("POST", "codes/"+id+"/take-off", nil)
	a.equal("gone", a.gone(id), true)
	a.create(sim.SeedNativeLockID, object{"code": "1234"})
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.set_on_device", "access_code.deleted_external_to_seam",
	})
	a.equal("again", a.control("POST", "codes/"+id+"/take-off", nil).status, 404)
}

func TestLoseCode(t *testing.T) {
	for name, same := range map[string]bool{"the same id": true, "another id": false} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := str(a.create(sim.SeedNativeLockID, object{"code": "1234", "name": "guest"})["access_code_id"])
			a.equal("not on the lock yet", a.control("POST", "codes/"+id+"/lose", nil).status, 400)
			a.pass(setDelay)
			now := str(a.controlOK("POST", "codes/"+id+"/lose", object{"same_id": same})["access_code_id"])
			a.equal("same id", now == id, same)
			a.wantError(a.post("/access_codes/get", object{"access_code_id": id}), 404, "access_code_not_found")
			found := a.unmanaged(now)
			a.equal("PIN", found["code"], any("1234"))
			a.equal("name", found["name"], any("guest"))
			a.ok(unmanagedPath+"convert_to_managed", object{"access_code_id": now})
			a.pass(setDelay)
			a.equal("managed", a.code(now)["is_managed"], any(true))
		})
	}
}

func TestChangeAtLock(t *testing.T) {
	for name, tc := range map[string]struct {
		allowed, reapply bool
		pin, status      string
		errors, warnings []any
	}{
		"drift":               {false, false, "5678", "set", []any{"conflicting_external_modification"}, []any{}},
		"reapplied":           {false, true, "1234", "setting", []any{"conflicting_external_modification"}, []any{}},
		"allowed":             {true, false, "5678", "set", []any{}, []any{"external_modification_in_effect"}},
		"allowed and reapply": {true, true, "5678", "set", []any{}, []any{"external_modification_in_effect"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := str(a.create(sim.SeedNativeLockID, object{"code": "1234", "name": "Ann", "allow_external_modification": tc.allowed})["access_code_id"])
			a.pass(setDelay)
			a.controlOK("POST", "codes/"+id+"/change", object{"code": "5678", "reapply": tc.reapply})
			code := a.code(id)
			a.equal("PIN", code["code"], any(tc.pin))
			a.equal("name", code["name"], any("Ann"))
			a.equal("status", code["status"], any(tc.status))
			a.equal("errors", each(code["errors"], "error_code"), tc.errors)
			a.equal("warnings", each(code["warnings"], "warning_code"), tc.warnings)
			a.equal("newest event", a.eventTypes(id)[2], any("access_code.modified_external_to_seam"))

			// Setting it again settles the matter.
			a.ok("/access_codes/update", object{"access_code_id": id, "code": "1357", "name": "Bob"})
			a.pass(setDelay)
			code = a.code(id)
			a.equal("status", code["status"], any("set"))
			a.equal("errors", code["errors"], any([]any{}))
			a.equal("warnings", code["warnings"], any([]any{}))
		})
	}
}

// TestChangeAtLockWhileItIsSet: what the service is about to set is what the lock has afterwards.
func TestChangeAtLockWhileItIsSet(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"code": "1234", "name": "Ann"})["access_code_id"])
	a.pass(setDelay)
	a.controlOK("POST", "codes/"+id+"/change", object{"name": "Bob", "reapply": true})
	a.controlOK("POST", "codes/"+id+"/change", object{"code": "5678"})
	a.pass(setDelay)
	code := a.code(id)
	a.equal("PIN", code["code"], any("1234"))
	a.equal("name", code["name"], any("Ann"))
	a.equal("errors", code["errors"], any([]any{}))
}

func TestChangeAtLockRefusals(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"])
	a.equal("not on the lock", a.control("POST", "codes/"+id+"/change", object{"name": "x"}).status, 400)
	a.create(sim.SeedNativeLockID, object{"code": "5678"})
	a.pass(setDelay)
	a.equal("taken", a.control("POST", "codes/"+id+"/change", object{"code": "5678"}).status, 400)
	a.equal("unknown", a.control("POST", "codes/"+unknownID+"/change", object{}).status, 404)
	a.equal("misspelt", a.control("POST", "codes/"+id+"/change", object{"pin": "1"}).status, 400)
	a.controlOK("POST", "codes/"+id+"/change", object{"name": "x"})
	a.equal("name", a.code(id)["name"], any("x"))
	a.controlOK("POST", "codes/"+sim.SeedUnmanagedCodeID+"/change", object{"code": "8642"})
	a.equal("unmanaged", *a.sim.Codes(sim.SeedFewSlotsLockID)[0].Code, "8642")
}

func TestFailAndRecover(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	a.pass(setDelay)
	a.controlOK("POST", "codes/"+id+"/fail", object{"message": "motor stuck"})
	a.pass(time.Minute)
	code := a.code(id)
	a.equal("status", code["status"], any("setting"))
	a.equal("errors", each(code["errors"], "error_code"), []any{"failed_to_set_on_device"})
	a.equal("message", each(code["errors"], "message"), []any{"motor stuck"})
	a.controlOK("POST", "codes/"+id+"/recover", nil)
	a.pass(setDelay)
	code = a.code(id)
	a.equal("status", code["status"], any("set"))
	a.equal("errors", code["errors"], any([]any{}))

	a.ok("/access_codes/delete", object{"access_code_id": id})
	if err := a.sim.FailCode(id, ""); err != nil {
		t.Fatal(err)
	}
	a.pass(time.Minute)
	a.equal("errors", each(a.code(id)["errors"], "error_code"), []any{"failed_to_remove_from_device"})
	if err := a.sim.RecoverCode(id); err != nil {
		t.Fatal(err)
	}
	a.pass(removeDelay)
	a.equal("gone", a.gone(id), true)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.set_on_device", "access_code.failed_to_set_on_device", "access_code.set_on_device",
		"access_code.mutations_requested", "access_code.failed_to_remove_from_device", "access_code.removed_from_device",
		"access_code.deleted",
	})
	a.equal("unmanaged", a.control("POST", "codes/"+sim.SeedUnmanagedCodeID+"/fail", object{}).status, 400)
	a.equal("misspelt", a.control("POST", "codes/"+id+"/fail", object{"mesage": ""}).status, 400)
}

func TestControlUnmanagedCodes(t *testing.T) {
	a := newAPI(t)
	id := a.controlOK("POST", "codes", object{"device_id": sim.SeedNativeLockID, "name": "Cleaner", "code": "4321"})["access_code_id"]
	a.equal("events", a.eventTypes(id), []any{"access_code.unmanaged.created"})
	a.equal("hidden", a.ok("/access_codes/list", object{"device_id": sim.SeedNativeLockID})["access_codes"], any([]any{}))
	for name, body := range map[string]object{
		"taken":    {"device_id": sim.SeedNativeLockID, "code": "4321"},
		"no PIN":   {"device_id": sim.SeedNativeLockID},
		"misspelt": {"device": sim.SeedNativeLockID},
	} {
		a.equal(name, a.control("POST", "codes", body).status, 400)
	}
	a.equal("unknown device", a.control("POST", "codes", object{"device_id": unknownID, "code": "4321"}).status, 404)
}

func TestControlDevices(t *testing.T) {
	a := newAPI(t)
	made := obj(a.controlOK("POST", "devices", object{"workspace_id": sim.SeedWorkspaceID, "name": "Shed", "max_active_codes_supported": 1})["device"])
	id := str(made["device_id"])
	a.equal("online by default", made["online"], any(true))
	code := a.create(id, nil)["access_code_id"]
	waiting := a.create(id, nil)["access_code_id"]
	a.controlOK("PATCH", "devices/"+id, object{"supported_code_lengths": []int{5}, "max_active_codes_supported": 2, "workspace_id": "ignored"})
	a.pass(setDelay)
	a.equal("more room", a.code(waiting)["status"], any("set"))
	a.wantError(a.post("/access_codes/create", object{"device_id": id, "code": "1234"}), 400, "invalid_input")
	device := obj(a.ok("/devices/get", object{"device_id": id})["device"])
	a.equal("name stays", device["display_name"], any("Shed"))
	a.controlOK("PATCH", "devices/"+id, object{"removed": true})
	a.equal("removed", each(a.code(code)["errors"], "error_code"), []any{"device_removed"})
	a.controlOK("PATCH", "devices/"+id, object{"online": false})
	a.controlOK("PATCH", "devices/"+id, object{"online": true})
	a.controlOK("DELETE", "devices/"+id, nil)
	a.equal("gone", a.gone(code), true)
	a.wantError(a.post("/devices/get", object{"device_id": id}), 404, "device_not_found")
	events := a.ok("/events/list", object{"since": "2000-01-01", "device_id": id, "limit": 6})["events"]
	a.equal("events", each(events, "event_type"), []any{
		"device.deleted", "access_code.deleted", "access_code.deleted", "device.connected", "device.disconnected", "device.removed",
	})
	for name, got := range map[string]answer{
		"patch unknown":     a.control("PATCH", "devices/"+id, object{}),
		"delete unknown":    a.control("DELETE", "devices/"+id, nil),
		"unknown workspace": a.control("POST", "devices", object{"workspace_id": unknownID}),
	} {
		a.equal(name, got.status, 404)
	}
	a.equal("exists", a.control("POST", "devices", object{"workspace_id": sim.SeedWorkspaceID, "device_id": sim.SeedNativeLockID}).status, 400)
	a.equal("patch", a.control("PATCH", "devices/"+sim.SeedNativeLockID, object{"online": "yes"}).status, 400)
	a.equal("misspelt", a.control("POST", "devices", object{"onlin": true}).status, 400)
}

func TestControlTenants(t *testing.T) {
	a := newAPI(t)
	id := str(a.controlOK("POST", "workspaces", object{"name": "Third"})["workspace_id"])
	a.controlOK("POST", "api-keys", object{"workspace_id": id, "key": "seam_test_third"})
	a.key = "seam_test_third"
	ws := obj(a.ok("/workspaces/get", object{})["workspace"])
	a.equal("name", ws["name"], any("Third"))
	a.equal("sandbox", ws["is_sandbox"], any(true))
	a.equal("id", ws["workspace_id"], any(id))
	a.controlOK("DELETE", "api-keys/seam_test_third", nil)
	a.wantError(a.post("/workspaces/get", object{}), 401, "unauthorized")
	a.equal("again", a.control("DELETE", "api-keys/seam_test_third", nil).status, 404)
	a.equal("exists", a.control("POST", "workspaces", object{"workspace_id": id}).status, 400)
	a.equal("misspelt", a.control("POST", "workspaces", object{"title": "x"}).status, 400)
	a.equal("no workspace", a.control("POST", "api-keys", object{"workspace_id": unknownID, "key": "k"}).status, 404)
	a.equal("no key", a.control("POST", "api-keys", object{"workspace_id": id}).status, 400)
	a.equal("misspelt", a.control("POST", "api-keys", object{"id": id}).status, 400)
	if err := a.sim.RevokeAPIKey("none"); !errors.Is(err, sim.ErrNotFound) {
		t.Errorf("got error %v, want ErrNotFound", err)
	}
	a.equal("unknown control", a.control("GET", "nothing", nil).status, 404)
}
