// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

// Workspace is one tenant: what the control side sets of it and reads back.
type Workspace struct {
	ID        string `json:"workspace_id"`
	Name      string `json:"name"`
	IsSandbox bool   `json:"is_sandbox"`
}

// workspaceRoutes refuses client sessions unless Options allow them. The OpenAPI document allows them for /workspaces/get, but
// a session that sees some devices is no member of the workspace, and a client must not depend on it.
func workspaceRoutes(o Options) []route {
	none := func(*input) struct{} { return struct{}{} }
	r := endpoint("/workspaces/get", reads(), none, getWorkspace)
	r.noSessions = !o.SessionsGetWorkspace
	return []route{r}
}

// getWorkspace answers the workspace that the credentials belong to.
func getWorkspace(c *call, _ struct{}) (result, *apiError) {
	ws := c.world.workspaces[c.principal.workspaceID]
	return result{"workspace": map[string]any{
		"workspace_id": ws.ID, "name": ws.Name, "is_sandbox": ws.IsSandbox,
		"company_name": ws.Name, "connect_partner_name": ws.Name, "organization_id": nil,
		"is_suspended": false, "is_publishable_key_auth_enabled": false,
		"connect_webview_customization": map[string]any{},
	}}, nil
}
