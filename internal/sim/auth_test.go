// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

const console = "Bearer " + sim.SeedConsoleToken

func TestWaysToAuthenticate(t *testing.T) {
	const person, session = "Bearer " + sim.SeedAccessToken, "Bearer " + sim.SeedClientSessionToken
	for name, tc := range map[string]struct {
		header []string
		status int
		kind   any
	}{
		"person":                    {[]string{"Authorization", person, "seam-workspace", sim.SeedWorkspaceID}, 200, nil},
		"person, no workspace":      {[]string{"Authorization", person}, 401, "access_token_used_for_api_key"},
		"person, empty workspace":   {[]string{"Authorization", person, "seam-workspace", ""}, 401, "access_token_used_for_api_key"},
		"person, other's workspace": {[]string{"Authorization", person, "seam-workspace", unknownID}, 401, "unauthorized"},
		"unknown person":            {[]string{"Authorization", "Bearer seam_at_x", "seam-workspace", sim.SeedWorkspaceID}, 401, "unauthorized"},
		"console":                   {[]string{"Authorization", console, "seam-workspace", sim.SeedWorkspaceID}, 200, nil},
		"console, no workspace":     {[]string{"Authorization", console}, 401, "unauthorized"},
		"unknown console":           {[]string{"Authorization", "Bearer eyX", "seam-workspace", sim.SeedWorkspaceID}, 401, "unauthorized"},
		"session in all places": {[]string{"Authorization", session, "client-session-token", sim.SeedClientSessionToken,
			"seam-client-session-token", sim.SeedClientSessionToken}, 200, nil},
		"session as bearer":   {[]string{"Authorization", session}, 200, nil},
		"session as header":   {[]string{"client-session-token", sim.SeedClientSessionToken}, 200, nil},
		"session, other name": {[]string{"seam-client-session-token", sim.SeedClientSessionToken}, 200, nil},
		"unknown session":     {[]string{"Authorization", "Bearer seam_cst1_x"}, 401, "client_session_not_found"},
		"publishable":         {[]string{"seam-publishable-key", sim.SeedPublishableKey}, 401, "unauthorized"},
		"publishable bearer":  {[]string{"Authorization", "Bearer " + sim.SeedPublishableKey}, 401, "unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t)
			a.key = ""
			got := a.do(http.MethodPost, "/devices/list", object{"limit": 1}, tc.header...)
			a.equal("status", got.status, tc.status)
			a.equal("type", got.error("type"), tc.kind)
		})
	}
}

// The token of a person is good for several workspaces; the header says which.
func TestPersonChoosesTheWorkspace(t *testing.T) {
	a := newAPI(t)
	a.key = sim.SeedAccessToken
	for _, id := range []string{sim.SeedWorkspaceID, sim.SeedOtherWorkspaceID} {
		got := a.do(http.MethodPost, "/workspaces/get", object{}, "seam-workspace", id)
		a.equal("workspace", obj(got.body["workspace"])["workspace_id"], any(id))
	}
}

// A client session sees the accounts of its user and nothing else.
func TestScopeOfClientSession(t *testing.T) {
	a := newAPI(t)
	hidden, err := a.sim.AddDevice(sim.Lock(sim.SeedWorkspaceID, "", "Safe"))
	if err != nil {
		t.Fatal(err)
	}
	secret := a.create(hidden.ID, object{"code": "1234"})["access_code_id"]
	seen := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	attempt := obj(a.ok("/access_codes/delete", object{"access_code_id": secret})["action_attempt"])["action_attempt_id"]

	a.key = sim.SeedClientSessionToken
	a.equal("own code", a.code(seen)["access_code_id"], seen)
	a.wantError(a.post("/access_codes/get", object{"access_code_id": secret}), 404, "access_code_not_found")
	a.wantError(a.post("/devices/get", object{"device_id": hidden.ID}), 404, "device_not_found")
	a.wantError(a.post("/action_attempts/get", object{"action_attempt_id": attempt}), 404, "action_attempt_not_found")
	a.equal("devices", len(list(a.ok("/devices/list", object{})["devices"])), 7)
	events := a.ok("/events/list", object{"since": "2000-01-01", "device_id": hidden.ID})["events"]
	a.equal("events", events, any([]any{}))
	a.create(sim.SeedNativeLockID, nil)
	for _, path := range []string{"/workspaces/get", "/action_attempts/list", "/client_sessions/get_or_create"} {
		a.wantError(a.post(path, object{}), 401, "client_session_token_used_for_api_key")
	}
	open := newAPI(t, func(o *sim.Options) { o.SessionsGetWorkspace = true })
	open.key = sim.SeedClientSessionToken
	open.ok("/workspaces/get", object{})
}

