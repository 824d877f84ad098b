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

// beginning is a window that begins and ends so far ahead.
func beginning(ahead, end time.Duration) *plan.Window {
	return &plan.Window{StartsAt: now.Add(ahead), EndsAt: now.Add(end)}
}

func TestCreateWindow(t *testing.T) {
	t.Parallel()
	begun, soon, later := window(time.Hour, time.Hour), beginning(10*time.Second, time.Hour), beginning(20*time.Second, time.Hour)
	needs := plan.Known{FutureStart: true}
	tests := []struct {
		name  string
		want  *plan.Window
		known plan.Known
		sent  *plan.Window
	}{
		{"an ongoing code", nil, needs, nil},
		{"a lock that takes any start", begun, plan.Known{}, begun},
		{"a start that is past", begun, needs, beginning(time.Minute, time.Hour)},
		{"a start that is past when the call arrives", soon, needs, beginning(time.Minute, time.Hour)},
		{"a start that is ahead", later, needs, later},
		{"a lock that has refused one and does not say why", begun, plan.Known{StartRefusals: 1}, beginning(time.Minute, time.Hour)},
		{"a lock that goes on refusing", begun, plan.Known{StartRefusals: 4}, beginning(3*time.Minute, time.Hour)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.sent, plan.CreateWindow(want(within(test.want)), test.known, now)); diff != "" {
				t.Errorf("window (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUpdateToLockThatRefusesPastStarts: such a lock gets the next start that it takes, which is no difference later, and none that
// would shut somebody out, unless it takes nothing else.
func TestUpdateToLockThatRefusesPastStarts(t *testing.T) {
	t.Parallel()
	inside := window(2*time.Hour, 5*time.Hour)
	extended := within(window(2*time.Hour, 9*time.Hour))
	needs := func(refused int) plan.Known { return plan.Known{FutureStart: true, StartRefusals: refused} }
	tests := []struct {
		name   string
		want   plan.Desired
		known  plan.Known
		remote *plan.Window
		sent   *plan.Window
	}{
		{"the start is a minute ahead", want(within(inside)), needs(0), beginning(time.Minute, 5*time.Hour), nil},
		{"the start is some minutes ahead, it was refused", want(within(inside)), plan.Known{StartRefusals: 3}, beginning(4*time.Minute, 5*time.Hour), nil},
		{"the lock takes any start", want(within(inside)), plan.Known{}, beginning(4*time.Minute, 5*time.Hour), inside},
		{"the start is far ahead", want(within(inside)), needs(0), beginning(time.Hour, 5*time.Hour), beginning(time.Minute, 5*time.Hour)},
		{"extended", want(extended), needs(0), inside, window(2*time.Hour, 9*time.Hour)},
		{"extended after a late start", want(extended), needs(0), window(time.Hour, 5*time.Hour), window(time.Hour, 9*time.Hour)},
		{"extended, the start refused", want(extended), needs(1), inside, &plan.Window{EndsAt: now.Add(9 * time.Hour)}},
		{"extended, refused without a start, too", want(extended), needs(2), inside, beginning(time.Minute, 9*time.Hour)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := plan.Diff(test.want, test.known, remote(seam.StatusSet, over(test.remote)), now)
			if diff := cmp.Diff(plan.Changes{Window: test.sent}, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNeedsFutureStart(t *testing.T) {
	t.Parallel()
	if !plan.NeedsFutureStart(deviceWith(nil, "name_length", "start_date_in_future")) {
		t.Error("Seam's constraint is not seen")
	}
	if plan.NeedsFutureStart(deviceWith(nil, "name_length")) {
		t.Error("needed without Seam's constraint")
	}
}
