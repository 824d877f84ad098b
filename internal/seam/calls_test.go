// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	oneCode    = `{"ok":true,"access_code":{"access_code_id":"a1","device_id":"d1","code":"480915"}}`
	oneAttempt = `{"ok":true,"action_attempt":{"action_attempt_id":"t1","action_type":"X","status":"pending"}}`
)

// TestCalls checks the path of every call, its body on the wire and its result.
func TestCalls(t *testing.T) {
	berlin := time.FixedZone("", 2*60*60)
	start := time.Date(2030, 1, 1, 14, 0, 0, 0, berlin)
	end := time.Date(2030, 1, 2, 14, 0, 0, 500e6, berlin)
	yes, no := ptr(true), ptr(false)
	settings := seam.AccessCodeSettings{
		PreferredCodeLength: 6, PreferNativeScheduling: no, UseBackupAccessCodePool: yes,
		AllowExternalModification: yes, IsExternalModificationAllowed: no, AttemptForOfflineDevice: no,
	}
	offline := seam.OfflineSettings{
		IsOfflineAccessCode: yes, IsOneTimeUse: no, MaxTimeRounding: "1d", Sync: yes, UseOfflineAccessCode: yes,
	}
	settingsBody := func(more map[string]any) map[string]any {
		body := map[string]any{
			"preferred_code_length": 6.0, "prefer_native_scheduling": false, "use_backup_access_code_pool": true,
			"allow_external_modification": true, "is_external_modification_allowed": false, "attempt_for_offline_device": false,
		}
		for k, v := range more {
			body[k] = v
		}
		return body
	}
	code := &seam.AccessCode{AccessCodeID: "a1", DeviceID: "d1", Code: "480915"}
	attempt := seam.ActionAttempt{ActionAttemptID: "t1", ActionType: "X", Status: "pending"}
	type body = map[string]any
	type ctx = context.Context
	tests := []struct {
		name, path, answer string
		body               body
		call               func(ctx, *seam.Client) (any, error)
		want               any
	}{
		{
			name: "create, least", path: "/access_codes/create", answer: oneCode, body: body{"device_id": "d1"}, want: code,
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.Create(x, seam.CreateAccessCodeRequest{DeviceID: "d1"})
			},
		},
		{
			name: "create, all", path: "/access_codes/create", answer: oneCode, want: code,
			body: settingsBody(body{
				"device_id": "d1", "name": "Guest", "code": "480915", "common_code_key": "k",
				"starts_at": "2030-01-01T12:00:00Z", "ends_at": "2030-01-02T12:00:00.5Z",
				"is_offline_access_code": true, "is_one_time_use": false, "max_time_rounding": "1d", "sync": true,
				"use_offline_access_code": true,
			}),
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.Create(x, seam.CreateAccessCodeRequest{
					DeviceID: "d1", Name: "Guest", Code: "480915", CommonCodeKey: "k", StartsAt: &start, EndsAt: &end,
					AccessCodeSettings: settings, OfflineSettings: offline,
				})
			},
		},
		{
			name: "get", path: "/access_codes/get", answer: oneCode, body: body{"access_code_id": "a1"}, want: code,
			call: func(x ctx, c *seam.Client) (any, error) { return c.AccessCodes.Get(x, "a1") },
		},
		{
			name: "get by code", path: "/access_codes/get", answer: oneCode, want: code,
			body: body{"device_id": "d1", "code": "480915"},
			call: func(x ctx, c *seam.Client) (any, error) { return c.AccessCodes.GetByCode(x, "d1", "480915") },
		},
		{
			name: "list, all", path: "/access_codes/list",
			answer: `{"ok":true,"access_codes":[{"access_code_id":"a1"}],"pagination":{"has_next_page":false,"next_page_cursor":null,"next_page_url":null}}`,
			body: body{
				"device_id": "d1", "access_code_ids": []any{"a1"}, "access_grant_id": "g", "access_grant_key": "gk",
				"access_method_id": "m", "customer_key": "c", "user_identifier_key": "u", "search": "480915", "limit": 7.0,
				"page_cursor": "p",
			},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.List(x, seam.ListAccessCodesRequest{
					DeviceID: "d1", AccessCodeIDs: []string{"a1"}, AccessGrantID: "g", AccessGrantKey: "gk", AccessMethodID: "m",
					CustomerKey: "c", UserIdentifierKey: "u", Search: "480915", Limit: 7, PageCursor: "p",
				})
			},
			want: []seam.AccessCode{{AccessCodeID: "a1"}},
		},
		{
			name: "update, all", path: "/access_codes/update", answer: oneAttempt, want: attempt,
			body: settingsBody(body{
				"access_code_id": "a1", "device_id": "d1", "name": "Guest", "code": "480915", "type": "ongoing", "is_managed": true,
				"starts_at": "2030-01-01T12:00:00Z", "ends_at": "2030-01-02T12:00:00.5Z",
				"is_offline_access_code": true, "is_one_time_use": false, "max_time_rounding": "1d", "sync": true,
				"use_offline_access_code": true,
			}),
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.Update(x, seam.UpdateAccessCodeRequest{
					AccessCodeID: "a1", DeviceID: "d1", Name: "Guest", Code: "480915", Type: seam.TypeOngoing, IsManaged: yes,
					StartsAt: &start, EndsAt: &end, AccessCodeSettings: settings, OfflineSettings: offline,
				})
			},
		},
		{
			name: "update, answered with ok alone", path: "/access_codes/update", answer: `{"ok":true}`,
			body: body{"access_code_id": "a1", "name": "x"}, want: seam.ActionAttempt{},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.Update(x, seam.UpdateAccessCodeRequest{AccessCodeID: "a1", Name: "x"})
			},
		},
		{
			name: "delete", path: "/access_codes/delete", answer: oneAttempt, want: attempt,
			body: body{"access_code_id": "a1", "device_id": "d1", "sync": false},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.Delete(x, seam.DeleteAccessCodeRequest{AccessCodeID: "a1", DeviceID: "d1", Sync: no})
			},
		},
		{
			name: "generate code", path: "/access_codes/generate_code", body: body{"device_id": "d1"},
			answer: `{"ok":true,"generated_code":{"device_id":"d1","code":"480915"}}`, want: redact.Secret("480915"),
			call: func(x ctx, c *seam.Client) (any, error) { return c.AccessCodes.GenerateCode(x, "d1") },
		},
		{
			name: "create multiple", path: "/access_codes/create_multiple",
			answer: `{"ok":true,"access_codes":[{"access_code_id":"a1"},{"access_code_id":"a2"}]}`,
			body: settingsBody(body{
				"device_ids": []any{"d1", "d2"}, "behavior_when_code_cannot_be_shared": "throw", "name": "n", "code": "480915",
				"starts_at": "2030-01-01T12:00:00Z", "ends_at": "2030-01-02T12:00:00.5Z",
			}),
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.AccessCodes.CreateMultiple(x, seam.CreateMultipleAccessCodesRequest{
					DeviceIDs: []string{"d1", "d2"}, BehaviorWhenCodeCannotBeShared: seam.BehaviorThrow, Name: "n", Code: "480915",
					StartsAt: &start, EndsAt: &end, AccessCodeSettings: settings,
				})
			},
			want: []seam.AccessCode{{AccessCodeID: "a1"}, {AccessCodeID: "a2"}},
		},
		{
			name: "update multiple", path: "/access_codes/update_multiple", answer: `{"ok":true}`,
			body: body{"common_code_key": "k", "name": "n", "starts_at": "2030-01-01T12:00:00Z"},
			call: func(x ctx, c *seam.Client) (any, error) {
				return nil, c.AccessCodes.UpdateMultiple(x, seam.UpdateMultipleAccessCodesRequest{CommonCodeKey: "k", Name: "n", StartsAt: &start})
			},
		},
		{
			name: "pull backup, both names", path: "/access_codes/pull_backup_access_code", body: body{"access_code_id": "a1"},
			answer: `{"ok":true,"access_code":{"access_code_id":"a1"},"backup_access_code":{"access_code_id":"b1"}}`,
			call:   func(x ctx, c *seam.Client) (any, error) { return c.AccessCodes.PullBackupAccessCode(x, "a1") },
			want:   &seam.AccessCode{AccessCodeID: "b1"},
		},
		{
			name: "pull backup, one name", path: "/access_codes/pull_backup_access_code", body: body{"access_code_id": "a1"},
			answer: `{"ok":true,"access_code":{"access_code_id":"b1"}}`,
			call:   func(x ctx, c *seam.Client) (any, error) { return c.AccessCodes.PullBackupAccessCode(x, "a1") },
			want:   &seam.AccessCode{AccessCodeID: "b1"},
		},
		{
			name: "report constraints", path: "/access_codes/report_device_constraints", answer: `{"ok":true}`,
			body: body{"device_id": "d1", "supported_code_lengths": []any{4.0, 6.0}, "min_code_length": 4.0, "max_code_length": 8.0},
			call: func(x ctx, c *seam.Client) (any, error) {
				return nil, c.AccessCodes.ReportDeviceConstraints(x, seam.ReportDeviceConstraintsRequest{
					DeviceID: "d1", SupportedCodeLengths: []int{4, 6}, MinCodeLength: 4, MaxCodeLength: 8,
				})
			},
		},
		{
			name: "unmanaged get", path: "/access_codes/unmanaged/get", answer: oneCode, body: body{"access_code_id": "a1"}, want: code,
			call: func(x ctx, c *seam.Client) (any, error) { return c.UnmanagedAccessCodes.Get(x, "a1") },
		},
		{
			name: "unmanaged get by code", path: "/access_codes/unmanaged/get", answer: oneCode, want: code,
			body: body{"device_id": "d1", "code": "480915"},
			call: func(x ctx, c *seam.Client) (any, error) { return c.UnmanagedAccessCodes.GetByCode(x, "d1", "480915") },
		},
		{
			name: "unmanaged list", path: "/access_codes/unmanaged/list",
			answer: `{"ok":true,"access_codes":[{"access_code_id":"a1","is_managed":false,"cannot_be_managed":true}]}`,
			body:   body{"device_id": "d1", "user_identifier_key": "u", "search": "480915", "limit": 3.0, "page_cursor": "p"},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.UnmanagedAccessCodes.List(x, seam.ListUnmanagedAccessCodesRequest{
					DeviceID: "d1", UserIdentifierKey: "u", Search: "480915", Limit: 3, PageCursor: "p",
				})
			},
			want: []seam.AccessCode{{AccessCodeID: "a1", CannotBeManaged: true}},
		},
		{
			name: "unmanaged update", path: "/access_codes/unmanaged/update", answer: `{"ok":true}`,
			body: body{
				"access_code_id": "a1", "is_managed": true, "force": true, "allow_external_modification": false,
				"is_external_modification_allowed": true,
			},
			call: func(x ctx, c *seam.Client) (any, error) {
				return nil, c.UnmanagedAccessCodes.Update(x, seam.UpdateUnmanagedAccessCodeRequest{
					AccessCodeID: "a1", IsManaged: true, Force: yes, AllowExternalModification: no, IsExternalModificationAllowed: yes,
				})
			},
		},
		{
			name: "convert to managed", path: "/access_codes/unmanaged/convert_to_managed", answer: `{"ok":true}`,
			body: body{
				"access_code_id": "a1", "sync": true, "force": true, "allow_external_modification": false,
				"is_external_modification_allowed": true,
			},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.UnmanagedAccessCodes.ConvertToManaged(x, seam.ConvertToManagedRequest{
					AccessCodeID: "a1", Sync: yes, Force: yes, AllowExternalModification: no, IsExternalModificationAllowed: yes,
				})
			},
			want: seam.ActionAttempt{},
		},
		{
			name: "unmanaged delete", path: "/access_codes/unmanaged/delete", answer: oneAttempt, want: attempt,
			body: body{"access_code_id": "a1", "sync": true},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.UnmanagedAccessCodes.Delete(x, seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: "a1", Sync: yes})
			},
		},
		{
			name: "simulate", path: "/access_codes/simulate/create_unmanaged_access_code", answer: oneCode, want: code,
			body: body{"device_id": "d1", "name": "n", "code": "480915"},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.Simulate.CreateUnmanagedAccessCode(x, seam.SimulateUnmanagedAccessCodeRequest{DeviceID: "d1", Name: "n", Code: "480915"})
			},
		},
		{
			name: "device", path: "/devices/get", answer: `{"ok":true,"device":{"device_id":"d1"}}`, body: body{"device_id": "d1"},
			call: func(x ctx, c *seam.Client) (any, error) { return c.Devices.Get(x, "d1") },
			want: &seam.Device{DeviceID: "d1"},
		},
		{
			name: "devices, all", path: "/devices/list", answer: `{"ok":true,"devices":[{"device_id":"d1"}]}`,
			body: body{
				"connect_webview_id": "w", "connected_account_id": "a", "connected_account_ids": []any{"a"}, "customer_key": "c",
				"device_ids": []any{"d1"}, "device_type": "t", "device_types": []any{"t"}, "include_if": []any{"i"},
				"exclude_if": []any{"e"}, "manufacturer": "m", "space_id": "s", "user_identifier_key": "u",
				"custom_metadata_has": body{"k": true}, "created_before": "2030-01-01T12:00:00Z", "search": "q", "limit": 2.0,
				"page_cursor": "p", "unstable_location_id": "l",
			},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.Devices.List(x, seam.ListDevicesRequest{
					ConnectWebviewID: "w", ConnectedAccountID: "a", ConnectedAccountIDs: []string{"a"}, CustomerKey: "c",
					DeviceIDs: []string{"d1"}, DeviceType: "t", DeviceTypes: []string{"t"}, IncludeIf: []string{"i"},
					ExcludeIf: []string{"e"}, Manufacturer: "m", SpaceID: "s", UserIdentifierKey: "u",
					CustomMetadataHas: map[string]any{"k": true}, CreatedBefore: &start, Search: "q", Limit: 2, PageCursor: "p",
					UnstableLocationID: "l",
				})
			},
			want: []seam.Device{{DeviceID: "d1"}},
		},
		{
			name: "workspace", path: "/workspaces/get", body: body{},
			answer: `{"ok":true,"workspace":{"workspace_id":"w1","name":"n","is_sandbox":true}}`,
			call:   func(x ctx, c *seam.Client) (any, error) { return c.Workspaces.Get(x) },
			want:   &seam.Workspace{WorkspaceID: "w1", Name: "n", IsSandbox: true},
		},
		{
			name: "action attempt", path: "/action_attempts/get", answer: oneAttempt, body: body{"action_attempt_id": "t1"}, want: attempt,
			call: func(x ctx, c *seam.Client) (any, error) { return c.ActionAttempts.Get(x, "t1", seam.WaitOptions{}) },
		},
		{
			name: "events since", path: "/events/list", answer: `{"ok":true,"events":[]}`, want: []seam.Event{},
			body: body{"since": "2030-01-01T12:00:00Z", "event_types": []any{"x"}, "device_ids": []any{"d1"}, "limit": 9.0, "unstable_offset": 3.0},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.Events.List(x, seam.ListEventsRequest{
					Since: &start, EventTypes: []string{"x"}, DeviceIDs: []string{"d1"}, Limit: 9, UnstableOffset: 3,
				})
			},
		},
		{
			name: "events between", path: "/events/list", answer: `{"ok":true,"events":[]}`, want: []seam.Event{},
			body: body{"between": []any{"2030-01-01T12:00:00Z", "2030-01-02T12:00:00.5Z"}},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.Events.List(x, seam.ListEventsRequest{Between: &seam.Interval{From: start, To: end}})
			},
		},
		{
			name: "client session", path: "/client_sessions/get_or_create",
			answer: `{"ok":true,"client_session":{"client_session_id":"s","token":"seam_cst1_x"}}`,
			body: body{
				"user_identifier_key": "u", "user_identity_id": "i", "connect_webview_ids": []any{"w"},
				"connected_account_ids": []any{"a"}, "expires_at": "2030-01-01T12:00:00Z", "user_identity_ids": []any{"i"},
			},
			call: func(x ctx, c *seam.Client) (any, error) {
				return c.ClientSessions.GetOrCreate(x, seam.ClientSessionRequest{
					UserIdentifierKey: "u", UserIdentityID: "i", ConnectWebviewIDs: []string{"w"}, ConnectedAccountIDs: []string{"a"},
					ExpiresAt: &start, UserIdentityIDs: []string{"i"},
				})
			},
			want: &seam.ClientSession{ClientSessionID: "s", Token: "seam_cst1_x"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, ok(tt.answer))
			got, err := tt.call(t.Context(), client(t, s.URL))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got)\n%s", diff)
			}
			seen := s.seen()
			if len(seen) != 1 {
				t.Fatalf("%d requests", len(seen))
			}
			if seen[0].Method != "POST" || seen[0].Path != tt.path {
				t.Errorf("called %s %s", seen[0].Method, seen[0].Path)
			}
			if diff := cmp.Diff(tt.body, seen[0].Body); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
		})
	}
}

