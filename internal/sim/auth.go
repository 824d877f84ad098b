// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"slices"
	"strings"
)

// principal is the caller. All data is limited to its workspace, and for a client session to the accounts of its user as well.
type principal struct {
	workspaceID string
	session     *clientSession // nil for all but client sessions
	publishable bool           // good for nothing but getting a client session
}

// authenticate finds out who calls. An empty header counts as an absent one, because the Go SDK always sends all of them.
func authenticate(w *world, h http.Header, rt route) (principal, *apiError) {
	if key := h.Get("seam-publishable-key"); key != "" && rt.publishable {
		return publishableKey(w, key, h)
	}
	// The header goes before the bearer token: the SDKs send the session in both.
	for _, name := range []string{"seam-client-session-token", "client-session-token"} {
		if token := h.Get(name); token != "" {
			return session(w, token, rt)
		}
	}
	authorization := h.Get("Authorization")
	if authorization == "" {
		return principal{}, unauthorized("No Authorization header")
	}
	token, found := strings.CutPrefix(authorization, "Bearer ")
	if !found || token == "" {
		return principal{}, unauthorized("No token provided")
	}
	return bearer(w, token, h.Get("seam-workspace"), rt)
}

// bearer distinguishes the kinds of token by their prefix, as the official clients do.
func bearer(w *world, token, workspaceID string, rt route) (principal, *apiError) {
	switch {
	case strings.HasPrefix(token, "seam_cst"):
		return session(w, token, rt)
	case strings.HasPrefix(token, "seam_at"):
		if workspaceID == "" {
			// The service tries all ways that it knows, and answers with the error of the last one, the API key.
			return principal{}, fail(http.StatusUnauthorized, "access_token_used_for_api_key",
				"An access token was used instead of an API key")
		}
		return ofPerson(w, TokenPersonal, token, workspaceID, "Access token not found")
	case strings.HasPrefix(token, "ey"):
		if workspaceID == "" {
			return principal{}, unauthorized("A JWT was used instead of an API key")
		}
		return ofPerson(w, TokenConsole, token, workspaceID, "Session not found")
	}
	return apiKey(w, token, workspaceID)
}

// apiKey accepts a key that belongs to one workspace. A request that also names another workspace is refused: to answer it for
// the key's own workspace would hide a wrong configuration.
func apiKey(w *world, token, workspaceID string) (principal, *apiError) {
	known, ok := w.tokens[token]
	if !ok || known.kind != TokenAPIKey {
		return principal{}, unauthorized("API Key not found")
	}
	owner := known.workspaces[0]
	if workspaceID != "" && workspaceID != owner {
		return principal{}, unauthorized("API Key does not belong to this workspace")
	}
	return principal{workspaceID: owner}, nil
}

// ofPerson accepts the token of a person, who may have several workspaces and says
// which one is meant.
func ofPerson(w *world, kind TokenKind, token, workspaceID, unknown string) (principal, *apiError) {
	known, ok := w.tokens[token]
	switch {
	case !ok || known.kind != kind:
		return principal{}, unauthorized(unknown)
	case !slices.Contains(known.workspaces, workspaceID):
		return principal{}, unauthorized("User does not have access to this workspace")
	}
	return principal{workspaceID: workspaceID}, nil
}

// publishableKey accepts a key that is no secret: it lets its holder become a client
// session and nothing else.
func publishableKey(w *world, key string, h http.Header) (principal, *apiError) {
	if h.Get("Authorization") != "" {
		return principal{}, fail(http.StatusBadRequest, "token_auth_not_accepted", "Token auth is not accepted for this request.")
	}
	known, ok := w.tokens[key]
	if !ok || known.kind != TokenPublishable {
		return principal{}, fail(http.StatusUnauthorized, "workspace_not_found",
			"Cannot find workspace associated with this publishable_key")
	}
	return principal{workspaceID: known.workspaces[0], publishable: true}, nil
}

// session accepts the token of a client session while it lasts.
func session(w *world, token string, rt route) (principal, *apiError) {
	s := w.sessions[token]
	switch {
	case s == nil:
		return principal{}, fail(http.StatusUnauthorized, "client_session_not_found", "Unauthorized (client session not found)")
	case s.revoked:
		return principal{}, fail(http.StatusUnauthorized, "client_session_revoked", "Unauthorized (client session revoked)")
	case !s.expires.After(w.now):
		return principal{}, fail(http.StatusUnauthorized, "client_session_expired", "Unauthorized (client session expired)")
	case rt.noSessions:
		return principal{}, fail(http.StatusUnauthorized, "client_session_token_used_for_api_key",
			"A client session token was used instead of an API key")
	}
	return principal{workspaceID: s.workspaceID, session: s}, nil
}

func unauthorized(message string) *apiError {
	return fail(http.StatusUnauthorized, "unauthorized", "%s", message)
}
