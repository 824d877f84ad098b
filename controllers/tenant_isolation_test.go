// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestNothingCrossesNamespaces: what another namespace has, its credentials, its PINs and its locks, is out of reach.
func TestNothingCrossesNamespaces(t *testing.T) {
	elsewhere := func(w *world) {
		for name, key := range map[string]string{"seam": "apiKey", "guest-pin": "code"} {
			secret := testworld.SecretNamed(name, key, sim.SeedAPIKey)
			secret.Namespace = "another-tenant"
			if err := w.Client.Create(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
		}
		ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: testworld.APIKeyAuth()}}
		ws.Name, ws.Namespace = v1alpha1.DefaultWorkspaceName, "another-tenant"
		if err := w.Client.Create(t.Context(), ws); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("workspace", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		w.Code("guest", nil)
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
		if n := len(w.Sim.Requests().Last); n != 0 {
			t.Errorf("%d requests with the credentials of another tenant", n)
		}
	})
	t.Run("credentials", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: testworld.APIKeyAuth()}}
		ws.Name = v1alpha1.DefaultWorkspaceName
		w.Create(ws)
		if _, err := w.ReconcileWorkspace(ws.Name); err != nil {
			t.Fatal(err)
		}
		w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
		if n := len(w.Sim.Requests().Last); n != 0 {
			t.Errorf("%d requests with the credentials of another tenant", n)
		}
	})
	t.Run("PIN", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		w.Connected()
		w.Code("guest", testworld.FromSecret)
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	})
	t.Run("lock", func(t *testing.T) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedOtherLockID })
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
		if codes := w.Sim.Codes(sim.SeedOtherLockID); len(codes) != 0 {
			t.Errorf("on the lock of another tenant: %+v", codes)
		}
	})
}
