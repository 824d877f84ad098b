// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const pathClientSession = "/client_sessions/get_or_create"

// ClientSessionsService is the sessions of single users.
type ClientSessionsService struct{ c *Client }

// ClientSessionRequest is the body of POST /client_sessions/get_or_create.
// UserIdentifierKey or UserIdentityID says whose session it is.
type ClientSessionRequest struct {
	// UserIdentifierKey is the caller's own id for the user.
	UserIdentifierKey   string   `json:"user_identifier_key,omitempty"`
	UserIdentityID      string   `json:"user_identity_id,omitempty"`
	ConnectWebviewIDs   []string `json:"connect_webview_ids,omitempty"`
	ConnectedAccountIDs []string `json:"connected_account_ids,omitempty"`
	// ExpiresAt is sent in UTC; it also moves the end of an existing session.
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	// UserIdentityIDs is the old form of UserIdentityID.
	//
	// Deprecated: use UserIdentityID.
	UserIdentityIDs []string `json:"user_identity_ids,omitempty"`
}

// ClientSession lets one user see some devices.
type ClientSession struct {
	ClientSessionID     string        `json:"client_session_id"`
	WorkspaceID         string        `json:"workspace_id"`
	Token               redact.Secret `json:"token"`
	UserIdentifierKey   string        `json:"user_identifier_key"`
	UserIdentityID      string        `json:"user_identity_id"`
	CustomerKey         string        `json:"customer_key"`
	ConnectWebviewIDs   []string      `json:"connect_webview_ids"`
	ConnectedAccountIDs []string      `json:"connected_account_ids"`
	DeviceCount         int           `json:"device_count"`
	CreatedAt           time.Time     `json:"created_at"`
	// ExpiresAt is nil when Seam does not say.
	ExpiresAt *time.Time `json:"expires_at"`
}

// GetOrCreate returns the session of a user with its token:
// POST /client_sessions/get_or_create.
func (s *ClientSessionsService) GetOrCreate(ctx context.Context, r ClientSessionRequest) (*ClientSession, error) {
	r.ExpiresAt = utc(r.ExpiresAt)
	var reply clientSessionReply
	if err := s.c.do(ctx, call{path: pathClientSession, body: r, reply: &reply}); err != nil {
		return nil, err
	}
	return reply.ClientSession, nil
}

type clientSessionReply struct {
	okReply
	ClientSession *ClientSession `json:"client_session"`
}

// check is strict about the token, which goes into a header next.
func (r *clientSessionReply) check() error {
	if r.ClientSession == nil {
		return errors.New("answer without client_session")
	}
	if checkToken("client session token", kindClientSession, r.ClientSession.Token) != nil {
		return errors.New("answer with a client session whose token is none")
	}
	return nil
}
