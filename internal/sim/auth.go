// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"net/http"
	"strings"
)

// principal is who asks. All data is scoped by its workspace.
type principal struct {
	workspaceID string
}

// authenticate finds out who asks (seam-api.md 11). Known today: API keys. An empty
// header equals an absent one, because the Go SDK always sends all of them.
func authenticate(w *world, h http.Header) (principal, *apiError) {
	authorization := h.Get("Authorization")
	if authorization == "" {
		return principal{}, unauthorized("No Authorization header")
	}
	token, found := strings.CutPrefix(authorization, "Bearer ")
	if !found || token == "" {
		return principal{}, unauthorized("No token provided")
	}
	switch {
	case strings.HasPrefix(token, "seam_at"):
		return principal{}, fail(http.StatusUnauthorized, "access_token_used_for_api_key",
			"An access token was used instead of an API key")
	case h.Get("client-session-token") != "" || h.Get("seam-client-session-token") != "":
		return principal{}, unauthorized("Client session not found")
	}
	return apiKey(w, token, h.Get("seam-workspace"))
}

// apiKey accepts a key that belongs to one workspace. Naming another workspace beside
// it is refused: answering for the key's own would hide a wrong configuration.
func apiKey(w *world, token, workspaceID string) (principal, *apiError) {
	owner, ok := w.keys[token]
	if !ok {
		return principal{}, unauthorized("API Key not found")
	}
	if workspaceID != "" && workspaceID != owner {
		return principal{}, unauthorized("API Key does not belong to this workspace")
	}
	return principal{workspaceID: owner}, nil
}

func unauthorized(message string) *apiError {
	return fail(http.StatusUnauthorized, "unauthorized", "%s", message)
}
