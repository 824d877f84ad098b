// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func codeDrives() []drive {
	return []drive{
		{"AccessCodes.Create", "/access_codes/create", createKinds},
		{"AccessCodes.Get", "/access_codes/get", getStates},
		{"AccessCodes.GetByCode", "/access_codes/get", getByCode},
		{"AccessCodes.List", "/access_codes/list", listCodes},
		{"AccessCodes.Update", "/access_codes/update", updateEverything},
		{"AccessCodes.Delete", "/access_codes/delete", deleteCodes},
		{"AccessCodes.GenerateCode", "/access_codes/generate_code", generateCodes},
		{"AccessCodes.PullBackupAccessCode", "/access_codes/pull_backup_access_code", pullBackup},
		{"AccessCodes.ReportDeviceConstraints", "/access_codes/report_device_constraints", reportConstraints},
	}
}

const nobody = "5eed0000-0000-4000-8000-00000000dead"

// allSettings sets every field that create, create_multiple and update share.
func allSettings() seam.AccessCodeSettings {
	return seam.AccessCodeSettings{
		PreferredCodeLength: 6, PreferNativeScheduling: new(true), UseBackupAccessCodePool: new(true),
		AllowExternalModification: new(true), IsExternalModificationAllowed: new(true), AttemptForOfflineDevice: new(true),
	}
}

func createKinds(w *world) {
	create := func(r seam.CreateAccessCodeRequest) error {
		_, err := w.client.AccessCodes.Create(w.t.Context(), r)
		return err
	}
	starts, ends := w.in(96*time.Hour), w.in(99*time.Hour)
	for _, r := range []seam.CreateAccessCodeRequest{
		{DeviceID: sim.SeedNativeLockID},
		{DeviceID: sim.SeedNativeLockID, Name: "Cleaner", Code: "482913", CommonCodeKey: "cleaner"},
		{DeviceID: sim.SeedJustInTimeLockID, Name: "Cleaner", CommonCodeKey: "cleaner"},
		{DeviceID: sim.SeedNativeLockID, Name: "Guest", StartsAt: starts, EndsAt: ends, AccessCodeSettings: allSettings()},
		{DeviceID: sim.SeedJustInTimeLockID, StartsAt: starts, EndsAt: ends, AccessCodeSettings: seam.AccessCodeSettings{
			PreferNativeScheduling: new(false),
		}},
		{DeviceID: sim.SeedOfflineCodeLockID, Name: "Boat", StartsAt: starts, EndsAt: ends, OfflineSettings: seam.OfflineSettings{
			IsOfflineAccessCode: new(true), IsOneTimeUse: new(false), MaxTimeRounding: "1d", Sync: new(true),
		}},
		{DeviceID: sim.SeedOfflineCodeLockID, Name: "Old boat", StartsAt: starts, EndsAt: ends, OfflineSettings: seam.OfflineSettings{
			UseOfflineAccessCode: new(true), //nolint:staticcheck // the document still has it
		}},
		{DeviceID: sim.SeedProviderPINLockID, Name: "Suite"},
	} {
		if err := create(r); err != nil {
			w.t.Errorf("%q: %v", r.Name, err)
		}
	}
	w.fails(create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Code: "482913"}), seam.Duplicate)
	w.fails(create(seam.CreateAccessCodeRequest{DeviceID: nobody}), seam.NotFound)
	w.fails(create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedSixDigitLockID, Code: "4829"}), seam.InvalidInput)
	w.fails(create(seam.CreateAccessCodeRequest{
		DeviceID: sim.SeedNativeLockID, StartsAt: w.in(-2 * time.Hour), EndsAt: w.in(-time.Hour),
	}), seam.InvalidInput)
	var err error
	for range 20 {
		err = create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedSixDigitLockID})
	}
	w.fails(err, seam.RateLimited)
}

