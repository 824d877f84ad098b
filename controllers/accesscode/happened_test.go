// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestHistoryAfterAStep: a step changes of the history what it has done, and nothing else.
func TestHistoryAfterAStep(t *testing.T) {
	t.Parallel()
	now, earlier := statusNow, statusNow.Add(-time.Minute)
	want, name := plan.Desired{Name: "guest"}, "guest"
	before := history{
		uid: "a", looks: 2, reason: v1alpha1.ReasonSetting, missing: earlier, offSince: earlier, refusals: kube.Doubling(1, 2), failures: 3,
		had: &plan.Desired{Name: "before", Code: "2468"}, dueSince: earlier, generation: 7,
	}
	refused, _ := before.wasRefused()
	pull, _ := before.pullWasRefused()
	deletes := kube.Doubling(time.Second, maxDeleteRetry)
	deletes.Step()
	waits := plan.Step{Kind: plan.Wait, Reason: v1alpha1.ReasonSetting}
	tests := []struct {
		name  string
		did   happened
		after func(*history)
	}{
		{"nothing", happened{}, func(*history) {}},
		{"a write starts the counts anew", happened{at: now, wrote: true}, func(h *history) {
			h.looks, h.reason, h.missing, h.offSince, h.refusals = 0, "", time.Time{}, now, wait.Backoff{}
		}},
		{"a look like the last is counted", happened{at: now, look: &look{step: waits}}, func(h *history) {
			h.looks, h.refusals = 3, wait.Backoff{}
		}},
		{"a code that is there is not missing", happened{at: now, look: &look{waits, &seam.AccessCode{}}}, func(h *history) {
			h.looks, h.refusals, h.missing = 3, wait.Backoff{}, time.Time{}
		}},
		{"a code as wanted has converged", happened{at: now, want: want, look: &look{plan.Step{Kind: plan.None, Reason: v1alpha1.ReasonSet}, &seam.AccessCode{}}}, func(h *history) {
			h.looks, h.reason, h.refusals, h.missing, h.offSince = 0, v1alpha1.ReasonSet, wait.Backoff{}, time.Time{}, time.Time{}
			h.converged, h.had = &want, &want
		}},
		{"an accepted create", happened{create: createOutcome{accepted: true, id: "id"}}, func(h *history) {
			h.createdID, h.failures = "id", 0
		}},
		{"a create with an answer that can't be right", happened{create: createOutcome{accepted: true}}, func(h *history) { h.failures = 0 }},
		{"a create that Seam answers with an error", happened{create: createOutcome{failedTry: earlier, failedAt: now}}, func(h *history) {
			h.failedTry, h.failedAt, h.failures = earlier, now, 4
		}},
		{"a start that is refused", happened{want: want, startRefused: true}, func(h *history) {
			h.refusedStarts, h.refusedTo = 1, want
		}},
		{"an update makes unknown what it sends", happened{at: now, want: want, updated: &plan.Changes{Name: &name}}, func(h *history) {
			h.updates, h.updatedTo, h.had = []time.Time{now}, want, &plan.Desired{Code: "2468"}
		}},
		{"a PIN in between is no update", happened{sent: &plan.Changes{Code: new(before.had.Code)}}, func(h *history) {
			h.had = &plan.Desired{Name: "before"}
		}},
		{"what was due stays due since then", happened{dueSince: now}, func(*history) {}},
		{"a removal", happened{deleted: "id", deleteAgain: time.Second}, func(h *history) {
			h.deleting, h.deletes = "id", deletes
		}},
		{"another PIN", happened{at: now, rotated: true}, func(h *history) { h.rotations, h.chosenAt = []time.Time{now}, now }},
		{"a renewed PIN", happened{at: now, renewed: true, renewal: "1"}, func(h *history) { h.chosenAt, h.renewal = now, "1" }},
		{"a conversion", happened{at: now, converted: true}, func(h *history) { h.conversions = []time.Time{now} }},
		{"a refusal that passes", happened{refused: true}, func(h *history) { *h = refused }},
		{"no backup code", happened{pullRefused: true}, func(h *history) { *h = pull }},
		{"a backup code", happened{pulled: true, pullRequest: "1"}, func(h *history) { h.pulled = "1" }},
		{"the lock's name", happened{askedName: now}, func(h *history) { h.askedName = now }},
		{"drift", happened{drifted: true}, func(h *history) { h.drifted = true }},
		{"a code that is given up", happened{yielded: true, drifted: true}, func(h *history) { *h = history{uid: "a"} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := before
			test.after(&want)
			if diff := cmp.Diff(want, before.after(test.did), cmp.AllowUnexported(history{})); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHistoryIsAValue: what comes of a history does not change it, nor what else comes of it.
func TestHistoryIsAValue(t *testing.T) {
	t.Parallel()
	spare := make([]time.Time, 1, 8)
	before := history{updates: spare, rotations: spare, conversions: spare, had: &plan.Desired{Name: "guest"}}
	step := func(at time.Time) history {
		return before.after(happened{at: at, updated: &plan.Changes{Name: new("")}, rotated: true, converted: true})
	}
	first := step(statusNow)
	step(statusNow.Add(time.Hour))
	for what, times := range map[string][]time.Time{"updates": first.updates, "rotations": first.rotations, "conversions": first.conversions} {
		if last := times[len(times)-1]; !last.Equal(statusNow) {
			t.Errorf("the last of the %s is at %s", what, last)
		}
	}
	if before.had.Name != "guest" || len(before.updates) != 1 {
		t.Errorf("the history of before is %+v", before)
	}
}
