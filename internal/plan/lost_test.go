// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestFindLost(t *testing.T) {
	t.Parallel()
	lost := plan.Lost{DeviceID: "lock", ID: "recorded", PINs: []redact.Secret{"", "1234"}, Names: []string{"guest"}}
	code := func(id, device, name string, pin redact.Secret) seam.AccessCode {
		return seam.AccessCode{AccessCodeID: id, DeviceID: device, Name: name, Code: pin}
	}
	for name, tc := range map[string]struct {
		unmanaged []seam.AccessCode
		want      string
		shown     string
	}{
		"none":                                {nil, "", ""},
		"by its id, whatever was made of it":  {[]seam.AccessCode{code("recorded", "lock", "Other", "9999")}, "recorded", ""},
		"by PIN and name":                     {[]seam.AccessCode{code("new", "lock", "guest", "1234")}, "new", ""},
		"by PIN where the lock has no names":  {[]seam.AccessCode{code("new", "lock", "", "1234")}, "new", ""},
		"its id before PIN and name":          {[]seam.AccessCode{code("new", "lock", "guest", "1234"), code("recorded", "lock", "guest", "5678")}, "recorded", ""},
		"somebody else's with the same PIN":   {[]seam.AccessCode{code("new", "lock", "Gardener", "1234")}, "", "new"},
		"somebody else's with the same name":  {[]seam.AccessCode{code("new", "lock", "guest", "5678")}, "", ""},
		"a PIN that nobody shows":             {[]seam.AccessCode{code("new", "lock", "guest", "")}, "", ""},
		"another lock":                        {[]seam.AccessCode{code("recorded", "other", "guest", "1234")}, "", ""},
		"in a list with those of other locks": {[]seam.AccessCode{code("a", "other", "guest", "1234"), code("b", "lock", "guest", "1234")}, "b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, shown := lost.Find(tc.unmanaged)
			if got := idOf(ours); got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
			if got := idOf(shown); got != tc.shown {
				t.Errorf("shown %q, want %q", got, tc.shown)
			}
		})
	}
}

// TestFindLostBackup: Seam gives a backup code its name, which is not remembered.
func TestFindLostBackup(t *testing.T) {
	t.Parallel()
	lost := plan.Lost{DeviceID: "lock", ID: "recorded", PINs: []redact.Secret{"1234"}, Backup: true}
	for name, tc := range map[string]struct{ called, want, shown string }{
		"as Seam calls it":  {"Backup 8d2e (Seam)", "new", ""},
		"without a name":    {"", "new", ""},
		"somebody else's":   {"Gardener", "", "new"},
		"not a word of its": {"Backups", "", "new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, shown := lost.Find([]seam.AccessCode{{AccessCodeID: "new", DeviceID: "lock", Name: tc.called, Code: "1234"}})
			if idOf(ours) != tc.want || idOf(shown) != tc.shown {
				t.Errorf("found %q, shown %q", idOf(ours), idOf(shown))
			}
		})
	}
}

func TestLookForLost(t *testing.T) {
	t.Parallel()
	past := within(window(time.Hour, -time.Minute))
	for _, row := range []struct {
		name  string
		want  plan.Desired
		known plan.Known
		looks bool
	}{
		{"gone at the first look", want(), created, false},
		{"gone for a while", want(), plan.Known{ID: "id", Missing: now.Add(-time.Minute)}, true},
		{"to be gone, at the first look", want(deleted), created, true},
		{"its window is over", want(past), created, true},
		{"seen off the lock after its window", want(past), plan.Known{ID: "id", Expired: true}, false},
		{"never created", want(deleted), plan.Known{}, false},
		{"perhaps created, long ago", want(deleted), plan.Known{CreatePending: true, Intent: &plan.Intent{Tried: now.Add(-time.Hour)}}, true},
		{"perhaps created, a moment ago", want(deleted), plan.Known{CreatePending: true, Intent: &plan.Intent{Tried: now}}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := row.known.LookForLost(row.want, now); got != row.looks {
				t.Errorf("looked for: %t", got)
			}
		})
	}
}

