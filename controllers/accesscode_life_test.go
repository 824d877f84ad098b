// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestLifeOfAGivenPIN(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")

	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	remote := w.live(sim.SeedNativeLockID)
	if *remote.Code != testPIN || *remote.Name != "guest" || code.Status.AccessCodeID != remote.AccessCodeID {
		t.Errorf("at Seam %+v, in status %q", remote, code.Status.AccessCodeID)
	}
	if diff := cmp.Diff([]string{"Created", "CodeSet"}, w.recorded()); diff != "" {
		t.Error(diff)
	}

	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "113355" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.live(sim.SeedNativeLockID); *remote.Code != "113355" || remote.AccessCodeID != code.Status.AccessCodeID {
		t.Errorf("after the edit, at Seam %+v", remote)
	}

	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("the AccessCode is still there")
	}
	if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
	if diff := cmp.Diff([]string{"Updated", "CodeSet", "Removed"}, w.recorded()); diff != "" {
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
			w.connected()
			w.code("other", func(c *v1alpha1.AccessCode) { c.Spec.Code = "998877" })
			w.settle("other")
			w.sim.ResetRequests()
			clear(w.writes)

			w.code("guest", test.edit)
			w.writes["AccessCode create"]--
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if n := w.kubernetesWrites(); n > test.writes {
				t.Errorf("%d Kubernetes writes, want at most %d: %v", n, test.writes, w.writes)
			}
			reads := w.calls("/access_codes/get") + w.calls("/access_codes/list") + w.calls("/devices/get")
			if creates := w.calls("/access_codes/create"); creates != 1 || reads > 2 {
				t.Errorf("%d creates and %d reads, want 1 and at most 2: %v", creates, reads, w.sim.Requests().ByPath)
			}

			w.idle(time.Hour)
		})
	}
}

// idle lets time go by for codes that are as wanted: it must cause no write, wake no code, and no more calls than it takes
// to ask for events, and to look at all codes at once now and then.
func (w *world) idle(d time.Duration) {
	w.t.Helper()
	clear(w.writes)
	w.listen(v1alpha1.DefaultWorkspaceName) // of what happened before
	w.sim.ResetRequests()
	most := int(d/defaultPollInterval + d/v1alpha1.DefaultSyncInterval)
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); {
		woken, result := w.listen(v1alpha1.DefaultWorkspaceName)
		if len(woken) > 0 || drain(w.codes.Wakes.codes) {
			w.t.Fatalf("idle codes are woken: %v", woken)
		}
		w.step(result.RequeueAfter)
	}
	if n := w.kubernetesWrites(); n != 0 {
		w.t.Errorf("%v of idleness cause %d Kubernetes writes: %v", d, n, w.writes)
	}
	if n := w.sim.Requests().Total; n > most {
		w.t.Errorf("%v of idleness cause %d calls, want at most %d: %v", d, n, most, w.sim.Requests().ByPath)
	}
}
