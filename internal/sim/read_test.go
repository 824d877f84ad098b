// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
)

const unknownID = "5eed0000-0000-4000-8000-00000000ffff"

func TestGet(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"]
	a.create(sim.SeedJustInTimeLockID, object{"code": "1234"})
	for name, tc := range map[string]struct {
		body    object
		status  int
		kind    any
		message any
	}{
		"by id":               {object{"access_code_id": id}, 200, nil, nil},
		"by id and device":    {object{"access_code_id": id, "device_id": sim.SeedNativeLockID}, 200, nil, nil},
		"by device and PIN":   {object{"device_id": sim.SeedNativeLockID, "code": "1234"}, 200, nil, nil},
		"another device's":    {object{"access_code_id": id, "device_id": sim.SeedJustInTimeLockID}, 404, "access_code_not_found", "Could not find an access_code with device_id or access_code_id"},
		"unknown id":          {object{"access_code_id": unknownID}, 404, "access_code_not_found", "Could not find an access_code with device_id or access_code_id"},
		"unknown PIN":         {object{"device_id": sim.SeedNativeLockID, "code": "9999"}, 404, "access_code_not_found", "Could not find an access_code with device_id or access_code_id"},
		"malformed id":        {object{"access_code_id": "access_code1"}, 400, "invalid_input", `Invalid uuid for "access_code_id"`},
		"braces around an id": {object{"access_code_id": "{" + unknownID + "}"}, 400, "invalid_input", `Invalid uuid for "access_code_id"`},
		"nothing":             {object{}, 400, "invalid_input", `Either "access_code_id" OR "code" and "device_id" must be provided`},
		"PIN alone":           {object{"code": "1234"}, 400, "invalid_input", `Both "device_id" and "code" must be provided if one is`},
		"device alone":        {object{"device_id": sim.SeedNativeLockID}, 400, "invalid_input", `Both "device_id" and "code" must be provided if one is`},
		"id and PIN":          {object{"access_code_id": id, "code": "1234"}, 400, "invalid_input", `Both "access_code_id" and "code" can not be provided`},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			got := a.post("/access_codes/get", tc.body)
			a.equal("status", got.status, tc.status)
			a.equal("type", got.error("type"), tc.kind)
			a.equal("message", got.error("message"), tc.message)
			if tc.status == http.StatusOK {
				a.equal("id", obj(got.body["access_code"])["access_code_id"], id)
			}
		})
	}
}

