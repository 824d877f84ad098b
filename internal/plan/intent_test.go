// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestFind(t *testing.T) {
	t.Parallel()
	code := func(id string, changes ...func(*seam.AccessCode)) seam.AccessCode {
		c := remote(seam.StatusSet, changes...)
		c.AccessCodeID, c.CreatedAt = id, now
		return *c
	}
	old := func(c seam.AccessCode, before time.Duration) seam.AccessCode {
		c.CreatedAt = now.Add(-before)
		return c
	}
	elsewhere := code("a")
	elsewhere.DeviceID = "another lock"
	var (
		intent   = &plan.Intent{At: now, Name: "Guest"}
		samePIN  = &plan.Intent{At: now, Name: "Guest", SamePIN: true}
		kept     = &plan.Intent{At: now, Name: "Guest", SamePIN: true, Kept: otherPIN}
		renamed  = &plan.Intent{At: now, Name: "Old name"}
		noPIN    = func(d *plan.Desired) { d.Code = "" }
		newName  = func(d *plan.Desired) { d.Name = "New name" }
		nothing  = []string(nil)
		stranger = []func(*seam.AccessCode){called("Stranger")}
	)
	tests := []struct {
		name           string
		codes          []seam.AccessCode
		want           plan.Desired
		intent         *plan.Intent
		claimed        []string
		ours, blocking string
	}{
		{"an empty lock", nil, want(), intent, nothing, "", ""},
		{"the code of the intention", []seam.AccessCode{code("a")}, want(), intent, nothing, "a", ""},
		{"no intention", []seam.AccessCode{code("a")}, want(), nil, nothing, "", "a"},
		{"recorded with another object", []seam.AccessCode{code("a")}, want(), intent, []string{"a"}, "", "a"},
		{"another lock", []seam.AccessCode{elsewhere}, want(), intent, nothing, "", ""},
		{"another lock before this one", []seam.AccessCode{elsewhere, code("b")}, want(), intent, nothing, "b", ""},

		{"a minute older than the intention", []seam.AccessCode{old(code("a"), time.Minute)}, want(), intent, nothing, "a", ""},
		{"older than that", []seam.AccessCode{old(code("a"), time.Minute+time.Second)}, want(), intent, nothing, "", "a"},
		{"older than that, another PIN", []seam.AccessCode{old(code("a", withPIN(otherPIN)), time.Hour)}, want(), intent, nothing, "", ""},
		{"much younger than the intention", []seam.AccessCode{old(code("a"), -24*time.Hour)}, want(), intent, nothing, "a", ""},

		{"another name", []seam.AccessCode{code("a", stranger...)}, want(), intent, nothing, "", "a"},
		{"another name and PIN", []seam.AccessCode{code("a", called("Stranger"), withPIN(otherPIN))}, want(), intent, nothing, "", ""},
		{"the name of the intention, since changed in spec", []seam.AccessCode{code("a", called("Old name"))}, want(newName), renamed, nothing, "a", ""},
		{"the name of the spec, since changed at Seam", []seam.AccessCode{code("a", called("New name"))}, want(newName), renamed, nothing, "a", ""},
		{"a restored name that is neither", []seam.AccessCode{code("a", called("Guest"), withPIN(otherPIN))}, want(newName), renamed, nothing, "", ""},

		{"another PIN, since changed in spec", []seam.AccessCode{code("a", withPIN(otherPIN))}, want(), intent, nothing, "a", ""},
		{"another PIN, not changed in spec", []seam.AccessCode{code("a", withPIN(otherPIN))}, want(), samePIN, nothing, "", ""},
		{"the same PIN, not changed in spec", []seam.AccessCode{code("a")}, want(), samePIN, nothing, "a", ""},
		{"a PIN that the provider chose", []seam.AccessCode{code("a", withPIN(otherPIN))}, want(noPIN), samePIN, nothing, "a", ""},
		{"another PIN, put on at the lock", []seam.AccessCode{code("a", withPIN(otherPIN), failing("conflicting_external_modification"))}, want(), samePIN, nothing, "a", ""},
		{"another PIN, put on at the lock, which stands", []seam.AccessCode{code("a", withPIN(otherPIN), warned("external_modification_in_effect"))}, want(), samePIN, nothing, "a", ""},
		{"another PIN, which rotates", []seam.AccessCode{code("a", withPIN(otherPIN), warned("code_rotates_periodically"))}, want(), samePIN, nothing, "a", ""},
		{"another name, put on at the lock", []seam.AccessCode{code("a", called("Stranger"), failing("conflicting_external_modification"))}, want(), samePIN, nothing, "a", ""},
		{"another name, put on at the lock, and a new PIN in spec", []seam.AccessCode{code("a", called("Stranger"), failing("conflicting_external_modification"))}, want(), intent, nothing, "", "a"},
		{"both changed at the lock", []seam.AccessCode{code("a", called("Stranger"), withPIN(otherPIN), failing("conflicting_external_modification"))}, want(), samePIN, nothing, "", ""},
		{"no PIN on either side blocks nothing", []seam.AccessCode{code("a", called("Stranger"), withPIN(""))}, want(noPIN), intent, nothing, "", ""},

		{
			"ours by name, and a stranger's with the PIN", []seam.AccessCode{code("a", withPIN(otherPIN)), code("b", stranger...)}, want(), intent, nothing,
			"a", "b",
		},
		{"two fit, the first has the PIN", []seam.AccessCode{code("a"), code("b", withPIN(otherPIN))}, want(), intent, nothing, "a", ""},
		{"two fit, the second has the PIN", []seam.AccessCode{code("a", withPIN(otherPIN)), code("b")}, want(), intent, nothing, "b", ""},
		{"two fit with the PIN, the first counts", []seam.AccessCode{code("a"), code("b")}, want(), intent, nothing, "a", ""},
		{
			"two fit, none has the PIN", []seam.AccessCode{code("a", withPIN(otherPIN)), code("b", withPIN("11223"))}, want(), intent, nothing,
			"a", "",
		},
		{"two fit, the second has the PIN that we keep", []seam.AccessCode{code("a", withPIN("11223")), code("b", withPIN(otherPIN))}, want(noPIN), kept, nothing, "b", ""},
		{"two fit, the first has the PIN that we keep", []seam.AccessCode{code("a", withPIN(otherPIN)), code("b", withPIN("11223"))}, want(noPIN), kept, nothing, "a", ""},
		{"two fit, one claimed", []seam.AccessCode{code("a", withPIN(otherPIN)), code("b", withPIN("11223"))}, want(), intent, []string{"a"}, "b", ""},
		{"being removed is still ours", []seam.AccessCode{code("a", func(c *seam.AccessCode) { c.Status = seam.StatusRemoving })}, want(), intent, nothing, "a", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ours, blocking := plan.Find(test.codes, test.want, test.intent, func(id string) bool { return slices.Contains(test.claimed, id) })
			got := []string{idOf(ours), idOf(blocking)}
			if diff := cmp.Diff([]string{test.ours, test.blocking}, got); diff != "" {
				t.Errorf("ours and blocking (-want +got):\n%s", diff)
			}
		})
	}
}

