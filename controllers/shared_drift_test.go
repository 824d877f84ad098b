// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// settled has one code with a given PIN on the native lock.
func settled(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.recorded()
	return w
}

// foreign puts a code on a device as somebody else does, through the same workspace.
func (w *world) foreign(deviceID, name, pin string) string {
	w.t.Helper()
	client, err := seam.New(seam.Options{Endpoint: w.endpoint, Auth: seam.APIKey(sim.SeedAPIKey)})
	if err != nil {
		w.t.Fatal(err)
	}
	code, err := client.AccessCodes.Create(w.t.Context(), seam.CreateAccessCodeRequest{
		DeviceID: deviceID, Name: name, Code: redact.Secret(pin),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return code.AccessCodeID
}
