// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// The headers, besides Authorization, that say who calls.
const (
	headerWorkspace      = "seam-workspace"
	headerClientSession  = "client-session-token"
	headerPublishableKey = "seam-publishable-key"
)

// Auth says who calls. Its values come from APIKey, PersonalAccessToken,
// ClientSessionToken, ConsoleSessionToken and PublishableKey.
type Auth interface {
	// check says without a request whether the token can be right.
	check() error
	// authorize adds the headers for one call. It returns a pass that names
	// what was used, for renew.
	authorize(ctx context.Context, c *Client, h http.Header) (pass redact.Secret, err error)
	// renew drops the pass after Seam has refused it. It reports whether
	// authorize can get another.
	renew(ctx context.Context, pass redact.Secret) bool
}

// CheckAuth says without a request whether auth can be right: the token has the
// prefix of its kind and no character that a header can't have. The error is an
// *Error of kind InvalidToken that does not quote the token.
func CheckAuth(auth Auth) error {
	if auth == nil {
		return invalidToken("no credentials")
	}
	return auth.check()
}

// bearer is every kind of credentials that is sent as it is. It has a Format
// method because fmt prints unexported fields in plaintext.
type bearer struct {
	token     redact.Secret
	kind      tokenKind
	name      string // what people call it
	scoped    bool   // the token is good for many workspaces and needs one named
	workspace string
	session   bool // the token is repeated in client-session-token
}

// APIKey authenticates as a workspace; the key is bound to it.
func APIKey(token redact.Secret) Auth {
	return bearer{kind: kindAPIKey, token: token, name: "API key"}
}

// PersonalAccessToken authenticates as a person within one workspace.
func PersonalAccessToken(token redact.Secret, workspaceID string) Auth {
	return bearer{kind: kindPersonal, token: token, name: "personal access token", scoped: true, workspace: workspaceID}
}

// ClientSessionToken authenticates as one user's session.
func ClientSessionToken(token redact.Secret) Auth {
	return bearer{kind: kindClientSession, token: token, name: "client session token", session: true}
}

// ConsoleSessionToken authenticates as a session of Seam's console (a JSON Web
// Token) within one workspace.
func ConsoleSessionToken(token redact.Secret, workspaceID string) Auth {
	return bearer{kind: kindConsole, token: token, name: "console session token", scoped: true, workspace: workspaceID}
}

func (b bearer) check() error {
	if err := checkToken(b.name, b.kind, b.token); err != nil {
		return err
	}
	if b.scoped {
		return checkWorkspace(b.name, b.workspace)
	}
	return nil
}

func (b bearer) authorize(_ context.Context, _ *Client, h http.Header) (redact.Secret, error) {
	h.Set("Authorization", "Bearer "+string(b.token))
	if b.scoped {
		h.Set(headerWorkspace, b.workspace)
	}
	if b.session {
		h.Set(headerClientSession, string(b.token))
	}
	return b.token, nil
}

func (bearer) renew(context.Context, redact.Secret) bool { return false }

// Format implements fmt.Formatter. It prints the kind of the credentials and
// nothing else of them.
func (b bearer) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, b.name) }
