// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// alertCase is a history, minute by minute, in the notation of promtool, and the alerts that come of it.
type alertCase struct {
	name   string
	series []string
	// active are the alerts at some minutes. The last of them ends the history; summaries are those that fire then.
	active    map[int][]string
	summaries []string
}

// there is an operator that is scraped.
const there = `controller_runtime_max_concurrent_reconciles{controller="accesscode"} 32x120`

// TestAlerts has each alert fire, tells when it is only pending, and when it is not there at all. No other alert may
// be active meanwhile.
func TestAlerts(t *testing.T) {
	t.Parallel()
	var fired []string
	for _, c := range append(append(codeCases(), seamCases()...), operatorCases()...) {
		t.Run(c.name, func(t *testing.T) { fired = append(fired, c.run(t)...) })
	}
	for _, rule := range allRules(t) {
		if !slices.Contains(fired, rule.Alert) {
			t.Errorf("no case has %s fire", rule.Alert)
		}
	}
}

// run returns the names of the alerts that fire in the end.
func (c alertCase) run(t *testing.T) []string {
	t.Helper()
	active, last := history(t, slices.Max(slices.Collect(maps.Keys(c.active))), c.series)
	for minute, want := range c.active {
		if diff := cmp.Diff(want, active[minute]); diff != "" {
			t.Errorf("minute %d (-want +got):\n%s", minute, diff)
		}
	}
	if diff := cmp.Diff(c.summaries, last.summaries()); diff != "" {
		t.Errorf("summaries (-want +got):\n%s", diff)
	}
	var fired []string
	for _, alert := range active[len(active)-1] {
		if name, firing := strings.CutSuffix(alert, ": firing"); firing {
			fired = append(fired, strings.Fields(name)[0])
		}
	}
	return fired
}

// codeCases are of what people at the door notice.
func codeCases() []alertCase {
	return []alertCase{
		{
			name: "a code is not on its lock for five minutes",
			series: []string{
				there,
				`access_code_operator_accesscodes_not_on_lock{namespace="bookings"} 0x1 2x5 0x5`,
				`access_code_operator_accesscodes_not_on_lock{namespace="cleaning"} 0x20`,
			},
			active: map[int][]string{
				1: nil,
				2: {"AccessCodeNotOnLock namespace=bookings: pending"},
				6: {"AccessCodeNotOnLock namespace=bookings: pending"},
				7: {"AccessCodeNotOnLock namespace=bookings: firing"},
			},
			summaries: []string{"2 codes of namespace bookings should work by now and are not known to."},
		},
		{
			name:   "a batch is on its locks before five minutes are over",
			series: []string{there, `access_code_operator_accesscodes_not_on_lock{namespace="bookings"} 40 30 20 10 0x10`},
			active: map[int][]string{3: {"AccessCodeNotOnLock namespace=bookings: pending"}, 4: nil, 10: nil},
		},
		{
			name: "codes of two operators with a shard each",
			series: []string{
				there,
				`access_code_operator_accesscodes_not_on_lock{namespace="bookings", pod="east"} 1x10`,
				`access_code_operator_accesscodes_not_on_lock{namespace="bookings", pod="west"} 2x10`,
			},
			active:    map[int][]string{5: {"AccessCodeNotOnLock namespace=bookings: firing"}},
			summaries: []string{"3 codes of namespace bookings should work by now and are not known to."},
		},
		{
			name:   "a weekly code is missed in two windows, and not between them",
			series: []string{there, `access_code_operator_accesscodes_not_on_lock{namespace="bookings"} 0 1x7 0x10 1x7`},
			active: map[int][]string{
				5:  {"AccessCodeNotOnLock namespace=bookings: pending"},
				6:  {"AccessCodeNotOnLock namespace=bookings: firing"},
				9:  nil,
				18: nil,
				22: {"AccessCodeNotOnLock namespace=bookings: pending"},
				26: {"AccessCodeNotOnLock namespace=bookings: firing"},
			},
			summaries: []string{"1 codes of namespace bookings should work by now and are not known to."},
		},
		{
			name:   "a code is not off its lock for ten minutes",
			series: []string{there, `access_code_operator_accesscodes_not_off_lock{namespace="bookings"} 0 1x20`},
			active: map[int][]string{
				0:  nil,
				1:  {"AccessCodeNotOffLock namespace=bookings: pending"},
				10: {"AccessCodeNotOffLock namespace=bookings: pending"},
				11: {"AccessCodeNotOffLock namespace=bookings: firing"},
			},
			summaries: []string{"1 codes of namespace bookings may still open their locks and should not."},
		},
		{
			name:   "a code leaves its lock after nine minutes",
			series: []string{there, `access_code_operator_accesscodes_not_off_lock{namespace="bookings"} 1x9 0x5`},
			active: map[int][]string{9: {"AccessCodeNotOffLock namespace=bookings: pending"}, 10: nil},
		},
		{
			name:      "a removal fails",
			series:    []string{there, `access_code_operator_removal_failures_total{namespace="bookings"} 0x4 1x60`},
			active:    map[int][]string{4: nil, 5: {"AccessCodeRemovalFails namespace=bookings: firing"}, 60: {"AccessCodeRemovalFails namespace=bookings: firing"}},
			summaries: []string{"Within the last hour codes of namespace bookings could not be removed from their locks."},
		},
		{
			name:   "the last removal that failed is an hour ago",
			series: []string{there, `access_code_operator_removal_failures_total{namespace="bookings"} 0x4 1x100`},
			active: map[int][]string{70: nil},
		},
	}
}