func idOf(code *seam.AccessCode) string {
	if code == nil {
		return ""
	}
	return code.AccessCodeID
}

func TestEqual(t *testing.T) {
	t.Parallel()
	base := want(within(window(time.Hour, time.Hour)))
	elsewhere := time.FixedZone("", 3600)
	tests := []struct {
		name   string
		change func(*plan.Desired)
		equal  bool
	}{
		{"the same", func(*plan.Desired) {}, true},
		{"another copy of the window", within(window(time.Hour, time.Hour)), true},
		{"the same moments in another zone", within(&plan.Window{StartsAt: now.Add(-time.Hour).In(elsewhere), EndsAt: now.Add(time.Hour).In(elsewhere)}), true},
		{"another start", within(window(2*time.Hour, time.Hour)), false},
		{"another end", within(window(time.Hour, 2*time.Hour)), false},
		{"no window", within(nil), false},
		{"another lock", func(d *plan.Desired) { d.DeviceID = "x" }, false},
		{"another name", func(d *plan.Desired) { d.Name = "x" }, false},
		{"another PIN", func(d *plan.Desired) { d.Code = otherPIN }, false},
		{"chosen", chosen, false},
		{"adopting", adopting, false},
		{"deleted", deleted, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other := base
			test.change(&other)
			if base.Equal(other) != test.equal || other.Equal(base) != test.equal {
				t.Errorf("Equal is %t and %t, want %t", base.Equal(other), other.Equal(base), test.equal)
			}
			if !other.Equal(other) {
				t.Error("not equal to itself")
			}
		})
	}
	if ongoing := want(); !ongoing.Equal(want()) {
		t.Error("two ongoing codes are not equal")
	}
	if base.Window == nil {
		t.Error("Equal has taken the window away")
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		window *plan.Window
		over   bool
	}{
		{"none", nil, false},
		{"ahead", window(-time.Hour, 2*time.Hour), false},
		{"within", window(time.Hour, time.Nanosecond), false},
		{"at its end", window(time.Hour, 0), true},
		{"past", window(time.Hour, -time.Minute), true},
	}
	for _, test := range tests {
		if got := test.window.Over(now); got != test.over {
			t.Errorf("%s: over is %t", test.name, got)
		}
	}
}
