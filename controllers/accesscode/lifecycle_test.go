// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestLifeOfAGivenPIN(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")

	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	remote := w.Live(sim.SeedNativeLockID)
	if *remote.Code != testworld.PIN || *remote.Name != "guest" || code.Status.AccessCodeID != remote.AccessCodeID {
		t.Errorf("at Seam %+v, in status %q", remote, code.Status.AccessCodeID)
	}
	if diff := cmp.Diff([]string{"Created", "CodeSet"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "113355" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedNativeLockID); *remote.Code != "113355" || remote.AccessCodeID != code.Status.AccessCodeID {
		t.Errorf("after the edit, at Seam %+v", remote)
	}

	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("the AccessCode is still there")
	}
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
	if diff := cmp.Diff([]string{"Updated", "CodeSet", "Removed"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestCostOfACode(t *testing.T) {
	tests := []struct {
		name   string
		edit   func(*v1alpha1.AccessCode)
		writes int
	}{
		{"with a given PIN", nil, 3},
		{"with a chosen PIN", func(c *v1alpha1.AccessCode) { c.Spec.Code = "" }, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("other", func(c *v1alpha1.AccessCode) { c.Spec.Code = "998877" })
			w.Settle("other")
			w.Sim.ResetRequests()
			clear(w.Writes)

			w.Code("guest", test.edit)
			w.Writes["AccessCode create"]--
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.KubernetesWrites(); n > test.writes {
				t.Errorf("%d Kubernetes writes, want at most %d: %v", n, test.writes, w.Writes)
			}
			reads := w.Calls("/access_codes/get") + w.Calls("/access_codes/list") + w.Calls("/devices/get")
			if creates := w.Calls("/access_codes/create"); creates != 1 || reads > 2 {
				t.Errorf("%d creates and %d reads, want 1 and at most 2: %v", creates, reads, w.Sim.Requests().ByPath)
			}

			w.idle(time.Hour)
		})
	}
}

// idle lets time go by for codes that are as wanted: it must cause no write, wake no code, and no more calls than it takes
// to ask for events, and to look at all codes at once now and then.
func (w *world) idle(d time.Duration) {
	w.T.Helper()
	clear(w.Writes)
	w.Listen(v1alpha1.DefaultWorkspaceName) // of what happened before
	w.Sim.ResetRequests()
	most := int(d/eventfeed.DefaultPollInterval + d/v1alpha1.DefaultSyncInterval)
	for end := w.Clock.Now().Add(d); w.Clock.Now().Before(end); {
		woken, result := w.Listen(v1alpha1.DefaultWorkspaceName)
		if len(woken) > 0 || testworld.Drain(w.Codes.Triggers.AccessCodesOf) {
			w.T.Fatalf("idle codes are woken: %v", woken)
		}
		w.Step(result.RequeueAfter)
	}
	if n := w.KubernetesWrites(); n != 0 {
		w.T.Errorf("%v of idleness cause %d Kubernetes writes: %v", d, n, w.Writes)
	}
	if n := w.Sim.Requests().Total; n > most {
		w.T.Errorf("%v of idleness cause %d calls, want at most %d: %v", d, n, most, w.Sim.Requests().ByPath)
	}
}
