// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func backup(policy v1alpha1.BackupPullPolicy) func(*plan.Desired) {
	return func(d *plan.Desired) { d.Backup = policy }
}

func pulling(d *plan.Desired) { d.Pull = true }

func pulled(c *seam.AccessCode) { c.PulledBackupAccessCodeID = "backup" }

// changedAgo has an update of the PIN under way that Seam accepted so long ago.
func changedAgo(ago time.Duration) func(*seam.AccessCode) {
	return func(c *seam.AccessCode) {
		c.PendingMutations = []seam.PendingMutation{{MutationCode: "updating_code", CreatedAt: now.Add(-ago)}}
	}
}

func TestDecideBackup(t *testing.T) {
	t.Parallel()
	begun, fresh, ahead := window(5*time.Minute, time.Hour), window(4*time.Minute, time.Hour), window(-time.Hour, 2*time.Hour)
	none := step{Kind: plan.None, Reason: "Set"}
	off := func(long time.Duration, looks ...int) plan.Known {
		known := plan.Known{ID: "id", OffFor: long}
		for _, n := range looks {
			known.Looks = n
		}
		return known
	}
	for _, row := range []decision{
		{"no pool", want(within(begun)), created, plan.Observed{Remote: remote(seam.StatusSet, over(begun))}, none, ""},
		{"Never", want(within(begun), backup("Never")), created, plan.Observed{Remote: remote(seam.StatusSet, over(begun))}, none, ""},
		{"Always, within the window", want(within(begun), backup("Always")), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun))}, step{Kind: plan.PullBackup, Reason: "Set", After: firstPoll}, ""},
		{"Always, pulled", want(within(begun), backup("Always")), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun), pulled)}, none, ""},
		{"Always, before the window", want(within(ahead), backup("Always")), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(ahead))}, step{Kind: plan.None, Reason: "Scheduled", After: time.Hour}, ""},
		{"OnFailure, set", want(within(begun), backup("OnFailure")), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun))}, none, ""},
		{"OnFailure, off for five minutes of the window", want(within(begun), backup("OnFailure")), off(5 * time.Minute),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), failing("failed_to_set_on_device"))},
			step{Kind: plan.PullBackup, Reason: "DeviceError", After: firstPoll}, "failed_to_set_on_device"},
		{"OnFailure, on the lock and inactive", want(within(begun), backup("OnFailure")), off(5 * time.Minute),
			plan.Observed{Remote: remote(seam.StatusSet, over(begun), failing("access_code_inactive"))},
			step{Kind: plan.PullBackup, Reason: "NotConverging", After: firstPoll}, "access_code_inactive"},
		{"OnFailure, off since a moment ago", want(within(begun), backup("OnFailure")), off(0),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun))}, step{Kind: plan.Wait, Reason: "Setting", After: firstPoll}, ""},
		{"OnFailure, created within the window", want(within(begun), backup("OnFailure")), off(time.Hour),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), func(c *seam.AccessCode) { c.CreatedAt = now.Add(-time.Minute) })},
			step{Kind: plan.Wait, Reason: "Setting", After: firstPoll}, ""},
		{"OnFailure, off since before the window", want(within(fresh), backup("OnFailure")), off(time.Hour, 9),
			plan.Observed{Remote: remote(seam.StatusSetting, over(fresh), failing("device_offline"))},
			step{Kind: plan.Wait, Reason: "DeviceUnreachable", After: time.Minute + time.Second}, ""},
		{"OnFailure, off since the last change", want(within(begun), backup("OnFailure")), off(4*time.Minute, 9),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), failing("device_offline"))},
			step{Kind: plan.Wait, Reason: "DeviceUnreachable", After: time.Minute + time.Second}, ""},
		{"OnFailure, off for an hour and changed a minute ago", want(within(begun), backup("OnFailure")), off(time.Hour, 9),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), changedAgo(time.Minute))},
			step{Kind: plan.Wait, Reason: "Updating", After: time.Minute}, ""},
		{"OnFailure, off for an hour and changed five minutes ago", want(within(begun), backup("OnFailure")), off(time.Hour, 9),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), changedAgo(5*time.Minute))},
			step{Kind: plan.PullBackup, Reason: "Updating", After: time.Minute}, ""},
		{"OnFailure, off for an hour, and the change did not get there", want(within(begun), backup("OnFailure")), off(time.Hour, 9),
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), changedAgo(time.Minute), failing("failed_to_update"))},
			step{Kind: plan.PullBackup, Reason: "DeviceError", After: 512 * firstPoll}, ""},
		{"OnFailure, a person must act, seen a moment ago", want(within(begun), backup("OnFailure")), off(0),
			plan.Observed{Remote: remote(seam.StatusSet, over(begun), failing("access_code_inactive"))},
			step{Kind: plan.GiveUp, Reason: "NotConverging", After: 5*time.Minute + time.Second}, ""},
		{"OnFailure, a person must act, the window is ahead", want(within(ahead), backup("OnFailure")), off(0),
			plan.Observed{Remote: remote(seam.StatusSet, over(ahead), failing("access_code_inactive"))},
			step{Kind: plan.GiveUp, Reason: "NotConverging"}, ""},
		{"OnFailure, pulled", want(within(begun), backup("OnFailure")), created,
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun), pulled)}, step{Kind: plan.Wait, Reason: "Setting", After: firstPoll}, ""},
		{"asked for by a person, also before the window", want(within(ahead), pulling), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(ahead))}, step{Kind: plan.PullBackup, Reason: "Scheduled", After: time.Hour}, ""},
		{"asked for by a person, for an ongoing code", want(pulling), created,
			plan.Observed{Remote: remote(seam.StatusSet)}, step{Kind: plan.PullBackup, Reason: "Set", After: firstPoll}, ""},
		{"OnFailure, the backup of a code that vanished still there", want(within(begun), backup("OnFailure")), created,
			plan.Observed{Remote: remote(seam.StatusSetting, over(begun)), Backup: remote(seam.StatusSet)},
			step{Kind: plan.Wait, Reason: "Setting", After: firstPoll}, ""},
		{"asked for by a person, the backup of a code that vanished still there", want(within(begun), pulling), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun)), Backup: remote(seam.StatusSet)},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, ""},
		{"Always, its backup lost by Seam", want(within(begun), backup("Always")), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun)), LostBackup: remote("")}, none, ""},
		{"asked for by a person, the backup of before lost by Seam", want(within(begun), pulling), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun)), LostBackup: remote("")},
			step{Kind: plan.DeleteUnmanaged, Reason: "Removing", After: firstPoll}, ""},
		{"asked for by a person, the backup of before lost by Seam, for good", want(within(begun), pulling), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun)), LostBackup: remote("", func(c *seam.AccessCode) { c.CannotDeleteUnmanagedAccessCode = true })},
			none, ""},
		{"adopted with a backup of its own, that of an earlier code still there", want(within(begun), backup("Never")), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun), pulled), Backup: remote(seam.StatusSet)},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, ""},
		{"the pool is not on", want(within(begun), backup("Never"), func(d *plan.Desired) { d.EnablePool = true }), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(begun))},
			step{Kind: plan.Update, Reason: "Updating", After: firstPoll, Fields: []string{"backup"}}, ""},
	} {
		row.run(t)
	}
}

