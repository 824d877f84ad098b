// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// edit changes a device and fails the test where that fails.
func (a *api) edit(deviceID string, f func(*sim.Device)) {
	a.t.Helper()
	if err := a.sim.UpdateDevice(deviceID, f); err != nil {
		a.t.Fatal(err)
	}
}

// An offline code takes no place on the lock, waits for none, and is never taken off.
func TestOfflineCodeNeedsNoSlot(t *testing.T) {
	a := newAPI(t)
	a.edit(sim.SeedOfflineCodeLockID, func(d *sim.Device) { d.MaxActiveCodes = 1 })
	offline := with(frame(time.Minute, time.Hour), "is_offline_access_code", true)
	first := a.create(sim.SeedOfflineCodeLockID, offline)["access_code_id"]
	online := a.create(sim.SeedOfflineCodeLockID, nil)["access_code_id"]
	a.pass(setDelay)
	a.equal("online", a.code(online)["status"], any("set"))
	second := a.create(sim.SeedOfflineCodeLockID, offline)
	a.equal("errors", second["errors"], any([]any{}))
	a.pass(time.Hour + removeDelay)
	a.equal("events", a.eventTypes(first), []any{"access_code.created", "access_code.set_on_device", "access_code.deleted"})
}

// What is due at the same time happens in the order of creation.
func TestTies(t *testing.T) {
	a := newAPI(t)
	var ids []any
	for range 5 {
		ids = append(ids, a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	}
	a.pass(setDelay)
	events := a.ok("/events/list", object{"since": wire(start()), "event_type": "access_code.set_on_device"})["events"]
	a.equal("newest first", each(events, "access_code_id"), []any{ids[4], ids[3], ids[2], ids[1], ids[0]})
}

// A window that does not change is not judged again.
func TestUpdateLeavesTheWindowAlone(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, frame(-time.Hour, time.Hour))["access_code_id"]
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) {
		d.CodeConstraints = []sim.CodeConstraint{{ConstraintType: "start_date_in_future"}}
	})
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "b"})
	moved := with(frame(-time.Minute, time.Hour), "access_code_id", id)
	a.wantError(a.post("/access_codes/update", moved), 400, "invalid_input")
}

// The pool is for time-bound codes on locks that have one.
func TestPoolWhereThereIsNone(t *testing.T) {
	a := newAPI(t)
	pool := func(more object) object { return with(more, "use_backup_access_code_pool", true) }
	code := a.create(sim.SeedJustInTimeLockID, pool(frame(time.Hour, 2*time.Hour)))
	a.equal("created", code["is_backup_access_code_available"], any(false))
	a.ok("/access_codes/update", pool(object{"access_code_id": code["access_code_id"]}))
	a.equal("updated", a.code(code["access_code_id"])["is_backup_access_code_available"], any(false))
	ongoing := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.ok("/access_codes/update", pool(object{"access_code_id": ongoing}))
	a.equal("ongoing", a.code(ongoing)["is_backup_access_code_available"], any(false))
}

// The end must lie after now, not at it; and it is the rounded end that counts.
func TestEndsNow(t *testing.T) {
	a := newAPI(t)
	body := with(frame(-time.Hour, 0), "device_id", sim.SeedNativeLockID)
	a.wantError(a.post("/access_codes/create", body), 400, "invalid_input")
	a.ok("/access_codes/create", with(body, "ends_at", wire(start().Add(time.Second))))
}

// An update of one property leaves the others pending.
func TestUpdateKeepsOtherMutations(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1111"})["access_code_id"]
	a.pass(setDelay)
	a.ok("/access_codes/update", object{"access_code_id": id, "code": "2222"})
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "b"})
	pending := a.code(id)["pending_mutations"]
	a.equal("mutations", each(pending, "mutation_code"), []any{"updating_name", "updating_code"})
	a.equal("from", each(pending, "from"), []any{object{"name": nil}, object{"code": "1111"}})
}

