// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestEventObject(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, object{"code": "1234"})["access_code_id"]
	a.pass(setDelay)
	a.ok("/access_codes/delete", object{"access_code_id": id})
	a.pass(removeDelay)
	events := list(a.ok("/events/list", object{"since": wire(start()), "access_code_id": id})["events"])
	newest := obj(events[0])
	want := object{
		"event_type": "access_code.deleted", "access_code_id": id, "device_id": sim.SeedNativeLockID,
		"workspace_id": sim.SeedWorkspaceID, "connected_account_id": sim.SeedAccountID, "code": "1234",
		"created_at":  wire(start().Add(setDelay + removeDelay)),
		"occurred_at": wire(start().Add(setDelay + removeDelay)),
	}
	for member, want := range want {
		a.equal(member, newest[member], want)
	}
	// The PIN stands on those three types alone.
	a.equal("codes", each(events, "code"), []any{"1234", nil, nil, "1234"})
}

// scene makes one event a minute, beginning one minute after the start.
func scene(a *api, n int) []any {
	a.t.Helper()
	var ids []any
	for i := range n {
		a.pass(time.Minute)
		device := sim.SeedNativeLockID
		if i%2 == 1 {
			device = sim.SeedJustInTimeLockID
		}
		// Far ahead, so that nothing but `created` happens.
		body := with(frame(1000*time.Hour, 1001*time.Hour), "code", fmt.Sprint(1000+i))
		ids = append(ids, a.create(device, body)["access_code_id"])
	}
	return ids
}

func TestEventsList(t *testing.T) {
	a := newAPI(t)
	ids := scene(a, 6)
	pick := func(indexes ...int) []any {
		list := []any{}
		for _, i := range indexes {
			list = append(list, ids[i])
		}
		return list
	}
	at := func(minutes int) string { return wire(start().Add(time.Duration(minutes) * time.Minute)) }
	all := list(a.ok("/events/list", object{"since": at(0)})["events"])
	for name, tc := range map[string]struct {
		body object
		want []any
	}{
		"newest first":     {object{"since": at(0)}, pick(5, 4, 3, 2, 1, 0)},
		"since excludes":   {object{"since": at(4)}, pick(5, 4)},
		"between":          {object{"between": []any{at(2), at(5)}}, pick(3, 2)},
		"limit":            {object{"since": at(0), "limit": 2}, pick(5, 4)},
		"offset":           {object{"since": at(0), "limit": 2, "unstable_offset": 3}, pick(2, 1)},
		"device":           {object{"since": at(0), "device_id": sim.SeedJustInTimeLockID}, pick(5, 3, 1)},
		"devices":          {object{"since": at(0), "device_ids": []any{sim.SeedNativeLockID, unknownID}}, pick(4, 2, 0)},
		"code":             {object{"since": at(0), "access_code_id": ids[2]}, pick(2)},
		"codes":            {object{"since": at(0), "access_code_ids": pick(2, 4)}, pick(4, 2)},
		"device and code":  {object{"since": at(0), "access_code_id": ids[2], "device_id": sim.SeedJustInTimeLockID}, pick()},
		"type":             {object{"since": at(0), "event_type": "access_code.set_on_device"}, pick()},
		"types":            {object{"since": at(3), "event_types": []any{"access_code.set_on_device", "access_code.created"}}, pick(5, 4, 3)},
		"account":          {object{"since": at(4), "connected_account_id": sim.SeedAccountID}, pick(5, 4)},
		"event ids":        {object{"since": at(0), "event_ids": []any{obj(all[1])["event_id"]}}, pick(4)},
		"after the newest": {object{"since": at(6)}, pick()},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			got := a.ok("/events/list", tc.body)["events"]
			a.equal("codes", each(got, "access_code_id"), tc.want)
		})
	}
	got := a.get("/events/list", url.Values{"between": {at(2), at(5)}, "_strict": {"true"}})
	a.equal("by query", each(got.body["events"], "access_code_id"), pick(3, 2))
}

func TestEventsListRefusals(t *testing.T) {
	a := newAPI(t)
	now := wire(start())
	for name, body := range map[string]object{
		"neither":         {},
		"both":            {"since": now, "between": []any{now, now}},
		"no date":         {"since": "yesterday"},
		"one bound":       {"between": []any{now}},
		"bound no date":   {"between": []any{now, "later"}},
		"malformed id":    {"since": now, "device_id": "x"},
		"malformed limit": {"since": now, "limit": "many"},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			a.wantError(a.post("/events/list", body), 400, "invalid_input")
		})
	}
}

// Five hundred is the documented default; the newest are kept.
func TestEventsDefaultLimit(t *testing.T) {
	a := newAPI(t)
	for i := range 503 {
		a.create(sim.SeedNativeLockID, with(frame(1000*time.Hour, 1001*time.Hour), "code", fmt.Sprint(1000+i)))
	}
	events := list(a.ok("/events/list", object{"since": "2000-01-01"})["events"])
	a.equal("events", len(events), 500)
}

func TestEventMemoryIsBounded(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.EventLimit = 8 })
	ids := scene(a, 30)
	events := a.ok("/events/list", object{"since": "2000-01-01"})["events"]
	want := []any{}
	for i := 29; i >= 22; i-- {
		want = append(want, ids[i])
	}
	a.equal("events", each(events, "access_code_id"), want)
}

// Filters about things that the simulator does not have are valid and find nothing.
func TestEventsOfOtherThings(t *testing.T) {
	a := newAPI(t)
	a.create(sim.SeedNativeLockID, nil)
	for _, filter := range []string{"access_grant_id", "acs_user_id", "connect_webview_id", "customer_key", "space_id", "user_identity_id"} {
		found := a.ok("/events/list", object{"since": "2000-01-01", filter: unknownID})
		a.equal(filter, found["events"], any([]any{}))
	}
}
