// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// deviceEvents lists the types of the events about the native lock since the start.
func (a *api) deviceEvents() []any {
	a.t.Helper()
	events := a.ok("/events/list", object{"since": wire(start()), "device_id": sim.SeedNativeLockID})["events"]
	types := each(events, "event_type")
	for i, j := 0, len(types)-1; i < j; i, j = i+1, j-1 {
		types[i], types[j] = types[j], types[i]
	}
	return types
}

// Each state of a device shows as error or warning while it lasts, and its events tell
// of beginning and end.
func TestTraits(t *testing.T) {
	for name, tc := range map[string]struct {
		on, off  object
		errors   []any
		warnings []any
		events   []any
	}{
		"online":       {object{"online": false}, object{"online": true}, []any{"device_offline"}, []any{}, []any{"device.disconnected", "device.connected"}},
		"removed":      {object{"removed": true}, object{"removed": false}, []any{"device_removed"}, []any{}, []any{"device.removed"}},
		"account":      {object{"account_disconnected": true}, object{"account_disconnected": false}, []any{"account_disconnected"}, []any{}, []any{}},
		"subscription": {object{"subscription_required": true}, object{"subscription_required": false}, []any{"subscription_required"}, []any{}, []any{"device.error.subscription_required", "device.error.subscription_required.resolved"}},
		"third party":  {object{"third_party_integration": true}, object{"third_party_integration": false}, []any{}, []any{"third_party_integration_detected"}, []any{"device.third_party_integration_detected", "device.third_party_integration_no_longer_detected"}},
		"flaky":        {object{"flaky_connection": true}, object{"flaky_connection": false}, []any{}, []any{"device_has_flaky_connection"}, []any{"device.connection_became_flaky", "device.connection_stabilized"}},
		"keypad":       {object{"accessory_keypad": "disconnected"}, object{"accessory_keypad": "connected"}, []any{}, []any{}, []any{"device.accessory_keypad_disconnected", "device.accessory_keypad_connected"}},
		"name":         {object{"name": "a"}, object{"name": "b"}, []any{}, []any{}, []any{"device.name_changed", "device.name_changed"}},
		"battery":      {object{"battery_level": 0.2}, object{"battery_level": 0.9}, []any{}, []any{}, []any{"device.battery_status_changed", "device.low_battery", "device.battery_status_changed"}},
		"empty":        {object{"battery_level": 0.05}, object{"battery_level": 0.06}, []any{}, []any{}, []any{"device.battery_status_changed", "device.low_battery"}},
		"fair":         {object{"battery_level": 0.5}, object{"battery_level": 0}, []any{}, []any{}, []any{"device.battery_status_changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.pass(setDelay)
			at := a.clock.Now()
			a.controlOK("PATCH", "devices/"+sim.SeedNativeLockID, tc.on)
			device := obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
			a.equal("errors", each(device["errors"], "error_code"), tc.errors)
			a.equal("warnings", each(device["warnings"], "warning_code"), tc.warnings)
			for _, since := range append(each(device["errors"], "created_at"), each(device["warnings"], "created_at")...) {
				a.equal("since", since, any(wire(at)))
			}
			a.pass(setDelay)
			a.controlOK("PATCH", "devices/"+sim.SeedNativeLockID, tc.off)
			device = obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
			a.equal("errors", device["errors"], any([]any{}))
			a.equal("warnings", device["warnings"], any([]any{}))
			a.equal("events", a.deviceEvents(), tc.events)
		})
	}
}

func TestDeviceProperties(t *testing.T) {
	a := newAPI(t)
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.BatteryLevel, d.AccessoryKeypad = 0.25, "connected" })
	device := obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
	properties := obj(device["properties"])
	a.equal("battery", properties["battery"], any(object{"level": 0.25, "status": "low"}))
	a.equal("keypad", properties["accessory_keypad"], any(object{"is_connected": true}))
}

// A device that is not managed any more is unknown, and so are its codes.
func TestUnmanagedDevice(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.pass(setDelay)
	manage := func(is bool) {
		t.Helper()
		a.controlOK("PATCH", "devices/"+sim.SeedNativeLockID, object{"unmanaged": !is})
	}
	manage(false)
	a.wantError(a.post("/devices/get", object{"device_id": sim.SeedNativeLockID}), 404, "device_not_found")
	a.equal("code", a.gone(id), true)
	manage(true)
	a.equal("back", a.code(id)["status"], any("set"))
	a.equal("events", a.deviceEvents()[1:], []any{"device.converted_to_unmanaged", "device.unmanaged.converted_to_managed"})
}

// An account takes all its devices along, with one event for each workspace.
func TestAccounts(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.pass(setDelay)
	for range 2 {
		a.controlOK("POST", "accounts/"+sim.SeedAccountID+"/disconnect", nil)
	}
	a.equal("status", a.code(id)["status"], any("unknown"))
	for _, d := range a.sim.State().Devices {
		a.equal(d.Name, d.AccountDisconnected, true)
	}
	a.controlOK("POST", "accounts/"+sim.SeedAccountID+"/reconnect", nil)
	a.equal("status", a.code(id)["status"], any("set"))
	events := list(a.ok("/events/list", object{"since": wire(start()), "event_types": []any{"connected_account.disconnected", "connected_account.connected"}})["events"])
	a.equal("events", each(events, "event_type"), []any{"connected_account.connected", "connected_account.disconnected"})
	a.equal("errors", each(obj(events[1])["connected_account_errors"], "error_code"), []any{"account_disconnected"})
	_, hasDevice := obj(events[1])["device_id"]
	a.equal("names a device", hasDevice, false)
	a.equal("unknown", a.control("POST", "accounts/"+unknownID+"/disconnect", nil).status, 404)
}
