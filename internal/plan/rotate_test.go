// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestDecideRotation(t *testing.T) {
	long := func(digits int) func(*plan.Desired) {
		return func(d *plan.Desired) { d.Chosen, d.CodeLength = true, digits }
	}
	unfit := func(d *plan.Desired) { d.Chosen, d.Misfit = true, "the lock takes PINs of 6 digits" }
	noPIN := func(d *plan.Desired) { d.Code = "" }
	broken := failing("code_constraints_violated")
	renaming := func(c *seam.AccessCode) {
		c.PendingMutations = []seam.PendingMutation{{MutationCode: "updating_name"}}
	}
	tests := []struct {
		name   string
		want   plan.Desired
		known  plan.Known
		remote *seam.AccessCode
		why    string // none: the PIN stays
	}{
		{"of another length", want(long(6)), plan.Known{}, remote(seam.StatusSet), "spec.codeLength is 6"},
		{"of this length", want(long(5)), plan.Known{}, remote(seam.StatusSet), ""},
		{"given before, of another length", want(long(6), noPIN), plan.Known{}, remote(seam.StatusSet), "spec.codeLength is 6"},
		{"chosen by the provider", want(long(6), noPIN, func(d *plan.Desired) { d.Provider = true }), plan.Known{}, remote(seam.StatusSet), ""},
		{"given", want(func(d *plan.Desired) { d.Misfit = "it can't be" }), plan.Known{}, remote(seam.StatusSetting, broken), ""},
		{"unfit, and it works", want(unfit), plan.Known{}, remote(seam.StatusSet), ""},
		{"unfit, and not on the lock", want(unfit), plan.Known{}, remote(seam.StatusSetting), "6 digits"},
		{"unfit, and refused by the lock", want(unfit), plan.Known{}, remote(seam.StatusSet, failing("failed_to_set_on_device")), "6 digits"},
		{"unfit, but the lock has another one", want(unfit), plan.Known{}, remote(seam.StatusSetting, func(c *seam.AccessCode) { c.Code = otherPIN }), ""},
		{"not taken, as Seam says", want(chosen), plan.Known{}, remote(seam.StatusSetting, broken), "the lock does not take it"},
		{"not taken, and that is a new name", want(chosen), plan.Known{}, remote(seam.StatusSet, broken, renaming), ""},
		{"not taken again and again", want(chosen), plan.Known{Rotations: []time.Time{now, now, now}}, remote(seam.StatusSetting, broken), ""},
		{"not taken again and again, long ago", want(chosen), plan.Known{Rotations: []time.Time{now.Add(-2 * time.Hour), now.Add(-2 * time.Hour), now.Add(-2 * time.Hour)}}, remote(seam.StatusSetting, broken), "the lock does not take it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			step := plan.Decide(tt.want, tt.known, plan.Observed{Remote: tt.remote}, now)
			if rotates := step.Kind == plan.Rotate; rotates != (tt.why != "") || rotates && !strings.Contains(step.Message, tt.why) {
				t.Errorf("%s: %s", step.Kind, step.Message)
			}
		})
	}
}
