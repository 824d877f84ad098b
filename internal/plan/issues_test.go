// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestErrorsOfSeam: the step for a code that has reached the lock, for one that has not, and for one whose window starts
// tomorrow.
func TestErrorsOfSeam(t *testing.T) {
	t.Parallel()
	var (
		tomorrow = window(-24*time.Hour, 48*time.Hour)
		soon     = 3 * time.Second

		set       = step{Kind: plan.None, Reason: "Set"}
		scheduled = step{Kind: plan.None, Reason: "Scheduled", After: 24 * time.Hour}
		waits     = step{Kind: plan.Wait, Reason: "DeviceError", After: soon}
		away      = step{Kind: plan.Wait, Reason: "DeviceUnreachable", After: soon}
		stopped   = func(reason string) step { return step{Kind: plan.GiveUp, Reason: reason} }
	)
	for _, row := range []struct {
		code                    string
		arrived, pending, ahead step
		says                    string
	}{
		{"failed_to_set_on_device", waits, waits, waits, "not on the lock; Seam keeps trying"},
		{"failed_to_issue", waits, waits, waits, "when its window began; Seam keeps trying"},
		{"failed_to_update", waits, waits, waits, "as it was before the last change; Seam keeps trying"},
		{"failed_to_remove", waits, waits, waits, "could not take the code off the lock"},
		{"failed_to_remove_from_device", waits, waits, waits, "could not take the code off the lock"},
		{"conflicting_external_modification", waits, waits, waits, "at the lock; Seam sets it again"},
		{"no_space_for_access_code_on_device", waits, waits, waits, "no place for another code: take one off it"},
		{"access_code_inactive", stopped("NotConverging"), stopped("NotConverging"), stopped("NotConverging"), "enable it"},
		{"code_constraints_violated", stopped("InvalidSpec"), stopped("InvalidSpec"), stopped("InvalidSpec"), "choose another PIN"},
		{"duplicate_code_on_device", stopped("CodeConflict"), stopped("CodeConflict"), stopped("CodeConflict"), "choose another PIN"},
		{"provider_issue", set, waits, waits, "its provider reports a problem"},
		{"subscription_required", set, stopped("NotConverging"), stopped("NotConverging"), "subscription: buy it"},
		{"insufficient_permissions", set, stopped("NotConverging"), stopped("NotConverging"), "give it the permissions"},
		{"august_lock_not_authorized", set, stopped("NotConverging"), stopped("NotConverging"), "August app"},
		{"missing_device_credentials", set, stopped("NotConverging"), stopped("NotConverging"), "enter them in Seam"},
		{"salto_ks_subscription_limit_exceeded", set, stopped("NotConverging"), stopped("NotConverging"), "remove users"},
		{"device_removed", stopped("DeviceNotFound"), stopped("DeviceNotFound"), stopped("DeviceNotFound"), "connect it to Seam again"},
		{"account_disconnected", away, away, away, "not connected"},
		{"dormakaba_sites_disconnected", set, away, away, "not connected"},
		{"device_offline", set, away, away, "not connected"},
		{"device_disconnected", set, away, away, "not connected"},
		{"hub_disconnected", set, away, away, "not connected"},
		{"bridge_disconnected", set, away, away, "not connected"},
		{"empty_backup_access_code_pool", set, step{Kind: plan.Wait, Reason: "Creating", After: soon}, scheduled, ""},
		{"auxiliary_heat_running", set, step{Kind: plan.Wait, Reason: "Creating", After: soon}, scheduled, ""},
		{"an_error_of_next_year", set, waits, waits, "Seam reports an error: an_error_of_next_year"},
	} {
		for _, at := range []struct {
			name string
			want plan.Desired
			code *seam.AccessCode
			step step
		}{
			{"on the lock", want(), remote("", pending(), failing(row.code)), row.arrived},
			{"on its way", want(), remote("", pending("creating"), failing(row.code)), row.pending},
			{"ahead", want(within(tomorrow)), remote("", pending("deferring_creation"), over(tomorrow), failing(row.code)), row.ahead},
		} {
			t.Run(row.code+", "+at.name, func(t *testing.T) {
				got := plan.Decide(at.want, created, plan.Observed{Remote: at.code}, now)
				if diff := cmp.Diff(at.step, step{got.Kind, got.Reason, got.After, got.Changes.Fields()}); diff != "" {
					t.Errorf("step (-want +got):\n%s", diff)
				}
				if got.Reason != "Set" && got.Reason != "Scheduled" && !strings.Contains(got.Message, row.says) {
					t.Errorf("the message lacks %q: %s", row.says, got.Message)
				}
			})
		}
	}
}

