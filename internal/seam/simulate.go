// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const pathSimulateUnmanaged = "/access_codes/simulate/create_unmanaged_access_code"

// SimulateService changes devices of a sandbox workspace behind Seam's back.
type SimulateService struct{ c *Client }

// SimulateUnmanagedAccessCodeRequest is the body of
// POST /access_codes/simulate/create_unmanaged_access_code. All fields are
// required.
type SimulateUnmanagedAccessCodeRequest struct {
	DeviceID string `json:"device_id"`
	Name     string `json:"name"`
	// Code is the PIN, 4 to 8 digits.
	Code redact.Secret `json:"code"`
}

// CreateUnmanagedAccessCode puts a code on a sandbox device as if somebody had
// done it at the lock: POST /access_codes/simulate/create_unmanaged_access_code.
func (s *SimulateService) CreateUnmanagedAccessCode(
	ctx context.Context, r SimulateUnmanagedAccessCodeRequest,
) (*AccessCode, error) {
	if err := require(pathSimulateUnmanaged, "device_id", r.DeviceID); err != nil {
		return nil, err
	}
	reply := accessCodeReply{device: r.DeviceID}
	err := s.c.do(ctx, call{
		path:    pathSimulateUnmanaged,
		body:    map[string]string{"device_id": r.DeviceID, "name": r.Name, "code": string(r.Code)},
		secrets: []redact.Secret{r.Code}, reply: &reply,
	})
	if err != nil {
		return nil, err
	}
	return reply.AccessCode, nil
}
