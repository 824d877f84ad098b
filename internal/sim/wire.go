// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "strings"

// AccessCode is the `access_code` object of the API. Times are UTC with milliseconds.
type AccessCode struct {
	AccessCodeID                  string     `json:"access_code_id"`
	WorkspaceID                   string     `json:"workspace_id"`
	DeviceID                      string     `json:"device_id"`
	Type                          string     `json:"type"`
	Status                        string     `json:"status,omitempty"` // deprecated; Options.OmitStatus
	DisplayStatus                 string     `json:"display_status"`   // for people; nobody may branch on it
	Name                          *string    `json:"name"`
	Code                          *string    `json:"code"`
	CommonCodeKey                 *string    `json:"common_code_key"`
	CreatedAt                     string     `json:"created_at"`
	StartsAt                      *string    `json:"starts_at,omitempty"`
	EndsAt                        *string    `json:"ends_at,omitempty"`
	Errors                        []Issue    `json:"errors"`
	Warnings                      []Issue    `json:"warnings"`
	PendingMutations              []Mutation `json:"pending_mutations"`
	IsManaged                     bool       `json:"is_managed"`
	IsBackup                      bool       `json:"is_backup"`
	IsBackupAccessCodeAvailable   bool       `json:"is_backup_access_code_available"`
	IsExternalModificationAllowed bool       `json:"is_external_modification_allowed"`
	IsOneTimeUse                  bool       `json:"is_one_time_use"`
	IsOfflineAccessCode           bool       `json:"is_offline_access_code"`
	IsScheduledOnDevice           *bool      `json:"is_scheduled_on_device,omitempty"` // time-bound codes only
	IsWaitingForCodeAssignment    bool       `json:"is_waiting_for_code_assignment"`

	PulledBackupAccessCodeID *string          `json:"pulled_backup_access_code_id,omitempty"`
	Appearance               *Appearance      `json:"appearance"` // null until programmed
	DormakabaOracodeMetadata *OracodeMetadata `json:"dormakaba_oracode_metadata,omitempty"`
}

// Appearance is the name of a code as the lock shows it. Some makers have two fields for
// it. No OpenAPI document has this member, the guides do.
type Appearance struct {
	Name      *string `json:"name"`
	FirstName *string `json:"first_name,omitempty"`
	LastName  *string `json:"last_name,omitempty"`
}

// OracodeMetadata is what codes on dormakaba Oracode devices show in addition.
type OracodeMetadata struct {
	StayID             int64  `json:"stay_id"`
	SiteName           string `json:"site_name"`
	UserLevelID        string `json:"user_level_id"`
	UserLevelName      string `json:"user_level_name"`
	IsCancellable      bool   `json:"is_cancellable"`
	IsEarlyCheckinAble bool   `json:"is_early_checkin_able"`
	IsExtendable       bool   `json:"is_extendable"`
	IsOverridable      bool   `json:"is_overridable"`
}

// Mutation is one entry of pending_mutations: accepted, but not on the lock yet.
type Mutation struct {
	MutationCode string         `json:"mutation_code"`
	Message      string         `json:"message"`
	CreatedAt    string         `json:"created_at"`
	ScheduledAt  string         `json:"scheduled_at,omitempty"` // deferring_creation
	From         map[string]any `json:"from,omitempty"`         // updating_*
	To           map[string]any `json:"to,omitempty"`
}

// Issue is one entry of errors or warnings.
type Issue struct {
	ErrorCode               string          `json:"error_code,omitempty"`
	WarningCode             string          `json:"warning_code,omitempty"`
	Message                 string          `json:"message"`
	CreatedAt               string          `json:"created_at"`
	IsAccessCodeError       *bool           `json:"is_access_code_error,omitempty"`
	IsDeviceError           *bool           `json:"is_device_error,omitempty"`
	IsConnectedAccountError *bool           `json:"is_connected_account_error,omitempty"`
	IsBridgeError           *bool           `json:"is_bridge_error,omitempty"`
	ManagedAccessCodeID     string          `json:"managed_access_code_id,omitempty"`   // duplicate_code_on_device
	UnmanagedAccessCodeID   string          `json:"unmanaged_access_code_id,omitempty"` // duplicate_code_on_device
	ChangeType              string          `json:"change_type,omitempty"`              // external modification
	ModifiedFields          []ModifiedField `json:"modified_fields,omitempty"`
}

