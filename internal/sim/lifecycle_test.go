// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// moment is what a code looks like at a time after the start.
type moment struct {
	at        time.Duration
	status    string // "gone" when get answers 404
	scheduled any    // is_scheduled_on_device; nil when absent
	mutations []any
}

func TestLifecycle(t *testing.T) {
	const hour = time.Hour
	creating, deferring, deleting, none := []any{"creating"}, []any{"deferring_creation"}, []any{"deleting"}, []any{}
	for name, tc := range map[string]struct {
		device string
		body   object
		life   []moment
		events []any
	}{
		"ongoing": {
			sim.SeedNativeLockID, object{},
			[]moment{
				{0, "setting", nil, creating},
				{setDelay - time.Millisecond, "setting", nil, creating},
				{setDelay, "set", nil, none},
				{1000 * hour, "set", nil, none},
			},
			[]any{"access_code.created", "access_code.set_on_device"},
		},
		"native, far ahead": {
			sim.SeedNativeLockID, frame(100*hour, 110*hour),
			[]moment{
				{0, "unset", false, deferring},
				{28*hour - time.Millisecond, "unset", false, deferring},
				{28 * hour, "unset", false, creating},
				{28*hour + setDelay, "unset", true, none},
				{100*hour - time.Millisecond, "unset", true, none},
				{100 * hour, "set", true, none},
				{110*hour - time.Millisecond, "set", true, none},
				{110 * hour, "removing", true, deleting},
				{110*hour + removeDelay, "gone", nil, nil},
			},
			[]any{"access_code.created", "access_code.scheduled_on_device", "access_code.set_on_device",
				"access_code.removed_from_device", "access_code.deleted"},
		},
		"native, too late to wait on the lock": {
			sim.SeedNativeLockID, with(frame(0, hour), "starts_at", wire(start().Add(-hour))),
			[]moment{
				{0, "setting", false, creating},
				{setDelay, "set", true, none},
				{hour, "removing", true, deleting},
				{hour + removeDelay, "gone", nil, nil},
			},
			[]any{"access_code.created", "access_code.set_on_device", "access_code.removed_from_device", "access_code.deleted"},
		},
		"just in time": {
			sim.SeedJustInTimeLockID, frame(3*hour, 4*hour),
			[]moment{
				{0, "unset", false, deferring},
				{2*hour - time.Millisecond, "unset", false, deferring},
				{2 * hour, "setting", false, creating},
				{2*hour + setDelay, "set", false, none},
				{4 * hour, "removing", false, deleting},
				{4*hour + removeDelay, "gone", nil, nil},
			},
			[]any{"access_code.created", "access_code.set_on_device", "access_code.removed_from_device", "access_code.deleted"},
		},
		"just in time by wish": {
			sim.SeedNativeLockID, with(frame(3*hour, 4*hour), "prefer_native_scheduling", false),
			[]moment{
				{2*hour - time.Millisecond, "unset", false, deferring},
				{2 * hour, "setting", false, creating},
				{2*hour + setDelay, "set", false, none},
			},
			[]any{"access_code.created", "access_code.set_on_device"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			id := a.create(tc.device, tc.body)["access_code_id"]
			for _, m := range tc.life {
				a.clock.SetTime(start().Add(m.at))
				if m.status == "gone" {
					a.equal("gone at "+m.at.String(), a.gone(id), true)
					continue
				}
				code := a.code(id)
				a.equal("status at "+m.at.String(), code["status"], any(m.status))
				a.equal("scheduled at "+m.at.String(), code["is_scheduled_on_device"], m.scheduled)
				a.equal("mutations at "+m.at.String(), each(code["pending_mutations"], "mutation_code"), m.mutations)
			}
			a.equal("events", a.eventTypes(id), tc.events)
		})
	}
}

// One jump over a whole life leaves the same events at the same times as living it.
func TestJumpKeepsTimesAndOrder(t *testing.T) {
	a := newAPI(t)
	first := a.create(sim.SeedNativeLockID, with(frame(100*time.Hour, 110*time.Hour), "code", "1111"))
	a.create(sim.SeedJustInTimeLockID, with(frame(101*time.Hour, 109*time.Hour), "code", "2222"))
	now := a.sim.Advance(200 * time.Hour)
	a.equal("now", now, start().Add(200*time.Hour))
	events := a.ok("/events/list", object{"since": wire(start())})["events"]
	at := func(d time.Duration) any { return wire(start().Add(d)) }
	a.equal("times", each(events, "occurred_at"), []any{
		at(110*time.Hour + removeDelay), at(110*time.Hour + removeDelay),
		at(109*time.Hour + removeDelay), at(109*time.Hour + removeDelay),
		at(100*time.Hour + setDelay), at(100 * time.Hour), at(28*time.Hour + setDelay),
	})
	a.equal("gone", a.gone(first["access_code_id"]), true)
}

