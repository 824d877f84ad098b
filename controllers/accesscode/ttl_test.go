// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// shortLived has an AccessCode go an hour after it has expired.
func shortLived(c *v1alpha1.AccessCode) {
	c.Spec.TTLAfterExpired = &metav1.Duration{Duration: time.Hour}
}

func TestTTLAfterExpired(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), shortLived))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Step(24*time.Hour + 10*time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter == 0 || result.RequeueAfter > 51*time.Minute {
		t.Errorf("looked at again after %v (%v)", result.RequeueAfter, err)
	}
	w.Step(result.RequeueAfter)
	w.settleGone("guest")
}

// TestTTLOfABookingOfThePast: it goes as soon as it comes.
func TestTTLOfABookingOfThePast(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	past := testworld.Scheduled(w.Clock.Now().Add(-48*time.Hour), w.Clock.Now().Add(-24*time.Hour))
	w.Code("guest", testworld.All(past, shortLived))
	w.settleGone("guest")
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates", n)
	}
}

// TestTTLOfWhatComesBack: one that Argo CD, Flux or Helm would create again stays, and says so once.
func TestTTLOfWhatComesBack(t *testing.T) {
	for tool, mark := range map[string]func(*v1alpha1.AccessCode){
		"Argo CD": func(c *v1alpha1.AccessCode) {
			metav1.SetMetaDataAnnotation(&c.ObjectMeta, "argocd.argoproj.io/tracking-id", "site:access-codes.io/AccessCode:bookings/guest")
		},
		"Argo CD, or Helm": func(c *v1alpha1.AccessCode) {
			metav1.SetMetaDataLabel(&c.ObjectMeta, "app.kubernetes.io/instance", "site")
		},
		"Flux": func(c *v1alpha1.AccessCode) {
			metav1.SetMetaDataLabel(&c.ObjectMeta, "kustomize.toolkit.fluxcd.io/name", "site")
		},
	} {
		t.Run(tool, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.All(w.Today(), shortLived, mark))
			w.Settle("guest")
			w.Step(24*time.Hour + 10*time.Minute)
			w.Settle("guest")
			if told := w.Recorded(); !slices.Contains(told, accesscode.EventTTLIgnored) {
				t.Errorf("Events %v", told)
			}
			w.Restart()
			for range 3 {
				w.Look("guest", time.Hour)
			}
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			if message := w.message("guest"); !strings.Contains(message, "ttlAfterExpired is ignored, as "+tool) {
				t.Errorf("message %q", message)
			}
			if told := w.Recorded(); slices.Contains(told, accesscode.EventTTLIgnored) {
				t.Errorf("Events %v: told again", told)
			}
		})
	}
}
