// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"

	"pgregory.net/rapid"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// pickCode draws one of the managed codes at Seam that AccessCodes have made or recorded.
func (h *history) pickCode(rt *rapid.T) sim.AccessCode {
	codes := slices.DeleteFunc(h.atSeam(), func(c sim.AccessCode) bool {
		return !c.IsManaged || c.IsBackup || h.accounts.of(c.AccessCodeID) == ""
	})
	if len(codes) == 0 {
		rt.Skip("no code") // this action only: rapid draws another
	}
	return codes[rapid.IntRange(0, len(codes)-1).Draw(rt, "code")]
}

// takeOff removes a code at the lock.
func (h *history) takeOff(rt *rapid.T) {
	code := h.pickCode(rt)
	if h.leadsToBackup(code) {
		return
	}
	if err := h.Sim.TakeOffLock(code.AccessCodeID); err != nil {
		h.T.Fatal(err)
	}
}

// leadsToBackup says that a code is all that leads to its backup, which was pulled without an answer. Where the code is taken off
// the lock, or lost by Seam, before the next look, nothing in the API leads to the backup until its window ends: a known
// limitation.
func (h *history) leadsToBackup(code sim.AccessCode) bool {
	backup := code.PulledBackupAccessCodeID
	return backup != nil && h.accounts.owner[*backup] == ""
}

// changeAtLock changes PIN or name of a code at the lock, where that can be done.
func (h *history) changeAtLock(rt *rapid.T) {
	code := h.pickCode(rt)
	if h.holders(code.AccessCodeID) == 0 {
		// Its PIN and name are all that it can be told by, and once Seam has set it again it says no more that they were
		// changed: a known limitation.
		return
	}
	change := sim.LockChange{Reapply: rapid.Bool().Draw(rt, "put back by Seam")}
	if rapid.Bool().Draw(rt, "PIN") {
		pin := drawPINOf(rt)
		change.Code = &pin
	} else {
		name := "Somebody"
		change.Name = &name
	}
	_ = h.Sim.ChangeAtLock(code.AccessCodeID, change) // refused for one that is not on the lock
}

// fail has the lock refuse a code, or take it again.
func (h *history) fail(rt *rapid.T) {
	code := h.pickCode(rt)
	change := h.Sim.RecoverCode
	if rapid.Bool().Draw(rt, "refused") {
		change = func(id string) error { return h.Sim.FailCode(id, "the lock does not take it") }
	}
	if err := change(code.AccessCodeID); err != nil {
		h.T.Fatal(err)
	}
}

// putForeign has others put a code on the lock, or take theirs off, or create one through the same workspace.
func (h *history) putForeign(rt *rapid.T) {
	pins := h.pins(h.atSeam())
	pin := pins[rapid.IntRange(0, len(pins)-1).Draw(rt, "PIN")]
	switch rapid.SampledFrom([]string{"on the lock", "of another workspace", "managed", "gone"}).Draw(rt, "kind") {
	case "on the lock":
		h.addForeign(sim.ForeignCode{DeviceID: sim.SeedNativeLockID, Name: "Gardener", Code: pin})
	case "of another workspace":
		h.addForeign(sim.ForeignCode{DeviceID: sim.SeedNativeLockID, Name: "Neighbour", Code: pin, OtherWorkspace: true})
	case "managed":
		h.createManaged(pin)
	case "gone":
		for _, code := range h.Sim.Codes(sim.SeedNativeLockID) {
			if h.accounts.foreign[code.AccessCodeID] && h.accounts.of(code.AccessCodeID) == "" {
				_ = h.Sim.TakeOffLock(code.AccessCodeID)
				return
			}
		}
	}
}

func (h *history) addForeign(code sim.ForeignCode) {
	h.T.Helper()
	id, err := h.Sim.AddForeignCode(code)
	if err != nil {
		return // the PIN is taken
	}
	h.accounts.foreign[id] = true
	h.accounts.elsewhere[id] = code.OtherWorkspace
}

// createManaged creates a code through Seam as another program of the same workspace does.
func (h *history) createManaged(pin string) {
	h.T.Helper()
	body, err := json.Marshal(map[string]any{"device_id": sim.SeedNativeLockID, "name": "Cleaner", "code": pin})
	if err != nil {
		h.T.Fatal(err)
	}
	request := httptest.NewRequestWithContext(h.T.Context(), http.MethodPost, "/access_codes/create", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+sim.SeedAccessToken)
	request.Header.Set("Seam-Workspace", sim.SeedWorkspaceID)
	before := h.Sim.Codes(sim.SeedNativeLockID)
	h.Sim.ServeHTTP(httptest.NewRecorder(), request)
	for _, code := range h.Sim.Codes(sim.SeedNativeLockID) {
		if !slices.ContainsFunc(before, func(c sim.AccessCode) bool { return c.AccessCodeID == code.AccessCodeID }) && !code.IsBackup {
			h.accounts.foreign[code.AccessCodeID] = true
		}
	}
}

// device takes a lock off the net, or back.
func (h *history) device(rt *rapid.T) {
	h.setOnline(rapid.SampledFrom(historyDevices()).Draw(rt, "device"), rapid.Bool().Draw(rt, "online"))
}

func (h *history) setOnline(id string, online bool) {
	h.T.Helper()
	if err := h.Sim.UpdateDevice(id, func(d *sim.Device) { d.Online = online }); err != nil {
		h.T.Fatal(err)
	}
}

// fault has a call to Seam fail, in any way.
func (h *history) fault(rt *rapid.T) {
	fault := rapid.SampledFrom([]sim.Fault{
		{Kind: sim.FaultLoseResponse}, {Kind: sim.FaultDrop}, {Kind: sim.FaultTruncate}, {Kind: sim.FaultGarbage},
		{Kind: sim.FaultStatus, Status: 500}, {Kind: sim.FaultStatus, Status: 503, Body: "down"},
		{Kind: sim.FaultStatus, Status: 429}, {Kind: sim.FaultStatus, Status: 429, RetryAfter: 20},
	}).Draw(rt, "fault")
	fault.Path = rapid.SampledFrom([]string{
		"/access_codes/create", "/access_codes/create", "/access_codes/update", "/access_codes/delete", "/access_codes/get",
		"/access_codes/list", "/access_codes/generate_code", "/access_codes/pull_backup_access_code", "/access_codes/unmanaged/*",
		"/devices/get", "/workspaces/get", "/*",
	}).Draw(rt, "path")
	fault.Times = rapid.IntRange(1, 3).Draw(rt, "times")
	fault.Skip = rapid.IntRange(0, 1).Draw(rt, "skip")
	h.cluster.faults += fault.Times
	h.Order(fault)
}

// kubernetesFault has a write to Kubernetes, or reads of Secrets, fail.
func (h *history) kubernetesFault(rt *rapid.T) {
	if rapid.IntRange(0, 4).Draw(rt, "read") == 0 {
		h.cluster.reads = rapid.IntRange(1, 2).Draw(rt, "reads")
		return
	}
	how := rapid.SampledFrom([]string{writeConflict, writeRefused, writeLost}).Draw(rt, "how")
	for range rapid.IntRange(0, 2).Draw(rt, "well before") {
		h.cluster.writes = append(h.cluster.writes, writeWell)
	}
	h.cluster.writes = append(h.cluster.writes, how)
}

// fallBehind has the cache of the operator stop for a while.
func (h *history) fallBehind(rt *rapid.T) {
	h.cluster.fallBehind(rapid.IntRange(1, 3).Draw(rt, "rounds"))
}
