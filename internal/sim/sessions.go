// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// clientSession lets a user of the customer see some devices for some time.
type clientSession struct {
	id          string
	token       string
	sequence    int64
	workspaceID string
	user        string // user_identifier_key, may be empty
	identity    string // user_identity_id, may be empty
	accounts    []string
	webviews    []string
	created     time.Time
	expires     time.Time
	revoked     bool
}

// accountsOf are the session's own accounts and those of its user.
func (w *world) accountsOf(s *clientSession) []string {
	if s.user == "" {
		return s.accounts
	}
	return union(s.accounts, w.users[userKey{s.workspaceID, s.user}])
}

func sessionRoutes() []route {
	r := endpoint("/client_sessions/get_or_create", creates(), parseSession, getOrCreateSession)
	r.publishable, r.noSessions = true, true
	return []route{r}
}

// sessionInput is the input of /client_sessions/get_or_create.
type sessionInput struct {
	user     string
	identity string
	accounts []string
	webviews []string
	expires  *time.Time
}

func parseSession(in *input) sessionInput {
	p := sessionInput{
		user: in.word("user_identifier_key"), identity: in.id("user_identity_id"),
		accounts: in.ids("connected_account_ids"), webviews: in.ids("connect_webview_ids"), expires: in.when("expires_at"),
	}
	// The deprecated list of one means the same as the single id.
	if old := in.ids("user_identity_ids"); len(old) > 1 {
		in.note("user_identity_ids", "Array must contain at most 1 element(s)")
	} else if p.identity == "" && len(old) == 1 {
		p.identity = old[0]
	}
	return p
}

// getOrCreateSession answers the user's running session, or makes one. It is the one
// endpoint that answers a token.
func getOrCreateSession(c *call, p sessionInput) (result, *apiError) {
	if c.principal.publishable {
		if err := checkPublishable(p); err != nil {
			return nil, err
		}
	}
	if p.expires != nil && !p.expires.After(c.world.now) {
		return nil, fieldError("expires_at", "Must be in the future")
	}
	for _, id := range p.accounts {
		if !c.world.hasAccount(c.principal.workspaceID, id) {
			err := fail(http.StatusNotFound, "connected_account_not_found", "Connected account not found")
			err.data = map[string]any{"connected_account_id": id}
			return nil, err
		}
	}
	s := c.world.sessionOf(c.principal.workspaceID, p)
	if s == nil {
		s = c.world.addSession(&clientSession{workspaceID: c.principal.workspaceID, user: p.user, identity: p.identity})
	}
	// What a session was given before it keeps; the call only adds.
	s.accounts, s.webviews = union(s.accounts, p.accounts), union(s.webviews, p.webviews)
	if p.expires != nil {
		s.expires = *p.expires
	}
	return result{"client_session": c.world.wireSession(s)}, nil
}

// checkPublishable refuses a request with a publishable key, which anybody can read, that chooses what its session sees.
func checkPublishable(p sessionInput) *apiError {
	switch {
	case strings.TrimSpace(p.user) == "":
		return fail(http.StatusUnauthorized, "publishable_key_requires_user_identifier_key",
			"user_identifier_key is required with publishable_key")
	case p.accounts != nil || p.webviews != nil:
		return fail(http.StatusForbidden, "publishable_keys_must_create_empty_client_sessions",
			"You cannot specify connect_webview_ids or connected_account_ids when using a publishable key")
	}
	return nil
}

// sessionOf finds the newest running session of a user. A request that names nobody
// always gets a session of its own.
func (w *world) sessionOf(workspaceID string, p sessionInput) *clientSession {
	if p.user == "" && p.identity == "" {
		return nil
	}
	var running []*clientSession
	for _, s := range w.sessions {
		if s.workspaceID == workspaceID && s.user == p.user && s.identity == p.identity && !s.revoked && s.expires.After(w.now) {
			running = append(running, s)
		}
	}
	if len(running) == 0 {
		return nil
	}
	return slices.MaxFunc(running, func(a, b *clientSession) int { return cmp.Compare(a.sequence, b.sequence) })
}

// addSession completes a session and keeps it.
func (w *world) addSession(s *clientSession) *clientSession {
	s.id, s.sequence, s.created = uuid.NewString(), w.next(), w.now
	if s.token == "" {
		s.token = "seam_cst1" + strings.ReplaceAll(uuid.NewString(), "-", "")
	}
	if s.expires.IsZero() {
		s.expires = w.now.Add(w.opts.SessionLifetime)
	}
	w.sessions[s.token] = s
	return s
}

// wireSession makes the `client_session` object.
func (w *world) wireSession(s *clientSession) map[string]any {
	// Counted through the eyes of the session itself.
	c := call{world: w, principal: principal{workspaceID: s.workspaceID, session: s}}
	object := map[string]any{
		"client_session_id": s.id, "workspace_id": s.workspaceID, "token": s.token,
		"created_at": stamp(s.created), "expires_at": stamp(s.expires),
		"user_identifier_key": nil, "user_identity_ids": []string{},
		"connected_account_ids": append([]string{}, w.accountsOf(s)...),
		"connect_webview_ids":   append([]string{}, s.webviews...),
		"device_count":          len(c.devices()),
	}
	if s.user != "" {
		object["user_identifier_key"] = s.user
	}
	if s.identity != "" {
		object["user_identity_id"], object["user_identity_ids"] = s.identity, []string{s.identity}
	}
	return object
}

// AddClientSession begins a session for a user and returns its token. An empty token
// gets a fresh value; a lifetime of zero is that of Options.
func (s *Server) AddClientSession(workspaceID, userIdentifierKey, token string, lifetime time.Duration) (string, error) {
	var err error
	s.do(func(w *world) { token, err = w.beginSession(workspaceID, userIdentifierKey, token, lifetime) })
	return token, err
}

func (w *world) beginSession(workspaceID, user, token string, lifetime time.Duration) (string, error) {
	switch {
	case w.workspaces[workspaceID] == nil:
		return "", fmt.Errorf("workspace %q: %w", workspaceID, ErrNotFound)
	case token != "" && !strings.HasPrefix(token, "seam_cst"):
		return "", errors.New("a client session token begins with seam_cst")
	}
	begun := &clientSession{workspaceID: workspaceID, user: user, token: token}
	if lifetime > 0 {
		begun.expires = w.now.Add(lifetime)
	}
	return w.addSession(begun).token, nil
}
