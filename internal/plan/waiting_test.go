// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestDecideWhilePINIsHeld(t *testing.T) {
	t.Parallel()
	const ours = `AccessCode "a"`
	stay, next := window(time.Hour, 30*time.Minute), window(-30*time.Minute, 2*time.Hour)
	wait := func(after time.Duration) step { return step{Kind: plan.Wait, Reason: "WaitingForPIN", After: after} }
	held := func(holder string, changes ...func(*seam.AccessCode)) plan.Observed {
		return plan.Observed{Blocking: remote(seam.StatusSet, changes...), Holder: holder}
	}
	for _, row := range []decision{
		{"adjoining stays", want(within(next)), plan.Known{}, held(ours, over(stay)), wait(30*time.Minute + firstPoll), ours + " has this PIN on the lock until 2026-12-01T12:30:00Z"},
		{"stays that overlap", want(), plan.Known{}, held(ours, over(stay)), wait(30*time.Minute + firstPoll), ours},
		{"without an end", want(), plan.Known{}, held(ours), wait(time.Hour), "without an end"},
		{"weeks ahead", want(), plan.Known{}, held(ours, over(window(0, 600*time.Hour))), wait(time.Hour), ours},
		{"being taken off", want(), plan.Known{Looks: 1}, held(ours, pending("deleting")), wait(2 * firstPoll), "being taken off"},
		{"somebody else's, which ends in time", want(within(next)), plan.Known{}, held("", over(stay)), wait(30*time.Minute + firstPoll), "Another code"},
		{"somebody else's, which does not", want(within(stay)), plan.Known{}, held("", over(next)), step{Kind: plan.GiveUp, Reason: "CodeConflict"}, ""},
		{"a chosen PIN", want(chosen), plan.Known{}, held(ours), step{Kind: plan.Rechoose, Reason: "Creating"}, ""},
		{"a chosen PIN that people may know", want(chosen), plan.Known{PINDisclosed: true}, held(ours), wait(time.Hour), ""},
	} {
		row.run(t)
	}
}

func TestDecideUpdateRefused(t *testing.T) {
	t.Parallel()
	for _, row := range []decision{
		{"by one of ours", want(), created, plan.Observed{Blocking: remote(seam.StatusSet), Holder: `AccessCode "a"`}, step{Kind: plan.Wait, Reason: "WaitingForPIN", After: time.Hour}, ""},
		{"by somebody else's", want(), created, plan.Observed{Blocking: remote(seam.StatusSet)}, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "keeps the PIN"},
		{"by one to adopt", want(adopting), created, plan.Observed{Unmanaged: remote(seam.StatusSet)}, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, ""},
		{"by nothing that is seen", want(), created, plan.Observed{}, step{Kind: plan.Wait, Reason: "WaitingForPIN", After: firstPoll}, ""},
	} {
		row.seen.Remote, row.seen.UpdateRefused = remote(seam.StatusSet), true
		row.run(t)
	}
}

func TestIsDuplicate(t *testing.T) {
	t.Parallel()
	if plan.IsDuplicate(nil) || plan.IsDuplicate(remote(seam.StatusSetting)) {
		t.Error("a duplicate without Seam's error")
	}
	if !plan.IsDuplicate(remote(seam.StatusSetting, failing("duplicate_code_on_device"))) {
		t.Error("Seam's error is not seen")
	}
}

func TestDecideDuplicateThatShowsLate(t *testing.T) {
	t.Parallel()
	late := plan.Observed{Remote: remote(seam.StatusSetting, failing("duplicate_code_on_device"))}
	byOurs, byOthers := late, late
	byOthers.Blocking = remote(seam.StatusSet)
	byOurs.Blocking, byOurs.Holder = remote(seam.StatusSet), `AccessCode "a"`
	for _, row := range []decision{
		{"given", want(), created, late, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "does not manage"},
		{"given, one of ours", want(), created, byOurs, step{Kind: plan.Wait, Reason: "WaitingForPIN", After: time.Hour}, ""},
		{"given, somebody else's", want(), created, byOthers, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, plan.TakenMessage},
		{"chosen", want(chosen), created, late, step{Kind: plan.Rechoose, Reason: "Updating"}, ""},
		{"chosen, people may know it", want(chosen), plan.Known{ID: "id", PINDisclosed: true}, late, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, ""},
	} {
		row.run(t)
	}
}
