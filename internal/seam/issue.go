// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// Scope says what an issue is about.
type Scope string

// The scopes. The empty Scope is the object that the issue stands on; most
// warnings have it.
const (
	ScopeAccessCode       Scope = "AccessCode"
	ScopeDevice           Scope = "Device"
	ScopeConnectedAccount Scope = "ConnectedAccount"
	ScopeBridge           Scope = "Bridge"
)

// Issue is an error or a warning on an access code or a device.
type Issue struct {
	// ErrorCode is Seam's word for an error, such as failed_to_set_on_device.
	// The set of words changes between versions of the API: treat an unknown
	// one as an error like any other. Empty for a warning.
	ErrorCode string `json:"error_code,omitempty"`
	// WarningCode is Seam's word for a warning. Empty for an error.
	WarningCode string `json:"warning_code,omitempty"`
	// Message is for people. PINs are taken out.
	Message   string     `json:"message"`
	CreatedAt *time.Time `json:"created_at,omitempty"`

	IsAccessCodeError       bool `json:"is_access_code_error,omitempty"`
	IsDeviceError           bool `json:"is_device_error,omitempty"`
	IsConnectedAccountError bool `json:"is_connected_account_error,omitempty"`
	IsBridgeError           bool `json:"is_bridge_error,omitempty"`

	// ManagedAccessCodeID or UnmanagedAccessCodeID is the other code behind
	// duplicate_code_on_device, when Seam can tell.
	ManagedAccessCodeID   string `json:"managed_access_code_id,omitempty"`
	UnmanagedAccessCodeID string `json:"unmanaged_access_code_id,omitempty"`
	// ChangeType is modified or removed, for a modification from outside.
	ChangeType     string          `json:"change_type,omitempty"`
	ModifiedFields []ModifiedField `json:"modified_fields,omitempty"`
}

// ModifiedField is a field that was changed from outside. The values may be
// PINs.
type ModifiedField struct {
	Field string        `json:"field"`
	From  redact.Secret `json:"from"`
	To    redact.Secret `json:"to"`
}

// Code is ErrorCode or WarningCode, whichever is set.
func (i Issue) Code() string {
	if i.ErrorCode != "" {
		return i.ErrorCode
	}
	return i.WarningCode
}

// Scope says what the issue is about. A bridge error is marked as an error of
// the connected account, too; the bridge is then the more exact word.
func (i Issue) Scope() Scope {
	switch {
	case i.IsAccessCodeError:
		return ScopeAccessCode
	case i.IsDeviceError:
		return ScopeDevice
	case i.IsBridgeError:
		return ScopeBridge
	case i.IsConnectedAccountError:
		return ScopeConnectedAccount
	}
	return ""
}

// cleanIssues takes PINs out of the texts, which end up in a status.
func cleanIssues(issues []Issue, secrets []redact.Secret) {
	for i := range issues {
		issue := &issues[i]
		own := secrets[:len(secrets):len(secrets)]
		for _, f := range issue.ModifiedFields {
			if f.Field == "code" {
				own = append(own, f.From, f.To)
			}
		}
		issue.ErrorCode = redact.Text(issue.ErrorCode, own...)
		issue.WarningCode = redact.Text(issue.WarningCode, own...)
		issue.Message = redact.Text(issue.Message, own...)
	}
}
