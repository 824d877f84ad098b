// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestDecideRotation(t *testing.T) {
	long := func(digits int) func(*plan.Desired) {
		return func(d *plan.Desired) { d.Chosen, d.CodeLength = true, digits }
	}
	unfit := func(d *plan.Desired) { d.Chosen, d.Misfit = true, "the lock takes PINs of 6 digits" }
	noPIN := func(d *plan.Desired) { d.Code = "" }
	broken := failing("code_constraints_violated")
	renaming := func(c *seam.AccessCode) {
		c.PendingMutations = []seam.PendingMutation{{MutationCode: "updating_name"}}
	}
	tests := []struct {
		name   string
		want   plan.Desired
		known  plan.Known
		remote *seam.AccessCode
		why    string // none: the PIN stays
	}{
		{"of another length", want(long(6)), plan.Known{}, remote(seam.StatusSet), "spec.codeLength is 6"},
		{"of this length", want(long(5)), plan.Known{}, remote(seam.StatusSet), ""},
		{"given before, of another length", want(long(6), noPIN), plan.Known{}, remote(seam.StatusSet), "spec.codeLength is 6"},
		{"chosen by the provider", want(long(6), noPIN, func(d *plan.Desired) { d.Provider = true }), plan.Known{}, remote(seam.StatusSet), ""},
		{"given", want(func(d *plan.Desired) { d.Misfit = "it can't be" }), plan.Known{}, remote(seam.StatusSetting, broken), ""},
		{"unfit, and it works", want(unfit), plan.Known{}, remote(seam.StatusSet), ""},
		{"unfit, and not on the lock", want(unfit), plan.Known{}, remote(seam.StatusSetting), "6 digits"},
		{"unfit, and refused by the lock", want(unfit), plan.Known{}, remote(seam.StatusSet, failing("failed_to_set_on_device")), "6 digits"},
		{"unfit, but the lock has another one", want(unfit), plan.Known{}, remote(seam.StatusSetting, func(c *seam.AccessCode) { c.Code = otherPIN }), ""},
		{"not taken, as Seam says", want(chosen), plan.Known{}, remote(seam.StatusSetting, broken), "the lock does not take it"},
		{"not taken, and that is a new name", want(chosen), plan.Known{}, remote(seam.StatusSet, broken, renaming), ""},
		{"not taken again and again", want(chosen), plan.Known{Rotations: []time.Time{now, now, now}}, remote(seam.StatusSetting, broken), ""},
		{"not taken again and again, long ago", want(chosen), plan.Known{Rotations: []time.Time{now.Add(-2 * time.Hour), now.Add(-2 * time.Hour), now.Add(-2 * time.Hour)}}, remote(seam.StatusSetting, broken), "the lock does not take it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			step := plan.Decide(tt.want, tt.known, plan.Observed{Remote: tt.remote}, now)
			if rotates := step.Kind == plan.Rotate; rotates != (tt.why != "") || rotates && !strings.Contains(step.Message, tt.why) {
				t.Errorf("%s: %s", step.Kind, step.Message)
			}
		})
	}
}

func TestDecideRenewal(t *testing.T) {
	t.Parallel()
	old := func(d *plan.Desired) { d.Chosen, d.Renew = true, "its time is over" }
	with := func(change func(*plan.Desired)) plan.Desired { return want(old, change) }
	lost, holder := remote(seam.StatusSet), remote(seam.StatusSet, called("Old"))
	past := window(2*time.Hour, -time.Hour)
	pending := plan.Known{CreatePending: true, Intent: &plan.Intent{At: now.Add(-time.Hour), Tried: now.Add(-time.Second), Name: "Guest"}}
	removing := plan.Step{Kind: plan.Wait, Reason: "Removing"}
	for _, test := range []struct {
		name, reason string
		want         plan.Desired
		known        plan.Known
		seen         plan.Observed
		step         plan.Step // where it is not Renew
	}{
		{name: "it works", reason: "a PIN that works is disclosed in time, too", want: want(old), known: created, seen: plan.Observed{Remote: remote(seam.StatusSet)}},
		{name: "of another length as well", reason: "one new PIN serves both", want: with(func(d *plan.Desired) { d.CodeLength = 6 }), known: created,
			seen: plan.Observed{Remote: remote(seam.StatusSet)}},
		{name: "not at Seam", reason: "what is made next has the new one", want: want(old)},
		{name: "taken by another code", reason: "the new one is free", want: want(old), seen: plan.Observed{Blocking: holder}},
		{name: "given", reason: "it is the user's", want: want(func(d *plan.Desired) { d.Renew = "its time is over" }), known: created,
			seen: plan.Observed{Remote: remote(seam.StatusSet)}, step: plan.Step{Kind: plan.None, Reason: "Set"}},
		{name: "chosen by the provider", reason: "nobody else can", want: with(func(d *plan.Desired) { d.Provider = true }), known: created,
			seen: plan.Observed{Remote: remote(seam.StatusSet)}, step: plan.Step{Kind: plan.None, Reason: "Set"}},
		{name: "none yet", reason: "the first is new", want: with(func(d *plan.Desired) { d.Code = "" }), step: plan.Step{Kind: plan.Create, Reason: "Creating"}},
		{name: "a create is pending", reason: "its code is told by its PIN", want: want(old), known: pending, step: plan.Step{Kind: plan.Wait, Reason: "Creating"}},
		{name: "being removed", reason: "the next code has the new one", want: want(old), known: created,
			seen: plan.Observed{Remote: remote(seam.StatusRemoving)}, step: removing},
		{name: "over", reason: "no PIN is needed any more", want: want(old, within(past)), known: created, step: plan.Step{Kind: plan.None, Reason: "Expired"}},
		{name: "deleted", reason: "no PIN is needed any more", want: want(old, deleted), known: created, step: plan.Step{Kind: plan.Release, Reason: "Removing"}},
		{name: "lost by Seam", reason: "it is managed again first", want: want(old), known: plan.Known{ID: lost.AccessCodeID, Missing: now.Add(-time.Hour)},
			seen: plan.Observed{Lost: lost}, step: plan.Step{Kind: plan.Convert, Reason: "Creating"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			step := plan.Decide(test.want, test.known, test.seen, now)
			if test.step.Kind == "" {
				test.step.Kind, test.step.Reason = plan.Renew, step.Reason
			}
			if step.Kind != test.step.Kind || step.Reason != test.step.Reason {
				t.Errorf("%s, %s: %s, want %s, %s: %s", step.Kind, step.Reason, step.Message, test.step.Kind, test.step.Reason, test.reason)
			}
			if renews := step.Kind == plan.Renew; renews && !strings.Contains(step.Message, "its time is over") {
				t.Errorf("message %q", step.Message)
			}
		})
	}
}

