// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const pin = redact.Secret("480915")

type holder struct {
	Code redact.Secret
	Next *redact.Secret
	List []redact.Secret
}

func TestSecretDoesNotPrint(t *testing.T) {
	next := pin
	h := holder{Code: pin, Next: &next, List: []redact.Secret{pin}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%10s", "%-10.3q", "%c", "%U", "%e"} {
		t.Run(verb, func(t *testing.T) {
			if got := fmt.Sprintf(verb, pin); got != redact.Mask {
				t.Errorf("secret prints %q", got)
			}
			for name, value := range map[string]any{"struct": h, "pointer": &h, "slice": h.List, "map": map[string]redact.Secret{"a": pin}} {
				if got := fmt.Sprintf(verb, value); strings.Contains(got, string(pin)) {
					t.Errorf("%s prints %q", name, got)
				}
			}
		})
	}
}

func TestSecretMethods(t *testing.T) {
	text, err := pin.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	got := []any{pin.String(), pin.GoString(), string(text), pin.LogValue().String(), pin.MarshalLog(), fmt.Sprint(pin), fmt.Errorf("x: %v", pin).Error()}
	want := []any{redact.Mask, redact.Mask, redact.Mask, redact.Mask, redact.Mask, redact.Mask, "x: " + redact.Mask}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if string(pin) != "480915" {
		t.Error("conversion does not give the plaintext")
	}
}

func TestSecretSurplusArgument(t *testing.T) {
	format := strings.Clone("no verb") // hidden from vet, which refuses the mistake
	if got := fmt.Sprintf(format, pin); strings.Contains(got, string(pin)) {
		t.Errorf("surplus argument prints %q", got)
	}
}

func TestSecretInLogs(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "code", pin, "holder", holder{Code: pin})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "code", pin, "holder", holder{Code: pin})
	if got := out.String(); strings.Contains(got, string(pin)) || strings.Count(got, redact.Mask) < 4 {
		t.Errorf("log has %s", got)
	}
}

func TestSecretJSON(t *testing.T) {
	out, err := json.Marshal(holder{Code: pin})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), `{"Code":"[redacted]","Next":null,"List":null}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSecretUnmarshalJSON(t *testing.T) {
	tests := []struct {
		name, in string
		want     redact.Secret
		fails    bool
	}{
		{name: "plaintext", in: `{"Code":"1234"}`, want: "1234"},
		{name: "escapes", in: `{"Code":"\u0031234"}`, want: "1234"},
		{name: "null", in: `{"Code":null}`},
		{name: "missing", in: `{}`},
		{name: "number", in: `{"Code":480915}`, fails: true},
		{name: "object", in: `{"Code":{"a":"480915"}}`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var h holder
			err := json.Unmarshal([]byte(tt.in), &h)
			if (err != nil) != tt.fails {
				t.Fatalf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "480915") {
				t.Errorf("error quotes the value: %v", err)
			}
			if h.Code != tt.want {
				t.Errorf("got %q, want %q", string(h.Code), string(tt.want))
			}
		})
	}
}

func TestSecretUnmarshalText(t *testing.T) {
	var s redact.Secret
	if err := s.UnmarshalText([]byte("1234")); err != nil || string(s) != "1234" {
		t.Errorf("got %q and %v", string(s), err)
	}
}
