// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func unmanagedDrives() []drive {
	return []drive{
		{"UnmanagedAccessCodes.Get", "/access_codes/unmanaged/get", getUnmanaged},
		{"UnmanagedAccessCodes.GetByCode", "/access_codes/unmanaged/get", getUnmanagedByCode},
		{"UnmanagedAccessCodes.List", "/access_codes/unmanaged/list", listUnmanaged},
		{"UnmanagedAccessCodes.Update", "/access_codes/unmanaged/update", updateUnmanaged},
		{"UnmanagedAccessCodes.ConvertToManaged", "/access_codes/unmanaged/convert_to_managed", convertUnmanaged},
		{"UnmanagedAccessCodes.Delete", "/access_codes/unmanaged/delete", deleteUnmanaged},
		{"Simulate.CreateUnmanagedAccessCode", "/access_codes/simulate/create_unmanaged_access_code", simulateUnmanaged},
	}
}

// found puts a code on a lock from outside.
func (w *world) found(code sim.ForeignCode) string {
	w.t.Helper()
	if code.DeviceID == "" {
		code.DeviceID = sim.SeedNativeLockID
	}
	id, err := w.sim.AddForeignCode(code)
	w.no(err)
	return id
}

func getUnmanaged(w *world) {
	for _, id := range []string{
		sim.SeedUnmanagedCodeID,
		w.found(sim.ForeignCode{Name: "Theirs", Code: "1357", OtherWorkspace: true, CannotDelete: true}),
		w.found(sim.ForeignCode{DeviceID: sim.SeedProviderPINLockID, Name: "Desk", Code: "1357"}),
	} {
		code, err := w.client.UnmanagedAccessCodes.Get(w.t.Context(), id)
		w.no(err)
		if code.IsManaged {
			w.t.Errorf("got %+v", code)
		}
	}
	managed := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID})
	_, err := w.client.UnmanagedAccessCodes.Get(w.t.Context(), managed.AccessCodeID)
	w.fails(err, seam.NotFound)
}

func getUnmanagedByCode(w *world) {
	code, err := w.client.UnmanagedAccessCodes.GetByCode(w.t.Context(), sim.SeedFewSlotsLockID, sim.SeedUnmanagedPIN)
	w.no(err)
	if code.AccessCodeID != sim.SeedUnmanagedCodeID {
		w.t.Errorf("got %+v", code)
	}
	_, err = w.client.UnmanagedAccessCodes.GetByCode(w.t.Context(), sim.SeedFewSlotsLockID, "1111")
	w.fails(err, seam.NotFound)
}

func listUnmanaged(w *world) {
	for _, pin := range []string{"1357", "2468", "3579"} {
		w.found(sim.ForeignCode{Name: "Code " + pin, Code: pin})
	}
	for _, test := range []struct {
		request seam.ListUnmanagedAccessCodesRequest
		want    int
	}{
		{seam.ListUnmanagedAccessCodesRequest{DeviceID: sim.SeedNativeLockID}, 3},
		{seam.ListUnmanagedAccessCodesRequest{DeviceID: sim.SeedNativeLockID, Limit: 2}, 3},
		{seam.ListUnmanagedAccessCodesRequest{DeviceID: sim.SeedNativeLockID, Search: "2468"}, 1},
		{seam.ListUnmanagedAccessCodesRequest{DeviceID: sim.SeedFewSlotsLockID, UserIdentifierKey: sim.SeedUserIdentifierKey}, 1},
	} {
		codes, err := w.client.UnmanagedAccessCodes.List(w.t.Context(), test.request)
		w.no(err)
		if len(codes) != test.want {
			w.t.Errorf("%+v: got %d codes, want %d", test.request, len(codes), test.want)
		}
	}
	_, err := w.client.UnmanagedAccessCodes.List(w.t.Context(), seam.ListUnmanagedAccessCodesRequest{DeviceID: nobody})
	w.fails(err, seam.NotFound)
}

func updateUnmanaged(w *world) {
	update := func(r seam.UpdateUnmanagedAccessCodeRequest) error {
		r.IsManaged = true
		return w.client.UnmanagedAccessCodes.Update(w.t.Context(), r)
	}
	id := w.found(sim.ForeignCode{Name: "Neighbour", Code: "1357"})
	w.no(update(seam.UpdateUnmanagedAccessCodeRequest{
		AccessCodeID: id, Force: new(false), AllowExternalModification: new(true), IsExternalModificationAllowed: new(true),
	}))
	w.pass(10 * time.Second)
	w.state(id, seam.StatusSet)
	w.fails(update(seam.UpdateUnmanagedAccessCodeRequest{AccessCodeID: nobody}), seam.NotFound)
}

func convertUnmanaged(w *world) {
	convert := func(r seam.ConvertToManagedRequest) error {
		_, err := w.client.UnmanagedAccessCodes.ConvertToManaged(w.t.Context(), r)
		return err
	}
	theirs := w.found(sim.ForeignCode{Name: "Theirs", Code: "1357", OtherWorkspace: true})
	w.no(convert(seam.ConvertToManagedRequest{AccessCodeID: theirs}))
	w.pass(10 * time.Second)
	code, err := w.client.UnmanagedAccessCodes.Get(w.t.Context(), theirs) // with its refusal
	w.no(err)
	if len(code.Errors) != 1 {
		w.t.Errorf("got %+v", code)
	}
	w.no(convert(seam.ConvertToManagedRequest{
		AccessCodeID: theirs, Force: new(true), AllowExternalModification: new(false), IsExternalModificationAllowed: new(false), Sync: new(true),
	}))
	w.pass(10 * time.Second)
	w.state(theirs, seam.StatusSet)
	w.no(convert(seam.ConvertToManagedRequest{AccessCodeID: sim.SeedUnmanagedCodeID})) // of a provider that refuses it
	w.pass(10 * time.Second)
	code, err = w.client.UnmanagedAccessCodes.Get(w.t.Context(), sim.SeedUnmanagedCodeID)
	w.no(err)
	if !code.CannotBeManaged || len(code.Errors) != 1 {
		w.t.Errorf("got %+v", code)
	}
	w.fails(convert(seam.ConvertToManagedRequest{AccessCodeID: nobody}), seam.NotFound)
}

func deleteUnmanaged(w *world) {
	remove := func(r seam.DeleteUnmanagedAccessCodeRequest) error {
		_, err := w.client.UnmanagedAccessCodes.Delete(w.t.Context(), r)
		return err
	}
	w.no(remove(seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: sim.SeedUnmanagedCodeID, Sync: new(true)}))
	w.pass(10 * time.Second)
	w.fails(remove(seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: sim.SeedUnmanagedCodeID}), seam.NotFound)
	fixed := w.found(sim.ForeignCode{Name: "Owner", Code: "1357", CannotDelete: true})
	w.fails(remove(seam.DeleteUnmanagedAccessCodeRequest{AccessCodeID: fixed}), seam.Refused)
}

func simulateUnmanaged(w *world) {
	simulate := func(device string) error {
		_, err := w.client.Simulate.CreateUnmanagedAccessCode(w.t.Context(), seam.SimulateUnmanagedAccessCodeRequest{
			DeviceID: device, Name: "Plumber", Code: "1357",
		})
		return err
	}
	w.no(simulate(sim.SeedNativeLockID))
	w.fails(simulate(sim.SeedThermostatID), seam.Refused)
	w.fails(simulate(nobody), seam.NotFound)
}
