// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// Live returns the one live code on the device at Seam: managed, no backup code, and not being removed.
func (w *World) Live(deviceID string) sim.AccessCode {
	w.T.Helper()
	codes := w.Lives(deviceID)
	if len(codes) != 1 {
		w.T.Fatalf("%d live codes on the device, want 1: %+v", len(codes), codes)
	}
	return codes[0]
}

// Lives returns all live codes on the device at Seam: managed, no backup codes, and not being removed.
func (w *World) Lives(deviceID string) []sim.AccessCode {
	var live []sim.AccessCode
	for _, code := range w.Sim.Codes(deviceID) {
		if code.IsManaged && !code.IsBackup && code.Status != "removing" {
			live = append(live, code)
		}
	}
	return live
}

// Calls counts the requests that Seam got, by path.
func (w *World) Calls(path string) int { return w.Sim.Requests().ByPath[path] }

// Foreign puts a code on a device as another program with the same key does.
func (w *World) Foreign(deviceID, name, pin string) string {
	w.T.Helper()
	client, err := seam.New(seam.Options{Endpoint: w.Endpoint, Auth: seam.APIKey(sim.SeedAPIKey)})
	if err != nil {
		w.T.Fatal(err)
	}
	code, err := client.AccessCodes.Create(w.T.Context(), seam.CreateAccessCodeRequest{
		DeviceID: deviceID, Name: name, Code: redact.Secret(pin),
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return code.AccessCodeID
}

// Order makes the simulator answer with a fault.
func (w *World) Order(fault sim.Fault) {
	w.T.Helper()
	if _, err := w.Sim.OrderFault(fault); err != nil {
		w.T.Fatal(err)
	}
}
