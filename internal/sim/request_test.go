// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestAuthentication(t *testing.T) {
	for name, tc := range map[string]struct {
		header  []string
		status  int
		kind    any
		message any
	}{
		"no header":           {nil, 401, "unauthorized", "No Authorization header"},
		"empty header":        {[]string{"Authorization", ""}, 401, "unauthorized", "No Authorization header"},
		"no bearer":           {[]string{"Authorization", sim.SeedAPIKey}, 401, "unauthorized", "No token provided"},
		"unknown key":         {[]string{"Authorization", "Bearer seam_bad"}, 401, "unauthorized", "API Key not found"},
		"access token":        {[]string{"Authorization", "Bearer seam_at1_x"}, 401, "access_token_used_for_api_key", "An access token was used instead of an API key"},
		"good key":            {[]string{"Authorization", "Bearer " + sim.SeedAPIKey}, 200, nil, nil},
		"empty other headers": {[]string{"Authorization", "Bearer " + sim.SeedAPIKey, "seam-workspace", "", "client-session-token", ""}, 200, nil, nil},
		"own workspace":       {[]string{"Authorization", "Bearer " + sim.SeedAPIKey, "seam-workspace", sim.SeedWorkspaceID}, 200, nil, nil},
		"other workspace":     {[]string{"Authorization", "Bearer " + sim.SeedAPIKey, "seam-workspace", sim.SeedOtherWorkspaceID}, 401, "unauthorized", "API Key does not belong to this workspace"},
		"client session":      {[]string{"Authorization", "Bearer " + sim.SeedAPIKey, "client-session-token", "seam_cst1_x"}, 401, "client_session_not_found", "Unauthorized (client session not found)"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.key = ""
			got := a.do(http.MethodPost, "/workspaces/get", object{}, tc.header...)
			a.equal("status", got.status, tc.status)
			a.equal("type", got.error("type"), tc.kind)
			a.equal("message", got.error("message"), tc.message)
		})
	}
}

func TestWorkspacesAreApart(t *testing.T) {
	a := newAPI(t)
	mine := a.create(sim.SeedNativeLockID, object{"code": "1234"})
	a.key = sim.SeedOtherAPIKey
	a.wantError(a.post("/access_codes/get", object{"access_code_id": mine["access_code_id"]}), 404, "access_code_not_found")
	a.wantError(a.post("/access_codes/get", object{"device_id": sim.SeedNativeLockID, "code": "1234"}), 404, "access_code_not_found")
	a.wantError(a.post("/access_codes/delete", object{"access_code_id": mine["access_code_id"]}), 404, "access_code_not_found")
	a.wantError(a.post("/devices/get", object{"device_id": sim.SeedNativeLockID}), 404, "device_not_found")
	a.wantError(a.post("/access_codes/create", object{"device_id": sim.SeedNativeLockID}), 404, "device_not_found")
	a.equal("devices", each(a.ok("/devices/list", object{})["devices"], "device_id"), []any{sim.SeedOtherLockID})
	listed := a.ok("/access_codes/list", object{"access_code_ids": []any{mine["access_code_id"]}})
	a.equal("listed", listed["access_codes"], any([]any{}))
	a.equal("events", len(list(a.ok("/events/list", object{"since": "2000-01-01"})["events"])), 1)
	ws := obj(a.ok("/workspaces/get", object{})["workspace"])
	a.equal("workspace", ws["workspace_id"], any(sim.SeedOtherWorkspaceID))
}

func TestVerbs(t *testing.T) {
	all := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	for path, accepted := range map[string]string{
		"/access_codes/create":                                "POST",
		"/access_codes/get":                                   "GET POST",
		"/access_codes/list":                                  "GET POST",
		"/access_codes/update":                                "POST PUT PATCH",
		"/access_codes/delete":                                "POST DELETE",
		"/access_codes/generate_code":                         "GET POST",
		"/devices/get":                                        "GET POST",
		"/devices/list":                                       "GET POST",
		"/workspaces/get":                                     "GET POST",
		"/access_codes/create_multiple":                       "POST PUT",
		"/access_codes/update_multiple":                       "POST PATCH",
		"/access_codes/pull_backup_access_code":               "POST",
		"/access_codes/report_device_constraints":             "POST",
		"/access_codes/unmanaged/get":                         "GET POST",
		"/access_codes/unmanaged/list":                        "GET POST",
		"/access_codes/unmanaged/update":                      "POST PATCH",
		"/access_codes/unmanaged/convert_to_managed":          "POST PATCH",
		"/access_codes/unmanaged/delete":                      "POST DELETE",
		"/access_codes/simulate/create_unmanaged_access_code": "POST",
		"/action_attempts/get":                                "GET POST",
		"/action_attempts/list":                               "GET POST",
		"/client_sessions/get_or_create":                      "POST",
		"/events/list":                                        "GET POST",
		"/health":                                             "GET POST",
	} {
		t.Run(path, func(t *testing.T) {
			a := newAPI(t)
			for _, verb := range all {
				got := a.do(verb, path, nil)
				refused := got.status == http.StatusMethodNotAllowed && got.error("type") == "method_not_allowed"
				if want := !strings.Contains(" "+accepted+" ", " "+verb+" "); refused != want {
					t.Errorf("%s: refused %t, want %t: %s", verb, refused, want, got.raw)
				}
			}
		})
	}
}