func TestMisfit(t *testing.T) {
	t.Parallel()
	sixes := deviceWith([]int{6, 4})
	for _, row := range []struct {
		name   string
		pin    redact.Secret
		length int
		device *seam.Device
		why    string
	}{
		{"none is chosen yet", "", 6, sixes, ""},
		{"of the lock's length", "908172", 0, sixes, ""},
		{"of the length that is asked for", "908172", 6, sixes, ""},
		{"of another length than is asked for", "9081", 6, sixes, "spec.codeLength is 6"},
		{"of a length that the lock does not take", "90817", 0, sixes, "the lock takes PINs of 4 or 6 digits"},
		{"where the lock is not known", "90817", 0, nil, ""},
		{"where the lock is not known, of another length", "90817", 6, nil, "spec.codeLength is 6"},
		{"where the provider chooses", "90817", 0, deviceWith([]int{6}, "cannot_specify_pin_code"), ""},
		{"against a rule of the lock", "12345", 0, deviceWith(nil, "no_ascending_or_descending_sequence"), "(no_ascending_or_descending_sequence)"},
		{"against none", "90817", 0, deviceWith(nil, "no_ascending_or_descending_sequence"), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := plan.Misfit(row.pin, row.length, row.device)
			if (got == "") != (row.why == "") || !strings.Contains(got, row.why) {
				t.Errorf("got %q, want %q in it", got, row.why)
			}
		})
	}
}

// TestMayMisfit: errors of the lock, and those whose reason is known to be another, say nothing against the PIN.
func TestMayMisfit(t *testing.T) {
	t.Parallel()
	for code, may := range map[string]bool{
		"": false, "code_constraints_violated": true, "failed_to_set_on_device": true, "duplicate_code_on_device": false,
		"no_space_for_access_code_on_device": false, "conflicting_external_modification": false,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			about := remote(seam.StatusSetting)
			if code != "" {
				about.Errors = []seam.Issue{{ErrorCode: code, IsAccessCodeError: true}, {ErrorCode: "device_offline", IsDeviceError: true}}
			}
			if got := plan.MayMisfit(about); got != may {
				t.Errorf("may be the PIN: %t", got)
			}
		})
	}
}

func TestLengthFor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		device *seam.Device
		length int
	}{
		{"the lock is not known", nil, 6},
		{"it says nothing", deviceWith(nil), 6},
		{"it takes what is preferred", deviceWith([]int{4, 6}), 6},
		{"it does not", deviceWith([]int{8, 5, 7}), 5},
	} {
		if got := plan.LengthFor(6, row.device); got != row.length {
			t.Errorf("%s: %d digits, want %d", row.name, got, row.length)
		}
	}
}

// TestDecideBetweenWindows: what ends with a window is no loss, and the next window has a code again.
func TestDecideBetweenWindows(t *testing.T) {
	t.Parallel()
	over := plan.Known{ID: "id", Ended: true}
	next, past := window(-time.Hour, 2*time.Hour), window(2*time.Hour, -time.Minute)
	last := func(c *seam.AccessCode) { c.StartsAt, c.EndsAt = &past.StartsAt, &past.EndsAt }
	renewed := func(d *plan.Desired) { d.Chosen, d.Renew = true, "the window is over" }
	for _, row := range []decision{
		{"the code leaves the lock", want(within(next)), over, plan.Observed{Remote: remote(seam.StatusRemoving, last)},
			step{Kind: plan.Wait, Reason: "Scheduled", After: firstPoll}, "made again for the next window"},
		{"it is gone", want(within(next)), over, plan.Observed{}, step{Kind: plan.Create, Reason: "Creating", After: firstPoll}, ""},
		{"it is gone, and its PIN is used up", want(within(next), renewed), over, plan.Observed{}, step{Kind: plan.Renew, Reason: "Scheduled"}, "the window is over"},
		{"it leaves the lock within the next window", want(within(window(time.Minute, time.Hour))), over,
			plan.Observed{Remote: remote(seam.StatusRemoving, last)}, step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, ""},
		{"it is gone within its window", want(within(window(time.Minute, time.Hour))), plan.Known{ID: "id"}, plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 5 * time.Second}, "looked for once more"},
	} {
		row.run(t)
	}
}
