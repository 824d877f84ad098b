// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"strings"

	"github.com/access-codes/access-code-operator/internal/redact"
)

type tokenKind int

const (
	kindUnknown tokenKind = iota
	kindAPIKey
	kindPersonal
	kindClientSession
	kindConsole
	kindPublishable
)

// kindOfToken reads the kind from the prefix, as Seam's own clients do. An API
// key is whatever begins with seam_ and is of no other kind.
func kindOfToken(token string) tokenKind {
	switch {
	case strings.HasPrefix(token, "ey"):
		return kindConsole
	case strings.HasPrefix(token, "seam_cst"):
		return kindClientSession
	case strings.HasPrefix(token, "seam_at"):
		return kindPersonal
	case strings.HasPrefix(token, "seam_pk"):
		return kindPublishable
	case strings.HasPrefix(token, "seam_"):
		return kindAPIKey
	}
	return kindUnknown
}

func (k tokenKind) prefix() string {
	switch k {
	case kindConsole:
		return "ey"
	case kindClientSession:
		return "seam_cst"
	case kindPersonal:
		return "seam_at"
	case kindPublishable:
		return "seam_pk"
	case kindAPIKey, kindUnknown:
	}
	return "seam_"
}

func (k tokenKind) String() string {
	switch k {
	case kindConsole:
		return "a console session token"
	case kindClientSession:
		return "a client session token"
	case kindPersonal:
		return "a personal access token"
	case kindPublishable:
		return "a publishable key"
	case kindAPIKey:
		return "an API key"
	case kindUnknown:
	}
	return "unknown"
}

// checkToken refuses white space instead of trimming it: a line break at the
// end of a file that became a Secret is a mistake that the next program to read
// the Secret may not forgive.
func checkToken(name string, want tokenKind, token redact.Secret) error {
	plain := string(token)
	switch got := kindOfToken(plain); {
	case plain == "":
		return invalidToken(name + " is empty")
	case !visibleASCII(plain):
		return invalidToken(name + " contains white space, a line break or another character that no token has")
	case got == want:
		return nil
	case got == kindUnknown:
		return invalidToken(name + " does not begin with " + want.prefix())
	default:
		return invalidToken(name + " expected, but this is " + got.String())
	}
}

func checkWorkspace(name, workspaceID string) error {
	if workspaceID == "" {
		return invalidToken(name + " without workspace id")
	}
	if !visibleASCII(workspaceID) {
		return invalidToken(name + " with a workspace id that contains white space or a character that no id has")
	}
	return nil
}

func visibleASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