// TestDecideLost: a code that Seam has lost is managed again, and none is made beside it.
func TestDecideLost(t *testing.T) {
	t.Parallel()
	unmanaged := func(changes ...func(*seam.AccessCode)) plan.Observed {
		return plan.Observed{Lost: remote("", append(changes, func(c *seam.AccessCode) { c.IsManaged = false })...)}
	}
	renumbered := func(c *seam.AccessCode) { c.AccessCodeID = "new" }
	refuses := func(c *seam.AccessCode) { c.CannotBeManaged = true }
	stays := func(c *seam.AccessCode) { c.CannotDeleteUnmanagedAccessCode = true }
	past := within(window(time.Hour, -time.Hour))
	asked := func(ago ...time.Duration) plan.Known {
		known := plan.Known{ID: "id", Missing: now.Add(-time.Hour)}
		for _, a := range ago {
			known.Conversions = append(known.Conversions, now.Add(-a))
		}
		return known
	}
	replaced := unmanaged()
	replaced.Remote = remote(seam.StatusSetting, failing("duplicate_code_on_device"))
	shown := plan.Observed{Shown: remote("", renumbered)}
	backup := plan.Observed{LostBackup: remote("", renumbered)}
	backupStays := plan.Observed{LostBackup: remote("", renumbered, stays)}
	for _, row := range []decision{
		{"to be managed again", want(), asked(), unmanaged(), step{Kind: plan.Convert, Reason: "Creating", After: firstPoll}, "asked to manage"},
		{"asked for", want(), asked(time.Minute), unmanaged(), step{Kind: plan.Wait, Reason: "Creating", After: firstPoll}, "asked to manage"},
		{"under another id", want(), asked(), unmanaged(renumbered), step{Kind: plan.Record, Reason: "Creating"}, "does not manage the code any more"},
		{"it can't be managed", want(), asked(), unmanaged(refuses), step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "unmanaged code id and works there"},
		{"asked in vain", want(), asked(50*time.Minute, 30*time.Minute, 10*time.Minute), unmanaged(), step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "unmanaged code id"},
		{
			"it can't be managed, and is to have another PIN", want(), asked(), unmanaged(refuses, withPIN(otherPIN)),
			step{Kind: plan.DeleteUnmanaged, Reason: "Updating", After: firstPoll}, "made anew with the PIN",
		},
		{
			"nor be deleted, and is to have another PIN", want(), asked(), unmanaged(refuses, stays, withPIN(otherPIN)),
			step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "unmanaged code id and works there",
		},
		{"made again meanwhile", want(), asked(), replaced, step{Kind: plan.Delete, Reason: "Creating", After: firstPoll}, "the one made in its place is taken back"},
		{"to be gone", want(deleted), asked(), unmanaged(), step{Kind: plan.DeleteUnmanaged, Reason: "Removing", After: firstPoll}, "on the lock still"},
		{"its window is over", want(past), asked(), unmanaged(), step{Kind: plan.DeleteUnmanaged, Reason: "Removing", After: firstPoll}, "on the lock still"},
		{"to be gone, once it is managed", want(deleted), asked(), unmanaged(stays), step{Kind: plan.Convert, Reason: "Removing", After: firstPoll}, ""},
		{"to be gone, which nobody can do", want(deleted), asked(), unmanaged(stays, refuses), step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "its PIN still opens the lock, as unmanaged code id"},
		{"to be gone, its backup on the lock still", want(deleted), created, backup, step{Kind: plan.DeleteUnmanaged, Reason: "Removing", After: firstPoll}, "backup code"},
		{"over, its backup on the lock still", want(past), created, backup, step{Kind: plan.DeleteUnmanaged, Reason: "Removing", After: firstPoll}, "backup code"},
		{"to be gone, which nobody can do with its backup", want(deleted), created, backupStays, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "as unmanaged code new"},
		{"over, which nobody can do with its backup", want(past), created, backupStays, step{Kind: plan.GiveUp, Reason: "CodeConflict"}, "as unmanaged code new"},
		{"gone, its PIN shown with another name", want(deleted), created, shown, step{Kind: plan.Release, Reason: "Removing"}, "unmanaged code new with it"},
		{"over, its PIN shown with another name", want(past), created, shown, step{Kind: plan.None, Reason: "Expired"}, "unmanaged code new with it"},
	} {
		row.run(t)
	}
}