// getStates reads codes in every state, with every error and warning that the simulator can
// cause.
func getStates(w *world) {
	code, err := w.client.AccessCodes.Create(w.t.Context(), seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Name: "Guest Room"})
	w.no(err)
	w.state(code.AccessCodeID, seam.StatusSetting)
	w.pass(10 * time.Second)
	if shown := w.state(code.AccessCodeID, seam.StatusSet).Appearance; shown == nil || shown.FirstName != "Guest" {
		w.t.Errorf("got appearance %+v", shown)
	}
	later := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedJustInTimeLockID, StartsAt: w.in(time.Hour), EndsAt: w.in(2 * time.Hour)})
	w.state(later.AccessCodeID, seam.StatusUnset)
	getProvidersChoice(w)
	getTroubled(w, code.AccessCodeID)
	_, err = w.client.AccessCodes.Delete(w.t.Context(), seam.DeleteAccessCodeRequest{AccessCodeID: code.AccessCodeID})
	w.no(err)
	w.state(code.AccessCodeID, seam.StatusRemoving)
	w.no(w.sim.FailCode(code.AccessCodeID, ""))
	w.pass(10 * time.Minute)
	w.state(code.AccessCodeID, seam.StatusRemoving)
	w.no(w.sim.RecoverCode(code.AccessCodeID))
	w.pass(time.Minute)
	_, err = w.client.AccessCodes.Get(w.t.Context(), code.AccessCodeID)
	if !seam.IsAccessCodeNotFound(err) {
		w.t.Errorf("got error %v", err)
	}
}

func getProvidersChoice(w *world) {
	code, err := w.client.AccessCodes.Create(w.t.Context(), seam.CreateAccessCodeRequest{DeviceID: sim.SeedProviderPINLockID})
	w.no(err)
	if !code.IsWaitingForCodeAssignment || code.Code != "" || code.DormakabaOracodeMetadata == nil {
		w.t.Errorf("got %+v", code)
	}
	w.pass(10 * time.Second)
	if w.state(code.AccessCodeID, seam.StatusSet).Code == "" {
		w.t.Error("the provider did not choose")
	}
}

// getTroubled reads a code and its device through every trouble that can be ordered.
func getTroubled(w *world, id string) {
	device := func(edit func(*sim.Device)) {
		w.no(w.sim.UpdateDevice(sim.SeedNativeLockID, edit))
		_, err := w.client.Devices.Get(w.t.Context(), sim.SeedNativeLockID)
		w.no(err)
	}
	w.no(w.sim.FailCode(id, "The keypad did not answer."))
	w.state(id, seam.StatusSetting)
	w.no(w.sim.RecoverCode(id))
	getOrdered(w, id)
	device(func(d *sim.Device) { d.Online = false })
	w.pass(10 * time.Minute)
	w.state(id, seam.StatusSetting)
	device(func(d *sim.Device) { d.Online, d.SubscriptionRequired, d.ThirdPartyIntegration = true, true, true })
	w.pass(time.Minute)
	w.state(id, seam.StatusSet)
	device(func(d *sim.Device) { d.FlakyConnection, d.BatteryLevel, d.AccessoryKeypad = true, 0.05, "disconnected" })
	w.no(w.sim.ChangeAtLock(id, sim.LockChange{Code: new("975310"), Name: new("Somebody")}))
	w.state(id, seam.StatusSet)
	w.no(w.sim.DisconnectAccount(sim.SeedAccountID))
	w.state(id, seam.StatusUnknown)
	w.no(w.sim.ReconnectAccount(sim.SeedAccountID))
	device(func(d *sim.Device) { d.Removed = true })
	w.state(id, seam.StatusSet)
	device(func(d *sim.Device) { d.Removed, d.SubscriptionRequired = false, false })
	_, err := w.client.AccessCodes.Update(w.t.Context(), seam.UpdateAccessCodeRequest{
		AccessCodeID: id, AccessCodeSettings: seam.AccessCodeSettings{AllowExternalModification: new(true)},
	})
	w.no(err)
	w.no(w.sim.ChangeAtLock(id, sim.LockChange{Name: new("Allowed")}))
	w.state(id, seam.StatusSet)
}

// getOrdered reads what the newest types of the API have and the document lacks.
func getOrdered(w *world, id string) {
	for _, code := range []string{"code_constraints_violated", "failed_to_issue", "failed_to_update", "failed_to_remove"} {
		w.no(w.sim.AddIssue(id, sim.IssueOrder{ErrorCode: code}))
	}
	w.no(w.sim.AddIssue(id, sim.IssueOrder{WarningCode: "delay_in_issuing"}))
	if got := w.state(id, seam.StatusSetting); len(got.Errors) != 4 || len(got.Warnings) != 1 {
		w.t.Errorf("got errors %+v, warnings %+v", got.Errors, got.Warnings)
	}
	w.sim.SetOmitStatus(true)
	w.state(id, "")
	w.sim.SetOmitStatus(false)
	for _, code := range []string{"code_constraints_violated", "failed_to_issue", "failed_to_update", "failed_to_remove", "delay_in_issuing"} {
		w.no(w.sim.EndIssue(id, code))
	}
}

