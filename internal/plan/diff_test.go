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
		{"both starts past and apart, another end: the start stays", want(within(inside)), remote(seam.StatusSet, moved(inside, time.Hour, time.Hour)),
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

// TestDiffKeepsItsOwnValues: an update sends what was wanted when it was decided, although the caller's copy changes
// afterwards.
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
		{"one use", plan.Changes{OneTimeUse: true}, []string{"offline.oneTimeUse"}},
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

// TestHasArrived: until Seam has shown all of the spec, a difference does not count as made elsewhere.
func TestHasArrived(t *testing.T) {
	t.Parallel()
	ahead := window(-2*time.Hour, 5*time.Hour)
	offlineCode := func(d *plan.Desired) { d.Offline, d.Code, d.Window = true, "", ahead }
	for _, row := range []struct {
		name    string
		want    plan.Desired
		remote  *seam.AccessCode
		arrived bool
	}{
		{"as wanted", want(), remote(seam.StatusSet), true},
		{"as wanted, on its way", want(), remote(seam.StatusSet, pending("updating_code")), false},
		{"another name", want(), remote(seam.StatusSet, called("Other")), false},
		{"another PIN", want(), remote(seam.StatusSet, withPIN(otherPIN)), false},
		{"another window", want(), remote(seam.StatusSet, over(ahead)), false},
		{"what is not shown", want(func(d *plan.Desired) { d.EnablePool = true }), remote(seam.StatusSet), true},
		{"an offline code, as its create has made it", want(offlineCode, func(d *plan.Desired) { d.Rounding = time.Hour }),
			remote(seam.StatusSet, offline, over(&plan.Window{StartsAt: ahead.StartsAt.Add(-30 * time.Minute), EndsAt: ahead.EndsAt.Add(30 * time.Minute)})), true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := plan.HasArrived(row.want, plan.Known{Applied: true}, row.remote, now); got != row.arrived {
				t.Errorf("arrived: %t", got)
			}
		})
	}
}

// TestDiffOfAnOfflineWindow: what the provider has made of this spec stands; once the spec is changed, only a window that
// is the new one, rounded outwards, does.
func TestDiffOfAnOfflineWindow(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600) // noon is at 11:00 UTC there
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, time.December, day, hour, minute, 0, 0, time.UTC)
	}
	wanted := &plan.Window{StartsAt: at(2, 14, 20), EndsAt: at(4, 10, 40)}
	for _, row := range []struct {
		name        string
		unit        time.Duration
		applied     bool
		zone        *time.Location
		starts      time.Time
		ends        time.Time
		differs     bool
		zoneMatters bool
	}{
		{"to the minute", time.Hour, false, nil, at(2, 14, 20), at(4, 10, 40), false, false},
		{"within the hour", time.Hour, false, nil, at(2, 14, 0), at(4, 11, 0), false, false},
		{"more than an hour", time.Hour, false, nil, at(2, 13, 0), at(4, 11, 0), true, false},
		{"inwards", time.Hour, false, nil, at(2, 15, 0), at(4, 10, 0), true, false},
		{"inwards, as the provider did with this spec", time.Hour, true, nil, at(2, 15, 0), at(4, 10, 0), false, false},
		{"too far, whatever the spec", time.Hour, true, nil, at(2, 17, 0), at(4, 10, 0), true, false},
		{"to the day of the lock", 24 * time.Hour, false, berlin, at(1, 23, 0), at(4, 23, 0), false, true},
		{"to the day before at the lock", 24 * time.Hour, false, berlin, at(1, 22, 0), at(4, 23, 0), true, true},
		{"to a day that is another one at the lock", 24 * time.Hour, false, berlin, at(2, 0, 0), at(5, 0, 0), true, true},
		{"to some day, the zone unknown", 24 * time.Hour, false, nil, at(2, 0, 0), at(5, 0, 0), false, true},
		{"by more than a day, the zone unknown", 24 * time.Hour, false, nil, at(1, 0, 0), at(5, 0, 0), true, true},
		{"by a day, as the provider did with this spec", 24 * time.Hour, true, nil, at(1, 14, 0), at(5, 11, 0), false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			desired := want(within(wanted), func(d *plan.Desired) { d.Offline, d.Code, d.Rounding = true, "", row.unit })
			known := plan.Known{ID: "id", Applied: row.applied, Zone: row.zone}
			code := remote(seam.StatusSet, offline, over(&plan.Window{StartsAt: row.starts, EndsAt: row.ends}))
			if got := plan.Diff(desired, known, code, now); (got.Window != nil) != row.differs {
				t.Errorf("the window differs: %t", got.Window != nil)
			}
			if got := plan.NeedsZone(desired, known, code); got != row.zoneMatters {
				t.Errorf("the zone is needed: %t", got)
			}
		})
	}
}

func TestChangesThatALookShows(t *testing.T) {
	t.Parallel()
	name, code, yes := "n", pin, true
	desired := want(within(window(0, time.Hour)))
	for _, row := range []struct {
		name    string
		step    plan.Step
		resent  bool
		without plan.Desired
	}{
		{"a name", plan.Step{Kind: plan.Update, Changes: plan.Changes{Name: &name}}, true, want(within(desired.Window), func(d *plan.Desired) { d.Name = "" })},
		{"a PIN", plan.Step{Kind: plan.Update, Changes: plan.Changes{Code: &code}}, true, want(within(desired.Window), func(d *plan.Desired) { d.Code = "" })},
		{"a window", plan.Step{Kind: plan.Update, Changes: plan.Changes{Window: desired.Window}}, true, want(within(&plan.Window{}))},
		{"no window", plan.Step{Kind: plan.Update, Changes: plan.Changes{Ongoing: true}}, true, want(within(&plan.Window{}))},
		{"what is not shown", plan.Step{Kind: plan.Update, Changes: plan.Changes{AllowExternal: &yes, EnablePool: true}}, false, desired},
		{"another PIN that is chosen", plan.Step{Kind: plan.Rechoose}, true, desired},
		{"another PIN for the code that is there", plan.Step{Kind: plan.Rotate}, true, desired},
		{"nothing", plan.Step{Kind: plan.None}, false, desired},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if got := row.step.SendsShownField(); got != row.resent {
				t.Errorf("resent: %t", got)
			}
			if diff := cmp.Diff(row.without, *row.step.Changes.Without(desired)); diff != "" {
				t.Errorf("what stays known (-want +got):\n%s", diff)
			}
		})
	}
}
