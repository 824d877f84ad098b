// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Mask stands where a secret was.
const Mask = "[redacted]"

// errNotString is constant on purpose: the text of encoding/json would quote
// the offending value, which may well be a PIN written as a number.
var errNotString = errors.New("decoding secret: not a JSON string")

// Secret is a PIN or a token. It prints as Mask through fmt (every verb),
// encoding/json, text marshalers, log/slog and logr. Only the explicit
// conversion string(s) gives the plaintext.
//
// It does not protect everywhere. fmt cannot call methods on an unexported
// struct field and prints its plaintext, encoding/json writes map keys of any
// string type as they are, and the verbs %p and %w (which go vet refuses)
// bypass every method. So: exported fields only, never a map key. A marshaled
// Secret cannot be read back; code that must send one converts it first.
type Secret string

// Format implements fmt.Formatter for all verbs, flags and widths.
func (Secret) Format(f fmt.State, _ rune) {
	// fmt keeps write errors to itself, so there is nobody to tell.
	_, _ = io.WriteString(f, Mask)
}

// String returns Mask.
func (Secret) String() string { return Mask }

// GoString returns Mask.
func (Secret) GoString() string { return Mask }

// MarshalJSON writes Mask, also for an empty secret.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(Mask) }

// MarshalText writes Mask, also for an empty secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalLog implements the logr.Marshaler interface.
func (Secret) MarshalLog() any { return Mask }

// UnmarshalJSON reads a plaintext JSON string. null leaves the secret as it
// was, as encoding/json does for a string. The error never quotes the input.
func (s *Secret) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var plain string
	if json.Unmarshal(data, &plain) != nil {
		return errNotString
	}
	*s = Secret(plain)
	return nil
}

// UnmarshalText takes the text as the plaintext. It never fails.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}