// TestErrorsTogether: of several errors, the status names the one that a person has to act on, or the one that may have caused
// the others.
func TestErrorsTogether(t *testing.T) {
	t.Parallel()
	wait := func(reason string) step { return step{Kind: plan.Wait, Reason: reason, After: firstPoll} }
	seen := func(codes ...string) plan.Observed {
		return plan.Observed{Remote: remote("", pending("creating"), failing(codes...))}
	}
	for _, row := range []decision{
		{"a PIN that the lock refuses", want(), created, seen("device_offline", "code_constraints_violated"), step{Kind: plan.GiveUp, Reason: "InvalidSpec"}, "choose another PIN"},
		{"no subscription", want(), created, seen("failed_to_set_on_device", "subscription_required"), step{Kind: plan.GiveUp, Reason: "NotConverging"}, "subscription"},
		{"a duplicate, not known for sure", want(), created, seen("duplicate_code_on_device", "device_offline"), wait("DeviceUnreachable"), ""},
		{"no place", want(func(d *plan.Desired) { d.MaxCodes = 2 }), created, seen("an_error_of_next_year", "no_space_for_access_code_on_device"), wait("DeviceError"), "takes 2 codes"},
		{"no place, and what is about something else", want(), created, seen("no_space_for_access_code_on_device", "auxiliary_heat_running"), wait("DeviceError"), ": no_space_for_access_code_on_device"},
	} {
		row.run(t)
	}
}

// An offline lock does not matter to a booking in spring, only to one of this week.
func TestLockOfflineLongBefore(t *testing.T) {
	t.Parallel()
	spring, thursday := window(-90*24*time.Hour, 91*24*time.Hour), window(-70*time.Hour, 80*time.Hour)
	seen := func(w *plan.Window) plan.Observed {
		return plan.Observed{Remote: remote("", pending("deferring_creation"), over(w), failing("device_offline"))}
	}
	for _, row := range []decision{
		{"in spring", want(within(spring)), created, seen(spring), step{Kind: plan.None, Reason: "Scheduled", After: 87 * 24 * time.Hour}, ""},
		{"this week", want(within(thursday)), created, seen(thursday), step{Kind: plan.Wait, Reason: "DeviceUnreachable", After: firstPoll}, ""},
	} {
		row.run(t)
	}
}