func TestPublishableKey(t *testing.T) {
	a := newAPI(t)
	a.key = ""
	const path = "/client_sessions/get_or_create"
	key := []string{"seam-publishable-key", sim.SeedPublishableKey}
	user := object{"user_identifier_key": sim.SeedUserIdentifierKey}
	got := a.do("POST", path, user, append(key, "Authorization", "")...)
	session := obj(got.body["client_session"])
	a.equal("token", session["token"], any(sim.SeedClientSessionToken))
	a.equal("devices", session["device_count"], any(7.0))

	stranger := obj(a.do("POST", path, object{"user_identifier_key": "stranger"}, key...).body["client_session"])
	a.equal("devices of a stranger", stranger["device_count"], any(0.0))
	a.key = str(stranger["token"])
	a.equal("nothing to see", a.ok("/devices/list", object{})["devices"], any([]any{}))

	a.key = ""
	a.wantError(a.do("POST", path, object{}, key...), 401, "publishable_key_requires_user_identifier_key")
	a.wantError(a.do("POST", path, object{"user_identifier_key": " "}, key...), 401, "publishable_key_requires_user_identifier_key")
	a.wantError(a.do("POST", path, with(object{"user_identifier_key": "x"}, "connected_account_ids", []string{sim.SeedAccountID}), key...),
		403, "publishable_keys_must_create_empty_client_sessions")
	a.wantError(a.do("POST", path, user, "seam-publishable-key", "seam_pk1_x"), 401, "workspace_not_found")
	a.wantError(a.do("POST", path, user, "seam-publishable-key", sim.SeedAPIKey), 401, "workspace_not_found")
	a.wantError(a.do("POST", path, user), 401, "unauthorized")
	a.key = sim.SeedAPIKey
	a.wantError(a.do("POST", path, user, key...), 400, "token_auth_not_accepted")
}

func TestClientSession(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.SessionLifetime = time.Hour })
	get := func(body object) object {
		t.Helper()
		return obj(a.ok("/client_sessions/get_or_create", body)["client_session"])
	}
	first := get(object{"user_identifier_key": "ann", "connected_account_ids": []any{sim.SeedAccountID}, "connect_webview_ids": []any{unknownID}})
	for member, want := range map[string]any{
		"workspace_id": sim.SeedWorkspaceID, "user_identifier_key": "ann", "device_count": 7.0,
		"connected_account_ids": []any{sim.SeedAccountID}, "connect_webview_ids": []any{unknownID}, "user_identity_ids": []any{},
		"created_at": wire(start()), "expires_at": wire(start().Add(time.Hour)),
	} {
		a.equal(member, first[member], want)
	}
	a.equal("same again", get(object{"user_identifier_key": "ann"}), first)
	later := get(object{"user_identifier_key": "ann", "expires_at": wire(start().Add(2 * time.Hour))})
	a.equal("prolonged", later["expires_at"], any(wire(start().Add(2*time.Hour))))

	a.pass(2*time.Hour - time.Millisecond)
	admin := a.key
	a.key = str(first["token"])
	a.ok("/devices/list", object{})
	a.pass(time.Millisecond)
	a.wantError(a.post("/devices/list", object{}), 401, "client_session_expired")
	a.key = admin
	second := get(object{"user_identifier_key": "ann"})
	a.equal("another", second["token"] == first["token"], false)

	if err := a.sim.RevokeToken(str(second["token"])); err != nil {
		t.Fatal(err)
	}
	a.key = str(second["token"])
	a.wantError(a.post("/devices/list", object{}), 401, "client_session_revoked")
	a.key = admin
	a.equal("after revocation", get(object{"user_identifier_key": "ann"})["token"] == second["token"], false)
}

