// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// newer stands for a word that Seam has yet to think of.
const newer = "a_word_of_tomorrow"

// passedOn are the warnings that decide nothing: they stand in status.warnings for people.
func passedOn() map[string]string {
	const underWay = "pending_mutations say the same, and how long is too long is the operator's own clock"
	return map[string]string{
		"delay_in_setting_on_device":                 underWay,
		"delay_in_removing_from_device":              underWay,
		"delay_in_issuing":                           underWay,
		"igloo_algopin_must_be_used_within_24_hours": "what the guest has to know; the code works",
		"management_transferred":                     "another workspace manages the code: the code is looked up by its id and is then missing",
		"third_party_integration_detected":           "of the lock, not of the code; a change made by another system shows itself",
		"unknown_issue_with_access_code":             "says nothing; with an error beside it, the error decides",
		"using_backup_access_code":                   "pulled_backup_access_code_id says which",
	}
}

// TestErrorsHaveAMeaning: each error that the types of the official client have has a row in internal/plan/issues.go,
// so that the operator takes another step, or says something else, than for a word that it does not know.
func TestErrorsHaveAMeaning(t *testing.T) {
	d := types(t)
	codes := d.Words("/access_codes/get", "access_code", "errors", "error_code")
	codes = append(codes, d.Words("/devices/get", "device", "errors", "error_code")...)
	if len(codes) < 30 {
		t.Fatalf("the types have %d errors only: %q", len(codes), codes)
	}
	unknown := decide(newer, "")
	for _, code := range codes {
		got := decide(code, "")
		for i := range got {
			got[i].Message = strings.ReplaceAll(got[i].Message, code, newer)
		}
		if cmp.Equal(unknown, got) {
			t.Errorf("%s has no row", code)
		}
	}
}

// TestWarningsHaveAMeaning: each warning that the types have counts in a decision, or is listed.
func TestWarningsHaveAMeaning(t *testing.T) {
	codes := types(t).Words("/access_codes/get", "access_code", "warnings", "warning_code")
	if len(codes) < 10 {
		t.Fatalf("the types have %d warnings only: %q", len(codes), codes)
	}
	listed := passedOn()
	for _, code := range codes {
		counts := !cmp.Equal(decide("", newer), decide("", code))
		if reason := listed[code]; counts == (reason != "") {
			t.Errorf("%s: it counts in a decision: %t; and is listed because: %q", code, counts, reason)
		}
		delete(listed, code)
	}
	for code := range listed {
		t.Errorf("%s is in the types no more: take it out", code)
	}
}

// decide is what the operator does about a code that Seam reports as on its way and with an error, or as on the lock and
// with a warning while PIN and window are not as wanted: once where changes made elsewhere may stand, once where not.
func decide(errorCode, warningCode string) []plan.Step {
	now := time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)
	starts, ends := now.Add(-time.Hour), now.Add(48*time.Hour)
	remote := seam.AccessCode{
		AccessCodeID: "id", DeviceID: "lock", Name: "Guest", Code: "90817", IsManaged: true, CreatedAt: starts,
		Type: seam.TypeTimeBound, StartsAt: &starts, EndsAt: &ends, PendingMutations: []seam.PendingMutation{},
	}
	want := plan.Desired{DeviceID: "lock", Name: "Guest", Code: "90817", Window: &plan.Window{StartsAt: starts, EndsAt: ends}}
	if errorCode != "" {
		remote.Errors = []seam.Issue{{ErrorCode: errorCode}}
		remote.PendingMutations = []seam.PendingMutation{{MutationCode: "creating"}}
	} else {
		remote.Warnings = []seam.Issue{{WarningCode: warningCode}}
		want.Code, want.Window.EndsAt = "55443", ends.Add(-time.Hour)
	}
	var steps []plan.Step
	for _, stands := range []bool{false, true} {
		want.AllowExternal, remote.IsExternalModificationAllowed = stands, stands
		steps = append(steps, plan.Decide(want, plan.Known{ID: "id", Applied: stands}, plan.Observed{Remote: &remote}, now))
	}
	return steps
}
