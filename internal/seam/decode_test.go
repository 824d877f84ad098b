// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestAccessCode(t *testing.T) {
	tests := []struct {
		name, in string
		want     seam.AccessCode
	}{
		{
			name: "everything",
			in: `{"access_code_id":"a1","workspace_id":"w1","device_id":"d1","name":"Guest 1204","code":"480915","common_code_key":"k",
				"type":"time_bound","status":"setting","created_at":"2025-01-01T16:00:00.123Z","starts_at":"2030-01-01T00:00:00Z",
				"ends_at":"2030-01-02T00:00:00.000Z","is_managed":true,"is_scheduled_on_device":true,"is_waiting_for_code_assignment":true,
				"is_external_modification_allowed":true,"is_one_time_use":true,"is_offline_access_code":true,"is_backup":true,
				"is_backup_access_code_available":true,"pulled_backup_access_code_id":"b1","cannot_be_managed":true,
				"cannot_delete_unmanaged_access_code":true,"appearance":{"name":"n","first_name":"f","last_name":"l"},
				"dormakaba_oracode_metadata":{"stay_id":12345,"site_name":"s","user_level_id":"u","user_level_name":null,"is_cancellable":true,
				"is_early_checkin_able":true,"is_extendable":true,"is_overridable":true},
				"errors":[{"error_code":"duplicate_code_on_device","message":"m","is_access_code_error":true,"unmanaged_access_code_id":"u1",
				"managed_access_code_id":"m1","created_at":"2025-01-01T16:00:00Z"}],
				"warnings":[{"warning_code":"external_modification_in_effect","message":"m","change_type":"modified",
				"modified_fields":[{"field":"starts_at","from":"x","to":null}]}],
				"pending_mutations":[{"mutation_code":"deferring_creation","message":"m","created_at":"2025-01-01T16:00:00Z","scheduled_at":"2029-12-29T00:00:00Z"},
				{"mutation_code":"updating_time_frame","message":"m","created_at":"2025-01-01T16:00:00Z","from":{"starts_at":null,"ends_at":null},"to":{"starts_at":"2030-01-01T00:00:00Z","name":"n","code":null}}],
				"something_new":{"a":[1]}}`,
			want: seam.AccessCode{
				AccessCodeID: "a1", WorkspaceID: "w1", DeviceID: "d1", Name: "Guest 1204", Code: "480915", CommonCodeKey: "k",
				Type: seam.TypeTimeBound, Status: seam.StatusSetting, CreatedAt: at(t, "2025-01-01T16:00:00.123Z"),
				StartsAt: ptr(at(t, "2030-01-01T00:00:00Z")), EndsAt: ptr(at(t, "2030-01-02T00:00:00Z")),
				IsManaged: true, IsScheduledOnDevice: true, IsWaitingForCodeAssignment: true, IsExternalModificationAllowed: true,
				IsOneTimeUse: true, IsOfflineAccessCode: true, IsBackup: true, IsBackupAccessCodeAvailable: true,
				PulledBackupAccessCodeID: "b1", CannotBeManaged: true, CannotDeleteUnmanagedAccessCode: true,
				Appearance: &seam.Appearance{Name: "n", FirstName: "f", LastName: "l"},
				DormakabaOracodeMetadata: &seam.DormakabaOracodeMetadata{
					StayID: "12345", SiteName: "s", UserLevelID: "u", IsCancellable: true, IsEarlyCheckinAble: true, IsExtendable: true,
					IsOverridable: true,
				},
				Errors: []seam.Issue{{
					ErrorCode: "duplicate_code_on_device", Message: "m", IsAccessCodeError: true, UnmanagedAccessCodeID: "u1",
					ManagedAccessCodeID: "m1", CreatedAt: ptr(at(t, "2025-01-01T16:00:00Z")),
				}},
				Warnings: []seam.Issue{{
					WarningCode: "external_modification_in_effect", Message: "m", ChangeType: "modified",
					ModifiedFields: []seam.ModifiedField{{Field: "starts_at", From: "x"}},
				}},
				PendingMutations: []seam.PendingMutation{
					{MutationCode: "deferring_creation", Message: "m", CreatedAt: at(t, "2025-01-01T16:00:00Z"), ScheduledAt: ptr(at(t, "2029-12-29T00:00:00Z"))},
					{
						MutationCode: "updating_time_frame", Message: "m", CreatedAt: at(t, "2025-01-01T16:00:00Z"), From: &seam.MutationState{},
						To: &seam.MutationState{StartsAt: ptr(at(t, "2030-01-01T00:00:00Z")), Name: "n"},
					},
				},
			},
		},
		{
			name: "nulls",
			in: `{"access_code_id":"a1","name":null,"code":null,"common_code_key":null,"created_at":null,"starts_at":null,"ends_at":null,
				"errors":null,"warnings":null,"pending_mutations":null,"is_scheduled_on_device":null,"pulled_backup_access_code_id":null,
				"appearance":null,"dormakaba_oracode_metadata":null,"is_managed":null}`,
			want: seam.AccessCode{AccessCodeID: "a1"},
		},
		{
			name: "new words", in: `{"access_code_id":"a1","status":"pondering","type":"weekly","errors":[{"error_code":"moon_phase","is_moon_error":true}]}`,
			want: seam.AccessCode{AccessCodeID: "a1", Status: "pondering", Type: "weekly", Errors: []seam.Issue{{ErrorCode: "moon_phase"}}},
		},
		{
			name: "other zone", in: `{"access_code_id":"a1","starts_at":"2030-01-01T02:00:00+02:00"}`,
			want: seam.AccessCode{AccessCodeID: "a1", StartsAt: ptr(at(t, "2030-01-01T00:00:00Z"))},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got seam.AccessCode
			if err := json.Unmarshal([]byte(tt.in), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDevice(t *testing.T) {
	const in = `{"device_id":"d1","workspace_id":"w1","connected_account_id":"c1","device_type":"august_lock","display_name":"Front","nickname":"F",
		"created_at":"2025-01-01T00:00:00.000Z","is_managed":true,"space_ids":["s1"],"can_program_online_access_codes":true,
		"can_program_offline_access_codes":false,"capabilities_supported":["access_code"],"custom_metadata":{"k":"v","b":true},
		"location":{"location_name":"Home","time_zone":"Europe/Berlin"},
		"errors":[{"error_code":"device_offline","message":"m","is_device_error":true}],"warnings":[{"warning_code":"partial_backup_access_code_pool","message":"m"}],
		"properties":{"online":false,"name":"n","manufacturer":"august","supported_code_lengths":[4,6],"max_active_codes_supported":50,
		"code_constraints":[{"constraint_type":"no_zeros"},{"constraint_type":"name_length","min_length":1,"max_length":14}],
		"supports_backup_access_code_pool":true,"backup_access_code_pool_enabled":false,"keypad_battery":{"level":0.5},
		"accessory_keypad":{"is_connected":true,"battery":{"level":1}},"model":{"display_name":"x"},
		"offline_time_frame_options":[{"display_name":"Hourly","max_duration":"PT672H","matching_start_end_time":true,"time_zone":"UTC",
		"time_pairs":[{"display_name":"d","start_time":"10:00","end_time":"09:00"}]}],"online_time_frame_options":null,"august_metadata":{"lock_id":"1"}}}`
	want := seam.Device{
		DeviceID: "d1", WorkspaceID: "w1", ConnectedAccountID: "c1", DeviceType: "august_lock", DisplayName: "Front", Nickname: "F",
		CreatedAt: at(t, "2025-01-01T00:00:00Z"), IsManaged: true, SpaceIDs: []string{"s1"},
		CanProgramOnlineAccessCodes: ptr(true), CanProgramOfflineAccessCodes: ptr(false),
		CapabilitiesSupported: []string{"access_code"}, CustomMetadata: map[string]any{"k": "v", "b": true},
		Location: &seam.DeviceLocation{LocationName: "Home", TimeZone: "Europe/Berlin"},
		Errors:   []seam.Issue{{ErrorCode: "device_offline", Message: "m", IsDeviceError: true}},
		Warnings: []seam.Issue{{WarningCode: "partial_backup_access_code_pool", Message: "m"}},
		Properties: seam.DeviceProperties{
			Online: ptr(false), Name: "n", Manufacturer: "august", SupportedCodeLengths: []int{4, 6}, MaxActiveCodesSupported: ptr(50),
			CodeConstraints: []seam.CodeConstraint{
				{ConstraintType: "no_zeros"}, {ConstraintType: "name_length", MinLength: ptr(1), MaxLength: ptr(14)},
			},
			SupportsBackupAccessCodePool: ptr(true), BackupAccessCodePoolEnabled: ptr(false), KeypadBattery: &seam.Battery{Level: 0.5},
			AccessoryKeypad: &seam.AccessoryKeypad{IsConnected: true, Battery: &seam.Battery{Level: 1}},
			OfflineTimeFrameOptions: []seam.TimeFrameOption{{
				DisplayName: "Hourly", MaxDuration: "PT672H", MatchingStartEndTime: true, TimeZone: "UTC",
				TimePairs: []seam.TimePair{{DisplayName: "d", StartTime: "10:00", EndTime: "09:00"}},
			}},
		},
	}
	var got seam.Device
	if err := json.Unmarshal([]byte(in), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEvent(t *testing.T) {
	const head = `"event_id":"e1","workspace_id":"w1","created_at":"2025-01-01T00:00:00Z","occurred_at":"2025-01-01T00:00:01.000Z",
		"device_id":"d1","connected_account_id":"c1","access_code_id":"a1","device_custom_metadata":{"k":1},`
	base := seam.Event{
		EventID: "e1", WorkspaceID: "w1", CreatedAt: at(t, "2025-01-01T00:00:00Z"), OccurredAt: at(t, "2025-01-01T00:00:01Z"),
		DeviceID: "d1", ConnectedAccountID: "c1", AccessCodeID: "a1",
	}
	tests := []struct {
		name, in string
		want     func(seam.Event) seam.Event
	}{
		{
			name: "set on device", in: `{` + head + `"event_type":"access_code.set_on_device","code":"480915"}`,
			want: func(e seam.Event) seam.Event {
				e.EventType, e.AccessCode = "access_code.set_on_device", &seam.AccessCodeEvent{Code: "480915"}
				return e
			},
		},
		{
			name: "deleted without code", in: `{` + head + `"event_type":"access_code.deleted","code":null}`,
			want: func(e seam.Event) seam.Event {
				e.EventType, e.AccessCode = "access_code.deleted", &seam.AccessCodeEvent{}
				return e
			},
		},
		{
			name: "details", in: `{` + head + `"event_type":"access_code.changed","change_reason":"r","description":"d","event_description":"ed",
				"changed_properties":[{"property":"name","from":"a","to":null}],"from":{"starts_at":"then"},"to":{"name":"n"},
				"requested_mutations":[{"mutation_code":"updating_name","from":{"any":1}}],"backup_access_code_id":"b1",
				"connected_account_errors":[{"error_code":"account_disconnected"}]}`,
			want: func(e seam.Event) seam.Event {
				e.EventType, e.EventDescription = "access_code.changed", "ed"
				e.AccessCode = &seam.AccessCodeEvent{
					ChangeReason: "r", Description: "d", ChangedProperties: []seam.Change{{Property: "name", From: "a"}},
					From: &seam.EventState{StartsAt: "then"}, To: &seam.EventState{Name: "n"}, BackupAccessCodeID: "b1",
					RequestedMutations:     []seam.Mutation{{MutationCode: "updating_name"}},
					ConnectedAccountErrors: []seam.Issue{{ErrorCode: "account_disconnected"}},
				}
				return e
			},
		},
		{
			name: "another family uses the same names differently", in: `{` + head + `"event_type":"lock.unlocked","code":7,"from":"x","device_errors":1}`,
			want: func(e seam.Event) seam.Event { e.EventType = "lock.unlocked"; return e },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got seam.Event
			if err := json.Unmarshal([]byte(tt.in), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want(base), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	for _, in := range []string{`{"event_type":"access_code.created","code":7}`, `{"event_id":7}`} {
		if err := json.Unmarshal([]byte(in), &seam.Event{}); err == nil {
			t.Errorf("%s is accepted", in)
		}
	}
	if err := json.Unmarshal([]byte(`{"device_id":7}`), &seam.Device{}); err == nil {
		t.Error("a device with a wrong type is accepted")
	}
}

func TestIssue(t *testing.T) {
	tests := []struct {
		name  string
		issue seam.Issue
		scope seam.Scope
		code  string
	}{
		{name: "none", issue: seam.Issue{WarningCode: "w"}, code: "w"},
		{name: "code", issue: seam.Issue{ErrorCode: "e", IsAccessCodeError: true}, scope: seam.ScopeAccessCode, code: "e"},
		{name: "device", issue: seam.Issue{IsDeviceError: true}, scope: seam.ScopeDevice},
		{name: "account", issue: seam.Issue{IsConnectedAccountError: true}, scope: seam.ScopeConnectedAccount},
		{name: "bridge", issue: seam.Issue{IsConnectedAccountError: true, IsBridgeError: true}, scope: seam.ScopeBridge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.issue.Scope(); got != tt.scope {
				t.Errorf("scope %q", got)
			}
			if got := tt.issue.Code(); got != tt.code {
				t.Errorf("code %q", got)
			}
		})
	}
}

func TestWait(t *testing.T) {
	pending := oneAttempt
	done := `{"ok":true,"action_attempt":{"action_attempt_id":"t1","action_type":"X","status":"success"}}`
	failed := `{"ok":true,"action_attempt":{"action_attempt_id":"t1","action_type":"X","status":"error","error":{"type":"e","message":"m"}}}`
	tests := []struct {
		name    string
		answers []string
		wait    seam.WaitOptions
		status  string
		looks   int
		slept   []time.Duration
		err     string
	}{
		{name: "not asked to wait", answers: []string{pending}, status: "pending", looks: 1},
		{
			name: "done at the third look", answers: []string{pending, pending, done}, wait: seam.WaitOptions{Timeout: 10 * time.Second},
			status: "success", looks: 3, slept: []time.Duration{time.Second, time.Second},
		},
		{
			name: "failed", answers: []string{pending, failed}, wait: seam.WaitOptions{Timeout: 10 * time.Second, PollInterval: 3 * time.Second},
			status: "error", looks: 2, slept: []time.Duration{3 * time.Second},
		},
		{
			name: "too long", answers: []string{pending}, wait: seam.WaitOptions{Timeout: 7 * time.Second, PollInterval: 3 * time.Second},
			status: "pending", looks: 3, slept: []time.Duration{3 * time.Second, 3 * time.Second},
			err: "calling /action_attempts/get: unavailable: action is still pending: context deadline exceeded",
		},
		{
			name: "fails on the way", answers: []string{pending, "x"}, wait: seam.WaitOptions{Timeout: 9 * time.Second}, looks: 2,
			slept: []time.Duration{time.Second}, err: "calling /action_attempts/get: unavailable (status 200): answer is not JSON",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := make([]http.HandlerFunc, 0, len(tt.answers))
			for _, a := range tt.answers {
				script = append(script, ok(a))
			}
			s := serve(t, script...)
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			var slept []time.Duration
			c := client(t, s.URL, func(o *seam.Options) {
				o.Now = func() time.Time { return now }
				o.After = func(d time.Duration) <-chan time.Time {
					slept = append(slept, d)
					now = now.Add(d)
					rung := make(chan time.Time, 1)
					rung <- now
					return rung
				}
			})
			got, err := c.ActionAttempts.Get(t.Context(), "t1", tt.wait)
			if text := errorText(err); text != tt.err {
				t.Errorf("error %q, want %q", text, tt.err)
			}
			if diff := cmp.Diff([]any{tt.status, tt.looks, tt.slept}, []any{got.Status, len(s.seen()), slept}); diff != "" {
				t.Errorf("status, looks, sleeps (-want +got)\n%s", diff)
			}
		})
	}
}

func TestWaitCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := client(t, serve(t, ok(oneAttempt)).URL, func(o *seam.Options) {
		o.After = func(time.Duration) <-chan time.Time { cancel(); return nil }
	})
	got, err := c.ActionAttempts.Get(ctx, "t1", seam.WaitOptions{Timeout: time.Hour})
	if !errors.Is(err, context.Canceled) || got.Status != seam.AttemptPending {
		t.Errorf("status %q, error %v", got.Status, err)
	}
}