func getByCode(w *world) {
	w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Code: "482913"})
	code, err := w.client.AccessCodes.GetByCode(w.t.Context(), sim.SeedNativeLockID, "482913")
	w.no(err)
	if code.Code != "482913" {
		w.t.Error("got another code")
	}
	_, err = w.client.AccessCodes.GetByCode(w.t.Context(), sim.SeedFewSlotsLockID, sim.SeedUnmanagedPIN)
	w.fails(err, seam.NotFound)
}

func listCodes(w *world) {
	var ids []string
	for i := range 5 {
		r := seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Name: fmt.Sprintf("Room %d", i)}
		if i > 2 {
			r.StartsAt, r.EndsAt = w.in(time.Hour), w.in(2*time.Hour)
		}
		ids = append(ids, w.create(r).AccessCodeID)
	}
	for _, test := range []struct {
		request seam.ListAccessCodesRequest
		want    int
	}{
		{seam.ListAccessCodesRequest{DeviceID: sim.SeedNativeLockID}, 5},
		{seam.ListAccessCodesRequest{DeviceID: sim.SeedNativeLockID, Limit: 2}, 5},
		{seam.ListAccessCodesRequest{AccessCodeIDs: ids[1:3]}, 2},
		{seam.ListAccessCodesRequest{AccessCodeIDs: ids, Search: "room 4"}, 1},
		{seam.ListAccessCodesRequest{DeviceID: sim.SeedNativeLockID, UserIdentifierKey: sim.SeedUserIdentifierKey}, 5},
		{seam.ListAccessCodesRequest{DeviceID: sim.SeedJustInTimeLockID}, 0},
		{seam.ListAccessCodesRequest{AccessGrantID: nobody, AccessGrantKey: "stay", AccessMethodID: nobody, CustomerKey: "ann"}, 0},
	} {
		codes, err := w.client.AccessCodes.List(w.t.Context(), test.request)
		w.no(err)
		if len(codes) != test.want {
			w.t.Errorf("%+v: got %d codes, want %d", test.request, len(codes), test.want)
		}
	}
	_, err := w.client.AccessCodes.List(w.t.Context(), seam.ListAccessCodesRequest{DeviceID: nobody})
	w.fails(err, seam.NotFound)
	_, err = w.client.AccessCodes.List(w.t.Context(), seam.ListAccessCodesRequest{})
	w.fails(err, seam.InvalidInput)
}

func updateEverything(w *world) {
	id := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID}).AccessCodeID
	starts, ends := w.in(96*time.Hour), w.in(99*time.Hour)
	for _, r := range []seam.UpdateAccessCodeRequest{
		{Name: "Cleaner"},
		{Code: "482913", DeviceID: sim.SeedNativeLockID},
		{Type: seam.TypeTimeBound, StartsAt: starts, EndsAt: ends, AccessCodeSettings: allSettings()},
		{Type: seam.TypeOngoing},
		{IsManaged: new(true), OfflineSettings: seam.OfflineSettings{
			IsOfflineAccessCode: new(false), IsOneTimeUse: new(false), MaxTimeRounding: "1hour", Sync: new(true),
			UseOfflineAccessCode: new(false), //nolint:staticcheck // the document still has it
		}},
	} {
		r.AccessCodeID = id
		attempt, err := w.client.AccessCodes.Update(w.t.Context(), r)
		if err != nil || attempt.ActionType != "UPDATE_ACCESS_CODE" {
			w.t.Errorf("attempt %+v, error %v", attempt, err)
		}
		_, err = w.client.AccessCodes.Get(w.t.Context(), id) // with its pending mutations
		w.no(err)
		w.pass(10 * time.Second)
	}
	_, err := w.client.AccessCodes.Update(w.t.Context(), seam.UpdateAccessCodeRequest{AccessCodeID: nobody, Name: "x"})
	w.fails(err, seam.NotFound)
}