func TestClientSessionIdentities(t *testing.T) {
	a := newAPI(t)
	const path, other = "/client_sessions/get_or_create", "33333333-3333-4333-8333-333333333333"
	get := func(body object) object { return obj(a.ok(path, body)["client_session"]) }
	one := get(object{"user_identity_id": unknownID})
	a.equal("identity", one["user_identity_id"], any(unknownID))
	a.equal("old form", get(object{"user_identity_ids": []any{unknownID}})["token"], one["token"])
	a.equal("key", one["user_identifier_key"], nil)
	a.equal("nobody's are apart", get(object{})["token"] == get(object{})["token"], false)
	a.wantError(a.post(path, object{"user_identity_ids": []any{unknownID, other}}), 400, "invalid_input")
	a.wantError(a.post(path, object{"expires_at": wire(start())}), 400, "invalid_input")
	a.wantError(a.post(path, object{"connected_account_ids": []any{unknownID}}), 404, "connected_account_not_found")
	// Of two running sessions the newer one counts.
	for _, token := range []string{"seam_cst1_a", "seam_cst1_b"} {
		if _, err := a.sim.AddClientSession(sim.SeedWorkspaceID, "bob", token, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	a.equal("newer", get(object{"user_identifier_key": "bob"})["token"], any("seam_cst1_b"))
	a.key = sim.SeedOtherAPIKey
	a.equal("not of another workspace", get(object{"user_identifier_key": "bob"})["token"] == "seam_cst1_b", false)
}

func TestControlTokens(t *testing.T) {
	a := newAPI(t)
	both := []any{sim.SeedWorkspaceID, sim.SeedOtherWorkspaceID}
	for kind, token := range map[string]string{
		"personal_access_token": "seam_at_new", "console_session_token": "eyNew",
	} {
		a.controlOK("POST", "tokens", object{"kind": kind, "token": token, "workspace_ids": both})
		a.key = token
		ask := func() int {
			return a.do("POST", "/devices/list", object{}, "seam-workspace", sim.SeedOtherWorkspaceID).status
		}
		a.equal(kind, ask(), 200)
		a.controlOK("DELETE", "tokens/"+token, nil)
		a.equal(kind+" revoked", ask(), 401)
	}
	a.controlOK("POST", "tokens", object{"kind": "publishable_key", "token": "seam_pk_new", "workspace_ids": both[:1]})
	a.controlOK("POST", "users", object{
		"workspace_id": sim.SeedWorkspaceID, "user_identifier_key": "eve", "connected_account_ids": []any{sim.SeedAccountID},
	})
	made := a.controlOK("POST", "client-sessions", object{"workspace_id": sim.SeedWorkspaceID, "user_identifier_key": "eve", "lifetime": "1m"})
	a.key = str(made["token"])
	a.equal("devices", len(list(a.ok("/devices/list", object{})["devices"])), 7)
	a.pass(time.Minute)
	a.wantError(a.post("/devices/list", object{}), 401, "client_session_expired")

	for name, tc := range map[string]struct {
		path   string
		body   object
		status int
	}{
		"unknown kind":        {"tokens", object{"kind": "key", "token": "x", "workspace_ids": both}, 400},
		"wrong beginning":     {"tokens", object{"kind": "personal_access_token", "token": "x", "workspace_ids": both}, 400},
		"two for a key":       {"tokens", object{"kind": "publishable_key", "token": "seam_pk", "workspace_ids": both}, 400},
		"no workspace":        {"tokens", object{"kind": "console_session_token", "token": "ey"}, 400},
		"unknown workspace":   {"tokens", object{"kind": "api_key", "token": "x", "workspace_ids": []any{unknownID}}, 404},
		"misspelt token":      {"tokens", object{"type": "api_key"}, 400},
		"user of nowhere":     {"users", object{"workspace_id": unknownID, "user_identifier_key": "x"}, 404},
		"user without a key":  {"users", object{"workspace_id": sim.SeedWorkspaceID}, 400},
		"unknown account":     {"users", object{"workspace_id": sim.SeedWorkspaceID, "user_identifier_key": "x", "connected_account_ids": []any{unknownID}}, 404},
		"misspelt user":       {"users", object{"user": "x"}, 400},
		"session of nowhere":  {"client-sessions", object{"workspace_id": unknownID}, 404},
		"session's beginning": {"client-sessions", object{"workspace_id": sim.SeedWorkspaceID, "token": "seam_x"}, 400},
		"misspelt session":    {"client-sessions", object{"ttl": "1h"}, 400},
	} {
		a.equal(name, a.control("POST", tc.path, tc.body).status, tc.status)
	}
	a.equal("revoke unknown", a.control("DELETE", "tokens/none", nil).status, 404)
}

// user_identifier_key narrows lists to what a user has.
func TestUserFilter(t *testing.T) {
	a := newAPI(t)
	id := a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	for user, want := range map[string]int{sim.SeedUserIdentifierKey: 1, "stranger": 0} {
		filter := func(more object) object { return with(more, "user_identifier_key", user) }
		a.equal("codes", len(list(a.ok("/access_codes/list", filter(object{"access_code_ids": []any{id}}))["access_codes"])), want)
		a.equal("unmanaged", len(list(a.ok("/access_codes/unmanaged/list", filter(object{"device_id": sim.SeedFewSlotsLockID}))["access_codes"])), want)
		a.equal("devices", len(list(a.ok("/devices/list", filter(object{}))["devices"])), 7*want)
	}
}
