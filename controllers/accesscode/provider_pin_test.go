// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestProviderChosenPIN(t *testing.T) {
	tests := []struct {
		name   string
		device string
		edit   func(*v1alpha1.AccessCode)
	}{
		{"the device takes no other", sim.SeedProviderPINLockID, testworld.Chosen},
		{"offline", sim.SeedOfflineCodeLockID, testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
			c.Spec.Offline = &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
		})},
	}
	for _, test := range tests {
		for _, fault := range []sim.FaultKind{"", sim.FaultLoseResponse, sim.FaultDrop} {
			t.Run(test.name+" "+string(fault), func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				if fault != "" {
					w.Order(sim.Fault{Path: "/access_codes/create", Kind: fault})
				}
				start := w.Clock.Now().Add(10 * time.Minute)
				w.Code("guest", testworld.All(test.edit, testworld.Scheduled(start, start.Add(5*time.Hour)), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = test.device }))
				w.Settle("guest")
				w.Step(time.Hour)
				w.Restart()
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				remote := w.Live(test.device)
				var secret corev1.Secret
				if !w.Exists(&secret, "guest") || remote.Code == nil || string(secret.Data["code"]) != *remote.Code {
					t.Error("the PIN that the provider chose is not in the Secret")
				}
				w.Step(24 * time.Hour)
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			})
		}
	}
}

// TestProviderPINOfABookingAhead: such a code is as it should be, and is not asked about each minute until its day.
func TestProviderPINOfABookingAhead(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now().Add(24 * time.Hour)
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.Sim.ResetRequests()
	for end := start.Add(-2 * time.Hour); w.Clock.Now().Before(end); {
		w.Settle("guest")
		w.Step(5 * time.Minute)
	}
	if n := w.Calls("/access_codes/get"); n > 22*12+1 {
		t.Errorf("%d looks in 22 hours", n)
	}
	w.Step(90 * time.Minute)
	w.Settle("guest")
	var secret corev1.Secret
	if !w.Exists(&secret, "guest") || len(secret.Data[v1alpha1.CodeSecretKey]) == 0 {
		t.Error("half an hour before its window the PIN is not in the Secret")
	}
}

// TestDeletedWithoutStatusWhereTheProviderChoosesThePIN: what PIN the provider has now says nothing about whose code it is.
func TestDeletedWithoutStatusWhereTheProviderChoosesThePIN(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.statusLost("guest")
	w.SetSecret("guest", "code", "606060") // an older PIN than the one that the lock has
	w.Restart()
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Sim.Codes(sim.SeedProviderPINLockID); w.Exists(&v1alpha1.AccessCode{}, "guest") || len(codes) != 0 {
		t.Errorf("not released, or left at Seam: %+v", codes)
	}
}
