// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// credentials returns the credentials that the spec of a SeamWorkspace describes, with the token in its Secret. White space
// around the token, such as a trailing newline, does not count.
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

// noToken is the message for a key of the Secret that exists but is empty, or that contains quotation marks; "" otherwise. A
// key that is missing has another message.
func noToken(ref *v1alpha1.SecretKeyReference, data []byte) string {
	switch text := strings.TrimSpace(string(data)); {
	case text == "":
		return fmt.Sprintf("Key %q of Secret %q is there, but empty: store the token in it. A variable that was not set makes an empty key", ref.Key, ref.Name)
	case strings.ContainsAny(text, kube.QuoteMarks):
		return unlikeToken(ref, storedAs(data))
	}
	return ""
}

// unlikeToken is the message for a token that can't be right, with the cause.
func unlikeToken(ref *v1alpha1.SecretKeyReference, cause string) string {
	return fmt.Sprintf("Key %q of Secret %q holds no token of the kind that spec.auth says: %s", ref.Key, ref.Name, cause)
}

// storedAs says what went wrong when a token that can't be right was stored, and what to do about it; "" where that can't be
// told. It quotes nothing of the token.
func storedAs(data []byte) string {
	text := strings.TrimSpace(string(data))
	bare := strings.Trim(text, kube.QuoteMarks)
	switch {
	case kube.IsUTF16(data):
		return "it is stored as UTF-16: store it as plain text (UTF-8)"
	case strings.HasPrefix(text, "\ufeff"):
		return "it begins with a byte order mark (BOM), as some editors write one: store it as UTF-8 without"
	case encodedTwice(bare):
		return "it is base64 twice: put the token itself into stringData, or encode it once for data"
	case isPlaceholder(bare):
		return "it looks like a placeholder that was not filled in"
	case strings.HasPrefix(strings.ToLower(bare), "bearer "):
		return `it begins with "Bearer": store the token alone`
	case strings.Contains(bare, "=seam_") || strings.Contains(bare, ": seam_") || strings.HasPrefix(bare, "{"):
		return "a name or more is stored before it, like a line of a file: store the token alone"
	case strings.ContainsAny(text, kube.QuoteMarks):
		return "it is stored with quotes: take them off"
	case strings.ContainsFunc(text, unicode.IsSpace):
		return "a line break or a blank is in the midst of it: store the token alone, in one line"
	}
	return ""
}

func isPlaceholder(text string) bool {
	return strings.Contains(text, "$") || strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{{")
}

// encodedTwice says that a text is a token in base64.
func encodedTwice(text string) bool {
	joined := strings.Join(strings.Fields(text), "") // base64(1) breaks lines
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding} {
		plain, err := encoding.DecodeString(joined)
		token := strings.TrimLeft(string(plain), "\ufeff\"' \r\n")
		if err == nil && (strings.HasPrefix(token, "seam_") || strings.HasPrefix(token, "eyJ") || strings.HasPrefix(token, "c2VhbV")) {
			return true
		}
	}
	return false
}