func TestListFilters(t *testing.T) {
	a := newAPI(t)
	ids := map[string]any{}
	for _, c := range []struct{ device, name, code string }{
		{sim.SeedNativeLockID, "Ann", "1111"},
		{sim.SeedNativeLockID, "Bob", "2222"},
		{sim.SeedNativeLockID, "Joann", "33110099"},
		{sim.SeedFewSlotsLockID, "Dan", "4444"},
	} {
		ids[c.name] = a.create(c.device, object{"name": c.name, "code": c.code})["access_code_id"]
	}
	for name, tc := range map[string]struct {
		body object
		want []any
	}{
		"device":                     {object{"device_id": sim.SeedNativeLockID}, []any{"Ann", "Bob", "Joann"}},
		"no unmanaged codes":         {object{"device_id": sim.SeedFewSlotsLockID}, []any{"Dan"}},
		"ids":                        {object{"access_code_ids": []any{ids["Dan"], ids["Ann"], ids["Dan"], unknownID}}, []any{"Ann", "Dan"}},
		"device and ids":             {object{"device_id": sim.SeedNativeLockID, "access_code_ids": []any{ids["Dan"], ids["Bob"]}}, []any{"Bob"}},
		"no ids":                     {object{"access_code_ids": []any{}}, []any{}},
		"search by name":             {object{"device_id": sim.SeedNativeLockID, "search": "ANN"}, []any{"Ann", "Joann"}},
		"search by PIN":              {object{"device_id": sim.SeedNativeLockID, "search": "311009"}, []any{"Joann"}},
		"search by id":               {object{"device_id": sim.SeedNativeLockID, "search": ids["Bob"]}, []any{"Bob"}},
		"a customer that is not":     {object{"device_id": sim.SeedNativeLockID, "customer_key": "x"}, []any{}},
		"a grant that is not":        {object{"access_grant_id": unknownID}, []any{}},
		"search with ids and device": {object{"device_id": sim.SeedNativeLockID, "access_code_ids": []any{ids["Ann"]}, "search": "bob"}, []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			got := a.ok("/access_codes/list", tc.body)
			a.equal("names", each(got["access_codes"], "name"), tc.want)
			a.equal("pagination", got["pagination"], any(object{"has_next_page": false, "next_page_cursor": nil, "next_page_url": nil}))
		})
	}
	a.wantError(a.post("/access_codes/list", object{"search": "Ann"}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/list", object{"device_id": unknownID}), 404, "device_not_found")
	a.wantError(a.post("/access_codes/list", object{"access_code_ids": "one"}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/list", object{"access_code_ids": []any{1}}), 400, "invalid_input")
	a.wantError(a.post("/access_codes/list", object{"access_code_ids": []any{"one"}}), 400, "invalid_input")
}

// A code that vanishes between two pages neither hides nor repeats another.
func TestListPages(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.RemoveDelay = -1 })
	var ids []any
	for i := range 7 {
		ids = append(ids, a.create(sim.SeedNativeLockID, object{"code": fmt.Sprint(1000 + i)})["access_code_id"])
	}
	body := object{"device_id": sim.SeedNativeLockID, "limit": 3}
	page := a.ok("/access_codes/list", body)
	a.equal("first page", each(page["access_codes"], "code"), []any{"1000", "1001", "1002"})
	a.ok("/access_codes/delete", object{"access_code_id": ids[1]})
	pagination := obj(page["pagination"])
	next := with(body, "page_cursor", pagination["next_page_cursor"])
	page = a.ok("/access_codes/list", next)
	a.equal("second page", each(page["access_codes"], "code"), []any{"1003", "1004", "1005"})

	link := str(obj(page["pagination"])["next_page_url"])
	if !strings.HasPrefix(link, a.http.URL+"/access_codes/list?") {
		t.Fatalf("next_page_url %q does not lead back here", link)
	}
	last := a.do(http.MethodGet, strings.TrimPrefix(link, a.http.URL), nil)
	a.equal("third page", each(last.body["access_codes"], "code"), []any{"1006"})
	a.equal("no more", obj(last.body["pagination"])["has_next_page"], any(false))

	a.wantError(a.post("/access_codes/list", with(body, "page_cursor", "?")), 400, "invalid_input")
	a.wantError(a.post("/access_codes/list", with(body, "page_cursor", nil, "limit", -1)), 400, "invalid_input")
	a.ok("/access_codes/list", with(body, "page_cursor", nil, "limit", 3))
}

func TestDefaultPageSize(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.PageSize = 2 })
	got := a.ok("/devices/list", object{})
	a.equal("devices", len(list(got["devices"])), 2)
	a.equal("more", obj(got["pagination"])["has_next_page"], any(true))
	a.equal("wanted more", len(list(a.ok("/devices/list", object{"limit": 100})["devices"])), 7)
}

func TestDevicesList(t *testing.T) {
	a := newAPI(t)
	for name, tc := range map[string]struct {
		body object
		want []any
	}{
		"all":            {object{}, []any{"Front Door", "Garage", "Pool House", "Tool Shed", "Boat House", "Guest Suite", "Hallway"}},
		"ids":            {object{"device_ids": []any{sim.SeedThermostatID, sim.SeedOtherLockID}}, []any{"Hallway"}},
		"type":           {object{"device_type": "ecobee_thermostat"}, []any{"Hallway"}},
		"types":          {object{"device_types": []any{"kwikset_lock", "august_lock"}}, []any{"Front Door", "Tool Shed"}},
		"type and types": {object{"device_type": "august_lock", "device_types": []any{"kwikset_lock"}}, []any{}},
		"manufacturer":   {object{"manufacturer": "schlage"}, []any{"Pool House"}},
		"search":         {object{"search": "house"}, []any{"Pool House", "Boat House"}},
		"can":            {object{"include_if": []any{"can_program_offline_access_codes"}}, []any{"Boat House"}},
		"cannot":         {object{"exclude_if": []any{"can_program_online_access_codes"}}, []any{"Hallway"}},
		"other account":  {object{"connected_account_id": unknownID}, []any{}},
		"own account":    {object{"connected_account_ids": []any{sim.SeedAccountID}, "search": "Garage"}, []any{"Garage"}},
		"customer":       {object{"customer_key": "x"}, []any{}},
		"limit":          {object{"limit": 1}, []any{"Front Door"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			a.equal("names", each(a.ok("/devices/list", tc.body)["devices"], "display_name"), tc.want)
		})
	}
}

