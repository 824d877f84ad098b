// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	pathUnmanagedGet     = "/access_codes/unmanaged/get"
	pathUnmanagedList    = "/access_codes/unmanaged/list"
	pathUnmanagedUpdate  = "/access_codes/unmanaged/update"
	pathUnmanagedConvert = "/access_codes/unmanaged/convert_to_managed"
	pathUnmanagedDelete  = "/access_codes/unmanaged/delete"
)

// UnmanagedAccessCodesService is the codes that somebody else, possibly
// another Seam workspace, put on a device.
type UnmanagedAccessCodesService struct{ c *Client }

// ListUnmanagedAccessCodesRequest is the body of
// POST /access_codes/unmanaged/list.
type ListUnmanagedAccessCodesRequest struct {
	DeviceID          string `json:"device_id"`
	UserIdentifierKey string `json:"user_identifier_key,omitempty"`
	// Search matches a part of name, code or id. It may be a PIN.
	Search redact.Secret `json:"search,omitempty"`
	// Limit is the size of a page; List follows all pages. Seam's default:
	// 300000.
	Limit int `json:"limit,omitempty"`
	// PageCursor begins at a page other than the first.
	PageCursor string `json:"page_cursor,omitempty"`
}

// UpdateUnmanagedAccessCodeRequest is the body of
// POST /access_codes/unmanaged/update.
type UpdateUnmanagedAccessCodeRequest struct {
	AccessCodeID string `json:"access_code_id"`
	// IsManaged must be true; it is always sent.
	IsManaged bool `json:"is_managed"`
	// Force takes the code over from another workspace.
	Force                     *bool `json:"force,omitempty"`
	AllowExternalModification *bool `json:"allow_external_modification,omitempty"`
	// IsExternalModificationAllowed is another name for
	// AllowExternalModification.
	IsExternalModificationAllowed *bool `json:"is_external_modification_allowed,omitempty"`
}

// ConvertToManagedRequest is the body of
// POST /access_codes/unmanaged/convert_to_managed.
type ConvertToManagedRequest struct {
	AccessCodeID string `json:"access_code_id"`
	// Force takes the code over from another workspace.
	Force                     *bool `json:"force,omitempty"`
	AllowExternalModification *bool `json:"allow_external_modification,omitempty"`
	// IsExternalModificationAllowed is another name for
	// AllowExternalModification.
	IsExternalModificationAllowed *bool `json:"is_external_modification_allowed,omitempty"`
	// Sync waits for the device. Marked by Seam as used internally only.
	Sync *bool `json:"sync,omitempty"`
}

// DeleteUnmanagedAccessCodeRequest is the body of
// POST /access_codes/unmanaged/delete.
type DeleteUnmanagedAccessCodeRequest struct {
	AccessCodeID string `json:"access_code_id"`
	// Sync waits for the device. Marked by Seam as used internally only.
	Sync *bool `json:"sync,omitempty"`
}

// Get returns an unmanaged code: POST /access_codes/unmanaged/get.
func (s *UnmanagedAccessCodesService) Get(ctx context.Context, accessCodeID string) (*AccessCode, error) {
	return s.c.getByID(ctx, pathUnmanagedGet, accessCodeID)
}

// GetByCode returns the unmanaged code of a device that has this PIN:
// POST /access_codes/unmanaged/get.
func (s *UnmanagedAccessCodesService) GetByCode(
	ctx context.Context, deviceID string, code redact.Secret,
) (*AccessCode, error) {
	return s.c.getByCode(ctx, pathUnmanagedGet, deviceID, code)
}

// List returns all unmanaged codes of a device, from all pages:
// POST /access_codes/unmanaged/list.
func (s *UnmanagedAccessCodesService) List(
	ctx context.Context, r ListUnmanagedAccessCodesRequest,
) ([]AccessCode, error) {
	if err := require(pathUnmanagedList, "device_id", r.DeviceID); err != nil {
		return nil, err
	}
	return listAll(pathUnmanagedList, r.PageCursor, func(cursor string) (page[AccessCode], error) {
		r.PageCursor = cursor
		var reply accessCodesReply
		err := s.c.do(ctx, call{
			path: pathUnmanagedList, body: r.wire(), secrets: []redact.Secret{r.Search}, reply: &reply,
		})
		return page[AccessCode]{items: reply.AccessCodes, next: reply.next()}, err
	})
}

// Update makes a code managed: POST /access_codes/unmanaged/update.
func (s *UnmanagedAccessCodesService) Update(ctx context.Context, r UpdateUnmanagedAccessCodeRequest) error {
	if err := require(pathUnmanagedUpdate, "access_code_id", r.AccessCodeID); err != nil {
		return err
	}
	return s.c.do(ctx, call{path: pathUnmanagedUpdate, body: r, reply: &emptyReply{}})
}

// ConvertToManaged asks for a code to become managed:
// POST /access_codes/unmanaged/convert_to_managed. It takes effect later; the
// events access_code.unmanaged.converted_to_managed and
// .failed_to_convert_to_managed tell how it went. The attempt is the zero
// value when Seam does not name one.
func (s *UnmanagedAccessCodesService) ConvertToManaged(
	ctx context.Context, r ConvertToManagedRequest,
) (ActionAttempt, error) {
	if err := require(pathUnmanagedConvert, "access_code_id", r.AccessCodeID); err != nil {
		return ActionAttempt{}, err
	}
	return s.c.attemptCall(ctx, call{path: pathUnmanagedConvert, body: r})
}

// Delete asks for the removal of an unmanaged code:
// POST /access_codes/unmanaged/delete. Not every provider can; see
// AccessCode.CannotDeleteUnmanagedAccessCode. The attempt is the zero value
// when Seam does not name one.
func (s *UnmanagedAccessCodesService) Delete(
	ctx context.Context, r DeleteUnmanagedAccessCodeRequest,
) (ActionAttempt, error) {
	if err := require(pathUnmanagedDelete, "access_code_id", r.AccessCodeID); err != nil {
		return ActionAttempt{}, err
	}
	return s.c.attemptCall(ctx, call{path: pathUnmanagedDelete, body: r})
}

func (r ListUnmanagedAccessCodesRequest) wire() any {
	type request ListUnmanagedAccessCodesRequest
	return struct {
		request
		Search string `json:"search,omitempty"`
	}{request(r), string(r.Search)}
}
