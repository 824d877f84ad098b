// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// controlTenants are the endpoints for workspaces, their users and accounts. Workspaces
// are sandboxes unless said otherwise, because simulate/ works in those only.
func (s *Server) controlTenants(add func(string, func(*http.Request) (any, error))) {
	add("POST /_sim/workspaces", func(r *http.Request) (any, error) {
		p, err := decode(r, Workspace{IsSandbox: true})
		if err != nil {
			return nil, err
		}
		id, err := s.AddWorkspace(p)
		return map[string]any{"workspace_id": id}, err
	})
	add("POST /_sim/users", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			WorkspaceID       string   `json:"workspace_id"`
			UserIdentifierKey string   `json:"user_identifier_key"`
			AccountIDs        []string `json:"connected_account_ids"`
		}{})
		if err != nil {
			return nil, err
		}
		return nil, s.LinkUser(p.WorkspaceID, p.UserIdentifierKey, p.AccountIDs...)
	})
	add("POST /_sim/accounts/{id}/disconnect", func(r *http.Request) (any, error) {
		return nil, s.DisconnectAccount(r.PathValue("id"))
	})
	add("POST /_sim/accounts/{id}/reconnect", func(r *http.Request) (any, error) {
		return nil, s.ReconnectAccount(r.PathValue("id"))
	})
}

// controlTokens are the endpoints for everything that authenticates. A token stands in
// the path when it is revoked; that is no leak, since the request log leaves /_sim/ out.
func (s *Server) controlTokens(add func(string, func(*http.Request) (any, error))) {
	add("POST /_sim/api-keys", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			WorkspaceID string `json:"workspace_id"`
			Key         string `json:"key"`
		}{})
		if err != nil {
			return nil, err
		}
		return nil, s.AddAPIKey(p.WorkspaceID, p.Key)
	})
	add("DELETE /_sim/api-keys/{key}", func(r *http.Request) (any, error) {
		return nil, s.RevokeAPIKey(r.PathValue("key"))
	})
	add("POST /_sim/tokens", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			Kind         TokenKind `json:"kind"`
			Token        string    `json:"token"`
			WorkspaceIDs []string  `json:"workspace_ids"`
		}{})
		if err != nil {
			return nil, err
		}
		return nil, s.AddToken(p.Kind, p.Token, p.WorkspaceIDs...)
	})
	add("DELETE /_sim/tokens/{token}", func(r *http.Request) (any, error) {
		return nil, s.RevokeToken(r.PathValue("token"))
	})
	add("POST /_sim/client-sessions", func(r *http.Request) (any, error) {
		p, err := decode(r, struct {
			WorkspaceID       string   `json:"workspace_id"`
			UserIdentifierKey string   `json:"user_identifier_key"`
			Token             string   `json:"token"`
			Lifetime          Duration `json:"lifetime"`
		}{})
		if err != nil {
			return nil, err
		}
		token, err := s.AddClientSession(p.WorkspaceID, p.UserIdentifierKey, p.Token, time.Duration(p.Lifetime))
		return map[string]any{"token": token}, err
	})
}

// controlDevices are the endpoints for devices and their backup pools.
func (s *Server) controlDevices(add func(string, func(*http.Request) (any, error))) {
	add("POST /_sim/devices", func(r *http.Request) (any, error) {
		d, err := decode(r, Lock("", "", ""))
		if err != nil {
			return nil, err
		}
		d, err = s.AddDevice(d)
		return map[string]any{"device": d}, err
	})
	add("PATCH /_sim/devices/{id}", s.controlDevice)
	add("DELETE /_sim/devices/{id}", func(r *http.Request) (any, error) {
		return nil, s.RemoveDevice(r.PathValue("id"))
	})
	add("POST /_sim/devices/{id}/empty-backup-pool", func(r *http.Request) (any, error) {
		return nil, s.EmptyBackupPool(r.PathValue("id"))
	})
	add("POST /_sim/devices/{id}/refill-backup-pool", func(r *http.Request) (any, error) {
		return nil, s.RefillBackupPool(r.PathValue("id"))
	})
}

// controlDevice changes what the body names and leaves the rest.
func (s *Server) controlDevice(r *http.Request) (any, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading body: %w", err)
	}
	// Tried on an empty device first: a body that fails half-way would leave its first
	// members behind.
	if err := json.Unmarshal(data, &Device{}); err != nil {
		return nil, fmt.Errorf("reading body: %w", err)
	}
	return nil, s.UpdateDevice(r.PathValue("id"), func(d *Device) {
		// Decoded a moment ago without an error.
		_ = json.Unmarshal(data, d)
	})
}
