// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func offlineCode(from, to string, more ...any) object {
	return with(object{"starts_at": from, "ends_at": to, "is_offline_access_code": true}, more...)
}

// The window of an offline code grows to what its lock can express, in its own zone:
// Los Angeles is eight hours behind.
func TestOfflineRounding(t *testing.T) {
	const from, to = "2030-01-07T09:30:30Z", "2030-01-08T11:00:01Z"
	for name, tc := range map[string]struct {
		from, to, zone string
		more           []any
		starts, ends   string
	}{
		"hours by default":  {from, to, "America/Los_Angeles", nil, "2030-01-07T09:00:00.000Z", "2030-01-08T12:00:00.000Z"},
		"hours":             {from, to, "America/Los_Angeles", []any{"max_time_rounding", "1h"}, "2030-01-07T09:00:00.000Z", "2030-01-08T12:00:00.000Z"},
		"whole hours stay":  {"2030-01-07T09:00:00Z", "2030-01-07T11:00:00Z", "America/Los_Angeles", nil, "2030-01-07T09:00:00.000Z", "2030-01-07T11:00:00.000Z"},
		"half-hour zone":    {from, to, "Asia/Kolkata", nil, "2030-01-07T09:30:00.000Z", "2030-01-08T11:30:00.000Z"},
		"days":              {from, to, "America/Los_Angeles", []any{"max_time_rounding", "1day"}, "2030-01-07T08:00:00.000Z", "2030-01-09T08:00:00.000Z"},
		"days, short":       {from, to, "UTC", []any{"max_time_rounding", "1d"}, "2030-01-07T00:00:00.000Z", "2030-01-09T00:00:00.000Z"},
		"unknown zone":      {from, to, "Mars/Olympus", []any{"max_time_rounding", "1d"}, "2030-01-07T00:00:00.000Z", "2030-01-09T00:00:00.000Z"},
		"a day of 23 hours": {"2030-03-10T09:00:00Z", "2030-03-10T10:00:00Z", "America/Los_Angeles", []any{"max_time_rounding", "1d"}, "2030-03-10T08:00:00.000Z", "2030-03-11T07:00:00.000Z"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.edit(sim.SeedOfflineCodeLockID, func(d *sim.Device) { d.TimeZone = tc.zone })
			code := a.create(sim.SeedOfflineCodeLockID, offlineCode(tc.from, tc.to, tc.more...))
			a.equal("window", []any{code["starts_at"], code["ends_at"]}, []any{tc.starts, tc.ends})
		})
	}
}

func TestOfflineLife(t *testing.T) {
	a := newAPI(t)
	body := offlineCode("2030-01-07T08:00:00Z", "2030-01-07T11:00:00Z", "is_one_time_use", true)
	code := a.create(sim.SeedOfflineCodeLockID, body)
	id := code["access_code_id"]
	a.equal("waiting", []any{code["code"], code["is_waiting_for_code_assignment"]}, []any{nil, true})
	a.pass(setDelay)
	code = a.code(id)
	a.equal("assigned", []any{code["code"] != nil, code["is_waiting_for_code_assignment"]}, []any{true, false})
	a.equal("single use", code["is_one_time_use"], any(true))
	a.wantError(a.post("/access_codes/update", object{"access_code_id": id, "name": "x"}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": id}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/create", with(body, "device_id", sim.SeedOfflineCodeLockID, "code", "1234")), 400, "invalid_input")
	a.pass(2*time.Hour + removeDelay)
	a.equal("gone", a.gone(id), true)
}

// A code that is good once is gone after it has opened the door.
func TestUseCode(t *testing.T) {
	a := newAPI(t)
	once := str(a.create(sim.SeedNativeLockID, object{"code": "1234", "is_one_time_use": true})["access_code_id"])
	often := str(a.create(sim.SeedNativeLockID, object{"code": "5678"})["access_code_id"])
	a.equal("not set yet", a.control("POST", "codes/"+once+"/use", nil).status, 400)
	a.pass(setDelay)
	for _, id := range []string{once, often, sim.SeedUnmanagedCodeID} {
		a.controlOK("POST", "codes/"+id+"/use", nil)
	}
	a.equal("used up", a.code(once)["status"], any("removing"))
	a.equal("stays", a.code(often)["status"], any("set"))
	events := a.ok("/events/list", object{"since": wire(start()), "event_type": "lock.unlocked"})["events"]
	a.equal("PINs", each(events, "code"), []any{sim.SeedUnmanagedPIN, "5678", "1234"})
	a.equal("managed", each(events, "access_code_is_managed"), []any{false, true, true})
	a.equal("method", each(events, "method"), []any{"keycode", "keycode", "keycode"})
}

func TestProviderPIN(t *testing.T) {
	a := newAPI(t)
	a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedProviderPINLockID, "code": "1234"}), 400, "invalid_input")
	code := a.create(sim.SeedProviderPINLockID, object{"name": "Ann"})
	a.equal("waiting", []any{code["code"], code["is_waiting_for_code_assignment"], code["appearance"]}, []any{nil, true, nil})
	a.equal("metadata", obj(code["dormakaba_oracode_metadata"])["site_name"], any("Site of Guest Suite"))
	a.pass(setDelay)
	code = a.code(code["access_code_id"])
	a.equal("assigned", code["is_waiting_for_code_assignment"], any(false))
	a.equal("appearance", code["appearance"], any(object{"name": "Ann"}))
	other := a.create(sim.SeedNativeLockID, nil)
	a.equal("others have none", other["dormakaba_oracode_metadata"], nil)
}

// The lock has a new name later than the object.
func TestAppearance(t *testing.T) {
	a := newAPI(t)
	id := str(a.create(sim.SeedNativeLockID, object{"name": "Ann van Dyke"})["access_code_id"])
	a.pass(setDelay)
	old := object{"name": "Ann van Dyke", "first_name": "Ann", "last_name": "van Dyke"}
	a.equal("set", a.code(id)["appearance"], any(old))
	a.ok("/access_codes/update", object{"access_code_id": id, "name": "Bob"})
	a.equal("being updated", a.code(id)["appearance"], any(old))
	a.pass(setDelay)
	a.equal("updated", obj(a.code(id)["appearance"])["name"], any("Bob"))
	a.controlOK("POST", "codes/"+id+"/change", object{"name": "Eve"})
	a.equal("changed at the lock", obj(a.code(id)["appearance"])["name"], any("Eve"))
	a.controlOK("POST", "codes/"+id+"/fail", object{})
	a.equal("not on the lock", a.code(id)["appearance"], nil)
}
