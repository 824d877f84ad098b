// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/access-codes/access-code-operator/internal/sim"
)

const (
	createMultiple = "/access_codes/create_multiple"
	updateMultiple = "/access_codes/update_multiple"
)

func onLocks(ids ...any) object { return object{"device_ids": append([]any{}, ids...)} }

func TestLinkedCodes(t *testing.T) {
	a := newAPI(t)
	body := with(onLocks(sim.SeedNativeLockID, sim.SeedJustInTimeLockID, sim.SeedOfflineCodeLockID), "name", "Ann", "preferred_code_length", 7)
	codes := a.ok(createMultiple, with(body, "attempt_for_offline_device", true))["access_codes"]
	a.equal("devices", each(codes, "device_id"), body["device_ids"])
	pins, keys := each(codes, "code"), each(codes, "common_code_key")
	a.equal("length", len(str(pins[0])), 7)
	a.equal("PINs", pins, []any{pins[0], pins[0], pins[0]})
	a.equal("keys", keys, []any{keys[0], keys[0], keys[0]})
	id, ok := strings.CutPrefix(str(keys[0]), "auto_set_by_create_multiple_")
	if !ok || uuid.Validate(id) != nil {
		t.Errorf("key %q has not the form of the service's", keys[0])
	}
	a.pass(setDelay)
	first := each(codes, "access_code_id")[0]
	a.equal("status", a.code(first)["status"], any("set"))
	a.equal("events", a.eventTypes(first), []any{"access_code.created", "access_code.set_on_device"})

	change := with(frame(time.Hour, 2*time.Hour), "common_code_key", keys[0], "name", "Bob")
	a.equal("reply", a.ok(updateMultiple, change), object{"ok": true})
	for _, id := range each(codes, "access_code_id") {
		code := a.code(id)
		a.equal("name", code["name"], any("Bob"))
		a.equal("type", code["type"], any("time_bound"))
		a.equal("PIN", code["code"], pins[0])
	}
	// One that is being removed cannot be updated and does not hold up the others.
	a.ok("/access_codes/delete", object{"access_code_id": first})
	a.ok(updateMultiple, object{"common_code_key": keys[0], "name": "Eve"})
	a.equal("left alone", a.code(first)["name"], any("Bob"))
}

// The shared PIN has the length that all can do.
func TestLinkedLength(t *testing.T) {
	a := newAPI(t)
	codes := a.ok(createMultiple, with(onLocks(sim.SeedNativeLockID, sim.SeedSixDigitLockID), "preferred_code_length", 4))["access_codes"]
	a.equal("length", len(str(each(codes, "code")[0])), 6)
	codes = a.ok(createMultiple, onLocks(sim.SeedNativeLockID))["access_codes"]
	a.equal("length", len(str(each(codes, "code")[0])), 4)
	a.equal("none", a.ok(createMultiple, onLocks())["access_codes"], any([]any{}))
}

func TestLinkedWithOwnPIN(t *testing.T) {
	a := newAPI(t)
	codes := a.ok(createMultiple, with(onLocks(sim.SeedNativeLockID, sim.SeedJustInTimeLockID), "code", "1234", "common_code_key", "mine"))["access_codes"]
	a.equal("PINs", each(codes, "code"), []any{"1234", "1234"})
	a.equal("no key", each(codes, "common_code_key"), []any{nil, nil})
	// All or nothing.
	again := with(onLocks(sim.SeedOfflineCodeLockID, sim.SeedNativeLockID), "code", "1234")
	a.wantError(a.post(createMultiple, again), 409, "duplicate_access_code")
	a.equal("nothing made", len(a.sim.Codes(sim.SeedOfflineCodeLockID)), 0)
	codes = a.ok(createMultiple, with(again, "behavior_when_code_cannot_be_shared", "create_random_code"))["access_codes"]
	pins := each(codes, "code")
	a.equal("shared", pins[0], any("1234"))
	a.equal("random", pins[1] != "1234" && len(str(pins[1])) == 4, true)
}