func TestOfflineLock(t *testing.T) {
	a := newAPI(t)
	online := func(is bool) {
		t.Helper()
		if err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = is }); err != nil {
			t.Fatal(err)
		}
	}
	online(false)
	code := a.create(sim.SeedNativeLockID, nil)
	id := code["access_code_id"]
	a.equal("errors", each(code["errors"], "error_code"), []any{"device_offline"})
	a.equal("device error", each(code["errors"], "is_device_error"), []any{true})
	a.pass(time.Minute)
	a.equal("status", a.code(id)["status"], any("setting"))
	a.equal("warnings", a.code(id)["warnings"], any([]any{}))
	a.pass(4 * time.Minute)
	a.equal("warnings", each(a.code(id)["warnings"], "warning_code"), []any{"delay_in_setting_on_device"})
	online(true)
	a.equal("errors", a.code(id)["errors"], any([]any{}))
	a.pass(setDelay - time.Millisecond)
	a.equal("status", a.code(id)["status"], any("setting"))
	a.pass(time.Millisecond)
	a.equal("status", a.code(id)["status"], any("set"))
	a.equal("warnings", a.code(id)["warnings"], any([]any{}))

	online(false)
	a.equal("set codes show it too", each(a.code(id)["errors"], "error_code"), []any{"device_offline"})
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.pass(5 * time.Minute)
	a.equal("warnings", each(a.code(id)["warnings"], "warning_code"), []any{"being_deleted", "delay_in_removing_from_device"})
	online(true)
	a.pass(removeDelay)
	a.equal("gone", a.gone(id), true)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.delay_in_setting_on_device", "access_code.set_on_device",
		"access_code.mutations_requested", "access_code.delay_in_removing_from_device",
		"access_code.removed_from_device", "access_code.deleted",
	})
}

// A native code that does not reach its lock in time is late, and says so.
func TestScheduledTooLate(t *testing.T) {
	a := newAPI(t)
	edit := func(online bool) {
		t.Helper()
		if err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
			t.Fatal(err)
		}
	}
	edit(false)
	id := a.create(sim.SeedNativeLockID, frame(time.Hour, 2*time.Hour))["access_code_id"]
	a.equal("status", a.code(id)["status"], any("unset"))
	a.pass(time.Hour)
	a.equal("status", a.code(id)["status"], any("setting"))
	edit(true)
	a.pass(setDelay)
	a.equal("status", a.code(id)["status"], any("set"))
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.delay_in_setting_on_device", "access_code.set_on_device",
	})
}

func TestDisconnectedAccount(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.pass(setDelay)
	edit := func(lost bool) {
		t.Helper()
		if err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.AccountDisconnected = lost }); err != nil {
			t.Fatal(err)
		}
	}
	edit(true)
	code := a.code(id)
	a.equal("status", code["status"], any("unknown"))
	a.equal("errors", each(code["errors"], "error_code"), []any{"account_disconnected"})
	a.equal("account error", each(code["errors"], "is_connected_account_error"), []any{true})
	edit(false)
	a.equal("status", a.code(id)["status"], any("set"))
	events := a.ok("/events/list", object{"since": wire(start()), "connected_account_id": sim.SeedAccountID})["events"]
	a.equal("events", each(events, "event_type"), []any{
		"connected_account.connected", "connected_account.disconnected", "access_code.set_on_device",
	})
	// The account is not a device: who filters by device hears nothing of it.
	a.equal("device", each(events, "device_id"), []any{nil, nil, sim.SeedNativeLockID})
}

func TestNoSpace(t *testing.T) {
	a := newAPI(t)
	first := a.create(sim.SeedFewSlotsLockID, object{"code": "1111"})["access_code_id"]
	second := a.create(sim.SeedFewSlotsLockID, object{"code": "2222"})
	id := second["access_code_id"]
	a.equal("errors", each(second["errors"], "error_code"), []any{"no_space_for_access_code_on_device"})
	third := a.create(sim.SeedFewSlotsLockID, object{"code": "3333"})["access_code_id"]
	a.pass(time.Hour)
	a.equal("status", a.code(id)["status"], any("setting"))
	a.ok("/access_codes/delete", object{"access_code_id": first})
	a.pass(removeDelay)
	a.equal("errors", a.code(id)["errors"], any([]any{}))
	a.pass(setDelay)
	a.equal("status", a.code(id)["status"], any("set"))
	// Two that wait do not keep each other out, and one place serves one of them.
	a.equal("third", each(a.code(third)["errors"], "error_code"), []any{"no_space_for_access_code_on_device"})
}

// A clash with a code that is not ours is accepted and shows on the object.
func TestUnmanagedClash(t *testing.T) {
	a := newAPI(t)
	code := a.create(sim.SeedFewSlotsLockID, object{"code": sim.SeedUnmanagedPIN})
	id := code["access_code_id"]
	a.equal("errors", each(code["errors"], "error_code"), []any{"duplicate_code_on_device"})
	a.equal("the other", each(code["errors"], "unmanaged_access_code_id"), []any{sim.SeedUnmanagedCodeID})
	a.wantError(a.post("/access_codes/get", object{"access_code_id": sim.SeedUnmanagedCodeID}), 404, "access_code_not_found")
	if err := a.sim.TakeOffLock(sim.SeedUnmanagedCodeID); err != nil {
		t.Fatal(err)
	}
	a.pass(setDelay)
	a.equal("status", a.code(id)["status"], any("set"))
	a.equal("events", a.eventTypes(sim.SeedUnmanagedCodeID), []any{"access_code.unmanaged.created", "access_code.unmanaged.removed"})
}
