// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const pathWorkspaceGet = "/workspaces/get"

// WorkspacesService is the workspaces.
type WorkspacesService struct{ c *Client }

// Workspace is the workspace that credentials belong to.
type Workspace struct {
	WorkspaceID    string `json:"workspace_id"`
	Name           string `json:"name"`
	CompanyName    string `json:"company_name"`
	OrganizationID string `json:"organization_id"`
	IsSandbox      bool   `json:"is_sandbox"`
	// IsSuspended: Seam suspends sandboxes that nobody has used for 14 days.
	IsSuspended                 bool          `json:"is_suspended"`
	IsPublishableKeyAuthEnabled bool          `json:"is_publishable_key_auth_enabled"`
	PublishableKey              redact.Secret `json:"publishable_key"`
	// ConnectPartnerName is the old name of CompanyName.
	//
	// Deprecated: use CompanyName.
	ConnectPartnerName string `json:"connect_partner_name"`
}

// Get returns the workspace of the credentials: POST /workspaces/get. It is
// the cheapest way to learn whether they are good.
func (s *WorkspacesService) Get(ctx context.Context) (*Workspace, error) {
	var reply workspaceReply
	if err := s.c.do(ctx, call{path: pathWorkspaceGet, body: struct{}{}, reply: &reply}); err != nil {
		return nil, err
	}
	return reply.Workspace, nil
}

type workspaceReply struct {
	okReply
	Workspace *Workspace `json:"workspace"`
}

func (r *workspaceReply) check() error {
	if r.Workspace == nil {
		return errors.New("answer without workspace")
	}
	if r.Workspace.WorkspaceID == "" {
		return errors.New("answer with a workspace without workspace_id")
	}
	return nil
}