// seamCases are of the way to Seam.
func seamCases() []alertCase {
	return []alertCase{
		{
			name: "a workspace is not connected for five minutes",
			series: []string{
				there,
				`access_code_operator_workspace_up{namespace="bookings", workspace="default"} 1 0x10`,
				`access_code_operator_workspace_up{namespace="cleaning", workspace="default"} 1x10`,
			},
			active: map[int][]string{
				0: nil,
				1: {"AccessCodeWorkspaceDown namespace=bookings workspace=default: pending"},
				5: {"AccessCodeWorkspaceDown namespace=bookings workspace=default: pending"},
				6: {"AccessCodeWorkspaceDown namespace=bookings workspace=default: firing"},
			},
			summaries: []string{"SeamWorkspace bookings/default is not connected."},
		},
		{
			name:   "a workspace is connected again after four minutes",
			series: []string{there, `access_code_operator_workspace_up{namespace="bookings", workspace="default"} 0x3 1x5`},
			active: map[int][]string{3: {"AccessCodeWorkspaceDown namespace=bookings workspace=default: pending"}, 4: nil},
		},
		{
			name: "Seam refuses credentials for the first time",
			series: []string{
				there,
				`access_code_operator_seam_requests_total{path="/access_codes/create", method="POST", outcome="ok"} 0+1x40`,
				`access_code_operator_seam_requests_total{path="/access_codes/create", method="POST", outcome="unauthorized"} _x5 1x40`,
			},
			active: map[int][]string{
				4: nil,
				6: {"AccessCodeSeamUnauthorized path=/access_codes/create: firing"},
			},
			summaries: []string{"Seam refuses credentials for /access_codes/create."},
		},
		{
			name: "Seam refuses credentials again",
			series: []string{
				there, `access_code_operator_seam_requests_total{path="/workspaces/get", method="POST", outcome="unauthorized"} 3x30 4x30`,
			},
			active: map[int][]string{
				30: nil, 31: {"AccessCodeSeamUnauthorized path=/workspaces/get: firing"},
			},
			summaries: []string{"Seam refuses credentials for /workspaces/get."},
		},
		{
			name: "Seam has refused credentials again half an hour ago",
			series: []string{
				there, `access_code_operator_seam_requests_total{path="/workspaces/get", method="POST", outcome="unauthorized"} 3x30 4x60`,
			},
			active: map[int][]string{60: nil},
		},
		{
			name: "Seam has refused credentials an hour ago",
			series: []string{
				there, `access_code_operator_seam_requests_total{path="/workspaces/get", method="POST", outcome="unauthorized"} _x5 4x60`,
			},
			active: map[int][]string{60: nil},
		},
		{
			name: "Seam answers 429 for twenty minutes",
			series: []string{
				there, `access_code_operator_seam_requests_total{path="/access_codes/create", method="POST", outcome="rate_limited"} 0 0+1x30`,
			},
			active: map[int][]string{
				1:  nil,
				2:  {"AccessCodeSeamRateLimited path=/access_codes/create: pending"},
				11: {"AccessCodeSeamRateLimited path=/access_codes/create: pending"},
				12: {"AccessCodeSeamRateLimited path=/access_codes/create: firing"},
			},
			summaries: []string{"Seam has answered 429 to /access_codes/create for at least ten minutes."},
		},
		{
			name: "one answer is 429",
			series: []string{
				there, `access_code_operator_seam_requests_total{path="/access_codes/create", method="POST", outcome="rate_limited"} 0x2 1x30`,
			},
			active: map[int][]string{3: {"AccessCodeSeamRateLimited path=/access_codes/create: pending"}, 13: nil, 30: nil},
		},
		{
			name: "a lock has no calls left",
			series: []string{
				there,
				`access_code_operator_limiter_budget_left{namespace="bookings", workspace="default", verb="create"} 10x9 0x30`,
				`access_code_operator_limiter_budget_left{namespace="bookings", workspace="default", verb="delete"} 20x60`,
			},
			active: map[int][]string{
				18: nil,
				// From here on the last ten minutes are all without.
				19: {"AccessCodeLimiterExhausted namespace=bookings verb=create workspace=default: pending"},
				28: {"AccessCodeLimiterExhausted namespace=bookings verb=create workspace=default: pending"},
				29: {"AccessCodeLimiterExhausted namespace=bookings verb=create workspace=default: firing"},
			},
			summaries: []string{"A lock of bookings/default has had more to create than Seam takes for ten minutes."},
		},
		{
			name: "a batch takes all calls of a lock for eight minutes",
			series: []string{
				there, `access_code_operator_limiter_budget_left{namespace="bookings", workspace="default", verb="create"} 10x9 0x7 10x20`,
			},
			active: map[int][]string{12: nil, 17: nil, 18: nil, 30: nil},
		},
	}
}
