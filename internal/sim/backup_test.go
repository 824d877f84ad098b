// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

const pullPath = "/access_codes/pull_backup_access_code"

// guest makes a code for the next ten hours that turns the pool on, and lets it and the
// pool come to rest.
func (a *api) guest() string {
	a.t.Helper()
	body := with(frame(time.Hour, 10*time.Hour), "use_backup_access_code_pool", true)
	id := str(a.create(sim.SeedNativeLockID, body)["access_code_id"])
	a.pass(setDelay)
	return id
}

func (a *api) pull(id any) (primary, backup object) {
	a.t.Helper()
	got := a.ok(pullPath, object{"access_code_id": id})
	return obj(got["access_code"]), obj(got["backup_access_code"])
}

// backups are the codes of the native lock that are backups, by Go: lists hide them.
func (a *api) backups() []sim.AccessCode {
	var found []sim.AccessCode
	for _, c := range a.sim.Codes(sim.SeedNativeLockID) {
		if c.IsBackup {
			found = append(found, c)
		}
	}
	return found
}

func TestPoolFills(t *testing.T) {
	a := newAPI(t)
	body := with(frame(time.Hour, 10*time.Hour), "use_backup_access_code_pool", true)
	id := a.create(sim.SeedNativeLockID, body)["access_code_id"]
	a.equal("too early", a.code(id)["is_backup_access_code_available"], any(false))
	a.equal("no error yet", a.code(id)["errors"], any([]any{}))
	a.wantError(a.post(pullPath, object{"access_code_id": id}), 409, "empty_backup_access_code_pool")
	a.pass(setDelay)
	code := a.code(id)
	a.equal("available", code["is_backup_access_code_available"], any(true))
	a.equal("not pulled", code["pulled_backup_access_code_id"], nil)
	pool := a.backups()
	a.equal("backups", len(pool), 2)
	for _, b := range pool {
		a.equal("type", b.Type, "ongoing")
		a.equal("status", b.Status, "set")
		a.equal("of itself", b.IsBackupAccessCodeAvailable, false)
	}
	listed := a.ok("/access_codes/list", object{"device_id": sim.SeedNativeLockID})["access_codes"]
	a.equal("hidden", each(listed, "access_code_id"), []any{id})
	a.equal("no events", a.eventTypes(pool[0].AccessCodeID), []any{})
	// Every time-bound code of the device has the pool, ongoing ones have not.
	other := a.create(sim.SeedNativeLockID, frame(time.Hour, 2*time.Hour))
	a.equal("other", other["is_backup_access_code_available"], any(true))
	ongoing := a.create(sim.SeedNativeLockID, nil)
	a.equal("ongoing", ongoing["is_backup_access_code_available"], any(false))
	device := obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
	a.equal("device", []any{device["errors"], device["warnings"]}, []any{[]any{}, []any{}})
}

func TestPullBackup(t *testing.T) {
	a := newAPI(t)
	id := a.guest()
	primary, backup := a.pull(id)
	a.equal("tied", primary["pulled_backup_access_code_id"], backup["access_code_id"])
	a.equal("warnings", each(primary["warnings"], "warning_code"), []any{"using_backup_access_code"})
	for member, want := range map[string]any{
		"type": "time_bound", "status": "set", "is_backup": true, "is_backup_access_code_available": false,
		"starts_at": wire(start().Add(setDelay)), "ends_at": primary["ends_at"],
	} {
		a.equal(member, backup[member], want)
	}
	_, again := a.pull(id)
	a.equal("same again", again, backup)
	device := obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
	a.equal("partial", each(device["warnings"], "warning_code"), []any{"partial_backup_access_code_pool"})
	a.equal("three in all", len(a.backups()), 3)
	a.pass(setDelay)
	device = obj(a.ok("/devices/get", object{"device_id": sim.SeedNativeLockID})["device"])
	a.equal("full again", device["warnings"], any([]any{}))
	// Another code gets another backup.
	_, others := a.pull(a.create(sim.SeedNativeLockID, frame(time.Hour, 2*time.Hour))["access_code_id"])
	a.equal("its own", others["access_code_id"] == backup["access_code_id"], false)
	events := list(a.ok("/events/list", object{"since": "2000-01-01", "access_code_id": id})["events"])
	a.equal("event", []any{obj(events[0])["event_type"], obj(events[0])["backup_access_code_id"]},
		[]any{"access_code.backup_access_code_pulled", backup["access_code_id"]})
	// Its PIN is taken like any other.
	a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "code": backup["code"]}), 409, "duplicate_access_code")
	a.pass(10 * time.Hour)
	a.equal("ends with its primary", a.gone(backup["access_code_id"]) && a.gone(id), true)
	a.equal("events", a.eventTypes(backup["access_code_id"]), []any{"access_code.removed_from_device", "access_code.deleted"})
}