// ModifiedField is one property that was changed at the lock.
type ModifiedField struct {
	Field string  `json:"field"`
	From  *string `json:"from"`
	To    *string `json:"to"`
}

// wire makes the object of a code. Everything in it is a copy or never changes after,
// so that it can be encoded without holding the lock.
func (c *accessCode) wire() AccessCode {
	starts, ends := c.window.bounds()
	object := AccessCode{
		AccessCodeID: c.id, WorkspaceID: c.device.WorkspaceID, DeviceID: c.device.ID,
		Type: c.kind(), Status: c.shownStatus(), DisplayStatus: c.displayStatus(), Name: c.name, CommonCodeKey: c.commonKey,
		CreatedAt: stamp(c.createdAt), StartsAt: starts, EndsAt: ends,
		Errors:                        c.shownErrors(),
		Warnings:                      c.shownWarnings(),
		PendingMutations:              append([]Mutation{}, c.mutations...),
		IsManaged:                     c.managed,
		IsBackup:                      c.backup,
		IsBackupAccessCodeAvailable:   c.offersBackup(),
		IsExternalModificationAllowed: c.externalAllowed,
		IsOneTimeUse:                  c.oneTime,
		IsOfflineAccessCode:           c.offline,
		IsWaitingForCodeAssignment:    c.pin == "",
		Appearance:                    c.appearance(),
	}
	if c.pulled != nil {
		object.PulledBackupAccessCodeID = new(c.pulled.id)
	}
	if strings.HasPrefix(c.device.Type, "dormakaba_oracode") {
		object.DormakabaOracodeMetadata = &OracodeMetadata{
			StayID: c.sequence, SiteName: "Site of " + c.device.Name, UserLevelID: "1", UserLevelName: "Guest",
			IsCancellable: true, IsExtendable: true, IsOverridable: true,
		}
	}
	if c.pin != "" {
		object.Code = new(c.pin)
	}
	if c.window != nil && c.managed {
		object.IsScheduledOnDevice = new(c.onLock && c.native())
	}
	return object
}

// appearance is the name that the lock has, which an update reaches later than the object.
func (c *accessCode) appearance() *Appearance {
	if !c.onLock || !c.managed || c.shownName == nil {
		return nil
	}
	a := &Appearance{Name: c.shownName}
	if c.device.manufacturer() == "august" {
		first, last, _ := strings.Cut(*c.shownName, " ")
		a.FirstName, a.LastName = &first, &last
	}
	return a
}

// shownStatus is `unknown` while the account is disconnected: the service cannot tell.
func (c *accessCode) shownStatus() string {
	if c.managed && c.device.AccountDisconnected {
		return statusUnknown
	}
	return c.status
}

// shownDeviceErrors are the errors of device and account, copied onto the code. An
// offline code has no business with either.
func (c *accessCode) shownDeviceErrors() []Issue {
	if c.offline {
		return []Issue{}
	}
	return c.device.issues()
}

// displayStatus is the label for people. Seam names three of these words as examples and
// keeps the right to change all of them.
func (c *accessCode) displayStatus() string {
	switch c.shownStatus() {
	case statusSet:
		return "Active"
	case statusSetting:
		return "Issuing"
	case statusRemoving:
		return "Removing"
	case statusUnset:
		return "Scheduled"
	}
	return "Unknown"
}

// answer is the object as the API shows it; the control endpoints always tell the status.
func (w *world) answer(c *accessCode) AccessCode {
	object := c.wire()
	if w.opts.OmitStatus {
		object.Status = ""
	}
	return object
}

func (w *world) answers(codes []*accessCode) []AccessCode {
	objects := make([]AccessCode, len(codes))
	for i, c := range codes {
		objects[i] = w.answer(c)
	}
	return objects
}

func wireCodes(codes []*accessCode) []AccessCode {
	objects := make([]AccessCode, len(codes))
	for i, c := range codes {
		objects[i] = c.wire()
	}
	return objects
}
