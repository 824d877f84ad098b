// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

func otherDrives() []drive {
	return []drive{
		{"Devices.Get", "/devices/get", getDevices},
		{"Devices.List", "/devices/list", listDevices},
		{"Devices.First", "/devices/list", firstDevice},
		{"Workspaces.Get", "/workspaces/get", getWorkspace},
		{"ActionAttempts.Get", "/action_attempts/get", getAttempts},
		{"Events.List", "/events/list", listEvents},
		{"ClientSessions.GetOrCreate", "/client_sessions/get_or_create", clientSessions},
	}
}

func getDevices(w *world) {
	for _, device := range sim.SeedDevices() {
		_, err := w.client.Devices.Get(w.t.Context(), device.ID)
		if device.WorkspaceID == sim.SeedWorkspaceID {
			w.no(err)
		} else {
			w.fails(err, seam.NotFound)
		}
	}
}

func listDevices(w *world) {
	for _, test := range []struct {
		request seam.ListDevicesRequest
		want    int
	}{
		{seam.ListDevicesRequest{}, 7},
		{seam.ListDevicesRequest{Limit: 3}, 7},
		{seam.ListDevicesRequest{DeviceIDs: twoLocks(), ConnectedAccountID: sim.SeedAccountID}, 2},
		{seam.ListDevicesRequest{DeviceType: "august_lock", Manufacturer: "august", ConnectedAccountIDs: []string{sim.SeedAccountID}}, 1},
		{seam.ListDevicesRequest{DeviceTypes: []string{"smartthings_lock", "ecobee_thermostat"}, CreatedBefore: w.in(time.Hour)}, 2},
		{seam.ListDevicesRequest{IncludeIf: []string{"can_program_online_access_codes"}, ExcludeIf: []string{"can_program_offline_access_codes"}}, 5},
		{seam.ListDevicesRequest{Search: "front", UserIdentifierKey: sim.SeedUserIdentifierKey}, 1},
		{seam.ListDevicesRequest{CustomMetadataHas: map[string]any{"room": "12", "vip": true}}, 0},
		{seam.ListDevicesRequest{
			ConnectWebviewID: nobody, CustomerKey: "ann", SpaceID: nobody,
			UnstableLocationID: nobody, //nolint:staticcheck // the document still has it
		}, 0},
	} {
		devices, err := w.client.Devices.List(w.t.Context(), test.request)
		w.no(err)
		if len(devices) != test.want {
			w.t.Errorf("%+v: got %d devices, want %d", test.request, len(devices), test.want)
		}
	}
}

func firstDevice(w *world) {
	for _, auth := range []seam.Auth{seam.APIKey(sim.SeedAPIKey), seam.ClientSessionToken(sim.SeedClientSessionToken)} {
		device, err := w.as(auth).Devices.First(w.t.Context())
		w.no(err)
		if device == nil || device.WorkspaceID != sim.SeedWorkspaceID {
			w.t.Errorf("got %+v", device)
		}
	}
}

func getWorkspace(w *world) {
	for _, auth := range []seam.Auth{
		seam.APIKey(sim.SeedAPIKey),
		seam.PersonalAccessToken(sim.SeedAccessToken, sim.SeedWorkspaceID),
		seam.ConsoleSessionToken(sim.SeedConsoleToken, sim.SeedWorkspaceID),
	} {
		ws, err := w.as(auth).Workspaces.Get(w.t.Context())
		w.no(err)
		if ws.WorkspaceID != sim.SeedWorkspaceID {
			w.t.Errorf("got %+v", ws)
		}
	}
	_, err := w.as(seam.ClientSessionToken(sim.SeedClientSessionToken)).Workspaces.Get(w.t.Context())
	w.fails(err, seam.Unauthorized)
}