// cannotShare are locks that no PIN suits alike.
func cannotShare(a *api) object {
	a.edit(sim.SeedJustInTimeLockID, func(d *sim.Device) { d.SupportedCodeLengths = []int{5} })
	return onLocks(sim.SeedNativeLockID, sim.SeedProviderPINLockID, sim.SeedSixDigitLockID, sim.SeedJustInTimeLockID)
}

func TestLinkedThrow(t *testing.T) {
	a := newAPI(t)
	body := cannotShare(a)
	before := len(a.sim.State().AccessCodes)
	a.wantError(a.post(createMultiple, body), 400, "invalid_input")
	a.equal("nothing made", len(a.sim.State().AccessCodes), before)
}

func TestLinkedRandom(t *testing.T) {
	a := newAPI(t)
	codes := a.ok(createMultiple, with(cannotShare(a), "behavior_when_code_cannot_be_shared", "create_random_code"))["access_codes"]
	pins, keys := each(codes, "code"), each(codes, "common_code_key")
	a.equal("5 digits suit two, shared", []any{len(str(pins[0])), pins[3]}, []any{5, pins[0]})
	a.equal("provider", pins[1], nil)
	a.equal("6 digits", len(str(pins[2])), 6)
	a.equal("keys", keys, []any{keys[0], nil, nil, keys[0]})
	a.equal("a key", keys[0] != nil, true)
	// Devices that leave the PIN to the provider have nothing to share.
	only := with(onLocks(sim.SeedProviderPINLockID), "behavior_when_code_cannot_be_shared", "create_random_code")
	a.equal("provider alone", each(a.ok(createMultiple, only)["access_codes"], "common_code_key"), []any{nil})
}

func TestLinkedRefusals(t *testing.T) {
	a := newAPI(t)
	a.wantError(a.post(createMultiple, object{}), 400, "invalid_input")
	a.wantError(a.post(createMultiple, onLocks("x")), 400, "invalid_input")
	a.wantError(a.post(createMultiple, onLocks(sim.SeedNativeLockID, sim.SeedNativeLockID)), 400, "invalid_input")
	a.wantError(a.post(createMultiple, onLocks(sim.SeedNativeLockID, unknownID)), 404, "device_not_found")
	a.wantError(a.post(createMultiple, onLocks(sim.SeedNativeLockID, sim.SeedThermostatID)), 400, "device_type_not_supported")
	a.wantError(a.post(createMultiple, with(onLocks(sim.SeedNativeLockID), "behavior_when_code_cannot_be_shared", "shrug")), 400, "invalid_input")
	a.equal("nothing made", len(a.sim.Codes(sim.SeedNativeLockID)), 0)

	a.wantError(a.post(updateMultiple, object{}), 400, "invalid_input")
	a.wantError(a.post(updateMultiple, object{"common_code_key": "none"}), 404, "access_code_not_found")
	key := each(a.ok(createMultiple, onLocks(sim.SeedNativeLockID, sim.SeedSixDigitLockID))["access_codes"], "common_code_key")[0]
	// Too long for one of the two, so neither gets it.
	a.wantError(a.post(updateMultiple, object{"common_code_key": key, "name": "a name that is too long"}), 400, "invalid_input")
	a.equal("unchanged", a.sim.Codes(sim.SeedNativeLockID)[0].Name == nil, true)
	// A key of another workspace is unknown.
	a.key = sim.SeedOtherAPIKey
	a.wantError(a.post(updateMultiple, object{"common_code_key": key, "name": "Eve"}), 404, "access_code_not_found")
}

func TestLinkedRateLimit(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.RateLimits = true })
	var key any
	for range 10 {
		key = each(a.ok(createMultiple, onLocks(sim.SeedNativeLockID))["access_codes"], "common_code_key")[0]
	}
	a.wantError(a.post(createMultiple, onLocks(sim.SeedNativeLockID)), 429, "rate_limit_exceeded")
	for range 10 {
		a.ok(updateMultiple, object{"common_code_key": key, "name": "x"})
	}
	a.wantError(a.post(updateMultiple, object{"common_code_key": key, "name": "y"}), 429, "rate_limit_exceeded")
}
