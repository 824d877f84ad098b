// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	uuid  = "e034a368-1234-4f3a-9d51-123456789012"
	stamp = "2030-01-01T00:00:00Z"
)

func TestText(t *testing.T) {
	tests := []struct {
		name, in, want string
		known          []redact.Secret
	}{
		{name: "empty"},
		{name: "nothing to do", in: "device is offline", want: "device is offline"},
		{name: "short numbers stay", in: "2 of 30 codes, status 404", want: "2 of 30 codes, status 404"},
		{
			name: "the message of a duplicate", in: "Cannot set duplicate access code 1234 named a2",
			want: "Cannot set duplicate access code [redacted] named a2",
		},
		{name: "at both ends", in: "1234 and 567890", want: "[redacted] and [redacted]"},
		{name: "glued to letters", in: "code1234x", want: "code[redacted]x"},
		{name: "glued to a non-Latin letter", in: "ж1234ж", want: "ж[redacted]ж"},
		{name: "Arabic digits", in: "رمز ٤٥٦٧", want: "رمز [redacted]"},
		{name: "full width digits", in: "１２３４", want: "[redacted]"},
		{name: "scripts mixed", in: "1٢3４", want: "[redacted]"},
		{name: "superscript", in: "a¹²³⁴", want: "a[redacted]"},
		{name: "in pairs", in: "press 12 34 now", want: "press [redacted] now"},
		{name: "dashes", in: "press 1-2-3-4.", want: "press [redacted]."},
		{name: "dots", in: "1.2.3.4", want: "[redacted]"},
		{name: "invisible characters", in: "1\u200b2\u200b3\u200b4", want: "[redacted]"},
		{name: "two separators part", in: "12  34, 5, 67", want: "12  34, 5, 67"},
		{name: "three digits in a row of pairs", in: "1 of 23 left", want: "1 of 23 left"},
		{name: "trailing separator stays", in: "1234 - done", want: "[redacted] - done"},
		{name: "timestamp stays", in: "since " + stamp + " offline", want: "since " + stamp + " offline"},
		{name: "milliseconds stay", in: "2030-01-01T00:00:00.000Z", want: "2030-01-01T00:00:00.000Z"},
		{name: "offset stays", in: "2030-01-01T00:00:00+02:00!", want: "2030-01-01T00:00:00+02:00!"},
		{name: "date stays", in: "until 2030-12-31.", want: "until 2030-12-31."},
		{name: "period stays", in: "for period " + stamp + "-" + stamp, want: "for period " + stamp + "-" + stamp},
		{name: "UUID stays", in: "request " + uuid + ".", want: "request " + uuid + "."},
		{name: "upper case UUID stays", in: strings.ToUpper(uuid), want: strings.ToUpper(uuid)},
		{name: "no such month", in: "2030-13-01", want: "[redacted]"},
		{name: "no such hour", in: "2030-01-01T25:00:00Z", want: "[redacted]T25:00:00Z"},
		{name: "fraction without digits", in: "2030-01-01T00:00:00.Z", want: "[redacted]T00:00:00.Z"},
		{name: "fraction too long", in: "2030-01-01T00:00:00.0123456789Z", want: "[redacted]T00:00:[redacted]Z"},
		{name: "no zone", in: "2030-01-01T00:00:00", want: "[redacted]T00:00:00"},
		{name: "wrong offset", in: "2030-01-01T00:00:00+99:99", want: "[redacted]T00:00:00+99:99"},
		{name: "digits behind a date", in: "2030-01-011234", want: "[redacted]"},
		{name: "PIN dashed to a date", in: "2030-01-01-1234", want: "2030-01-01-[redacted]"},
		{name: "digits before a date", in: "12342030-01-01", want: "[redacted]"},
		{name: "digits behind a UUID", in: uuid + "1234", want: "e034a[redacted]f3a-9d[redacted]"},
		{name: "API key", in: "key seam_test2bMS_94Sr is bad", want: "key [redacted] is bad"},
		{name: "API key in capitals", in: "SEAM_APIKEY_X", want: "[redacted]"},
		{name: "seam in an error code stays", in: "code_modified_external_to_seam", want: "code_modified_external_to_seam"},
		{name: "web token", in: "got eyJhbGciOi.eyJzdWI.c2ln, no", want: "got [redacted], no"},
		{name: "bearer", in: `"Authorization: Bearer abc.def"`, want: `"Authorization: [redacted]"`},
		{name: "known with letters", in: "code 12ab!! taken", known: []redact.Secret{"12ab!!"}, want: "code [redacted] taken"},
		{name: "short known", in: "code 123", known: []redact.Secret{"123"}, want: "code [redacted]"},
		{name: "longest known wins", in: "x123456y", known: []redact.Secret{"123", "123456"}, want: "x[redacted]y"},
		{name: "longest known wins in the other order", in: "xabcdefy", known: []redact.Secret{"abcdef", "abc"}, want: "x[redacted]y"},
		{name: "empty known", in: "abc", known: []redact.Secret{""}, want: "abc"},
		{name: "overlapping known", in: "xababay", known: []redact.Secret{"aba"}, want: "x[redacted]y"},
		{name: "known in a timestamp", in: stamp, known: []redact.Secret{"2030"}, want: "[redacted]T00:00:00Z"},
		{name: "known leaves the digits of a date", in: "0000-01-01", known: []redact.Secret{"1"}, want: "[redacted]"},
		{name: "known in a token", in: "seam_k1234z.", known: []redact.Secret{"1234"}, want: "[redacted]."},
		{name: "known around a token", in: "a:seam_x:b c", known: []redact.Secret{"a:seam_x:b"}, want: "[redacted] c"},
		{name: "broken UTF-8", in: "\xff1234\xfe", want: "\xff[redacted]\xfe"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := redact.Text(tt.in, tt.known...); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestTextOfHostileLength ends within the time limit of the test run only when
// the work does not grow with the square of the length.
func TestTextOfHostileLength(t *testing.T) {
	const n = 1 << 17
	for name, in := range map[string]string{
		"digits": strings.Repeat("1", n), "pairs": strings.Repeat("1 ", n), "dashes": strings.Repeat("0-", n),
		"known": strings.Repeat("ab", n), "almost dates": strings.Repeat("2030-01-", n/8), "bearer": strings.Repeat("bearer ", n/7),
		"tokens": strings.Repeat("eyJ", n/3), "almost UUIDs": strings.Repeat("00000000-", n/9),
	} {
		t.Run(name, func(t *testing.T) {
			if got := redact.Text(in, "abab", "1111"); len(got) > len(in) {
				t.Errorf("grew from %d to %d bytes", len(in), len(got))
			}
		})
	}
}

func TestTruncate(t *testing.T) {
	tests := []struct {
		name, in, want string
		limit          int
	}{
		{name: "short", in: "abc", limit: 4, want: "abc"},
		{name: "exact", in: "abc", limit: 3, want: "abc"},
		{name: "long", in: "abcd", limit: 3, want: "ab…"},
		{name: "characters, not bytes", in: "äöüß", limit: 4, want: "äöüß"},
		{name: "boundary", in: "äöüßé", limit: 4, want: "äöü…"},
		{name: "one", in: "abc", limit: 1, want: "…"},
		{name: "none", in: "abc", limit: 0},
		{name: "negative", in: "abc", limit: -1},
		{name: "empty", limit: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := redact.Truncate(tt.in, tt.limit)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) > max(tt.limit, 0) {
				t.Errorf("%q is not valid or too long", got)
			}
		})
	}
}

var allowed = regexp.MustCompile(`^(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|` +
	`\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?)`)

// escaped returns a run of four or more digits that stands outside of
// timestamps, dates and UUIDs.
func escaped(s string) string {
	for i := 0; i < len(s); {
		if m := allowed.FindString(s[i:min(i+len(uuid)+1, len(s))]); m != "" && plausible(m) {
			i += len(m)
			continue
		}
		run := s[i:]
		if end := strings.IndexFunc(run, func(r rune) bool { return !unicode.IsDigit(r) }); end >= 0 {
			run = run[:end]
		}
		if utf8.RuneCountInString(run) >= 4 {
			return run
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += max(size, len(run))
	}
	return ""
}

func plausible(m string) bool {
	if len(m) == len(uuid) && m[8] == '-' {
		return true
	}
	_, err := time.Parse(time.DateOnly, m[:10])
	return err == nil
}

// checkPlanted puts a secret into every part of a text: wherever it is, nothing of it may be readable afterwards.
func checkPlanted(t *testing.T, s, secret string) {
	t.Helper()
	const masked = "\x00"
	if secret == "" || strings.Contains(secret, masked) {
		return
	}
	for _, at := range []int{0, len(s) / 3, len(s) / 2, len(s)} {
		planted := s[:at] + secret + s[at:]
		got := redact.Text(planted, redact.Secret(secret))
		if strings.Contains(strings.ReplaceAll(got, redact.Mask, masked), secret) {
			t.Errorf("%q, planted into %q, is in %q", secret, planted, got)
		}
		if again := redact.Text(got, redact.Secret(secret)); len(secret) > len(redact.Mask) && again != got {
			t.Errorf("%q is redacted once more, to %q", got, again)
		}
	}
}

// FuzzText: no known secret and nothing that could be a PIN is left. Run it for longer with "make fuzz".
func FuzzText(f *testing.F) {
	f.Add("Cannot set duplicate access code 1234 named a2", "1234")
	f.Add("for period "+stamp+"-"+stamp+" "+uuid, "2030")
	f.Add("2030-01-011234 12 34 1-2-3-4 "+uuid+"99", "99")
	f.Add("seam_test12_34 eyJhbGciOi Bearer x１２３４", "x１")
	f.Fuzz(func(t *testing.T, s, known string) {
		got := redact.Text(s, redact.Secret(known))
		if digits := strings.IndexFunc(known, func(r rune) bool { return r < '0' || r > '9' }) < 0; digits && len(known) >= 4 && strings.Contains(got, known) {
			t.Errorf("known secret %q is in %q", known, got)
		}
		if run := escaped(got); run != "" {
			t.Errorf("%q is in %q, from %q", run, got, s)
		}
		checkPlanted(t, s, known)
		if utf8.ValidString(s) && !utf8.ValidString(got) && utf8.ValidString(known) {
			t.Errorf("%q became invalid: %q", s, got)
		}
	})
}
