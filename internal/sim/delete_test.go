// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestDelete(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"]
	a.pass(setDelay)
	got := a.ok("/access_codes/delete", object{"access_code_id": id})
	a.equal("attempt", obj(got["action_attempt"])["action_type"], any("DELETE_ACCESS_CODE"))
	code := a.code(id)
	a.equal("status", code["status"], any("removing"))
	a.equal("warnings", each(code["warnings"], "warning_code"), []any{"being_deleted"})
	a.equal("mutations", each(code["pending_mutations"], "mutation_code"), []any{"deleting"})

	// A second delete is accepted and does not begin the removal anew.
	a.pass(removeDelay / 2)
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.equal("warnings", each(a.code(id)["warnings"], "warning_code"), []any{"being_deleted"})
	a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "name": "late"}), 400, "invalid_input")
	a.pass(removeDelay/2 - time.Millisecond)
	a.equal("gone too early", a.gone(id), false)
	a.pass(time.Millisecond)
	a.equal("gone", a.gone(id), true)
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": id}), 404, "access_code_not_found")
	a.equal("list", a.ok("/access_codes/list", object{"device_id": sim.SeedNativeLockID})["access_codes"], any([]any{}))
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.set_on_device", "access_code.mutations_requested",
		"access_code.removed_from_device", "access_code.deleted",
	})
}

// What never reached the lock needs no lock to be forgotten, and no event says that it
// was taken off.
func TestDeleteOfWhatTheLockNeverKnew(t *testing.T) {
	a := newAPI(t)
	if err := a.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = false }); err != nil {
		t.Fatal(err)
	}
	id := a.create(sim.SeedNativeLockID, frame(100*time.Hour, 110*time.Hour))["access_code_id"]
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.pass(removeDelay)
	a.equal("gone", a.gone(id), true)
	a.equal("events", a.eventTypes(id), []any{
		"access_code.created", "access_code.mutations_requested", "access_code.deleted",
	})
}

func TestDeleteRefusals(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	a.wantError(a.post("/access_codes/delete", object{}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": "x"}), 400, "invalid_input")
	got := a.post("/access_codes/delete", object{"access_code_id": unknownID})
	a.wantError(got, 404, "access_code_not_found")
	a.equal("data", got.error("data"), any(object{"access_code_id": unknownID}))
	got = a.post("/access_codes/delete", object{"access_code_id": id, "device_id": sim.SeedJustInTimeLockID})
	a.wantError(got, 404, "access_code_not_found")
	got = a.post("/access_codes/delete", object{"access_code_id": sim.SeedUnmanagedCodeID})
	a.wantError(got, 404, "access_code_not_found")
}
