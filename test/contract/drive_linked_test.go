// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func linkedDrives() []drive {
	return []drive{
		{"AccessCodes.CreateMultiple", "/access_codes/create_multiple", createMultiple},
		{"AccessCodes.UpdateMultiple", "/access_codes/update_multiple", updateMultiple},
	}
}

func twoLocks() []string { return []string{sim.SeedNativeLockID, sim.SeedJustInTimeLockID} }

func createMultiple(w *world) {
	create := func(r seam.CreateMultipleAccessCodesRequest) ([]seam.AccessCode, error) {
		return w.client.AccessCodes.CreateMultiple(w.t.Context(), r)
	}
	linked, err := create(seam.CreateMultipleAccessCodesRequest{DeviceIDs: twoLocks(), Name: "Guest"})
	w.no(err)
	if len(linked) != 2 || linked[0].Code != linked[1].Code || linked[0].CommonCodeKey == "" {
		w.t.Errorf("got %+v", linked)
	}
	given, err := create(seam.CreateMultipleAccessCodesRequest{
		DeviceIDs: twoLocks(), Code: "482913", BehaviorWhenCodeCannotBeShared: seam.BehaviorThrow,
		StartsAt: w.in(time.Hour), EndsAt: w.in(3 * time.Hour), AccessCodeSettings: allSettings(),
	})
	w.no(err)
	if len(given) != 2 || given[0].CommonCodeKey != "" {
		w.t.Errorf("got %+v", given)
	}
	_, err = create(seam.CreateMultipleAccessCodesRequest{DeviceIDs: twoLocks(), Code: "482913"})
	w.fails(err, seam.Duplicate)
	mixed, err := create(seam.CreateMultipleAccessCodesRequest{
		DeviceIDs: append(twoLocks(), sim.SeedProviderPINLockID), BehaviorWhenCodeCannotBeShared: seam.BehaviorCreateRandomCode,
	})
	w.no(err)
	if len(mixed) != 3 {
		w.t.Errorf("got %+v", mixed)
	}
	_, err = create(seam.CreateMultipleAccessCodesRequest{DeviceIDs: []string{nobody}})
	w.fails(err, seam.NotFound)
}

func updateMultiple(w *world) {
	codes, err := w.client.AccessCodes.CreateMultiple(w.t.Context(), seam.CreateMultipleAccessCodesRequest{DeviceIDs: twoLocks()})
	w.no(err)
	w.pass(10 * time.Second)
	for _, r := range []seam.UpdateMultipleAccessCodesRequest{
		{Name: "Renamed"},
		{StartsAt: w.in(time.Hour), EndsAt: w.in(3 * time.Hour)},
	} {
		r.CommonCodeKey = codes[0].CommonCodeKey
		w.no(w.client.AccessCodes.UpdateMultiple(w.t.Context(), r))
	}
	for _, code := range codes {
		if got := w.state(code.AccessCodeID, seam.StatusUnset); got.Name != "Renamed" || got.Type != seam.TypeTimeBound {
			w.t.Errorf("got %+v", got)
		}
	}
	err = w.client.AccessCodes.UpdateMultiple(w.t.Context(), seam.UpdateMultipleAccessCodesRequest{CommonCodeKey: "none", Name: "x"})
	w.fails(err, seam.NotFound)
}
