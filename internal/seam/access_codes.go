// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"fmt"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	pathAccessCodeCreate   = "/access_codes/create"
	pathAccessCodeGet      = "/access_codes/get"
	pathAccessCodeList     = "/access_codes/list"
	pathAccessCodeUpdate   = "/access_codes/update"
	pathAccessCodeDelete   = "/access_codes/delete"
	pathAccessCodeGenerate = "/access_codes/generate_code"
)

// AccessCodesService is the managed access codes.
type AccessCodesService struct{ c *Client }

// Create asks for a new code: POST /access_codes/create. Success means that
// Seam has accepted it, not that the lock has it. The same PIN on the same
// device is an error of kind Duplicate, also while the older code is being
// removed. After an error that is InDoubt, look before creating again.
func (s *AccessCodesService) Create(ctx context.Context, r CreateAccessCodeRequest) (*AccessCode, error) {
	if err := require(pathAccessCodeCreate, "device_id", r.DeviceID); err != nil {
		return nil, err
	}
	reply := accessCodeReply{device: r.DeviceID}
	err := s.c.do(ctx, call{
		path: pathAccessCodeCreate, body: r.wire(), secrets: []redact.Secret{r.Code}, reply: &reply,
	})
	if err != nil {
		return nil, err
	}
	return reply.AccessCode, nil
}

// Get returns a code by its id: POST /access_codes/get. See
// IsAccessCodeNotFound for a code that is gone.
func (s *AccessCodesService) Get(ctx context.Context, accessCodeID string) (*AccessCode, error) {
	return s.c.getByID(ctx, pathAccessCodeGet, accessCodeID)
}

// GetByCode returns the code of a device that has this PIN:
// POST /access_codes/get. Unmanaged codes are not found.
func (s *AccessCodesService) GetByCode(ctx context.Context, deviceID string, code redact.Secret) (*AccessCode, error) {
	return s.c.getByCode(ctx, pathAccessCodeGet, deviceID, code)
}

// List returns all codes that match, from all pages: POST /access_codes/list.
// Seam may read a filter differently than intended; whoever depends on one
// checks the field on each code.
func (s *AccessCodesService) List(ctx context.Context, r ListAccessCodesRequest) ([]AccessCode, error) {
	return listAll(pathAccessCodeList, r.PageCursor, func(cursor string) (page[AccessCode], error) {
		r.PageCursor = cursor
		var reply accessCodesReply
		err := s.c.do(ctx, call{
			path: pathAccessCodeList, body: r.wire(), secrets: []redact.Secret{r.Search}, reply: &reply,
		})
		return page[AccessCode]{items: reply.AccessCodes, next: reply.next()}, err
	})
}

// Update changes a code: POST /access_codes/update. The attempt is the zero
// value when Seam does not name one.
func (s *AccessCodesService) Update(ctx context.Context, r UpdateAccessCodeRequest) (ActionAttempt, error) {
	if err := require(pathAccessCodeUpdate, "access_code_id", r.AccessCodeID); err != nil {
		return ActionAttempt{}, err
	}
	return s.c.attemptCall(ctx, call{path: pathAccessCodeUpdate, body: r.wire(), secrets: []redact.Secret{r.Code}})
}

// Delete asks for the removal of a code: POST /access_codes/delete. The code
// is gone from the lock only when Get answers that it does not exist. The
// attempt is the zero value when Seam does not name one.
func (s *AccessCodesService) Delete(ctx context.Context, r DeleteAccessCodeRequest) (ActionAttempt, error) {
	// An empty id together with a device must not become "any code of it".
	if err := require(pathAccessCodeDelete, "access_code_id", r.AccessCodeID); err != nil {
		return ActionAttempt{}, err
	}
	return s.c.attemptCall(ctx, call{path: pathAccessCodeDelete, body: r})
}

// GenerateCode returns a PIN that the device would accept:
// POST /access_codes/generate_code. It is not reserved.
func (s *AccessCodesService) GenerateCode(ctx context.Context, deviceID string) (redact.Secret, error) {
	if err := require(pathAccessCodeGenerate, "device_id", deviceID); err != nil {
		return "", err
	}
	reply := generatedCodeReply{device: deviceID}
	err := s.c.do(ctx, call{
		path: pathAccessCodeGenerate, body: map[string]string{"device_id": deviceID}, reply: &reply,
	})
	if err != nil {
		return "", err
	}
	return reply.GeneratedCode.Code, nil
}

func (c *Client) getByID(ctx context.Context, path, accessCodeID string) (*AccessCode, error) {
	if err := require(path, "access_code_id", accessCodeID); err != nil {
		return nil, err
	}
	reply := accessCodeReply{id: accessCodeID}
	err := c.do(ctx, call{path: path, body: map[string]string{"access_code_id": accessCodeID}, reply: &reply})
	if err != nil {
		return nil, err
	}
	return reply.AccessCode, nil
}

func (c *Client) getByCode(ctx context.Context, path, deviceID string, code redact.Secret) (*AccessCode, error) {
	if err := require(path, "device_id", deviceID); err != nil {
		return nil, err
	}
	if err := require(path, "code", string(code)); err != nil {
		return nil, err
	}
	reply := accessCodeReply{device: deviceID, code: code}
	err := c.do(ctx, call{
		path: path, body: map[string]string{"device_id": deviceID, "code": string(code)},
		secrets: []redact.Secret{code}, reply: &reply,
	})
	if err != nil {
		return nil, err
	}
	return reply.AccessCode, nil
}

// require refuses a call without a field whose absence would give the call
// another meaning.
func require(path, field, value string) error {
	if value == "" {
		return invalidRequest(path, field+" is required")
	}
	return nil
}

// accessCodeReply holds one code, and what was asked for, to compare.
type accessCodeReply struct {
	okReply
	AccessCode *AccessCode `json:"access_code"`

	id, device string
	code       redact.Secret
}

func (r *accessCodeReply) check() error {
	if err := checkAccessCode(r.AccessCode); err != nil {
		return err
	}
	switch c := r.AccessCode; {
	case r.id != "" && c.AccessCodeID != r.id:
		return fmt.Errorf("answer has access code %q instead of %q", c.AccessCodeID, r.id)
	case r.device != "" && c.DeviceID != r.device:
		return fmt.Errorf("answer has a code of device %q instead of %q", c.DeviceID, r.device)
	case r.code != "" && c.Code != r.code:
		return errors.New("answer has an access code with another code than asked for")
	}
	return nil
}

func checkAccessCode(c *AccessCode) error {
	if c == nil {
		return errors.New("answer without access_code")
	}
	if c.AccessCodeID == "" {
		return errors.New("answer with an access code without access_code_id")
	}
	return nil
}

type accessCodesReply struct {
	okReply
	pagination
	AccessCodes []AccessCode `json:"access_codes"`
}

func (r *accessCodesReply) check() error {
	if r.AccessCodes == nil {
		return errors.New("answer without access_codes")
	}
	for i := range r.AccessCodes {
		if err := checkAccessCode(&r.AccessCodes[i]); err != nil {
			return err
		}
	}
	return r.checkNext()
}

type generatedCodeReply struct {
	okReply
	GeneratedCode struct {
		DeviceID string        `json:"device_id"`
		Code     redact.Secret `json:"code"`
	} `json:"generated_code"`

	device string
}

func (r *generatedCodeReply) check() error {
	g := r.GeneratedCode
	if g.Code == "" {
		return errors.New("answer without generated_code")
	}
	if g.DeviceID != "" && g.DeviceID != r.device {
		return fmt.Errorf("answer has a code for device %q instead of %q", g.DeviceID, r.device)
	}
	return nil
}