func deleteCodes(w *world) {
	remove := func(r seam.DeleteAccessCodeRequest) error {
		_, err := w.client.AccessCodes.Delete(w.t.Context(), r)
		return err
	}
	id := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID}).AccessCodeID
	w.no(remove(seam.DeleteAccessCodeRequest{AccessCodeID: id, DeviceID: sim.SeedNativeLockID, Sync: new(false)}))
	w.no(remove(seam.DeleteAccessCodeRequest{AccessCodeID: id}))
	w.pass(10 * time.Second)
	w.fails(remove(seam.DeleteAccessCodeRequest{AccessCodeID: id}), seam.NotFound)
	offline := w.create(seam.CreateAccessCodeRequest{
		DeviceID: sim.SeedOfflineCodeLockID, StartsAt: w.in(time.Hour), EndsAt: w.in(3 * time.Hour),
		OfflineSettings: seam.OfflineSettings{IsOfflineAccessCode: new(true)},
	})
	w.fails(remove(seam.DeleteAccessCodeRequest{AccessCodeID: offline.AccessCodeID}), seam.InvalidInput)
}

func generateCodes(w *world) {
	for _, device := range []string{sim.SeedNativeLockID, sim.SeedSixDigitLockID} {
		if _, err := w.client.AccessCodes.GenerateCode(w.t.Context(), device); err != nil {
			w.t.Error(err)
		}
	}
	_, err := w.client.AccessCodes.GenerateCode(w.t.Context(), nobody)
	w.fails(err, seam.NotFound)
}

func pullBackup(w *world) {
	ongoing := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID})
	_, err := w.client.AccessCodes.PullBackupAccessCode(w.t.Context(), ongoing.AccessCodeID)
	w.fails(err, seam.Refused)
	r := seam.CreateAccessCodeRequest{
		DeviceID: sim.SeedNativeLockID, StartsAt: w.in(time.Hour), EndsAt: w.in(3 * time.Hour),
		AccessCodeSettings: seam.AccessCodeSettings{UseBackupAccessCodePool: new(true)},
	}
	first, second := w.create(r), w.create(r)
	w.pass(time.Minute)
	backup, err := w.client.AccessCodes.PullBackupAccessCode(w.t.Context(), first.AccessCodeID)
	w.no(err)
	again, err := w.client.AccessCodes.PullBackupAccessCode(w.t.Context(), first.AccessCodeID)
	w.no(err)
	if !backup.IsBackup || again.AccessCodeID != backup.AccessCodeID {
		w.t.Errorf("got backup %+v and then %+v", backup, again)
	}
	_, err = w.client.AccessCodes.Get(w.t.Context(), first.AccessCodeID) // with what was pulled
	w.no(err)
	w.no(w.sim.EmptyBackupPool(sim.SeedNativeLockID))
	_, err = w.client.AccessCodes.PullBackupAccessCode(w.t.Context(), second.AccessCodeID)
	w.fails(err, seam.Refused)
	_, err = w.client.AccessCodes.Get(w.t.Context(), second.AccessCodeID) // with the error of the empty pool
	w.no(err)
	_, err = w.client.Devices.Get(w.t.Context(), sim.SeedNativeLockID)
	w.no(err)
}

func reportConstraints(w *world) {
	for _, r := range []seam.ReportDeviceConstraintsRequest{
		{SupportedCodeLengths: []int{4, 6}},
		{MinCodeLength: 4, MaxCodeLength: 8},
	} {
		r.DeviceID = sim.SeedJustInTimeLockID
		w.no(w.client.AccessCodes.ReportDeviceConstraints(w.t.Context(), r))
	}
	device, err := w.client.Devices.Get(w.t.Context(), sim.SeedJustInTimeLockID)
	w.no(err)
	if !slices.Equal(device.Properties.SupportedCodeLengths, []int{4, 5, 6, 7, 8}) {
		w.t.Errorf("got lengths %v", device.Properties.SupportedCodeLengths)
	}
	err = w.client.AccessCodes.ReportDeviceConstraints(w.t.Context(), seam.ReportDeviceConstraintsRequest{
		DeviceID: uuid.NewString(), SupportedCodeLengths: []int{4},
	})
	w.fails(err, seam.NotFound)
}