func TestDevicesGet(t *testing.T) {
	a := newAPI(t)
	device := obj(a.ok("/devices/get", object{"device_id": sim.SeedSixDigitLockID})["device"])
	a.equal("type", device["device_type"], any("schlage_lock"))
	a.equal("workspace", device["workspace_id"], any(sim.SeedWorkspaceID))
	a.equal("online codes", device["can_program_online_access_codes"], any(true))
	if _, ok := device["can_program_offline_access_codes"]; ok {
		t.Error("a capability that the device lacks is shown")
	}
	p := obj(device["properties"])
	a.equal("lengths", p["supported_code_lengths"], any([]any{6.0}))
	a.equal("constraints", list(p["code_constraints"])[2], any(object{"constraint_type": "name_length", "min_length": 2.0, "max_length": 14.0}))
	a.equal("online", p["online"], any(true))

	slots := obj(a.ok("/devices/get", object{"name": "Tool Shed"})["device"])
	a.equal("by name", slots["device_id"], any(sim.SeedFewSlotsLockID))
	a.equal("slots", obj(slots["properties"])["max_active_codes_supported"], any(2.0))
	a.wantError(a.post("/devices/get", object{"device_id": unknownID}), 404, "device_not_found")
	a.wantError(a.post("/devices/get", object{"device_id": sim.SeedNativeLockID, "name": "Garage"}), 404, "device_not_found")
	a.wantError(a.post("/devices/get", object{"name": "Nowhere"}), 404, "device_not_found")
	a.wantError(a.post("/devices/get", object{}), 400, "invalid_input")
}

func TestGenerateCode(t *testing.T) {
	a := newAPI(t)
	got := obj(a.ok("/access_codes/generate_code", object{"device_id": sim.SeedSixDigitLockID})["generated_code"])
	if pin, _ := got["code"].(string); len(pin) != 6 {
		t.Errorf("got PIN %q, want six digits", pin)
	}
	a.equal("nothing is kept", a.ok("/access_codes/list", object{"device_id": sim.SeedSixDigitLockID})["access_codes"], any([]any{}))
	a.wantError(a.post("/access_codes/generate_code", object{"device_id": unknownID}), 404, "device_not_found")
	a.wantError(a.post("/access_codes/generate_code", object{"device_id": sim.SeedThermostatID}), 400, "device_type_not_supported")
	a.wantError(a.post("/access_codes/generate_code", object{"device_id": sim.SeedProviderPINLockID}), 400, "device_type_not_supported")
	a.wantError(a.post("/access_codes/generate_code", object{}), 400, "invalid_input")
}

// The last free PIN is found however crowded the lock, and then there is none.
func TestGenerateCodeFindsTheLastFree(t *testing.T) {
	a := newAPI(t)
	narrow := sim.Lock(sim.SeedWorkspaceID, unknownID, "Narrow")
	narrow.SupportedCodeLengths = []int{4}
	// Digits 1 to 6, the first four of each PIN unlike any other's, no two the same.
	narrow.CodeConstraints = []sim.CodeConstraint{
		{ConstraintType: "cannot_contain_0789"}, {ConstraintType: "unique_first_four_digits"},
	}
	if _, err := a.sim.AddDevice(narrow); err != nil {
		t.Fatal(err)
	}
	for n := range 6 * 6 * 6 * 6 {
		pin := fmt.Sprintf("%d%d%d%d", n/216+1, n/36%6+1, n/6%6+1, n%6+1)
		if pin != "3333" {
			a.create(unknownID, object{"code": pin})
		}
	}
	got := obj(a.ok("/access_codes/generate_code", object{"device_id": unknownID})["generated_code"])
	a.equal("the last", got["code"], any("3333"))
	a.create(unknownID, nil)
	a.wantError(a.post("/access_codes/create", object{"device_id": unknownID}), 400, "invalid_input")
}