func getAttempts(w *world) {
	id := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID}).AccessCodeID
	look := func(attempt seam.ActionAttempt, status string) {
		w.t.Helper()
		got, err := w.client.ActionAttempts.Get(w.t.Context(), attempt.ActionAttemptID, seam.WaitOptions{})
		w.no(err)
		if got.Status != status {
			w.t.Errorf("got %+v, want status %q", got, status)
		}
	}
	attempt, err := w.client.AccessCodes.Update(w.t.Context(), seam.UpdateAccessCodeRequest{AccessCodeID: id, Name: "x"})
	w.no(err)
	look(attempt, seam.AttemptPending)
	w.pass(10 * time.Second)
	look(attempt, seam.AttemptSuccess)
	attempt, err = w.client.AccessCodes.Update(w.t.Context(), seam.UpdateAccessCodeRequest{AccessCodeID: id, Name: "y"})
	w.no(err)
	w.no(w.sim.FailCode(id, "The keypad did not answer."))
	look(attempt, seam.AttemptError)
	w.no(w.sim.RecoverCode(id))
	w.pass(10 * time.Second)
	attempt, err = w.client.AccessCodes.Delete(w.t.Context(), seam.DeleteAccessCodeRequest{AccessCodeID: id})
	w.no(err)
	look(attempt, seam.AttemptPending)
	w.pass(10 * time.Second)
	look(attempt, seam.AttemptSuccess)
	_, err = w.client.ActionAttempts.Get(w.t.Context(), nobody, seam.WaitOptions{})
	w.fails(err, seam.NotFound)
}

func clientSessions(w *world) {
	get := func(c *seam.Client, r seam.ClientSessionRequest) error {
		_, err := c.ClientSessions.GetOrCreate(w.t.Context(), r)
		return err
	}
	for _, r := range []seam.ClientSessionRequest{
		{UserIdentifierKey: sim.SeedUserIdentifierKey},
		{UserIdentifierKey: "night porter", ConnectedAccountIDs: []string{sim.SeedAccountID}, ExpiresAt: w.in(time.Hour)},
		{UserIdentityID: nobody, ConnectWebviewIDs: []string{nobody}},
		{UserIdentityIDs: []string{nobody}},
	} {
		w.no(get(w.client, r))
	}
	session := w.as(seam.ClientSessionToken(sim.SeedClientSessionToken))
	w.fails(get(session, seam.ClientSessionRequest{UserIdentifierKey: "x"}), seam.Unauthorized)
}

// listEvents causes every event that the simulator knows, and reads them in every way.
func listEvents(w *world) {
	begin := w.clock.Now()
	causeEverything(w)
	all, err := w.client.Events.List(w.t.Context(), seam.ListEventsRequest{Since: new(begin.Add(-time.Second)), Limit: 500})
	w.no(err)
	var types []string
	for _, event := range all {
		types = append(types, event.EventType)
	}
	slices.Sort(types)
	if diff := cmp.Diff(eventTypes(), slices.Compact(types)); diff != "" {
		w.t.Errorf("types of events (-want +got)\n%s", diff)
	}
	for name, r := range map[string]seam.ListEventsRequest{
		"types":   {EventTypes: []string{"access_code.created", "device.connected"}, EventType: "access_code.created"},
		"devices": {DeviceID: sim.SeedNativeLockID, DeviceIDs: twoLocks(), ConnectedAccountID: sim.SeedAccountID},
		"ids":     {EventIDs: []string{all[0].EventID, all[1].EventID}, UnstableOffset: 1},
		"codes":   {AccessCodeID: nobody, AccessCodeIDs: []string{nobody}},
		"others": {
			AccessGrantID: nobody, AccessGrantIDs: []string{nobody}, AccessMethodID: nobody, AccessMethodIDs: []string{nobody},
			AcsAccessGroupID: nobody, AcsCredentialID: nobody, AcsEncoderID: nobody, AcsEntranceID: nobody,
			AcsSystemID: nobody, AcsSystemIDs: []string{nobody}, AcsUserID: nobody, ConnectWebviewID: nobody,
			CustomerKey: "ann", SpaceID: nobody, SpaceIDs: []string{nobody}, UserIdentityID: nobody,
		},
		"between": {Between: &seam.Interval{From: begin, To: *w.in(time.Second)}},
	} {
		if r.Between == nil {
			r.Since = &begin
		}
		if _, err := w.client.Events.List(w.t.Context(), r); err != nil {
			w.t.Errorf("%s: %v", name, err)
		}
	}
}

