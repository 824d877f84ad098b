// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestTenants: what another namespace has, its credentials, its PINs and its locks, is out of reach.
func TestTenants(t *testing.T) {
	elsewhere := func(w *world) {
		for name, key := range map[string]string{"seam": "apiKey", "guest-pin": "code"} {
			secret := secretNamed(name, key, sim.SeedAPIKey)
			secret.Namespace = "another-tenant"
			if err := w.client.Create(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
		}
		ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: apiKeyAuth()}}
		ws.Name, ws.Namespace = v1alpha1.DefaultWorkspaceName, "another-tenant"
		if err := w.client.Create(t.Context(), ws); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("workspace", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		w.code("guest", nil)
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
		if n := len(w.sim.Requests().Last); n != 0 {
			t.Errorf("%d requests with the credentials of another tenant", n)
		}
	})
	t.Run("credentials", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: apiKeyAuth()}}
		ws.Name = v1alpha1.DefaultWorkspaceName
		w.create(ws)
		if _, err := w.reconcileWorkspace(ws.Name); err != nil {
			t.Fatal(err)
		}
		w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
		if n := len(w.sim.Requests().Last); n != 0 {
			t.Errorf("%d requests with the credentials of another tenant", n)
		}
	})
	t.Run("PIN", func(t *testing.T) {
		w := newWorld(t)
		elsewhere(w)
		w.connected()
		w.code("guest", fromSecret)
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	})
	t.Run("lock", func(t *testing.T) {
		w := newWorld(t)
		w.connected()
		w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedOtherLockID })
		w.settle("guest")
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
		if codes := w.sim.Codes(sim.SeedOtherLockID); len(codes) != 0 {
			t.Errorf("on the lock of another tenant: %+v", codes)
		}
	})
}
