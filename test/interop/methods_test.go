// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/test/surface"
)

// drives are what is done with each method of the client against the fake. nil is a method
// whose path the fake does not have.
func drives() map[string]func(*bench) {
	return map[string]func(*bench){
		"AccessCodes.Create":                    driveCreate,
		"AccessCodes.Get":                       driveGet,
		"AccessCodes.GetByCode":                 driveGetByCode,
		"AccessCodes.List":                      driveList,
		"AccessCodes.Update":                    driveUpdate,
		"AccessCodes.Delete":                    driveDelete,
		"AccessCodes.GenerateCode":              driveGenerate,
		"AccessCodes.CreateMultiple":            driveCreateMultiple,
		"AccessCodes.PullBackupAccessCode":      drivePull,
		"UnmanagedAccessCodes.List":             driveUnmanaged,
		"UnmanagedAccessCodes.Update":           driveUnmanagedUpdate,
		"Simulate.CreateUnmanagedAccessCode":    driveSimulate,
		"Devices.Get":                           driveDevice,
		"Devices.List":                          driveDevices,
		"Devices.First":                         driveFirst,
		"Workspaces.Get":                        driveWorkspace,
		"ActionAttempts.Get":                    driveAttempt,
		"Events.List":                           driveEvents,
		"ClientSessions.GetOrCreate":            driveSession,
		"AccessCodes.UpdateMultiple":            nil,
		"AccessCodes.ReportDeviceConstraints":   nil,
		"UnmanagedAccessCodes.Get":              nil,
		"UnmanagedAccessCodes.GetByCode":        nil,
		"UnmanagedAccessCodes.ConvertToManaged": nil,
		"UnmanagedAccessCodes.Delete":           nil,
	}
}

func TestClientAgainstTheFake(t *testing.T) {
	f := startFake(t)
	var names []string
	driven := 0
	for name, run := range drives() {
		names = append(names, name)
		if run == nil {
			continue
		}
		driven++
		t.Run(name, func(t *testing.T) { run(newBench(t, f)) })
	}
	if missing, unknown := surface.Missing(names); len(missing)+len(unknown) > 0 {
		t.Errorf("neither driven nor absent: %q; not there any more: %q", missing, unknown)
	}
	requests, paths := f.total()
	t.Logf("Client against the official fake: %d of %d methods driven, %d requests on %d paths", driven, len(names), requests, paths)
}