// TestRequired: what could be taken for another call is not sent.
func TestRequired(t *testing.T) {
	s := serve(t, ok(`{"ok":true}`))
	c := client(t, s.URL)
	x := t.Context()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	calls := map[string]func() (any, error){
		"create":          func() (any, error) { return c.AccessCodes.Create(x, seam.CreateAccessCodeRequest{}) },
		"get":             func() (any, error) { return c.AccessCodes.Get(x, "") },
		"get by code":     func() (any, error) { return c.AccessCodes.GetByCode(x, "d1", "") },
		"get by device":   func() (any, error) { return c.AccessCodes.GetByCode(x, "", "1234") },
		"update":          func() (any, error) { return c.AccessCodes.Update(x, seam.UpdateAccessCodeRequest{}) },
		"delete":          func() (any, error) { return c.AccessCodes.Delete(x, seam.DeleteAccessCodeRequest{DeviceID: "d1"}) },
		"generate":        func() (any, error) { return c.AccessCodes.GenerateCode(x, "") },
		"create multiple": func() (any, error) { return c.AccessCodes.CreateMultiple(x, seam.CreateMultipleAccessCodesRequest{}) },
		"update multiple": func() (any, error) {
			return nil, c.AccessCodes.UpdateMultiple(x, seam.UpdateMultipleAccessCodesRequest{})
		},
		"pull": func() (any, error) { return c.AccessCodes.PullBackupAccessCode(x, "") },
		"report": func() (any, error) {
			return nil, c.AccessCodes.ReportDeviceConstraints(x, seam.ReportDeviceConstraintsRequest{})
		},
		"unmanaged list": func() (any, error) { return c.UnmanagedAccessCodes.List(x, seam.ListUnmanagedAccessCodesRequest{}) },
		"unmanaged update": func() (any, error) {
			return nil, c.UnmanagedAccessCodes.Update(x, seam.UpdateUnmanagedAccessCodeRequest{})
		},
		"convert":          func() (any, error) { return c.UnmanagedAccessCodes.ConvertToManaged(x, seam.ConvertToManagedRequest{}) },
		"unmanaged delete": func() (any, error) { return c.UnmanagedAccessCodes.Delete(x, seam.DeleteUnmanagedAccessCodeRequest{}) },
		"simulate": func() (any, error) {
			return c.Simulate.CreateUnmanagedAccessCode(x, seam.SimulateUnmanagedAccessCodeRequest{})
		},
		"device":  func() (any, error) { return c.Devices.Get(x, "") },
		"attempt": func() (any, error) { return c.ActionAttempts.Get(x, "", seam.WaitOptions{}) },
		"events":  func() (any, error) { return c.Events.List(x, seam.ListEventsRequest{}) },
		"events with both": func() (any, error) {
			return c.Events.List(x, seam.ListEventsRequest{Since: &now, Between: &seam.Interval{From: now, To: now}})
		},
		"a year that JSON cannot hold": func() (any, error) {
			return c.AccessCodes.Create(x, seam.CreateAccessCodeRequest{DeviceID: "d1", StartsAt: &far})
		},
	}
	for name, do := range calls {
		t.Run(name, func(t *testing.T) {
			if _, err := do(); !seam.IsInvalidInput(err) || seam.InDoubt(err) {
				t.Errorf("error %v", err)
			}
		})
	}
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
