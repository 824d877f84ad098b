// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// A code that is at Seam as it is wanted.
func TestDecideSettled(t *testing.T) {
	t.Parallel()
	var (
		ahead  = window(-time.Hour, 2*time.Hour)
		within = within(ahead)
		moved  = window(time.Hour, 90*time.Minute)
		set    = step{Kind: plan.None, Reason: "Set"}

		scheduled = step{Kind: plan.None, Reason: "Scheduled", After: time.Hour}
		wait      = func(reason string) step { return step{Kind: plan.Wait, Reason: reason, After: firstPoll} }
	)
	rounded := func(d *plan.Desired) {
		d.Offline, d.Code, d.Rounding, d.Window = true, "", time.Hour, window(time.Hour, time.Hour)
	}
	unassigned := func(c *seam.AccessCode) { c.IsWaitingForCodeAssignment = true }
	seen := func(status string, changes ...func(*seam.AccessCode)) plan.Observed {
		return plan.Observed{Remote: remote(status, changes...)}
	}
	for _, row := range []decision{
		{"set", want(), created, seen(seam.StatusSet), set, "The code works on the lock"},
		{"set while the lock is offline", want(), created, seen(seam.StatusSet, failing("device_offline")), set, ""},
		{"set while another name is on its way", want(), created, seen(seam.StatusSet, pending("updating_name")), wait("Set"), "The code works on the lock"},
		{
			"another name on its way as the window ends", want(func(d *plan.Desired) { d.Window = window(time.Hour, 2*time.Second) }), looked(9),
			seen(seam.StatusSet, pending("updating_name"), over(window(time.Hour, 2*time.Second))),
			step{Kind: plan.Wait, Reason: "Set", After: 5 * time.Second}, "",
		},
		{"moved by its provider", want(rounded), plan.Known{ID: "id", Applied: true}, seen(seam.StatusSet, offline, withPIN(""), over(moved)), set, "The provider has moved its window: from 2026-12-01T11:00:00Z until 2026-12-01T13:30:00Z"},
		{
			"moved by Seam", want(func(d *plan.Desired) { d.Window = window(time.Hour, time.Hour) }), created,
			seen(seam.StatusSet, warned("time_frame_adjusted_for_unknown_time_zone"), over(moved)), set, "it does not know the lock's time zone: from",
		},
		{"set ahead of its window", want(within), created, seen(seam.StatusSet, over(ahead)), scheduled, ""},
		{"set, of another PIN", want(), created, seen(seam.StatusSet, pending("updating_code")), wait("Updating"), "Seam has accepted the change"},
		{"set, of another window", want(), created, seen(seam.StatusSet, pending("updating_time_frame")), wait("Updating"), "Seam has accepted the change"},
		{
			"scheduled", want(within), created, seen(seam.StatusUnset, over(ahead)),
			step{Kind: plan.None, Reason: "Scheduled", After: time.Hour}, "it starts to work when its window begins",
		},
		{
			"scheduled, its creation deferred", want(within), created, seen(seam.StatusUnset, over(ahead), pending("deferring_creation")),
			step{Kind: plan.None, Reason: "Scheduled", After: time.Hour}, "",
		},
		{"ahead of its window with an error", want(within), created, seen(seam.StatusUnset, over(ahead), failing("failed_to_set_on_device")), wait("DeviceError"), ": failed_to_set_on_device"},
		{"ahead of its window and on its way", want(within), created, seen(seam.StatusSetting, over(ahead)), scheduled, ""},
		{
			"its window has begun", want(func(d *plan.Desired) { d.Window = window(0, time.Hour) }), created, seen(seam.StatusUnset, over(window(0, time.Hour))),
			wait("Setting"), "Seam is putting the code on the lock",
		},
		{"its PIN not chosen yet", want(), created, seen(seam.StatusSetting, withPIN(""), unassigned), wait("Creating"), "has yet to choose the PIN"},
		{
			"its PIN not chosen before it is sent to the lock", want(within), created, seen(seam.StatusUnset, over(ahead), withPIN(""), unassigned, pending("deferring_creation")),
			wait("Scheduled"), "the provider chooses its PIN when",
		},
		{
			"its PIN not chosen, deferred, and late", want(func(d *plan.Desired) { d.Window = window(0, time.Hour) }), created,
			seen(seam.StatusUnset, over(window(0, time.Hour)), withPIN(""), unassigned, pending("deferring_creation")), wait("Creating"), "",
		},
		{"unset", want(), created, seen(seam.StatusUnset), wait("Setting"), "Seam is putting the code on the lock"},
		{"setting", want(), created, seen(seam.StatusSetting), wait("Setting"), "Seam is putting the code on the lock"},
		{"creating", want(), created, seen(seam.StatusSetting, pending("creating")), wait("Creating"), "Seam is putting the code on the lock"},
		{"another name on its way", want(), created, seen(seam.StatusSetting, pending("updating_name")), wait("Set"), "The code works on the lock"},
		{"a mutation yet unknown", want(), created, seen(seam.StatusSetting, pending("polishing")), wait("Setting"), ""},
		{"a state yet unknown", want(), created, seen("paused"), wait("Setting"), ""},
		{"no state", want(), created, seen(""), wait("Setting"), ""},
		{"the account gone", want(), created, seen(seam.StatusUnknown), wait("DeviceUnreachable"), "not connected"},
		{"device offline", want(), created, seen(seam.StatusUnset, failing("device_offline")), wait("DeviceUnreachable"), "not connected: device_offline"},
		{"device disconnected", want(), created, seen(seam.StatusSetting, failing("device_disconnected")), wait("DeviceUnreachable"), ""},
		{"hub disconnected", want(), created, seen(seam.StatusSetting, failing("hub_disconnected")), wait("DeviceUnreachable"), ""},
		{"bridge disconnected", want(), created, seen(seam.StatusSetting, failing("bridge_disconnected")), wait("DeviceUnreachable"), ""},
		{"account disconnected", want(), created, seen(seam.StatusSetting, failing("account_disconnected")), wait("DeviceUnreachable"), ""},
		{"a word yet unknown for it", want(), created, seen(seam.StatusSetting, failing("relay_offline_for_days")), wait("DeviceUnreachable"), ""},
		{
			"offline ahead of its window", want(within), created, seen(seam.StatusUnset, over(ahead), failing("device_offline")),
			wait("DeviceUnreachable"), "",
		},
		{
			"offline and more", want(), created, seen(seam.StatusUnset, failing("failed_to_set_on_device", "device_offline", "device_offline")),
			wait("DeviceUnreachable"), "not connected: device_offline, failed_to_set_on_device",
		},
		{
			"a code on the lock that Seam doesn't manage", want(), created, seen(seam.StatusUnset, failing("duplicate_code_on_device")),
			step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "remove that code, or choose another PIN",
		},
		{
			"the same, not known for sure while offline", want(), created,
			seen(seam.StatusUnset, failing("duplicate_code_on_device", "device_offline")), wait("DeviceUnreachable"), "",
		},
		{
			"an error yet unknown", want(), created, seen(seam.StatusSetting, failing("smartthings_failed_to_set_access_code")),
			wait("DeviceError"), "Seam reports an error: smartthings_failed_to_set_access_code",
		},
		{
			"errors in whatever order", want(), created, seen(seam.StatusSetting, failing("b", "a", "b")),
			wait("DeviceError"), "Seam reports an error: a, b",
		},
		{"a warning is no error", want(), created, seen(seam.StatusSetting, warned("device_offline")), wait("Setting"), ""},
	} {
		row.run(t)
	}
}

// TestLooksAreSpaced: a code is read ever more rarely, most of all while its lock is not connected.
func TestLooksAreSpaced(t *testing.T) {
	t.Parallel()
	seconds := func(n int) time.Duration { return time.Duration(n) * time.Second }
	tests := []struct {
		looks          int
		polled, failed time.Duration
	}{
		{-1, seconds(3), seconds(3)},
		{0, seconds(3), seconds(3)},
		{1, seconds(6), seconds(6)},
		{4, seconds(48), seconds(48)},
		{5, seconds(60), seconds(96)},
		{6, seconds(60), seconds(192)},
		{10, seconds(60), seconds(3072)},
		{11, seconds(60), seconds(3600)},
		{1 << 40, seconds(60), seconds(3600)},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.looks), func(t *testing.T) {
			polled := plan.Decide(want(), looked(test.looks), plan.Observed{Remote: remote(seam.StatusSetting)}, now)
			failed := plan.Decide(want(), looked(test.looks), plan.Observed{Remote: remote(seam.StatusSetting, failing("device_offline"))}, now)
			if polled.After != test.polled || failed.After != test.failed {
				t.Errorf("after %s and %s, want %s and %s", polled.After, failed.After, test.polled, test.failed)
			}
		})
	}
}