func driveCreate(b *bench) {
	starts, ends := window()
	code := b.create(seam.CreateAccessCodeRequest{Name: "Guest", Code: "482913", StartsAt: starts, EndsAt: ends})
	if code.Name != "Guest" || code.Code != "482913" || code.Type != seam.TypeTimeBound || code.Status != seam.StatusUnset ||
		!code.StartsAt.Equal(*starts) || !code.EndsAt.Equal(*ends) {
		b.t.Errorf("got %+v", code)
	}
	if ongoing := b.create(seam.CreateAccessCodeRequest{}); ongoing.Code == "" || ongoing.Status != seam.StatusSetting {
		b.t.Errorf("got %+v", ongoing)
	}
	_, err := b.client.AccessCodes.Create(b.ctx, seam.CreateAccessCodeRequest{DeviceID: fakeLock, Code: "482913"})
	if !seam.IsDuplicate(err) {
		b.t.Errorf("got error %v", err)
	}
	_, err = b.client.AccessCodes.Create(b.ctx, seam.CreateAccessCodeRequest{DeviceID: "nope"})
	if !seam.IsDeviceNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
	_, err = b.client.AccessCodes.Create(b.ctx, seam.CreateAccessCodeRequest{DeviceID: fakeLock, StartsAt: starts})
	if !seam.IsInvalidInput(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveGet(b *bench) {
	made := b.create(seam.CreateAccessCodeRequest{Name: "Cleaner"})
	code, err := b.client.AccessCodes.Get(b.ctx, made.AccessCodeID)
	b.no(err)
	if code.Name != "Cleaner" || code.Code != made.Code || code.WorkspaceID != fakeWorkspace {
		b.t.Errorf("got %+v", code)
	}
	if _, err = b.client.AccessCodes.Get(b.ctx, "nope"); !seam.IsAccessCodeNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveGetByCode(b *bench) {
	made := b.create(seam.CreateAccessCodeRequest{Code: "246813"})
	code, err := b.client.AccessCodes.GetByCode(b.ctx, fakeLock, "246813")
	b.no(err)
	if code.AccessCodeID != made.AccessCodeID {
		b.t.Errorf("got %+v", code)
	}
	if _, err = b.client.AccessCodes.GetByCode(b.ctx, fakeLock, "135792"); !seam.IsAccessCodeNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveList(b *bench) {
	made := b.create(seam.CreateAccessCodeRequest{})
	codes, err := b.client.AccessCodes.List(b.ctx, seam.ListAccessCodesRequest{DeviceID: fakeLock})
	b.no(err)
	if !contains(codes, made.AccessCodeID) {
		b.t.Error("the new code is not listed")
	}
	if _, err = b.client.AccessCodes.List(b.ctx, seam.ListAccessCodesRequest{}); !seam.IsInvalidInput(err) {
		b.t.Errorf("got error %v", err)
	}
}

func contains(codes []seam.AccessCode, id string) bool {
	for _, code := range codes {
		if code.AccessCodeID == id {
			return true
		}
	}
	return false
}

func driveUpdate(b *bench) {
	id := b.create(seam.CreateAccessCodeRequest{}).AccessCodeID
	starts, ends := window()
	attempt, err := b.client.AccessCodes.Update(b.ctx, seam.UpdateAccessCodeRequest{
		AccessCodeID: id, Name: "Renamed", Code: "975319", StartsAt: starts, EndsAt: ends,
	})
	b.no(err)
	if attempt.ActionType != "UPDATE_ACCESS_CODE" || attempt.ActionAttemptID == "" {
		b.t.Errorf("got attempt %+v", attempt)
	}
	code, err := b.client.AccessCodes.Get(b.ctx, id)
	b.no(err)
	if code.Name != "Renamed" || code.Code != "975319" || code.Type != seam.TypeTimeBound || !code.StartsAt.Equal(*starts) {
		b.t.Errorf("got %+v", code)
	}
	_, err = b.client.AccessCodes.Update(b.ctx, seam.UpdateAccessCodeRequest{AccessCodeID: "nope", Name: "x"})
	if !seam.IsAccessCodeNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveDelete(b *bench) {
	id := b.create(seam.CreateAccessCodeRequest{}).AccessCodeID
	attempt, err := b.client.AccessCodes.Delete(b.ctx, seam.DeleteAccessCodeRequest{AccessCodeID: id})
	b.no(err)
	if attempt.ActionType != "DELETE_ACCESS_CODE" {
		b.t.Errorf("got attempt %+v", attempt)
	}
	if _, err = b.client.AccessCodes.Delete(b.ctx, seam.DeleteAccessCodeRequest{AccessCodeID: id}); !seam.IsAccessCodeNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveGenerate(b *bench) {
	code, err := b.client.AccessCodes.GenerateCode(b.ctx, fakeLock)
	b.no(err)
	if len(code) < 4 {
		b.t.Error("got no PIN")
	}
	if _, err = b.client.AccessCodes.GenerateCode(b.ctx, "nope"); !seam.IsDeviceNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveCreateMultiple(b *bench) {
	codes, err := b.client.AccessCodes.CreateMultiple(b.ctx, seam.CreateMultipleAccessCodesRequest{
		DeviceIDs: []string{fakeLock, fakeOtherLock}, Name: "Linked", BehaviorWhenCodeCannotBeShared: seam.BehaviorThrow,
	})
	b.no(err)
	if len(codes) != 2 || codes[0].Code != codes[1].Code || codes[0].CommonCodeKey == "" {
		b.t.Errorf("got %+v", codes)
	}
}

func drivePull(b *bench) {
	starts, ends := window()
	id := b.create(seam.CreateAccessCodeRequest{StartsAt: starts, EndsAt: ends, AccessCodeSettings: seam.AccessCodeSettings{
		UseBackupAccessCodePool: new(true),
	}}).AccessCodeID
	backup, err := b.client.AccessCodes.PullBackupAccessCode(b.ctx, id)
	b.no(err)
	again, err := b.client.AccessCodes.PullBackupAccessCode(b.ctx, id)
	b.no(err)
	if !backup.IsBackup || backup.AccessCodeID == id || again.AccessCodeID != backup.AccessCodeID {
		b.t.Errorf("got %+v and then %+v", backup, again)
	}
	ongoing := b.create(seam.CreateAccessCodeRequest{})
	if _, err = b.client.AccessCodes.PullBackupAccessCode(b.ctx, ongoing.AccessCodeID); !seam.IsRefused(err) {
		b.t.Errorf("got error %v", err)
	}
}

func (b *bench) simulate(pin string) *seam.AccessCode {
	b.t.Helper()
	code, err := b.client.Simulate.CreateUnmanagedAccessCode(b.ctx, seam.SimulateUnmanagedAccessCodeRequest{
		DeviceID: fakeLock, Name: "Gardener", Code: seamSecret(pin),
	})
	b.no(err)
	return code
}

func driveSimulate(b *bench) {
	if code := b.simulate("8642"); code.IsManaged || code.Code != "8642" {
		b.t.Errorf("got %+v", code)
	}
	_, err := b.client.Simulate.CreateUnmanagedAccessCode(b.ctx, seam.SimulateUnmanagedAccessCodeRequest{
		DeviceID: fakeThermostat, Name: "x", Code: "8642",
	})
	if !seam.IsRefused(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveUnmanaged(b *bench) {
	made := b.simulate("7531")
	codes, err := b.client.UnmanagedAccessCodes.List(b.ctx, seam.ListUnmanagedAccessCodesRequest{DeviceID: fakeLock})
	b.no(err)
	if !contains(codes, made.AccessCodeID) {
		b.t.Error("the new code is not listed")
	}
}

func driveUnmanagedUpdate(b *bench) {
	made := b.simulate("6420")
	b.no(b.client.UnmanagedAccessCodes.Update(b.ctx, seam.UpdateUnmanagedAccessCodeRequest{
		AccessCodeID: made.AccessCodeID, IsManaged: true, AllowExternalModification: new(true),
	}))
	code, err := b.client.AccessCodes.Get(b.ctx, made.AccessCodeID)
	b.no(err)
	if !code.IsManaged {
		b.t.Errorf("got %+v", code)
	}
}

func driveDevice(b *bench) {
	device, err := b.client.Devices.Get(b.ctx, fakeLock)
	b.no(err)
	if device.DeviceType != "august_lock" || device.CanProgramOnlineAccessCodes == nil || device.Properties.Online == nil {
		b.t.Errorf("got %+v", device)
	}
	if _, err = b.client.Devices.Get(b.ctx, "nope"); !seam.IsDeviceNotFound(err) {
		b.t.Errorf("got error %v", err)
	}
}

func driveDevices(b *bench) {
	devices, err := b.client.Devices.List(b.ctx, seam.ListDevicesRequest{DeviceType: "august_lock"})
	b.no(err)
	if len(devices) != 2 {
		b.t.Errorf("got %+v", devices)
	}
}

func driveFirst(b *bench) {
	device, err := b.client.Devices.First(b.ctx)
	b.no(err)
	if device == nil || device.WorkspaceID != fakeWorkspace {
		b.t.Errorf("got %+v", device)
	}
}

func driveWorkspace(b *bench) {
	ws, err := b.client.Workspaces.Get(b.ctx)
	b.no(err)
	if ws.WorkspaceID != fakeWorkspace || !ws.IsSandbox {
		b.t.Errorf("got %+v", ws)
	}
}

func driveAttempt(b *bench) {
	id := b.create(seam.CreateAccessCodeRequest{}).AccessCodeID
	attempt, err := b.client.AccessCodes.Update(b.ctx, seam.UpdateAccessCodeRequest{AccessCodeID: id, Name: "x"})
	b.no(err)
	got, err := b.client.ActionAttempts.Get(b.ctx, attempt.ActionAttemptID, seam.WaitOptions{
		Timeout: 10 * time.Second, PollInterval: 100 * time.Millisecond,
	})
	b.no(err)
	if got.Status != seam.AttemptSuccess || got.ActionType != attempt.ActionType {
		b.t.Errorf("got %+v", got)
	}
}

func driveEvents(b *bench) {
	since := time.Now().Add(-time.Minute)
	made := b.create(seam.CreateAccessCodeRequest{})
	events, err := b.client.Events.List(b.ctx, seam.ListEventsRequest{Since: &since, EventType: "access_code.created"})
	b.no(err)
	found := false
	for _, event := range events {
		found = found || event.AccessCodeID == made.AccessCodeID
	}
	if !found {
		b.t.Errorf("no event of the new code among %d", len(events))
	}
}

// driveSession does it with the publishable key, because the fake takes nothing else there.
func driveSession(b *bench) {
	session := seam.PublishableKey("seam_pk1_token", "night porter")
	if _, err := b.fake.client(b.t, session).Devices.List(b.ctx, seam.ListDevicesRequest{}); err != nil {
		b.t.Error(err)
	}
	if b.fake.count("/client_sessions/get_or_create") == 0 {
		b.t.Error("no session was asked for")
	}
}