func TestBackupFollowsItsPrimary(t *testing.T) {
	a := newAPI(t)
	id := a.guest()
	_, backup := a.pull(id)
	starts := backup["starts_at"]
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "b"})
	a.equal("untouched", a.code(backup["access_code_id"])["status"], any("set"))
	end := wire(start().Add(30 * time.Hour))
	a.ok("/access_codes/update", object{"access_code_id": id, "ends_at": end})
	got := a.code(backup["access_code_id"])
	a.equal("ends", got["ends_at"], any(end))
	a.equal("starts", got["starts_at"], starts)
	a.equal("status", got["status"], any("setting"))
	a.ok("/access_codes/update", object{"access_code_id": id, "type": "ongoing"})
	a.equal("keeps its end", a.code(backup["access_code_id"])["ends_at"], any(end))

	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.wantError(a.post(pullPath, object{"access_code_id": id}), 400, "access_code_not_time_bound")
	a.pass(removeDelay)
	a.equal("primary gone", a.gone(id), true)
	a.equal("backup stays", a.code(backup["access_code_id"])["status"], any("set"))
	a.ok("/access_codes/delete", object{"access_code_id": backup["access_code_id"]})
	a.pass(removeDelay)
	a.equal("backup gone", a.gone(backup["access_code_id"]), true)
}

// A backup that is deleted sets its primary free for another one.
func TestDeletedBackup(t *testing.T) {
	a := newAPI(t)
	id := a.guest()
	_, backup := a.pull(id)
	a.ok("/access_codes/delete", object{"access_code_id": backup["access_code_id"]})
	a.pass(removeDelay)
	code := a.code(id)
	a.equal("untied", code["pulled_backup_access_code_id"], nil)
	a.equal("warnings", code["warnings"], any([]any{}))
	_, next := a.pull(id)
	a.equal("another", next["access_code_id"] == backup["access_code_id"], false)
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.wantError(a.post(pullPath, object{"access_code_id": id}), 400, "invalid_input")
}

func TestPullRefusals(t *testing.T) {
	a := newAPI(t)
	bound := frame(time.Hour, 2*time.Hour)
	a.wantError(a.post(pullPath, object{}), 400, "invalid_input")
	a.wantError(a.post(pullPath, object{"access_code_id": unknownID}), 404, "access_code_not_found")
	ongoing := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.wantError(a.post(pullPath, object{"access_code_id": ongoing}), 400, "access_code_not_time_bound")
	without := a.create(sim.SeedJustInTimeLockID, bound)["access_code_id"]
	a.wantError(a.post(pullPath, object{"access_code_id": without}), 400, "device_type_not_supported")
	off := a.create(sim.SeedNativeLockID, bound)["access_code_id"]
	a.wantError(a.post(pullPath, object{"access_code_id": off}), 400, "backup_access_code_pool_not_enabled")
	offline := a.create(sim.SeedOfflineCodeLockID, with(frame(time.Hour, 2*time.Hour), "is_offline_access_code", true))["access_code_id"]
	a.wantError(a.post(pullPath, object{"access_code_id": offline}), 400, "invalid_input")
	_, backup := a.pull(a.guest())
	a.wantError(a.post(pullPath, object{"access_code_id": backup["access_code_id"]}), 400, "invalid_input")
}

func TestEmptyPool(t *testing.T) {
	a := newAPI(t)
	pool := "devices/" + sim.SeedNativeLockID
	a.equal("pool is off", a.control("POST", pool+"/empty-backup-pool", nil).status, 400)
	a.equal("unknown", a.control("POST", "devices/"+unknownID+"/empty-backup-pool", nil).status, 404)
	id := a.guest()
	a.controlOK("POST", pool+"/empty-backup-pool", nil)
	code := a.code(id)
	a.equal("available", code["is_backup_access_code_available"], any(false))
	a.equal("errors", each(code["errors"], "error_code"), []any{"empty_backup_access_code_pool"})
	a.equal("of the device", each(code["errors"], "is_device_error"), []any{true})
	a.equal("since", each(code["errors"], "created_at"), []any{wire(start().Add(setDelay))})
	a.wantError(a.post(pullPath, object{"access_code_id": id}), 409, "empty_backup_access_code_pool")
	a.pass(time.Hour)
	a.equal("stays", len(a.backups()), 0)
	a.controlOK("POST", pool+"/refill-backup-pool", nil)
	a.wantError(a.post(pullPath, object{"access_code_id": id}), 409, "empty_backup_access_code_pool")
	a.pass(setDelay)
	a.equal("errors", a.code(id)["errors"], any([]any{}))
	a.pull(id)
	// Emptying takes what waits, not what was handed out.
	a.controlOK("POST", pool+"/empty-backup-pool", nil)
	a.equal("handed out", len(a.backups()), 1)
}

// A device that goes takes its pool with it, and one without PINs has none.
func TestPoolAtItsLimits(t *testing.T) {
	a := newAPI(t)
	a.guest()
	if err := a.sim.RemoveDevice(sim.SeedNativeLockID); err != nil {
		t.Fatal(err)
	}
	a.equal("codes", len(a.sim.State().AccessCodes), 1) // the seeded unmanaged one
	lock, err := a.sim.AddDevice(sim.Device{
		WorkspaceID: sim.SeedWorkspaceID, Type: "august_lock", Online: true, CanProgramOnlineCodes: true, SupportsBackupPool: true,
		SupportedCodeLengths: []int{4}, CodeConstraints: []sim.CodeConstraint{{ConstraintType: "no_zeros"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := a.create(lock.ID, with(frame(time.Hour, 2*time.Hour), "code", "1234"))["access_code_id"]
	a.edit(lock.ID, func(d *sim.Device) { d.SupportedCodeLengths = []int{13} })
	a.ok("/access_codes/update", object{"access_code_id": id, "use_backup_access_code_pool": true})
	a.pass(time.Hour)
	a.equal("codes", len(a.sim.Codes(lock.ID)), 1)
}
