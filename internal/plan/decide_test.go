// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// firstPoll is when a step that was taken is looked at for the first time.
const firstPoll = 3 * time.Second

func TestDecideDeleted(t *testing.T) {
	t.Parallel()
	for _, row := range []decision{
		{
			"never created", want(deleted), plan.Known{}, plan.Observed{},
			step{Kind: plan.Release, Reason: "Removing"}, "",
		},
		{
			"gone from Seam", want(deleted), created, plan.Observed{},
			step{Kind: plan.Release, Reason: "Removing"}, "",
		},
		{
			"on the lock", want(deleted), created, plan.Observed{Remote: remote(seam.StatusSet)},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "asked to take the code off the lock",
		},
		{
			"a removal that only a warning tells of", want(deleted), looked(4), plan.Observed{Remote: remote(seam.StatusSet, warned("being_deleted"))},
			step{Kind: plan.Wait, Reason: "Removing", After: 16 * firstPoll}, "",
		},
		{
			"a removal that a warning has told of for minutes", want(deleted), looked(5), plan.Observed{Remote: remote(seam.StatusSet, warned("being_deleted"))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"a removal under way for minutes", want(deleted), looked(5), plan.Observed{Remote: remote(seam.StatusRemoving, warned("being_deleted"))},
			step{Kind: plan.Wait, Reason: "Removing", After: time.Minute}, "",
		},
		{
			"on the lock, and not as wanted", want(deleted), created, plan.Observed{Remote: remote(seam.StatusSet, called("Other"))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"ahead of its window", want(deleted, within(window(-time.Hour, 2*time.Hour))), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(window(-time.Hour, 2*time.Hour)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"expired", want(deleted, within(window(2*time.Hour, -time.Hour))), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(window(2*time.Hour, -time.Hour)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"being removed", want(deleted), looked(1), plan.Observed{Remote: remote(seam.StatusRemoving)},
			step{Kind: plan.Wait, Reason: "Removing", After: 2 * firstPoll}, "Seam is taking the code off the lock",
		},
		{
			"its removal under way in Seam's other word", want(deleted), created,
			plan.Observed{Remote: remote(seam.StatusSet, pending("deleting"))},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, "Seam is taking the code off the lock",
		},
		{
			"its removal fails", want(deleted), looked(10),
			plan.Observed{Remote: remote(seam.StatusRemoving, failing("failed_to_remove_from_device", "device_offline"))},
			step{Kind: plan.Wait, Reason: "Removing", After: time.Minute}, "off the lock: device_offline, failed_to_remove_from_device",
		},
		{
			"an offline code that Seam still shows after its end", want(deleted), created,
			plan.Observed{Remote: remote(seam.StatusSet, offline, over(window(2*time.Hour, -5*time.Minute)))},
			step{Kind: plan.Release, Reason: "Removing"}, "",
		},
		{
			"an offline code that failed to leave", want(deleted), created,
			plan.Observed{Remote: remote(seam.StatusSet, offline, failing("failed_to_remove"), over(window(2*time.Hour, -5*time.Minute)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"a code that Seam still shows after its end", want(deleted), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, -5*time.Minute)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"the PIN taken by another code", want(deleted, adopting, chosen), plan.Known{}, plan.Observed{Blocking: remote(seam.StatusSet), PINTaken: true},
			step{Kind: plan.Release, Reason: "Removing"}, "",
		},
	} {
		row.run(t)
	}
}

func TestDecideOver(t *testing.T) {
	t.Parallel()
	var (
		past  = window(2*time.Hour, -time.Hour)
		fresh = window(2*time.Hour, -time.Minute) // over for a minute

		rounded = func(d *plan.Desired) { d.Offline, d.Rounding = true, time.Hour }
		ends    = window(2*time.Hour, 0) // over at this very moment
	)
	for _, row := range []decision{
		{
			"created too late", want(within(past)), plan.Known{}, plan.Observed{},
			step{Kind: plan.None, Reason: "Expired"}, "The window was over before a code was created: nothing was created",
		},
		{
			"imported too late", want(within(past)), plan.Known{Import: "5eed"}, plan.Observed{},
			step{Kind: plan.None, Reason: "Expired"}, "names was not touched",
		},
		{
			"the PIN taken as well", want(within(past), chosen, adopting), plan.Known{}, plan.Observed{Blocking: remote(seam.StatusSet), PINTaken: true},
			step{Kind: plan.None, Reason: "Expired"}, "nothing was created",
		},
		{
			"gone, never created again", want(within(past)), created, plan.Observed{},
			step{Kind: plan.None, Reason: "Expired"}, "The window is over and the code is off the lock",
		},
		{
			"gone, of a creation that was not recorded", want(within(past)), plan.Known{Intent: &plan.Intent{At: now}}, plan.Observed{},
			step{Kind: plan.None, Reason: "Expired"}, "",
		},
		{
			"gone at the end of its window", want(within(ends)), created, plan.Observed{},
			step{Kind: plan.None, Reason: "Expired"}, "",
		},
		{
			"off the lock", want(within(past)), created, plan.Observed{Remote: remote(seam.StatusUnset, over(past))},
			step{Kind: plan.None, Reason: "Expired"}, "",
		},
		{
			"off the lock and not as wanted", want(within(past)), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(past), called("Other"), withPIN(otherPIN))},
			step{Kind: plan.None, Reason: "Expired"}, "",
		},
		{
			"an offline code that Seam still shows", want(within(past), rounded), created, plan.Observed{Remote: remote(seam.StatusSet, offline, over(past))},
			step{Kind: plan.None, Reason: "Expired"}, "",
		},
		{
			"being removed", want(within(past)), looked(2), plan.Observed{Remote: remote(seam.StatusRemoving, over(past))},
			step{Kind: plan.Wait, Reason: "Removing", After: 4 * firstPoll}, "Seam is taking the code off the lock",
		},
		{
			"just over, left to Seam", want(within(fresh)), looked(1), plan.Observed{Remote: remote(seam.StatusSet, over(fresh))},
			step{Kind: plan.Wait, Reason: "Removing", After: 2 * firstPoll}, "Seam is taking the code off the lock",
		},
		{
			"over to the second, left to Seam", want(within(ends)), created, plan.Observed{Remote: remote(seam.StatusSet, over(ends))},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"over for 5 minutes and still there", want(within(window(2*time.Hour, -5*time.Minute))), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, -5*time.Minute)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "The window is over: Seam is asked",
		},
		{
			"over for hours and in a state yet unknown", want(within(past)), created, plan.Observed{Remote: remote("paused", over(past))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"offline, its end put off by the provider", want(within(fresh), rounded), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, 50*time.Minute)))},
			step{Kind: plan.Wait, Reason: "Removing", After: 50*time.Minute + firstPoll}, "The provider has rounded the end of the window",
		},
		{
			"offline, cut short by more than the provider rounds", want(within(fresh), rounded), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, 2*time.Hour)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"cut short, Seam knows the later end", want(within(fresh)), created,
			plan.Observed{Remote: remote(seam.StatusSet, over(window(2*time.Hour, time.Hour)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "The window is over: Seam is asked",
		},
		{
			"cut short ahead of its window", want(within(past)), created,
			plan.Observed{Remote: remote(seam.StatusUnset, over(window(-time.Hour, 2*time.Hour)))},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"cut short, an ongoing code at Seam", want(within(past)), created, plan.Observed{Remote: remote(seam.StatusSet)},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
		{
			"cut short, not yet on the lock and ongoing at Seam", want(within(past)), created, plan.Observed{Remote: remote(seam.StatusUnset)},
			step{Kind: plan.Delete, Reason: "Removing", After: firstPoll}, "",
		},
	} {
		row.run(t)
	}
}

func TestDecideMissing(t *testing.T) {
	t.Parallel()
	create := step{Kind: plan.Create, Reason: "Creating", After: firstPoll}
	again := step{Kind: plan.Wait, Reason: "Creating", After: 5 * time.Second}
	missing := func(since time.Duration) plan.Known { return plan.Known{ID: "id", Missing: now.Add(-since)} }
	for _, row := range []decision{
		{"ongoing", want(), plan.Known{}, plan.Observed{}, create, "Seam has accepted the code"},
		{"ahead of its window", want(within(window(-time.Hour, 2*time.Hour))), plan.Known{}, plan.Observed{}, create, ""},
		{"within its window", want(within(window(time.Hour, time.Hour))), plan.Known{}, plan.Observed{}, create, ""},
		{"a second before its window ends", want(within(window(time.Hour, time.Second))), plan.Known{}, plan.Observed{}, create, ""},
		{"intended before, not there", want(), plan.Known{Intent: &plan.Intent{At: now}}, plan.Observed{}, create, ""},
		{"gone at the first look", want(), created, plan.Observed{}, again, "it is looked for once more"},
		{"gone a moment ago", want(), missing(4 * time.Second), plan.Observed{}, again, "it is looked for once more"},
		{"gone at the second look", want(), missing(5 * time.Second), plan.Observed{}, create, ""},
		{"gone for long", want(), missing(time.Hour), plan.Observed{}, create, ""},
		{
			"expired, then given a later end", want(within(window(time.Hour, time.Hour))), plan.Known{ID: "id", Expired: true}, plan.Observed{},
			create, "",
		},
	} {
		row.run(t)
	}
}

func TestDecideTaken(t *testing.T) {
	t.Parallel()
	gone := plan.Known{ID: "id", Missing: now.Add(-time.Minute)}
	var (
		conflict = step{Kind: plan.GiveUp, Reason: "CodeConflict"}
		again    = step{Kind: plan.Wait, Reason: "WaitingForPIN", After: firstPoll}
		rechoose = step{Kind: plan.Rechoose, Reason: "Creating"}
		adopt    = step{Kind: plan.Adopt, Reason: "Creating", After: firstPoll}
		taken    = plan.Observed{Blocking: remote(seam.StatusSet)}
		refused  = plan.Observed{PINTaken: true}
		removing = plan.Observed{Blocking: remote(seam.StatusRemoving), PINTaken: true}
		deleting = plan.Observed{Blocking: remote(seam.StatusSet, pending("deleting"))}
	)
	for _, row := range []decision{
		{"a given PIN", want(), plan.Known{}, taken, conflict, "choose another PIN, remove the other code, or set spec.adoptionPolicy to Matching"},
		{"a given PIN, refused by Seam, nothing seen", want(), plan.Known{}, refused, again, "may be leaving"},
		{"a given PIN, refused by Seam again and again", want(), plan.Known{Looks: 4}, refused, conflict, "The lock has another code with this PIN, which is not touched"},
		{"a given PIN, adopted", want(adopting), plan.Known{}, taken, adopt, ""},
		{"a given PIN, nothing seen to adopt", want(adopting), plan.Known{}, refused, again, ""},
		{"a chosen PIN", want(chosen), plan.Known{}, taken, rechoose, ""},
		{"a chosen PIN, refused by Seam", want(chosen), plan.Known{}, refused, rechoose, ""},
		{"a chosen PIN, adopted", want(chosen, adopting), plan.Known{}, taken, adopt, ""},
		{"a chosen PIN that people use", want(chosen), gone, taken, conflict, ""},
		{"the code was there a moment ago", want(adopting), created, taken, step{Kind: plan.Wait, Reason: "Creating", After: 5 * time.Second}, "it is looked for once more"},
		{"the code is gone, another has its PIN and is adopted", want(adopting), gone, taken, adopt, ""},
		{
			"the other code is being removed", want(), plan.Known{Looks: 1}, removing,
			step{Kind: plan.Wait, Reason: "Creating", After: 2 * firstPoll}, "its removal is waited for",
		},
		{
			"the other code is being removed in Seam's other word", want(), plan.Known{}, deleting,
			step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "its removal is waited for",
		},
		{
			"nothing adopted or chosen while it is being removed", want(chosen, adopting), plan.Known{}, removing,
			step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "",
		},
	} {
		row.run(t)
	}
}

func TestDecideUpdate(t *testing.T) {
	t.Parallel()
	var (
		differs = plan.Observed{Remote: remote(seam.StatusSet, called("Other"))}
		setting = plan.Observed{Remote: remote(seam.StatusSetting, called("Other"))}
		working = plan.Observed{Remote: remote(seam.StatusSet, called("Other"), pending("updating_name"))}
		update  = step{Kind: plan.Update, Reason: "Updating", After: firstPoll, Fields: []string{"displayName"}}
		wait    = step{Kind: plan.Wait, Reason: "Updating", After: firstPoll}
	)
	for _, row := range []decision{
		{"a name", want(), created, differs, update, "Seam has accepted the change"},
		{
			"a PIN", want(), created, plan.Observed{Remote: remote(seam.StatusSet, withPIN(otherPIN))},
			step{Kind: plan.Update, Reason: "Updating", After: firstPoll, Fields: []string{"code"}}, "",
		},
		{
			"everything", want(within(window(time.Hour, time.Hour))), created,
			plan.Observed{Remote: remote(seam.StatusSet, called("Other"), withPIN(otherPIN))},
			step{Kind: plan.Update, Reason: "Updating", After: firstPoll, Fields: []string{"displayName", "code", "schedule"}}, "",
		},
		{"while the lock is offline", want(), created, plan.Observed{Remote: remote(seam.StatusUnset, called("Other"), failing("device_offline"))}, update, ""},
		{
			"not of a code that is being removed", want(), created, plan.Observed{Remote: remote(seam.StatusRemoving, called("Other"))},
			step{Kind: plan.Wait, Reason: "Removing", After: firstPoll}, "Seam is taking the code off the lock",
		},
		{"the one before is being carried out", want(), updated(59 * time.Second), setting, wait, "Seam has accepted the change"},
		{"the one before is pending", want(), updated(59 * time.Second), working, wait, "Seam has accepted the change"},
		{"the one before has had a minute", want(), updated(time.Minute), setting, update, ""},
		{"the one before has come to nothing", want(), updated(time.Second), differs, update, ""},
		{"a third in an hour", want(), updated(30*time.Minute, 20*time.Minute), differs, update, ""},
		{
			"a fourth in an hour", want(), updated(50*time.Minute, 30*time.Minute, 20*time.Minute), differs,
			step{Kind: plan.GiveUp, Reason: "NotConverging", After: 10 * time.Minute}, "3 updates within an hour did not change displayName on the lock",
		},
		{
			"a fourth while the third is being carried out", want(), updated(50*time.Minute, 30*time.Minute, 20*time.Second), setting,
			wait, "",
		},
		{"a fourth after an hour", want(), updated(time.Hour, 30*time.Minute, 20*time.Minute), differs, update, ""},
		{"all of long ago", want(), updated(9*time.Hour, 8*time.Hour, 7*time.Hour), differs, update, ""},
		{
			"another program may change it", want(func(d *plan.Desired) { d.AllowExternal = true }), updated(3*time.Minute, 2*time.Minute, 2*time.Minute),
			plan.Observed{Remote: remote(seam.StatusSet, called("Other"), func(c *seam.AccessCode) { c.IsExternalModificationAllowed = true })},
			step{Kind: plan.GiveUp, Reason: "NotConverging", After: 57 * time.Minute}, "set spec.allowExternalModification to false",
		},
		{
			"what did not change is named", want(), updated(3*time.Minute, 2*time.Minute, 2*time.Minute),
			plan.Observed{Remote: remote(seam.StatusSet, called("Other"), withPIN(otherPIN))},
			step{Kind: plan.GiveUp, Reason: "NotConverging", After: 57 * time.Minute}, "displayName, code on the lock",
		},
	} {
		row.run(t)
	}
}

func offline(c *seam.AccessCode) { c.IsOfflineAccessCode = true }
