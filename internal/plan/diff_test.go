// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	const (
		rotates  = "code_rotates_periodically"
		adjusted = "time_frame_adjusted_for_unknown_time_zone"
	)
	var (
		ahead  = window(-2*time.Hour, 5*time.Hour) // from 14:00 to 17:00
		inside = window(2*time.Hour, 5*time.Hour)  // from 10:00 to 17:00
		noPIN  = func(d *plan.Desired) { d.Code = "" }
		moved  = func(w *plan.Window, starts, ends time.Duration) func(*seam.AccessCode) {
			return over(&plan.Window{StartsAt: w.StartsAt.Add(starts), EndsAt: w.EndsAt.Add(ends)})
		}
		onlyEnd   = func(c *seam.AccessCode) { over(ahead)(c); c.StartsAt = nil }
		onlyStart = func(c *seam.AccessCode) { over(ahead)(c); c.EndsAt = nil }
		name      = "Guest"
		code      = pin
	)
	tests := []struct {
		name   string
		want   plan.Desired
		remote *seam.AccessCode
		diff   plan.Changes
	}{
		{"nothing", want(), remote(seam.StatusSet), plan.Changes{}},
		{"the name", want(), remote(seam.StatusSet, called("guest")), plan.Changes{Name: &name}},
		{"a name that Seam has trimmed", want(func(d *plan.Desired) { d.Name = "Guest \n" }), remote(seam.StatusSet), plan.Changes{}},
		{"a name that Seam has not trimmed", want(), remote(seam.StatusSet, called("\ufeff Guest\t\u00a0\n")), plan.Changes{}},
		{"a name with more white space", want(func(d *plan.Desired) { d.Name = "Guest  of\nhonour" }), remote(seam.StatusSet, called("Guest of honour")), plan.Changes{}},
		{"a name that differs by white space", want(func(d *plan.Desired) { d.Name = "G uest" }), remote(seam.StatusSet), plan.Changes{Name: new("G uest")}},
		{"no name", want(), remote(seam.StatusSet, called("")), plan.Changes{Name: &name}},
		{"the PIN", want(), remote(seam.StatusSet, withPIN(otherPIN)), plan.Changes{Code: &code}},
		{"a PIN that Seam doesn't show", want(), remote(seam.StatusSet, withPIN("")), plan.Changes{}},
		{"a PIN that the provider chose", want(noPIN), remote(seam.StatusSet), plan.Changes{}},
		{"a PIN that rotates", want(), remote(seam.StatusSet, withPIN(otherPIN), warned(rotates)), plan.Changes{}},
		{"a name next to a PIN that rotates", want(), remote(seam.StatusSet, called("x"), withPIN(otherPIN), warned(rotates)), plan.Changes{Name: &name}},
		{"a PIN next to another warning", want(), remote(seam.StatusSet, withPIN(otherPIN), warned(adjusted)), plan.Changes{Code: &code}},

		{"the same window", want(within(ahead)), remote(seam.StatusUnset, over(ahead)), plan.Changes{}},
		{"a window where there was none", want(within(ahead)), remote(seam.StatusSet), plan.Changes{Window: ahead}},
		{"a window without start", want(within(ahead)), remote(seam.StatusSet, onlyEnd), plan.Changes{Window: ahead}},
		{"a window without end", want(within(ahead)), remote(seam.StatusSet, onlyStart), plan.Changes{Window: ahead}},
		{"no window where there was one", want(), remote(seam.StatusSet, over(ahead)), plan.Changes{Ongoing: true}},
		{"no window where there was a start", want(), remote(seam.StatusSet, onlyStart), plan.Changes{}},

		{"both a minute off, forwards", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, time.Minute, time.Minute)), plan.Changes{}},
		{"both a minute off, backwards", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, -time.Minute, -time.Minute)), plan.Changes{}},
		{"the start more than a minute later", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, time.Minute+time.Second, 0)), plan.Changes{Window: ahead}},
		{"the start more than a minute earlier", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, -time.Minute-time.Second, 0)), plan.Changes{Window: ahead}},
		{"the end more than a minute later", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, 0, time.Minute+time.Second)), plan.Changes{Window: ahead}},
		{"the end more than a minute earlier", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, 0, -time.Minute-time.Second)), plan.Changes{Window: ahead}},
		{"another zone, the same moments", want(within(ahead)), remote(seam.StatusUnset, over(&plan.Window{
			StartsAt: ahead.StartsAt.In(time.FixedZone("", 5*3600)), EndsAt: ahead.EndsAt.In(time.FixedZone("", -3600)),
		})), plan.Changes{}},

		{"moved by Seam by an hour", want(within(ahead)), remote(seam.StatusUnset, warned(adjusted), moved(ahead, -time.Hour, time.Hour+time.Minute)), plan.Changes{}},
		{"moved by Seam, the end by more", want(within(ahead)), remote(seam.StatusUnset, warned(adjusted), moved(ahead, 0, time.Hour+time.Minute+time.Second)), plan.Changes{Window: ahead}},
		{"moved by Seam, the start by more", want(within(ahead)), remote(seam.StatusUnset, warned(adjusted), moved(ahead, -2*time.Hour, 0)), plan.Changes{Window: ahead}},
		{"moved by an hour without a word", want(within(ahead)), remote(seam.StatusUnset, moved(ahead, -time.Hour, 0)), plan.Changes{Window: ahead}},

		{"both starts past", want(within(inside)), remote(seam.StatusSet, moved(inside, -24*time.Hour, 0)), plan.Changes{}},
		{"both starts past, one of them now", want(within(inside)), remote(seam.StatusSet, moved(inside, 2*time.Hour, 0)), plan.Changes{}},
		{"the remote start still ahead", want(within(inside)), remote(seam.StatusUnset, moved(inside, 3*time.Hour, 0)), plan.Changes{Window: inside}},
		{"the wanted start still ahead", want(within(ahead)), remote(seam.StatusSet, moved(ahead, -3*time.Hour, 0)), plan.Changes{Window: ahead}},
		{"both starts past, another end", want(within(inside)), remote(seam.StatusSet, moved(inside, 0, time.Hour)), plan.Changes{Window: inside}},
		{"both starts past and apart, another end: the begin stays", want(within(inside)), remote(seam.StatusSet, moved(inside, time.Hour, time.Hour)),
			plan.Changes{Window: &plan.Window{StartsAt: inside.StartsAt.Add(time.Hour), EndsAt: inside.EndsAt}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := plan.Diff(test.want, plan.Known{}, test.remote, now)
			if diff := cmp.Diff(test.diff, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if empty := cmp.Equal(test.diff, plan.Changes{}); got.Empty() != empty {
				t.Errorf("Empty is %t for %+v", got.Empty(), got)
			}
		})
	}
}

// An update sends what was wanted, also when the caller's copy changes meanwhile.
func TestDiffKeepsItsOwnValues(t *testing.T) {
	t.Parallel()
	desired := want()
	changes := plan.Diff(desired, plan.Known{}, remote(seam.StatusSet, called("Other"), withPIN(otherPIN)), now)
	desired.Name, desired.Code = "Third", "77777"
	if *changes.Name != "Guest" || *changes.Code != pin {
		t.Errorf("the changes follow the caller's copy: %q, and the PIN is as it was: %t", *changes.Name, *changes.Code == pin)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	name, code := "n", pin
	tests := []struct {
		name    string
		changes plan.Changes
		want    []string
	}{
		{"none", plan.Changes{}, nil},
		{"name", plan.Changes{Name: &name}, []string{"displayName"}},
		{"code", plan.Changes{Code: &code}, []string{"code"}},
		{"window", plan.Changes{Window: &plan.Window{}}, []string{"schedule"}},
		{"ongoing", plan.Changes{Ongoing: true}, []string{"schedule"}},
		{"all", plan.Changes{Name: &name, Code: &code, Window: &plan.Window{}}, []string{"displayName", "code", "schedule"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.changes.Fields()); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
