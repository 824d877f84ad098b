// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	pathAccessCodeCreateMultiple = "/access_codes/create_multiple"
	pathAccessCodeUpdateMultiple = "/access_codes/update_multiple"
)

// The values of CreateMultipleAccessCodesRequest.BehaviorWhenCodeCannotBeShared.
const (
	// BehaviorThrow creates nothing unless all devices can share one PIN.
	BehaviorThrow = "throw"
	// BehaviorCreateRandomCode gives another PIN to devices that cannot.
	BehaviorCreateRandomCode = "create_random_code"
)

// CreateMultipleAccessCodesRequest is the body of
// POST /access_codes/create_multiple. Only DeviceIDs is required.
type CreateMultipleAccessCodesRequest struct {
	DeviceIDs []string `json:"device_ids"`
	// BehaviorWhenCodeCannotBeShared is BehaviorThrow (Seam's default) or
	// BehaviorCreateRandomCode.
	BehaviorWhenCodeCannotBeShared string `json:"behavior_when_code_cannot_be_shared,omitempty"`
	Name                           string `json:"name,omitempty"`
	// Code is the PIN, 4 to 12 digits. With it the codes are not linked:
	// CommonCodeKey stays empty and UpdateMultiple cannot be used.
	Code redact.Secret `json:"code,omitempty"`
	// StartsAt and EndsAt are sent in UTC. Both or neither.
	StartsAt *time.Time `json:"starts_at,omitempty"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
	AccessCodeSettings
}

// UpdateMultipleAccessCodesRequest is the body of
// POST /access_codes/update_multiple. It cannot change the PIN.
type UpdateMultipleAccessCodesRequest struct {
	CommonCodeKey string `json:"common_code_key"`
	Name          string `json:"name,omitempty"`
	// StartsAt and EndsAt are sent in UTC. Both or neither.
	StartsAt *time.Time `json:"starts_at,omitempty"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
}

// CreateMultiple asks for one code on each of several devices:
// POST /access_codes/create_multiple. After an error that is InDoubt, look on
// every device before creating again.
func (s *AccessCodesService) CreateMultiple(
	ctx context.Context, r CreateMultipleAccessCodesRequest,
) ([]AccessCode, error) {
	if len(r.DeviceIDs) == 0 {
		return nil, invalidRequest(pathAccessCodeCreateMultiple, "device_ids is required")
	}
	var reply accessCodesReply
	err := s.c.do(ctx, call{
		path: pathAccessCodeCreateMultiple, body: r.wire(), secrets: []redact.Secret{r.Code}, reply: &reply,
	})
	if err != nil {
		return nil, err
	}
	return reply.AccessCodes, nil
}

// UpdateMultiple changes all codes that share a key:
// POST /access_codes/update_multiple.
func (s *AccessCodesService) UpdateMultiple(ctx context.Context, r UpdateMultipleAccessCodesRequest) error {
	if err := require(pathAccessCodeUpdateMultiple, "common_code_key", r.CommonCodeKey); err != nil {
		return err
	}
	r.StartsAt, r.EndsAt = utc(r.StartsAt), utc(r.EndsAt)
	return s.c.do(ctx, call{path: pathAccessCodeUpdateMultiple, body: r, reply: &emptyReply{}})
}

func (r CreateMultipleAccessCodesRequest) wire() any {
	type request CreateMultipleAccessCodesRequest
	r.StartsAt, r.EndsAt = utc(r.StartsAt), utc(r.EndsAt)
	return struct {
		request
		Code string `json:"code,omitempty"`
	}{request(r), string(r.Code)}
}
