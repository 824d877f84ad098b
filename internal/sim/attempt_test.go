// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func attemptOf(body object) any { return obj(body["action_attempt"])["action_attempt_id"] }

func (a *api) attempt(id any) object {
	a.t.Helper()
	return obj(a.ok("/action_attempts/get", object{"action_attempt_id": id})["action_attempt"])
}

func TestAttempts(t *testing.T) {
	a := newAPI(t)
	made := a.ok("/access_codes/create", object{"device_id": sim.SeedNativeLockID, "code": "1234"})
	id := str(obj(made["access_code"])["access_code_id"])
	a.equal("pending", a.attempt(attemptOf(made)), obj(made["action_attempt"]))
	a.pass(setDelay)
	got := a.attempt(attemptOf(made))
	a.equal("created", got["status"], any("success"))
	a.equal("result", obj(obj(got["result"])["access_code"])["code"], any("1234"))
	a.equal("error", got["error"], nil)

	changed := a.ok("/access_codes/update", object{"access_code_id": id, "code": "5678"})
	if err := a.sim.FailCode(id, "motor stuck"); err != nil {
		t.Fatal(err)
	}
	got = a.attempt(attemptOf(changed))
	a.equal("failed", got["status"], any("error"))
	a.equal("error", got["error"], any(object{"type": "failed_to_set_on_device", "message": "motor stuck"}))
	a.equal("result", got["result"], nil)
	if err := a.sim.RecoverCode(id); err != nil {
		t.Fatal(err)
	}
	a.pass(setDelay)
	a.equal("stays failed", a.attempt(attemptOf(changed))["status"], any("error"))

	deleted := a.ok("/access_codes/delete", object{"access_code_id": id})
	a.equal("removing", a.attempt(attemptOf(deleted))["status"], any("pending"))
	a.pass(removeDelay)
	got = a.attempt(attemptOf(deleted))
	a.equal("deleted", got["status"], any("success"))
	a.equal("result", got["result"], any(object{}))
	a.equal("created, still", a.attempt(attemptOf(made))["status"], any("success"))
	a.wantError(a.post("/action_attempts/get", object{"action_attempt_id": unknownID}), 404, "action_attempt_not_found")
	a.wantError(a.post("/action_attempts/get", object{}), 400, "invalid_input")

	listed := a.ok("/action_attempts/list", object{"device_id": sim.SeedNativeLockID})
	a.equal("listed", each(listed["action_attempts"], "action_type"), []any{"CREATE_ACCESS_CODE", "UPDATE_ACCESS_CODE", "DELETE_ACCESS_CODE"})
	page := a.ok("/action_attempts/list", object{"limit": 2})
	a.equal("page", len(list(page["action_attempts"])), 2)
	rest := a.ok("/action_attempts/list", object{"limit": 2, "page_cursor": obj(page["pagination"])["next_page_cursor"]})
	a.equal("rest", each(rest["action_attempts"], "action_type"), []any{"DELETE_ACCESS_CODE"})
	one := a.ok("/action_attempts/list", object{"action_attempt_ids": []any{attemptOf(changed)}})
	a.equal("by id", each(one["action_attempts"], "action_attempt_id"), []any{attemptOf(changed)})
	a.equal("by device", a.ok("/action_attempts/list", object{"device_id": sim.SeedThermostatID})["action_attempts"], any([]any{}))
}

// Only what keeps a change from the lock fails its attempt.
func TestAttemptBesideAnotherError(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	a.pass(setDelay)
	a.controlOK("POST", "codes/"+id+"/change", object{"name": "Eve"})
	changed := a.ok("/access_codes/update", object{"access_code_id": id, "name": "Ann"})
	a.equal("conflict", each(a.code(id)["errors"], "error_code"), []any{"conflicting_external_modification"})
	a.equal("pending", a.attempt(attemptOf(changed))["status"], any("pending"))
	a.pass(setDelay)
	a.equal("success", a.attempt(attemptOf(changed))["status"], any("success"))
}

// What waits for its time has nothing left to do now; what is deleted before it reached
// the lock has failed.
func TestAttemptsWithoutLock(t *testing.T) {
	a := newAPI(t)
	far := a.ok("/access_codes/create", with(frame(1000*time.Hour, 1001*time.Hour), "device_id", sim.SeedNativeLockID))
	a.equal("deferred", a.attempt(attemptOf(far))["status"], any("success"))

	brief := a.ok("/access_codes/create", object{"device_id": sim.SeedNativeLockID})
	id := obj(brief["access_code"])["access_code_id"]
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.equal("being removed", a.attempt(attemptOf(brief))["status"], any("pending"))
	a.pass(removeDelay)
	got := a.attempt(attemptOf(brief))
	a.equal("overtaken", got["status"], any("error"))
	a.equal("error", obj(got["error"])["type"], any("access_code_deleted"))
}

func TestAttemptOfAStuckRemoval(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, nil)["access_code_id"])
	a.pass(setDelay)
	deleted := a.ok("/access_codes/delete", object{"access_code_id": id})
	if err := a.sim.FailCode(id, "jammed"); err != nil {
		t.Fatal(err)
	}
	a.equal("error", obj(a.attempt(attemptOf(deleted))["error"])["type"], any("failed_to_remove_from_device"))
}

// The oldest attempts are forgotten, and only they.
func TestAttemptsAreBounded(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.AttemptLimit = 4 })
	var ids []any
	for range 9 {
		ids = append(ids, attemptOf(a.ok("/access_codes/create", object{"device_id": sim.SeedNativeLockID})))
	}
	for i, id := range ids {
		status := a.post("/action_attempts/get", object{"action_attempt_id": id}).status
		if want := map[bool]int{true: 404, false: 200}[i < 4]; status != want {
			t.Errorf("attempt %d: got %d, want %d", i, status, want)
		}
	}
}
