// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// CreateAccessCodeRequest is the body of POST /access_codes/create. Only
// DeviceID is required. Without times the code is ongoing; with one, both are
// required.
type CreateAccessCodeRequest struct {
	DeviceID string `json:"device_id"`
	// Name is shown in Seam and, cut to what the lock allows, on the lock.
	Name string `json:"name,omitempty"`
	// Code is the PIN, 4 to 12 digits and within what the device supports.
	// Without it Seam chooses one, and then a create must never be repeated
	// blindly: it would make a second code.
	Code redact.Secret `json:"code,omitempty"`
	// StartsAt and EndsAt are sent in UTC. EndsAt is in the future and after
	// StartsAt. Seam may round them to whole minutes.
	StartsAt *time.Time `json:"starts_at,omitempty"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
	// CommonCodeKey makes all codes that have it share one PIN.
	CommonCodeKey string `json:"common_code_key,omitempty"`
	AccessCodeSettings
	OfflineSettings
}

// UpdateAccessCodeRequest is the body of POST /access_codes/update. What is
// left out stays as it is.
type UpdateAccessCodeRequest struct {
	AccessCodeID string `json:"access_code_id"`
	// DeviceID is not needed; AccessCodeID is enough.
	DeviceID string `json:"device_id,omitempty"`
	Name     string `json:"name,omitempty"`
	// Code is the new PIN, 4 to 12 digits.
	Code redact.Secret `json:"code,omitempty"`
	// StartsAt and EndsAt are sent in UTC. Send both or neither.
	StartsAt *time.Time `json:"starts_at,omitempty"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
	// Type is TypeOngoing to take the times away, TypeTimeBound or empty.
	Type string `json:"type,omitempty"`
	// IsManaged is for Seam's own use; see UnmanagedAccessCodes.ConvertToManaged.
	IsManaged *bool `json:"is_managed,omitempty"`
	AccessCodeSettings
	OfflineSettings
}

// AccessCodeSettings are the fields that create, create_multiple and update
// have in common. nil leaves the choice to Seam.
type AccessCodeSettings struct {
	// PreferredCodeLength is in digits, and counts only without a Code. Seam
	// falls back to the shortest length that the device supports.
	PreferredCodeLength int `json:"preferred_code_length,omitempty"`
	// PreferNativeScheduling sends a future code to the lock ahead of time
	// where the provider can. Seam's default: true.
	PreferNativeScheduling *bool `json:"prefer_native_scheduling,omitempty"`
	// UseBackupAccessCodePool turns the device's pool of backup codes on.
	// Not for ongoing codes.
	UseBackupAccessCodePool *bool `json:"use_backup_access_code_pool,omitempty"`
	// AllowExternalModification lets changes made elsewhere stand. Seam's
	// default: false.
	AllowExternalModification *bool `json:"allow_external_modification,omitempty"`
	// IsExternalModificationAllowed is another name for
	// AllowExternalModification.
	IsExternalModificationAllowed *bool `json:"is_external_modification_allowed,omitempty"`
	// AttemptForOfflineDevice tries although the device is offline. Seam's
	// default: true.
	AttemptForOfflineDevice *bool `json:"attempt_for_offline_device,omitempty"`
}

// OfflineSettings are the fields for offline access codes, and sync, which
// create and update have in common.
type OfflineSettings struct {
	// IsOfflineAccessCode asks for a code that the lock computes by itself.
	IsOfflineAccessCode *bool `json:"is_offline_access_code,omitempty"`
	// IsOneTimeUse makes an offline code good for one use.
	IsOneTimeUse *bool `json:"is_one_time_use,omitempty"`
	// MaxTimeRounding is how far the times of an offline code may be moved:
	// 1hour (Seam's default), 1day, 1h or 1d.
	MaxTimeRounding string `json:"max_time_rounding,omitempty"`
	// Sync waits for the device. Marked by Seam as used internally only.
	Sync *bool `json:"sync,omitempty"`
	// UseOfflineAccessCode is the old name of IsOfflineAccessCode.
	//
	// Deprecated: use IsOfflineAccessCode.
	UseOfflineAccessCode *bool `json:"use_offline_access_code,omitempty"`
}

// DeleteAccessCodeRequest is the body of POST /access_codes/delete.
type DeleteAccessCodeRequest struct {
	AccessCodeID string `json:"access_code_id"`
	// DeviceID is not needed; AccessCodeID is enough.
	DeviceID string `json:"device_id,omitempty"`
	// Sync waits for the device. Marked by Seam as used internally only.
	Sync *bool `json:"sync,omitempty"`
}

// ListAccessCodesRequest is the body of POST /access_codes/list. Seam wants
// DeviceID, AccessCodeIDs, or one of the access grant and method filters.
type ListAccessCodesRequest struct {
	DeviceID          string   `json:"device_id,omitempty"`
	AccessCodeIDs     []string `json:"access_code_ids,omitempty"`
	AccessGrantID     string   `json:"access_grant_id,omitempty"`
	AccessGrantKey    string   `json:"access_grant_key,omitempty"`
	AccessMethodID    string   `json:"access_method_id,omitempty"`
	CustomerKey       string   `json:"customer_key,omitempty"`
	UserIdentifierKey string   `json:"user_identifier_key,omitempty"`
	// Search matches a part of name, code or id. It is a secret because
	// it may be a PIN.
	Search redact.Secret `json:"search,omitempty"`
	// Limit is the size of a page; List follows all pages. Seam's default:
	// 55000.
	Limit int `json:"limit,omitempty"`
	// PageCursor begins at a page other than the first.
	PageCursor string `json:"page_cursor,omitempty"`
}

// The wire bodies put the plaintext where the request holds a Secret: the
// outer field hides the embedded one of the same JSON name, which would be
// masked. The conversion to a local type keeps them from being used elsewhere.

func (r CreateAccessCodeRequest) wire() any {
	type request CreateAccessCodeRequest
	r.StartsAt, r.EndsAt = utc(r.StartsAt), utc(r.EndsAt)
	return struct {
		request
		Code string `json:"code,omitempty"`
	}{request(r), string(r.Code)}
}

func (r UpdateAccessCodeRequest) wire() any {
	type request UpdateAccessCodeRequest
	r.StartsAt, r.EndsAt = utc(r.StartsAt), utc(r.EndsAt)
	return struct {
		request
		Code string `json:"code,omitempty"`
	}{request(r), string(r.Code)}
}

func (r ListAccessCodesRequest) wire() any {
	type request ListAccessCodesRequest
	return struct {
		request
		Search string `json:"search,omitempty"`
	}{request(r), string(r.Search)}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
