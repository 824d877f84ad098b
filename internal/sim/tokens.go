// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// TokenKind is one of the ways to authenticate. The tokens of client sessions are not
// among them: those are made by the service (AddClientSession).
type TokenKind string

// The kinds of token, each with the beginning by which clients know it.
const (
	TokenAPIKey      TokenKind = "api_key"               // seam_..., one workspace
	TokenPersonal    TokenKind = "personal_access_token" // seam_at..., any number
	TokenConsole     TokenKind = "console_session_token" // ey..., any number
	TokenPublishable TokenKind = "publishable_key"       // seam_pk..., one workspace
)

// credential is what a token is good for.
type credential struct {
	kind       TokenKind
	workspaces []string
}

// AddToken adds a token for workspaces: one for API keys and publishable keys, one or more for the tokens of persons. An
// existing token is replaced.
func (s *Server) AddToken(kind TokenKind, token string, workspaceIDs ...string) error {
	return s.change(func(w *world) error { return w.addToken(kind, token, workspaceIDs...) })
}

// AddAPIKey adds a key for a workspace.
func (s *Server) AddAPIKey(workspaceID, key string) error {
	return s.AddToken(TokenAPIKey, key, workspaceID)
}

func (w *world) addToken(kind TokenKind, token string, workspaceIDs ...string) error {
	if err := checkToken(kind, token); err != nil {
		return err
	}
	single := kind == TokenAPIKey || kind == TokenPublishable
	if len(workspaceIDs) == 0 || single && len(workspaceIDs) > 1 {
		return fmt.Errorf("%s for %d workspaces", kind, len(workspaceIDs))
	}
	for _, id := range workspaceIDs {
		if w.workspaces[id] == nil {
			return fmt.Errorf("workspace %q: %w", id, ErrNotFound)
		}
	}
	w.tokens[token] = credential{kind: kind, workspaces: slices.Clone(workspaceIDs)}
	return nil
}

// checkToken refuses a token that authenticate would take for another kind. API keys need no prefix of their own: a token that
// is of no other kind is one.
func checkToken(kind TokenKind, token string) error {
	prefix, known := map[TokenKind]string{
		TokenAPIKey: "", TokenPersonal: "seam_at", TokenConsole: "ey", TokenPublishable: "seam_pk",
	}[kind]
	switch {
	case !known:
		return fmt.Errorf("kind of token %q is not known", kind)
	case token == "":
		return fmt.Errorf("empty %s", kind)
	case !strings.HasPrefix(token, prefix):
		return fmt.Errorf("a %s begins with %s", kind, prefix)
	}
	return nil
}

// RevokeToken revokes a token of whatever kind, client sessions included.
func (s *Server) RevokeToken(token string) error {
	return s.change(func(w *world) error {
		if session := w.sessions[token]; session != nil {
			session.revoked = true
			return nil
		}
		if _, ok := w.tokens[token]; !ok {
			// The token itself stays out of the message.
			return fmt.Errorf("token: %w", ErrNotFound)
		}
		delete(w.tokens, token)
		return nil
	})
}

// RevokeAPIKey revokes a key.
func (s *Server) RevokeAPIKey(key string) error {
	return s.RevokeToken(key)
}

// userKey names a user: the key is the customer's own and means nothing elsewhere.
type userKey struct {
	workspaceID string
	key         string
}

// LinkUser gives a user the connected accounts whose devices its client sessions see,
// in addition to those it has. On the real service a Connect Webview does this.
func (s *Server) LinkUser(workspaceID, userIdentifierKey string, accountIDs ...string) error {
	return s.change(func(w *world) error { return w.linkUser(workspaceID, userIdentifierKey, accountIDs...) })
}

func (w *world) linkUser(workspaceID, key string, accountIDs ...string) error {
	switch {
	case w.workspaces[workspaceID] == nil:
		return fmt.Errorf("workspace %q: %w", workspaceID, ErrNotFound)
	case key == "":
		return errors.New("empty user identifier key")
	}
	for _, id := range accountIDs {
		if !w.hasAccount(workspaceID, id) {
			return fmt.Errorf("connected account %q: %w", id, ErrNotFound)
		}
	}
	user := userKey{workspaceID, key}
	w.users[user] = union(w.users[user], accountIDs)
	return nil
}

// hasAccount reports whether a device of the workspace is behind the account; accounts
// have no other existence here.
func (w *world) hasAccount(workspaceID, accountID string) bool {
	for _, d := range w.workspaces[workspaceID].devices {
		if d.ConnectedAccountID == accountID {
			return true
		}
	}
	return false
}

func union(list, more []string) []string {
	list = slices.Clone(list)
	for _, item := range more {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}
