// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package plan_test

import (
	"testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestDecideCreated: the step says where the code stands according to the answer, unless that asks for a write at once.
func TestDecideCreated(t *testing.T) {
	t.Parallel()
	sent := plan.Step{Kind: plan.Create, Reason: v1alpha1.ReasonCreating, Message: "sent"}
	for name, test := range map[string]struct {
		created *seam.AccessCode
		reason  string
	}{
		"works already":          {remote(seam.StatusSet), v1alpha1.ReasonSet},
		"on its way to the lock": {remote(seam.StatusSetting), v1alpha1.ReasonSetting},
		"has another name":       {remote(seam.StatusSet, called("Somebody")), sent.Reason},
	} {
		pending := plan.Known{CreatePending: true, Intent: &plan.Intent{At: now, Name: "Guest"}, Looks: 9}
		if got := plan.DecideCreated(sent, want(), pending, test.created, now); got.Reason != test.reason {
			t.Errorf("%s: %s, want %s: %s", name, got.Reason, test.reason, got.Message)
		}
	}
}

// TestDecideRefused: a create that was refused for its PIN is not sent again as if nothing had happened.
func TestDecideRefused(t *testing.T) {
	t.Parallel()
	if got := plan.Decide(want(chosen), plan.Known{}, plan.Observed{PINTaken: true}, now); got.Kind != plan.Rechoose {
		t.Errorf("a chosen PIN that is taken: %s, want %s", got.Kind, plan.Rechoose)
	}
	if got := plan.Decide(want(), plan.Known{}, plan.Observed{Blocking: remote(seam.StatusSet), PINTaken: true}, now); got.Kind != plan.GiveUp {
		t.Errorf("a given PIN that is taken: %s, want %s", got.Kind, plan.GiveUp)
	}
}
