// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"time"
)

// Device is a lock or another device, as /devices/get returns it. Most flags
// have three values: true works now, false exists but does not work now, and
// nil is a device that cannot do it, or does not say.
type Device struct {
	DeviceID           string `json:"device_id"`
	WorkspaceID        string `json:"workspace_id"`
	ConnectedAccountID string `json:"connected_account_id"`
	// DeviceType is a word such as august_lock; new ones appear.
	DeviceType  string    `json:"device_type"`
	DisplayName string    `json:"display_name"`
	Nickname    string    `json:"nickname"`
	CreatedAt   time.Time `json:"created_at"`
	IsManaged   bool      `json:"is_managed"`
	SpaceIDs    []string  `json:"space_ids"`

	// CanProgramOnlineAccessCodes stays true while the device is merely
	// offline.
	CanProgramOnlineAccessCodes  *bool `json:"can_program_online_access_codes"`
	CanProgramOfflineAccessCodes *bool `json:"can_program_offline_access_codes"`
	CanUnlockWithCode            *bool `json:"can_unlock_with_code"`
	CanRemotelyLock              *bool `json:"can_remotely_lock"`
	CanRemotelyUnlock            *bool `json:"can_remotely_unlock"`
	CanSimulateConnection        *bool `json:"can_simulate_connection"`
	CanSimulateDisconnection     *bool `json:"can_simulate_disconnection"`
	CanSimulateRemoval           *bool `json:"can_simulate_removal"`

	CapabilitiesSupported []string `json:"capabilities_supported"`

	Errors     []Issue          `json:"errors"`
	Warnings   []Issue          `json:"warnings"`
	Properties DeviceProperties `json:"properties"`
	Location   *DeviceLocation  `json:"location"`

	CustomMetadata map[string]any `json:"custom_metadata"`
}

// DeviceLocation is where a device is.
type DeviceLocation struct {
	LocationName string `json:"location_name"`
	// TimeZone is an IANA name such as Europe/Berlin.
	TimeZone string `json:"time_zone"`
	// Timezone is the same under its former name, which Seam still gives.
	Timezone string `json:"timezone"`
}

// DeviceProperties are the properties that matter for access codes.
type DeviceProperties struct {
	// Online is nil when the device does not say.
	Online       *bool  `json:"online"`
	Name         string `json:"name"`
	Manufacturer string `json:"manufacturer"`
	SerialNumber string `json:"serial_number"`

	// SupportedCodeLengths are in digits; empty when unknown.
	SupportedCodeLengths []int `json:"supported_code_lengths"`
	// MaxActiveCodesSupported counts future codes that have already been sent
	// to the lock as well; nil when unknown.
	MaxActiveCodesSupported *int             `json:"max_active_codes_supported"`
	CodeConstraints         []CodeConstraint `json:"code_constraints"`

	SupportsBackupAccessCodePool *bool `json:"supports_backup_access_code_pool"`
	BackupAccessCodePoolEnabled  *bool `json:"backup_access_code_pool_enabled"`

	OnlineTimeFrameOptions  []TimeFrameOption `json:"online_time_frame_options"`
	OfflineTimeFrameOptions []TimeFrameOption `json:"offline_time_frame_options"`

	KeypadBattery   *Battery         `json:"keypad_battery"`
	AccessoryKeypad *AccessoryKeypad `json:"accessory_keypad"`

	// OnlineAccessCodesEnabled is the old form of a capability.
	//
	// Deprecated: use Device.CanProgramOnlineAccessCodes.
	OnlineAccessCodesEnabled *bool `json:"online_access_codes_enabled"`
	// OfflineAccessCodesEnabled is the old form of a capability.
	//
	// Deprecated: use Device.CanProgramOfflineAccessCodes.
	OfflineAccessCodesEnabled *bool `json:"offline_access_codes_enabled"`
	// SupportsOfflineAccessCodes is the old form of a capability.
	//
	// Deprecated: use Device.CanProgramOfflineAccessCodes.
	SupportsOfflineAccessCodes *bool `json:"supports_offline_access_codes"`
}

// CodeConstraint is a rule of the device for codes and their names.
type CodeConstraint struct {
	// ConstraintType is a word such as no_zeros, cannot_specify_pin_code or
	// name_length; new ones appear.
	ConstraintType string `json:"constraint_type"`
	// MinLength and MaxLength, in characters, belong to name_length.
	MinLength *int `json:"min_length"`
	MaxLength *int `json:"max_length"`
}

// TimeFrameOption is a form that the window of a code may have.
type TimeFrameOption struct {
	DisplayName string `json:"display_name"`
	// MinDuration and MaxDuration are ISO 8601 durations such as PT672H;
	// empty means no bound.
	MinDuration string `json:"min_duration"`
	MaxDuration string `json:"max_duration"`
	// StartDateRecurrenceRule and EndDateRecurrenceRule are iCalendar rules.
	StartDateRecurrenceRule string `json:"start_date_recurrence_rule"`
	EndDateRecurrenceRule   string `json:"end_date_recurrence_rule"`
	// MatchingStartEndTime: both fall on the same time of day.
	MatchingStartEndTime bool `json:"matching_start_end_time"`
	// TimePairs are the times of day to choose from, in TimeZone.
	TimePairs []TimePair `json:"time_pairs"`
	// TimeZone is an IANA name.
	TimeZone string `json:"time_zone"`
}

// TimePair is a start and an end, as HH:MM on a 24-hour clock.
type TimePair struct {
	DisplayName string `json:"display_name"`
	StartTime   string `json:"start_time"`
	EndTime     string `json:"end_time"`
}

// Battery is a charge between 0 and 1.
type Battery struct {
	Level float64 `json:"level"`
}

// AccessoryKeypad is a keypad that is not part of the lock.
type AccessoryKeypad struct {
	IsConnected bool     `json:"is_connected"`
	Battery     *Battery `json:"battery"`
}

// UnmarshalJSON reads a device and takes PINs out of its messages.
func (d *Device) UnmarshalJSON(data []byte) error {
	type plain Device
	if err := json.Unmarshal(data, (*plain)(d)); err != nil {
		return err
	}
	cleanIssues(d.Errors, nil)
	cleanIssues(d.Warnings, nil)
	return nil
}