func TestDecideBackupGoes(t *testing.T) {
	t.Parallel()
	past := window(2*time.Hour, -time.Minute)
	removal := step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}
	on, leaving := remote(seam.StatusSet), remote(seam.StatusRemoving)
	rows := []struct {
		decision
		target *seam.AccessCode
	}{
		{decision{"both there", want(deleted), created, plan.Observed{Remote: remote(seam.StatusSet), Backup: on}, removal, ""}, on},
		{decision{"only the backup there", want(deleted), created, plan.Observed{Backup: on}, removal, ""}, on},
		{decision{"the backup on its way", want(deleted), created, plan.Observed{Remote: on, Backup: leaving},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, ""}, nil},
		{decision{"the backup gone", want(deleted), created, plan.Observed{Remote: on}, removal, ""}, on},
		{decision{"over, the backup with a later end", want(deleted, within(past)), created, plan.Observed{Backup: on}, removal, ""}, on},
		{decision{"over, not deleted", want(within(past)), created, plan.Observed{Backup: on}, removal, ""}, on},
	}
	for _, row := range rows {
		row.run(t)
		if got := plan.Decide(row.want, row.known, row.seen, now).Target; got != row.target {
			t.Errorf("%s: the target is %+v", row.name, got)
		}
	}
}

func TestDecideAdoption(t *testing.T) {
	t.Parallel()
	unmanaged := remote(seam.StatusSet, called("Old"))
	unmanageable := remote(seam.StatusSet, func(c *seam.AccessCode) { c.CannotBeManaged = true })
	tried := plan.Known{Conversions: []time.Time{now.Add(-30 * time.Minute), now.Add(-20 * time.Minute), now.Add(-10 * time.Minute)}}
	lately := plan.Known{Conversions: []time.Time{now.Add(-time.Minute)}, Looks: 2}
	conflict := step{Kind: plan.GiveUp, Reason: "CodeConflict"}
	// A create was sent with the PIN of before: its code, which nothing refuses, may still come.
	pending := plan.Known{CreatePending: true, Intent: &plan.Intent{At: now.Add(-time.Hour), Tried: now.Add(-30 * time.Second), Name: "Guest"}}
	settled := plan.Known{CreatePending: true, Intent: &plan.Intent{At: now.Add(-time.Hour), Tried: now.Add(-time.Minute), Name: "Guest"}}
	wait := step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}
	foreign := plan.Observed{Blocking: remote(seam.StatusSet, called("Old"))}
	for _, row := range []decision{
		{"while a create is pending", want(adopting), pending, foreign, wait, "not known yet"},
		{"once it is not", want(adopting), settled, foreign, step{Kind: plan.Adopt, Reason: "Creating", After: firstPoll}, "taken over"},
		{"while a create is refused for its PIN", want(adopting), pending, plan.Observed{Blocking: foreign.Blocking, PINTaken: true},
			step{Kind: plan.Adopt, Reason: "Creating", After: firstPoll}, "taken over"},
		{"unmanaged, while a create is pending", want(adopting), pending, plan.Observed{Unmanaged: unmanaged}, wait, "not known yet"},
		{"unmanaged, once it is not", want(adopting), settled, plan.Observed{Unmanaged: unmanaged},
			step{Kind: plan.Convert, Reason: "Creating", After: firstPoll}, "asked to manage"},
		{"unmanaged", want(adopting), plan.Known{}, plan.Observed{Unmanaged: unmanaged},
			step{Kind: plan.Convert, Reason: "Creating", After: firstPoll}, "asked to manage"},
		{"unmanaged, asked a minute ago", want(adopting), lately, plan.Observed{Unmanaged: unmanaged},
			step{Kind: plan.Wait, Reason: "Creating", After: 4 * firstPoll}, "asked to manage"},
		{"unmanaged, and so it stays", want(adopting), plan.Known{}, plan.Observed{Unmanaged: unmanageable}, conflict, "provider"},
		{"unmanaged, after three tries", want(adopting), tried, plan.Observed{Unmanaged: unmanaged}, conflict, "provider"},
		{"to import, of another object", want(), plan.Known{Import: "id"}, plan.Observed{Blocking: unmanaged, Claimed: true, Holder: `AccessCode "a"`}, conflict, "another AccessCode"},
		{"of another object", want(adopting), plan.Known{}, plan.Observed{Blocking: unmanaged, Claimed: true, Holder: `AccessCode "a"`},
			step{Kind: plan.Wait, Reason: "WaitingForPIN", After: time.Hour}, `AccessCode "a" has this PIN`},
		{"to import, not there", want(), plan.Known{Import: "id"}, plan.Observed{},
			step{Kind: plan.GiveUp, Reason: "InvalidSpec"}, "access-codes.io/access-code-id"},
		{"to import, gone after it was recorded", want(), plan.Known{ID: "id", Import: "id"}, plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 5 * time.Second}, ""},
	} {
		row.run(t)
	}
}