func TestPageOfExactlyTheLimit(t *testing.T) {
	a := newAPI(t)
	for range 3 {
		a.create(sim.SeedNativeLockID, nil)
	}
	got := a.ok("/access_codes/list", object{"device_id": sim.SeedNativeLockID, "limit": 3})
	a.equal("codes", len(list(got["access_codes"])), 3)
	a.equal("more", obj(got["pagination"])["has_next_page"], any(false))
}

// What the service does not own it does not judge.
func TestUnmanagedStatusStays(t *testing.T) {
	a := newAPI(t)
	a.edit(sim.SeedFewSlotsLockID, func(d *sim.Device) { d.AccountDisconnected = true })
	a.equal("status", a.sim.Codes(sim.SeedFewSlotsLockID)[0].Status, "set")
}

// The PIN of a managed code stays taken when an unmanaged one with the same PIN goes.
func TestUnmanagedClashKeepsThePIN(t *testing.T) {
	a := newAPI(t)
	body := object{"device_id": sim.SeedFewSlotsLockID, "code": sim.SeedUnmanagedPIN}
	id := a.create(sim.SeedFewSlotsLockID, body)["access_code_id"]
	if err := a.sim.TakeOffLock(sim.SeedUnmanagedCodeID); err != nil {
		t.Fatal(err)
	}
	// A PIN that a managed code has is not free for another foreign one.
	if _, err := a.sim.AddUnmanagedCode(sim.SeedFewSlotsLockID, "Gardener", sim.SeedUnmanagedPIN); err == nil {
		t.Error("a second code with the same PIN was put on the lock")
	}
	a.equal("by PIN", obj(a.ok("/access_codes/get", body)["access_code"])["access_code_id"], id)
	a.wantError(a.post("/access_codes/create", body), 409, "duplicate_access_code")
}

func TestRemovedDeviceTakesNothing(t *testing.T) {
	a := newAPI(t)
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Removed = true })
	code := a.create(sim.SeedNativeLockID, nil)
	a.equal("errors", each(code["errors"], "error_code"), []any{"device_removed"})
	a.pass(time.Minute)
	a.equal("status", a.code(code["access_code_id"])["status"], any("setting"))
}

// A change of the device that leaves it reachable does not hold anything up.
func TestEditDoesNotRestart(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.pass(setDelay / 2)
	a.edit(sim.SeedNativeLockID, func(d *sim.Device) { d.Name = "Back Door" })
	a.pass(setDelay / 2)
	a.equal("status", a.code(id)["status"], any("set"))
}

func TestRemovedDeviceLeavesTheList(t *testing.T) {
	a := newAPI(t)
	if err := a.sim.RemoveDevice(sim.SeedThermostatID); err != nil {
		t.Fatal(err)
	}
	a.equal("devices", a.ok("/devices/list", object{"search": "Hallway"})["devices"], any([]any{}))
}

// A code that failed is not on the lock, so nothing is taken off.
func TestDeleteOfFailedCode(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	a.pass(setDelay)
	if err := a.sim.FailCode(id, ""); err != nil {
		t.Fatal(err)
	}
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.equal("errors", a.code(id)["errors"], any([]any{}))
	a.pass(removeDelay)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.set_on_device", "access_code.failed_to_set_on_device",
		"access_code.mutations_requested", "access_code.deleted",
	})
}

// Typing the same PIN again at the lock is no clash with itself.
func TestChangeAtLockToTheSame(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"])
	a.pass(setDelay)
	pin := "1234"
	if err := a.sim.ChangeAtLock(id, sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	a.equal("PIN", a.code(id)["code"], any("1234"))
}

// The smaller rules of generating and changing a PIN.
func TestUpdateOfProviderPIN(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedProviderPINLockID, nil)["access_code_id"]
	a.pass(setDelay)
	a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "code": "9876543"}), 400, "invalid_input")
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "b"})
	for _, value := range []any{true, []any{}, object{}} {
		a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "name": value}), 400, "invalid_input")
	}
}
