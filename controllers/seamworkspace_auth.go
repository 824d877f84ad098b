// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// credentials are what a SeamWorkspace's spec makes of the token in its Secret, read as people store it: a trailing
// newline does not count.
func credentials(ws *v1alpha1.SeamWorkspace, version string, data []byte) workspace.Credentials {
	token := redact.Secret(strings.TrimSpace(string(data)))
	c := workspace.Credentials{Version: version, Endpoint: ws.Spec.Endpoint}
	switch auth := ws.Spec.Auth; {
	case auth.APIKey != nil:
		c.Auth = seam.APIKey(token)
	case auth.PersonalAccessToken != nil:
		c.Auth = seam.PersonalAccessToken(token, auth.PersonalAccessToken.WorkspaceID)
	case auth.ConsoleSessionToken != nil:
		c.Auth = seam.ConsoleSessionToken(token, auth.ConsoleSessionToken.WorkspaceID)
	case auth.ClientSessionToken != nil:
		c.Auth, c.UserScoped = seam.ClientSessionToken(token), true
	case auth.PublishableKey != nil:
		c.Auth, c.UserScoped = seam.PublishableKey(token, auth.PublishableKey.UserIdentifierKey), true
	}
	return c
}
