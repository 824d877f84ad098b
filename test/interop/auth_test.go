// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

func seamSecret(text string) redact.Secret { return redact.Secret(text) }

// consoleSession is the token of the seeded person's console session, signed as the fake
// wants it.
func consoleSession() redact.Secret {
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(`{"user_id":"john_user_id","key":"john_user_key"}`))
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(signed))
	return redact.Secret(signed + "." + encode(mac.Sum(nil)))
}

func TestEveryWayToAuthenticate(t *testing.T) {
	f := startFake(t)
	for name, auth := range map[string]seam.Auth{
		"API key":               seam.APIKey(fakeKey),
		"personal access token": seam.PersonalAccessToken("seam_at1_longtoken", fakeWorkspace),
		"client session":        seam.ClientSessionToken("seam_cst1_token"),
		"console session":       seam.ConsoleSessionToken(consoleSession(), fakeWorkspace),
		"publishable key":       seam.PublishableKey("seam_pk1_token", "john_user_identifier_key"),
	} {
		t.Run(name, func(t *testing.T) {
			c := f.client(t, auth)
			if _, err := c.AccessCodes.GenerateCode(t.Context(), fakeLock); err != nil {
				t.Error(err)
			}
			codes, err := c.AccessCodes.CreateMultiple(t.Context(), seam.CreateMultipleAccessCodesRequest{DeviceIDs: []string{fakeLock}})
			if err != nil || len(codes) != 1 {
				t.Errorf("%d codes, error %v", len(codes), err)
			}
		})
	}
	for name, auth := range map[string]seam.Auth{
		"API key":               seam.APIKey("seam_unknown"),
		"personal access token": seam.PersonalAccessToken("seam_at1_unknown", fakeWorkspace),
		"client session":        seam.ClientSessionToken("seam_cst1_unknown"),
		"console session":       seam.ConsoleSessionToken("eyJ.unknown", fakeWorkspace),
		"publishable key":       seam.PublishableKey("seam_pk1_unknown", "somebody"),
	} {
		t.Run("unknown "+name, func(t *testing.T) {
			if _, err := f.client(t, auth).AccessCodes.GenerateCode(t.Context(), fakeLock); !seam.IsUnauthorized(err) {
				t.Errorf("got error %v", err)
			}
		})
	}
}
