// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "strings"

// Device is what the control side sets of a device and reads back. Its JSON names are
// those of /_sim/devices; what the API shows of it is computed.
type Device struct {
	ID                     string           `json:"device_id"`
	WorkspaceID            string           `json:"workspace_id"`
	ConnectedAccountID     string           `json:"connected_account_id"`
	Name                   string           `json:"name"`
	Type                   string           `json:"device_type"` // such as august_lock
	TimeZone               string           `json:"time_zone"`
	Online                 bool             `json:"online"`
	AccountDisconnected    bool             `json:"account_disconnected"`
	Removed                bool             `json:"removed"`   // from the account, not from the service
	Unmanaged              bool             `json:"unmanaged"` // by the service: no endpoint knows it
	SubscriptionRequired   bool             `json:"subscription_required"`
	ThirdPartyIntegration  bool             `json:"third_party_integration"`
	FlakyConnection        bool             `json:"flaky_connection"`
	BatteryLevel           float64          `json:"battery_level"`     // 0 to 1; zero: not reported
	AccessoryKeypad        string           `json:"accessory_keypad"`  // connected, disconnected or empty
	NativeScheduling       bool             `json:"native_scheduling"` // the lock keeps windows by itself
	CanProgramOnlineCodes  bool             `json:"can_program_online_access_codes"`
	CanProgramOfflineCodes bool             `json:"can_program_offline_access_codes"`
	SupportsBackupPool     bool             `json:"supports_backup_access_code_pool"`
	SupportedCodeLengths   []int            `json:"supported_code_lengths"`     // empty: any
	CodeConstraints        []CodeConstraint `json:"code_constraints"`           //
	MaxActiveCodes         int              `json:"max_active_codes_supported"` // zero: no limit
}

// CodeConstraint is one rule of a device about PINs or names.
type CodeConstraint struct {
	ConstraintType string `json:"constraint_type"`
	MinLength      int    `json:"min_length,omitempty"` // name_length
	MaxLength      int    `json:"max_length,omitempty"`
}

// Lock returns an online lock that takes PINs of 4 to 8 digits and keeps windows by
// itself, to be changed as needed before AddDevice.
func Lock(workspaceID, deviceID, name string) Device {
	return Device{
		ID: deviceID, WorkspaceID: workspaceID, Name: name, Type: "august_lock", TimeZone: "America/Los_Angeles",
		Online: true, NativeScheduling: true, CanProgramOnlineCodes: true,
		SupportedCodeLengths: []int{4, 5, 6, 7, 8},
	}
}

// manufacturer is the part of the type before the kind: august of august_lock.
func (d Device) manufacturer() string {
	name, _, _ := strings.Cut(d.Type, "_")
	return name
}

// can returns the device's capabilities by their name in the API. A name that is absent means that the device lacks the
// capability.
func (d Device) can() map[string]bool {
	list := map[string]bool{}
	if d.isLock() {
		list["can_remotely_lock"], list["can_remotely_unlock"] = true, true
	}
	if d.CanProgramOnlineCodes {
		list["can_program_online_access_codes"], list["can_unlock_with_code"] = true, true
	}
	if d.CanProgramOfflineCodes {
		list["can_program_offline_access_codes"] = true
	}
	return list
}

func (d Device) isLock() bool {
	return !strings.HasSuffix(d.Type, "_thermostat")
}

// wire makes the `device` object as the API shows it.
func (d *device) wire() map[string]any {
	kind := []string{"thermostat"}
	if d.isLock() {
		kind = []string{"access_code", "lock"}
	}
	object := map[string]any{
		"device_id": d.ID, "workspace_id": d.WorkspaceID, "connected_account_id": d.ConnectedAccountID,
		"device_type": d.Type, "display_name": d.Name, "capabilities_supported": kind,
		"created_at": stamp(d.createdAt), "is_managed": true, "custom_metadata": map[string]any{}, "space_ids": []string{},
		"errors": d.issues(), "warnings": d.warnings(), "properties": d.properties(),
		"location": map[string]any{"timezone": d.TimeZone, "time_zone": d.TimeZone},
	}
	// Only what the device has: an absent capability is how the API says no.
	for name, value := range d.can() {
		object[name] = value
	}
	return object
}

func (d *device) properties() map[string]any {
	p := map[string]any{
		"online": d.Online, "name": d.Name, "manufacturer": d.manufacturer(),
		"appearance": map[string]any{"name": d.Name},
		"model":      map[string]any{"display_name": d.Type, "manufacturer_display_name": d.manufacturer()},
	}
	if status := d.batteryStatus(); status != "" {
		p["battery_level"], p["battery"] = d.BatteryLevel, map[string]any{"level": d.BatteryLevel, "status": status}
	}
	if !d.isLock() {
		return p
	}
	p["locked"] = true
	if d.AccessoryKeypad != "" {
		p["accessory_keypad"] = map[string]any{"is_connected": d.AccessoryKeypad == "connected"}
	}
	p["code_constraints"] = append([]CodeConstraint{}, d.CodeConstraints...)
	p["supports_backup_access_code_pool"] = d.SupportsBackupPool
	p["online_access_codes_enabled"] = d.CanProgramOnlineCodes
	p["supports_offline_access_codes"] = d.CanProgramOfflineCodes
	if d.SupportsBackupPool {
		p["backup_access_code_pool_enabled"] = d.poolOn
	}
	if len(d.SupportedCodeLengths) > 0 {
		p["supported_code_lengths"] = append([]int{}, d.SupportedCodeLengths...)
	}
	if d.MaxActiveCodes > 0 {
		p["max_active_codes_supported"] = d.MaxActiveCodes
	}
	return p
}