// TestStateWithoutStatus: Seam is phasing out the status. Without it the step is the same.
func TestStateWithoutStatus(t *testing.T) {
	t.Parallel()
	begun, ahead, past := window(time.Hour, time.Hour), window(-time.Hour, 2*time.Hour), window(3*time.Hour, -time.Hour)
	for _, row := range []struct {
		name, status string
		window       *plan.Window
		changes      []func(*seam.AccessCode)
		reason       string
	}{
		{"on the lock", seam.StatusSet, begun, nil, "Set"},
		{"on the lock, ongoing", seam.StatusSet, nil, nil, "Set"},
		{"on the lock, which is offline", seam.StatusSet, begun, []func(*seam.AccessCode){failing("device_offline")}, "Set"},
		{"being created", seam.StatusSetting, begun, []func(*seam.AccessCode){pending("creating")}, "Creating"},
		{"another PIN on its way", seam.StatusSetting, begun, []func(*seam.AccessCode){pending("updating_code")}, "Updating"},
		{"another window on its way", seam.StatusSetting, begun, []func(*seam.AccessCode){pending("updating_time_frame")}, "Updating"},
		{"deferred", seam.StatusUnset, ahead, []func(*seam.AccessCode){pending("deferring_creation")}, "Scheduled"},
		{"on the lock ahead of its window", seam.StatusUnset, ahead, nil, "Scheduled"},
		{"on the way to a lock that keeps windows", seam.StatusUnset, ahead, []func(*seam.AccessCode){pending("creating")}, "Scheduled"},
		{"late", seam.StatusSetting, begun, []func(*seam.AccessCode){pending("creating"), failing("failed_to_issue")}, "DeviceError"},
		{"its start is near", seam.StatusUnset, ahead, []func(*seam.AccessCode){pending("creating"), warned("delay_in_issuing")}, "Scheduled"},
		{"changed at the lock", seam.StatusSetting, begun, []func(*seam.AccessCode){failing("conflicting_external_modification")}, "DeviceError"},
		{"inactive", seam.StatusSet, begun, []func(*seam.AccessCode){failing("access_code_inactive")}, "NotConverging"},
		{"the account gone", seam.StatusUnknown, begun, []func(*seam.AccessCode){failing("account_disconnected")}, "DeviceUnreachable"},
		{"being removed", seam.StatusRemoving, begun, []func(*seam.AccessCode){pending("deleting")}, "Removing"},
		{"being removed, told by a warning", seam.StatusRemoving, begun, []func(*seam.AccessCode){warned("being_deleted")}, "Removing"},
		{"over and off the lock", seam.StatusUnset, past, nil, "Expired"},
		{"over and being removed", seam.StatusRemoving, past, []func(*seam.AccessCode){pending("deleting")}, "Removing"},
		{"over and still on the lock", seam.StatusSet, past, []func(*seam.AccessCode){failing("failed_to_remove")}, "Removing"},
	} {
		t.Run(row.name, func(t *testing.T) {
			code := func(status string) *seam.AccessCode {
				changes := append([]func(*seam.AccessCode){pending()}, row.changes...)
				if row.window != nil {
					changes = append(changes, over(row.window))
				}
				return remote(status, changes...)
			}
			with := plan.Decide(want(within(row.window)), created, plan.Observed{Remote: code(row.status)}, now)
			without := plan.Decide(want(within(row.window)), created, plan.Observed{Remote: code("")}, now)
			with.Target, without.Target = nil, nil
			if diff := cmp.Diff(with, without); diff != "" {
				t.Errorf("with a status and without (-with +without):\n%s", diff)
			}
			if without.Reason != row.reason {
				t.Errorf("reason %s, want %s: %s", without.Reason, row.reason, without.Message)
			}
		})
	}
}

// TestScopeOfAnUnknownError: of an unknown error, the message says what it is about, as far as Seam does.
func TestScopeOfAnUnknownError(t *testing.T) {
	t.Parallel()
	for about, issue := range map[string]seam.Issue{
		"an error: ": {IsAccessCodeError: true}, "an error of the lock: ": {IsDeviceError: true},
		"an error of the lock's account: ": {IsConnectedAccountError: true},
		"an error of the lock's bridge: ":  {IsBridgeError: true, IsConnectedAccountError: true},
	} {
		issue.ErrorCode = "an_error_of_next_year"
		got := plan.Decide(want(), created, plan.Observed{Remote: remote("", pending("creating"), func(c *seam.AccessCode) { c.Errors = []seam.Issue{issue} })}, now)
		if !strings.Contains(got.Message, about+issue.ErrorCode) {
			t.Errorf("the message lacks %q: %s", about, got.Message)
		}
	}
}

func TestHasNoSpace(t *testing.T) {
	t.Parallel()
	if plan.HasNoSpace(remote(seam.StatusSetting)) || !plan.HasNoSpace(remote(seam.StatusSetting, failing("device_offline", "no_space_for_access_code_on_device"))) {
		t.Error("Seam's error decides")
	}
}