func TestDecideProviderChosenPIN(t *testing.T) {
	t.Parallel()
	provider := func(d *plan.Desired) { d.Code, d.Chosen, d.Provider = "", true, true }
	pending := func(ago time.Duration) plan.Known {
		return plan.Known{CreatePending: true, Intent: &plan.Intent{At: now.Add(-time.Hour), Tried: now.Add(-ago), Name: "Guest"}}
	}
	failed := func(ago time.Duration, failures int) plan.Known {
		known := pending(ago + 20*time.Second) // Seam has taken its time
		known.Failed, known.Failures = now.Add(-ago), failures
		return known
	}
	tired := func(known plan.Known) plan.Known {
		known.Looks = 9
		return known
	}
	past := window(2*time.Hour, -time.Hour)
	create := step{Kind: plan.Create, Reason: "Creating", After: firstPoll}
	day := window(time.Hour, time.Hour)
	roundedWindow := func(d *plan.Desired) { d.Offline, d.Rounding = true, time.Hour }
	for _, row := range []decision{
		{"nothing tried", want(provider), plan.Known{}, plan.Observed{}, create, ""},
		{"not chosen yet", want(provider), looked(1), plan.Observed{Remote: remote(seam.StatusUnset, withPIN(""), func(c *seam.AccessCode) {
			c.IsWaitingForCodeAssignment = true
		})}, step{Kind: plan.Wait, Reason: "Creating", After: 2 * firstPoll}, "yet to choose"},
		{"tried just now", want(provider), pending(30 * time.Second), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "not known yet"},
		{"tried a minute ago", want(provider), pending(time.Minute), plan.Observed{}, create, ""},
		{"tried just now with a PIN of ours", want(), pending(30 * time.Second), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "not known yet"},
		{"tried a minute ago with a PIN of ours", want(), pending(time.Minute), plan.Observed{}, create, ""},
		{"the look that decides is not slept through", want(), tired(pending(30 * time.Second)), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 31 * time.Second}, "not known yet"},
		{"nor that of one that is deleted", want(deleted), tired(pending(59 * time.Second)), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Removing", After: 2 * time.Second}, "not known yet"},
		{"Seam said a moment ago that it failed", want(), failed(time.Second, 1), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "not known yet"},
		{"Seam said that it failed, looked for once more", want(), tired(failed(4*time.Second, 1)), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 5 * time.Second}, "not known yet"},
		{"Seam said that it failed, and nothing showed", want(), failed(8*time.Second, 1), plan.Observed{}, create, ""},
		{"Seam says so again", want(), tired(failed(8*time.Second, 2)), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 9 * time.Second}, "not known yet"},
		{"Seam says so for long", want(), tired(failed(30*time.Second, 50)), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Creating", After: 31 * time.Second}, "not known yet"},
		{"Seam has said so for long", want(), failed(time.Minute, 50), plan.Observed{}, create, ""},
		{"over, tried just now", want(within(past)), pending(30 * time.Second), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, "not known yet"},
		{"over, tried a minute ago", want(within(past)), pending(time.Minute), plan.Observed{}, step{Kind: plan.None, Reason: "Expired"}, "off the lock"},
		{"deleted, tried just now", want(deleted), pending(30 * time.Second), plan.Observed{},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, "not known yet"},
		{"deleted, tried a minute ago", want(deleted), pending(time.Minute), plan.Observed{}, step{Kind: plan.Release, Reason: "Removing"}, ""},
		{"deleted, nothing pending", want(deleted), plan.Known{Intent: &plan.Intent{Tried: now}}, plan.Observed{}, step{Kind: plan.Release, Reason: "Removing"}, ""},
		{"offline, moved as far as it may be", want(provider, roundedWindow, within(day)), plan.Known{ID: "id", Applied: true},
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, 2*time.Hour)))}, step{Kind: plan.None, Reason: "Set"},
			"The provider has moved its window: from 2026-12-01T10:00:00Z until 2026-12-01T14:00:00Z"},
		{"offline, changed", want(provider, roundedWindow, within(day)), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(time.Hour, 5*time.Hour)))},
			step{Kind: plan.GiveUp, Reason: "UpdateNotSupported"}, "can't be changed (schedule)"},
	} {
		row.run(t)
	}
}

