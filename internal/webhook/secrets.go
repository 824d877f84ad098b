// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	secretPrefix = "whsec_"
	// minKey is the length in bytes of the shortest key that is accepted: shorter than any that Svix makes (24 bytes), and too
	// long to be guessed.
	minKey = 16
	// maxSecrets bounds the work that one message can cause.
	maxSecrets = 8
)

// remedy is the end of every error of ParseSecrets.
const remedy = `put there the "secret" of the webhook as Seam shows it (whsec_ and base64), one a line`

// ParseSecrets reads signing secrets from the value of a key of a Secret. Each line is one: an optional whsec_, then base64.
// There may be several, so that a secret can be rotated: the new one is added, Seam's webhook is replaced, the old one is
// removed. Empty lines and space around a line do not count. The error says what to do and never quotes the value.
func ParseSecrets(value []byte) ([]redact.Secret, error) {
	var secrets []redact.Secret
	number := 0
	for line := range strings.Lines(string(value)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if _, err := decodeSecret(line); err != nil {
			return nil, fmt.Errorf("signing secret in line %d: %w: %s", number, err, remedy)
		}
		secrets = append(secrets, redact.Secret(line))
	}
	switch {
	case len(secrets) == 0:
		return nil, fmt.Errorf("no signing secret: %s", remedy)
	case len(secrets) > maxSecrets:
		return nil, fmt.Errorf("more than %d signing secrets: take out those that are no longer in use", maxSecrets)
	}
	return secrets, nil
}

// decodeSecret returns the key in a secret. It drops the error of encoding/base64, whose position in the secret helps nobody
// who must not see the secret.
func decodeSecret(text string) ([]byte, error) {
	// The padding at the end is easily left behind when a secret is copied, and says nothing.
	bare := strings.TrimRight(strings.TrimPrefix(text, secretPrefix), "=")
	key, err := base64.RawStdEncoding.Strict().DecodeString(bare)
	switch {
	case err != nil:
		return nil, errors.New("not base64")
	case len(key) < minKey:
		// An empty key above all: with it, everybody could sign.
		return nil, fmt.Errorf("shorter than %d bytes", minKey)
	}
	return key, nil
}