// The verb is looked at before the input, and the key before the verb.
func TestOrderOfChecks(t *testing.T) {
	a := newAPI(t)
	got := a.do(http.MethodGet, "/access_codes/create", object{"device_id": 7})
	a.wantError(got, 405, "method_not_allowed")
	a.equal("message", got.error("message"), any("only POST accepted"))
	a.key = "seam_bad"
	a.wantError(a.do(http.MethodGet, "/access_codes/create", nil), 401, "unauthorized")
	a.wantError(a.do(http.MethodGet, "/nowhere", nil), 404, "not_found")
	a.equal("health", a.do(http.MethodGet, "/health", nil).body, object{"ok": true})
}

func TestBodies(t *testing.T) {
	a := newAPI(t)
	a.wantError(a.do("POST", "/devices/list", object{}, "Content-Type", "text/plain"), 400, "invalid_content_type")
	a.wantError(a.post("/devices/list", object{"limit": strings.Repeat("x", 1<<20)}), 413, "invalid_input")
	got := a.do("POST", "/devices/list", []any{})
	a.wantError(got, 400, "invalid_input")
	a.equal("message", got.error("message"), any("Expected object, received array"))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.http.URL+"/devices/list", strings.NewReader("{"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	a.equal("status of no JSON", resp.StatusCode, 400)
}

// Date is the simulator's time, which Advance moves apart from the shared clock.
func TestHeaders(t *testing.T) {
	a := newAPI(t)
	a.sim.Advance(90 * time.Minute)
	got := a.do(http.MethodGet, "/workspaces/get", nil)
	a.equal("Date", got.header.Get("Date"), start().Add(90*time.Minute).Format(http.TimeFormat))
	if uuid.Validate(got.header.Get("Seam-Request-Id")) != nil {
		t.Errorf("request id %q is no UUID", got.header.Get("Seam-Request-Id"))
	}
}

func TestQueryForms(t *testing.T) {
	a := newAPI(t)
	one := str(a.create(sim.SeedNativeLockID, object{"code": "1111"})["access_code_id"])
	two := str(a.create(sim.SeedNativeLockID, object{"code": "2222"})["access_code_id"])
	a.create(sim.SeedNativeLockID, object{"code": "3333"})

	got := a.get("/access_codes/get", url.Values{"access_code_id": {two}, "_strict": {"true"}})
	a.equal("get", obj(got.body["access_code"])["code"], any("2222"))
	got = a.get("/access_codes/list", url.Values{"access_code_ids": {one, two}, "page_cursor": {""}, "limit": {"1"}})
	a.equal("repeated keys", each(got.body["access_codes"], "code"), []any{"1111"})
	a.equal("more", obj(got.body["pagination"])["has_next_page"], any(true))
	got = a.get("/access_codes/list", url.Values{"access_code_ids": {two}})
	a.equal("single key", each(got.body["access_codes"], "code"), []any{"2222"})
	got = a.get("/access_codes/list", url.Values{"device_id": {""}})
	a.wantError(got, 400, "invalid_input")
	got = a.get("/access_codes/list", url.Values{"device_id": {sim.SeedNativeLockID}, "limit": {"some"}})
	a.wantError(got, 400, "invalid_input")

	deleted := a.do(http.MethodDelete, "/access_codes/delete?sync=false&access_code_id="+one, nil)
	a.equal("delete by query", deleted.status, 200)
	a.equal("status", a.code(one)["status"], any("removing"))
	deleted = a.do(http.MethodDelete, "/access_codes/delete", object{"access_code_id": two})
	a.equal("delete by body", deleted.status, 200)
	a.equal("delete with a wrong flag", a.do(http.MethodDelete, "/access_codes/delete?sync=maybe&access_code_id="+two, nil).status, 400)

	for _, verb := range []string{"PUT", "PATCH"} {
		a.equal(verb, a.do(verb, "/access_codes/generate_code", object{}).status, 405)
	}
}

// An empty value in a query is an empty list where a list is wanted: SDKs have no other way to write one.
func TestQueryEmptyLists(t *testing.T) {
	a := newAPI(t)
	for _, name := range []string{"device_ids", "device_types", "connected_account_ids", "include_if", "exclude_if"} {
		want := a.ok("/devices/list", object{name: []any{}})
		got := a.get("/devices/list", url.Values{name: {""}})
		a.equal(name+" status", got.status, 200)
		a.equal(name, each(got.body["devices"], "display_name"), each(want["devices"], "display_name"))
		a.wantError(a.post("/devices/list", object{name: nil}), 400, "invalid_input")
	}
	a.equal("of no ids", len(list(a.get("/devices/list", url.Values{"device_ids": {""}}).body["devices"])), 0)
	a.equal("with no capability", len(list(a.get("/devices/list", url.Values{"include_if": {""}}).body["devices"])), 7)
	got := a.do(http.MethodPost, "/devices/list?device_ids=", object{"device_ids": nil})
	a.wantError(got, 400, "invalid_input")
}

// A record stands in a query as one key per field, with a dot between.
func TestQueryRecords(t *testing.T) {
	a := newAPI(t)
	want := a.ok("/devices/list", object{"custom_metadata_has": object{"floor": "2", "wing": "east"}})
	for name, query := range map[string]url.Values{
		"one field":      {"custom_metadata_has.floor": {"2"}},
		"two fields":     {"custom_metadata_has.floor": {"2"}, "custom_metadata_has.wing": {"east"}},
		"dot in a field": {"custom_metadata_has.floor.no": {"2"}},
	} {
		got := a.get("/devices/list", query)
		a.equal(name+" status", got.status, 200)
		a.equal(name, each(got.body["devices"], "display_name"), each(want["devices"], "display_name"))
	}
	a.equal("without", len(list(a.get("/devices/list", nil).body["devices"])), 7)
	got := a.get("/devices/list", url.Values{"search.name": {"Garage"}})
	a.wantError(got, 400, "invalid_input")
}