// causeEverything goes through the other drives, which leave events behind, and adds what
// they do not cause.
func causeEverything(w *world) {
	getStates(w)
	w.pass(time.Hour)
	updateEverything(w)
	w.pass(time.Hour)
	pullBackup(w)
	w.no(w.sim.RefillBackupPool(sim.SeedNativeLockID))
	w.pass(time.Hour)
	convertUnmanaged(w)
	scheduled := w.create(seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, StartsAt: w.in(time.Hour), EndsAt: w.in(2 * time.Hour)})
	w.pass(90 * time.Minute)
	w.no(w.sim.UseCode(scheduled.AccessCodeID))
	w.no(w.sim.TakeOffLock(scheduled.AccessCodeID))
	w.no(w.sim.TakeOffLock(w.found(sim.ForeignCode{Name: "Gone", Code: "8642"})))
	for _, edit := range []func(*sim.Device){
		func(d *sim.Device) { d.Name, d.AccessoryKeypad = "New name", "connected" },
		func(d *sim.Device) { d.FlakyConnection, d.ThirdPartyIntegration, d.Unmanaged = false, false, true },
		func(d *sim.Device) { d.Unmanaged = false },
	} {
		w.no(w.sim.UpdateDevice(sim.SeedNativeLockID, edit))
	}
	lock, err := w.sim.AddDevice(sim.Lock(sim.SeedWorkspaceID, "", "Shed"))
	w.no(err)
	w.no(w.sim.RemoveDevice(lock.ID))
}

// eventTypes are all 21 of access codes in the document, and those of devices that have to do
// with codes.
func eventTypes() []string {
	return []string{
		"access_code.backup_access_code_pulled", "access_code.changed", "access_code.code_changed", "access_code.created",
		"access_code.delay_in_removing_from_device", "access_code.delay_in_setting_on_device", "access_code.deleted",
		"access_code.deleted_external_to_seam", "access_code.failed_to_remove_from_device",
		"access_code.failed_to_set_on_device", "access_code.modified_external_to_seam", "access_code.mutations_requested",
		"access_code.name_changed", "access_code.removed_from_device", "access_code.scheduled_on_device",
		"access_code.set_on_device", "access_code.time_frame_changed", "access_code.unmanaged.converted_to_managed",
		"access_code.unmanaged.created", "access_code.unmanaged.failed_to_convert_to_managed", "access_code.unmanaged.removed",
		"connected_account.connected", "connected_account.disconnected", "device.accessory_keypad_connected",
		"device.accessory_keypad_disconnected", "device.added", "device.battery_status_changed", "device.connected",
		"device.connection_became_flaky", "device.connection_stabilized", "device.converted_to_unmanaged", "device.deleted",
		"device.disconnected", "device.error.subscription_required", "device.error.subscription_required.resolved",
		"device.low_battery", "device.name_changed", "device.removed", "device.third_party_integration_detected",
		"device.third_party_integration_no_longer_detected", "device.unmanaged.converted_to_managed", "lock.unlocked",
	}
}

// TestEveryWayToAuthenticate lists the devices of a workspace in each of the five ways.
func TestEveryWayToAuthenticate(t *testing.T) {
	w := newWorld(t)
	for name, auth := range map[string]seam.Auth{
		"API key":               seam.APIKey(sim.SeedAPIKey),
		"personal access token": seam.PersonalAccessToken(sim.SeedAccessToken, sim.SeedWorkspaceID),
		"client session":        seam.ClientSessionToken(sim.SeedClientSessionToken),
		"console session":       seam.ConsoleSessionToken(sim.SeedConsoleToken, sim.SeedWorkspaceID),
		"publishable key":       seam.PublishableKey(sim.SeedPublishableKey, sim.SeedUserIdentifierKey),
	} {
		c := w.as(auth)
		devices, err := c.Devices.List(t.Context(), seam.ListDevicesRequest{})
		if err != nil || len(devices) != 7 {
			t.Errorf("%s: %d devices, error %v", name, len(devices), err)
		}
		code, err := c.AccessCodes.Create(t.Context(), seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID})
		w.no(err)
		_, err = c.AccessCodes.Delete(t.Context(), seam.DeleteAccessCodeRequest{AccessCodeID: code.AccessCodeID})
		w.no(err)
		w.pass(time.Minute)
	}
	for name, auth := range map[string]seam.Auth{
		"API key":               seam.APIKey("seam_unknown"),
		"personal access token": seam.PersonalAccessToken("seam_at1_unknown", sim.SeedWorkspaceID),
		"another workspace":     seam.PersonalAccessToken(sim.SeedAccessToken, nobody),
		"client session":        seam.ClientSessionToken("seam_cst1_unknown"),
		"console session":       seam.ConsoleSessionToken("eyJ.unknown", sim.SeedWorkspaceID),
		"publishable key":       seam.PublishableKey("seam_pk1_unknown", "somebody"),
	} {
		if _, err := w.as(auth).Devices.List(t.Context(), seam.ListDevicesRequest{}); !seam.IsUnauthorized(err) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
