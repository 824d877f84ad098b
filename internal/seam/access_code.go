// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// The documented values of AccessCode.Type. Others pass.
const (
	TypeOngoing   = "ongoing"
	TypeTimeBound = "time_bound"
)

// The documented values of AccessCode.Status. Others pass.
const (
	// StatusUnset: not on the device. That is no fault before the window of the
	// code.
	StatusUnset = "unset"
	// StatusSetting: on its way to the device.
	StatusSetting = "setting"
	// StatusSet: the code works.
	StatusSet = "set"
	// StatusRemoving: on its way off the device. The object disappears
	// afterwards.
	StatusRemoving = "removing"
	// StatusUnknown: the connected account is disconnected.
	StatusUnknown = "unknown"
)

// AccessCode is a code on a device, managed or not, as /access_codes/get
// returns it. A null and a missing field are both the zero value.
type AccessCode struct {
	AccessCodeID string `json:"access_code_id"`
	WorkspaceID  string `json:"workspace_id"`
	DeviceID     string `json:"device_id"`
	// Name is the name in Seam; the lock may show another (see Appearance).
	Name string `json:"name"`
	// Code is the PIN; empty while the provider has not chosen it.
	Code redact.Secret `json:"code"`
	// CommonCodeKey names the codes that share one PIN.
	CommonCodeKey string `json:"common_code_key"`
	// Type is TypeOngoing, TypeTimeBound or a newer word.
	Type string `json:"type"`
	// Status is one of the Status constants or a newer word.
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"created_at"`
	// StartsAt and EndsAt bound a time-bound code. Seam may have rounded them,
	// so compare with a tolerance of a minute.
	StartsAt *time.Time `json:"starts_at"`
	EndsAt   *time.Time `json:"ends_at"`

	// Errors keep the code from working; Seam goes on trying by itself.
	// Those of the device and of the connected account are copied here.
	Errors   []Issue `json:"errors"`
	Warnings []Issue `json:"warnings"`
	// PendingMutations are accepted but not on the device yet.
	PendingMutations []PendingMutation `json:"pending_mutations"`

	IsManaged bool `json:"is_managed"`
	// IsScheduledOnDevice proves something only when true: working codes have
	// been seen without it.
	IsScheduledOnDevice bool `json:"is_scheduled_on_device"`
	// IsWaitingForCodeAssignment: the provider has yet to choose the PIN.
	IsWaitingForCodeAssignment    bool `json:"is_waiting_for_code_assignment"`
	IsExternalModificationAllowed bool `json:"is_external_modification_allowed"`
	IsOneTimeUse                  bool `json:"is_one_time_use"`
	IsOfflineAccessCode           bool `json:"is_offline_access_code"`
	IsBackup                      bool `json:"is_backup"`
	IsBackupAccessCodeAvailable   bool `json:"is_backup_access_code_available"`
	// PulledBackupAccessCodeID is the backup that stands in for this code.
	PulledBackupAccessCodeID string `json:"pulled_backup_access_code_id"`

	// CannotBeManaged and CannotDeleteUnmanagedAccessCode appear on unmanaged
	// codes only.
	CannotBeManaged                 bool `json:"cannot_be_managed"`
	CannotDeleteUnmanagedAccessCode bool `json:"cannot_delete_unmanaged_access_code"`

	// Appearance is what the lock shows, nil until the code is programmed.
	Appearance *Appearance `json:"appearance"`
	// DormakabaOracodeMetadata is nil except for dormakaba Oracode devices.
	DormakabaOracodeMetadata *DormakabaOracodeMetadata `json:"dormakaba_oracode_metadata"`
}

// Appearance is the name of a code on the lock.
type Appearance struct {
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// DormakabaOracodeMetadata belongs to codes on dormakaba Oracode devices.
type DormakabaOracodeMetadata struct {
	StayID             json.Number `json:"stay_id"`
	SiteName           string      `json:"site_name"`
	UserLevelID        string      `json:"user_level_id"`
	UserLevelName      string      `json:"user_level_name"`
	IsCancellable      bool        `json:"is_cancellable"`
	IsEarlyCheckinAble bool        `json:"is_early_checkin_able"`
	IsExtendable       bool        `json:"is_extendable"`
	IsOverridable      bool        `json:"is_overridable"`
}

// PendingMutation is a change that Seam has accepted and is pushing to the
// device.
type PendingMutation struct {
	// MutationCode is creating, deferring_creation, deleting, updating_code,
	// updating_name, updating_time_frame or a newer word.
	MutationCode string    `json:"mutation_code"`
	Message      string    `json:"message"`
	CreatedAt    time.Time `json:"created_at"`
	// ScheduledAt is when a deferred creation will reach the device.
	ScheduledAt *time.Time `json:"scheduled_at"`
	// From and To are set for the updating mutations.
	From *MutationState `json:"from"`
	To   *MutationState `json:"to"`
}

// MutationState is one side of a change; only what changes is set.
type MutationState struct {
	Code     redact.Secret `json:"code"`
	Name     string        `json:"name"`
	StartsAt *time.Time    `json:"starts_at"`
	EndsAt   *time.Time    `json:"ends_at"`
}

// UnmarshalJSON reads a code and takes PINs out of its messages, its own PIN
// even if it has letters in it.
func (c *AccessCode) UnmarshalJSON(data []byte) error {
	type plain AccessCode
	if err := json.Unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	secrets := []redact.Secret{c.Code}
	cleanIssues(c.Errors, secrets)
	cleanIssues(c.Warnings, secrets)
	for i := range c.PendingMutations {
		c.PendingMutations[i].clean(secrets)
	}
	return nil
}

func (m *PendingMutation) clean(secrets []redact.Secret) {
	for _, side := range []*MutationState{m.From, m.To} {
		if side != nil {
			secrets = append(secrets[:len(secrets):len(secrets)], side.Code)
		}
	}
	m.Message = redact.Text(m.Message, secrets...)
}