func TestDiffWhereChangesElsewhereMayStand(t *testing.T) {
	t.Parallel()
	allowing := func(d *plan.Desired) { d.AllowExternal = true }
	allowed := func(c *seam.AccessCode) { c.IsExternalModificationAllowed = true }
	changed := remote(seam.StatusSet, allowed, called("Other"), withPIN(otherPIN), over(window(time.Hour, time.Hour)))
	warnedOf := remote(seam.StatusSet, allowed, withPIN(otherPIN), warned("external_modification_in_effect"))
	set := step{Kind: plan.None, Reason: "Set"}
	update := func(fields ...string) step {
		return step{Kind: plan.Update, Reason: "Updating", After: firstPoll, Fields: fields}
	}
	for _, row := range []decision{
		{"Seam had it all", want(allowing), plan.Known{ID: "id", Applied: true, CodeApplied: true}, plan.Observed{Remote: changed}, set, ""},
		{"the PIN is new", want(allowing), plan.Known{ID: "id", Applied: true}, plan.Observed{Remote: changed}, update("code"), ""},
		{"the PIN may be new, but Seam says it was changed", want(allowing), plan.Known{ID: "id", Applied: true}, plan.Observed{Remote: warnedOf}, set, ""},
		{"the spec is new", want(allowing), plan.Known{ID: "id", CodeApplied: true}, plan.Observed{Remote: changed}, update("displayName", "code", "schedule"), ""},
		{"only the name is new", want(allowing), plan.Known{ID: "id", Had: &plan.Desired{Name: "Former", Code: pin}}, plan.Observed{Remote: changed}, update("displayName"), ""},
		{"no longer allowed", want(), plan.Known{ID: "id", Applied: true}, plan.Observed{Remote: remote(seam.StatusSet, allowed)}, update("allowExternalModification"), ""},
	} {
		row.run(t)
	}
}
