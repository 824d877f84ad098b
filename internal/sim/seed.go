// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

// The seed: what Options.Seed fills the service with.
const (
	// SeedWorkspaceID is a sandbox workspace that owns all seeded devices but one.
	SeedWorkspaceID = "5eed0000-0000-4000-8000-000000000001"
	// SeedAPIKey belongs to SeedWorkspaceID.
	SeedAPIKey = "seam_test_simulator_first_workspace"
	// SeedWorkspaceName is the name of SeedWorkspaceID.
	SeedWorkspaceName = "Seaside Rentals"

	// SeedOtherWorkspaceID is a second workspace, to try the wall between the two.
	SeedOtherWorkspaceID = "5eed0000-0000-4000-8000-000000000002"
	// SeedOtherAPIKey belongs to SeedOtherWorkspaceID.
	SeedOtherAPIKey = "seam_test_simulator_other_workspace"

	// SeedAccessToken is a personal access token for both workspaces.
	SeedAccessToken = "seam_at1_simulator"
	// SeedConsoleToken is the session of a person in the console, for both workspaces.
	SeedConsoleToken = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJzaW11bGF0b3IifQ.c2ltdWxhdG9y"
	// SeedPublishableKey belongs to SeedWorkspaceID.
	SeedPublishableKey = "seam_pk1_simulator"
	// SeedUserIdentifierKey is a user of SeedWorkspaceID whose client sessions see the
	// devices of SeedAccountID.
	SeedUserIdentifierKey = "seaside-front-desk"
	// SeedClientSessionToken is a running session of SeedUserIdentifierKey.
	SeedClientSessionToken = "seam_cst1_simulator"

	// SeedAccountID is the connected account of all seeded devices.
	SeedAccountID = "5eed0000-0000-4000-8000-0000000000aa"

	// SeedNativeLockID is a lock with native scheduling; it supports backup codes.
	SeedNativeLockID = "5eed0000-0000-4000-8000-000000000101"
	// SeedJustInTimeLockID is a lock that is programmed one hour before the start.
	SeedJustInTimeLockID = "5eed0000-0000-4000-8000-000000000102"
	// SeedSixDigitLockID is a lock that takes PINs of six digits only, with constraints.
	SeedSixDigitLockID = "5eed0000-0000-4000-8000-000000000103"
	// SeedFewSlotsLockID is a lock with room for two codes, one of them unmanaged.
	SeedFewSlotsLockID = "5eed0000-0000-4000-8000-000000000104"
	// SeedOfflineCodeLockID is a lock that has offline codes besides online ones.
	SeedOfflineCodeLockID = "5eed0000-0000-4000-8000-000000000105"
	// SeedProviderPINLockID is a lock whose provider chooses the PIN.
	SeedProviderPINLockID = "5eed0000-0000-4000-8000-000000000106"
	// SeedThermostatID is a device without access codes.
	SeedThermostatID = "5eed0000-0000-4000-8000-000000000107"
	// SeedOtherLockID is a lock of the second workspace.
	SeedOtherLockID = "5eed0000-0000-4000-8000-000000000108"

	// SeedUnmanagedCodeID is an unmanaged code on SeedFewSlotsLockID.
	SeedUnmanagedCodeID = "5eed0000-0000-4000-8000-000000000201"
	// SeedUnmanagedPIN is the PIN of SeedUnmanagedCodeID.
	SeedUnmanagedPIN = "9753"
)

// SeedDevices lists the seeded devices.
func SeedDevices() []Device {
	native := seedLock(SeedNativeLockID, "Front Door")
	native.SupportsBackupPool = true
	late := seedLock(SeedJustInTimeLockID, "Garage")
	late.Type, late.NativeScheduling = "smartthings_lock", false
	six := seedLock(SeedSixDigitLockID, "Pool House")
	six.Type, six.SupportedCodeLengths = "schlage_lock", []int{6}
	six.CodeConstraints = []CodeConstraint{
		{ConstraintType: "no_all_same_digits"},
		{ConstraintType: "no_ascending_or_descending_sequence"},
		{ConstraintType: "name_length", MinLength: 2, MaxLength: 14},
	}
	few := seedLock(SeedFewSlotsLockID, "Tool Shed")
	few.Type, few.MaxActiveCodes = "kwikset_lock", 2
	offline := seedLock(SeedOfflineCodeLockID, "Boat House")
	offline.Type, offline.CanProgramOfflineCodes = "igloohome_lock", true
	provider := seedLock(SeedProviderPINLockID, "Guest Suite")
	provider.Type = "dormakaba_oracode_door"
	provider.NativeScheduling = false
	provider.CodeConstraints = []CodeConstraint{{ConstraintType: "cannot_specify_pin_code"}}
	other := seedLock(SeedOtherLockID, "Office")
	other.WorkspaceID = SeedOtherWorkspaceID
	return []Device{native, late, six, few, offline, provider, seedThermostat(), other}
}

func seedLock(id, name string) Device {
	d := Lock(SeedWorkspaceID, id, name)
	d.ConnectedAccountID = SeedAccountID
	return d
}

func seedThermostat() Device {
	return Device{
		ID: SeedThermostatID, WorkspaceID: SeedWorkspaceID, ConnectedAccountID: SeedAccountID,
		Name: "Hallway", Type: "ecobee_thermostat", TimeZone: "America/Los_Angeles", Online: true,
	}
}

// seed fills an empty world. Its constants cannot clash, so no step can fail; the tests
// look at the outcome.
func seed(w *world) {
	_ = w.addWorkspace(Workspace{ID: SeedWorkspaceID, Name: SeedWorkspaceName, IsSandbox: true})
	_ = w.addWorkspace(Workspace{ID: SeedOtherWorkspaceID, Name: "Mountain Rentals", IsSandbox: true})
	_ = w.addToken(TokenAPIKey, SeedAPIKey, SeedWorkspaceID)
	_ = w.addToken(TokenAPIKey, SeedOtherAPIKey, SeedOtherWorkspaceID)
	_ = w.addToken(TokenPersonal, SeedAccessToken, SeedWorkspaceID, SeedOtherWorkspaceID)
	_ = w.addToken(TokenConsole, SeedConsoleToken, SeedWorkspaceID, SeedOtherWorkspaceID)
	_ = w.addToken(TokenPublishable, SeedPublishableKey, SeedWorkspaceID)
	for _, d := range SeedDevices() {
		_ = w.addDevice(d)
	}
	_ = w.addForeign(SeedUnmanagedCodeID, ForeignCode{DeviceID: SeedFewSlotsLockID, Name: "Gardener", Code: SeedUnmanagedPIN})
	_ = w.linkUser(SeedWorkspaceID, SeedUserIdentifierKey, SeedAccountID)
	_, _ = w.beginSession(SeedWorkspaceID, SeedUserIdentifierKey, SeedClientSessionToken, 0)
}
