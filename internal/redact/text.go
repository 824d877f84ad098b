// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minDigits is the length of the shortest PIN that any lock accepts. Shorter
// numbers are counts and the like, and stay readable.
const minDigits = 4

// token matches Seam's tokens of every kind (API key, personal access token,
// client session, publishable key), JSON Web Tokens and whatever follows the
// word Bearer. It is compiled once and never changed.
var token = regexp.MustCompile(`(?i:seam_)[\pL\pN_-]+|eyJ[A-Za-z0-9_.=-]+|(?i:bearer)\s+[^\s"']+`)

// span is a half-open range of bytes.
type span struct{ start, end int }

// Text returns s without the known secrets, without tokens, and without
// anything that could be a PIN: four or more digits of any script, glued to
// letters or not, also when single spaces, dots or dashes stand between them
// ("12 34", "1-2-3-4"). RFC 3339 dates and timestamps and UUIDs stay, unless
// a known secret occurs in them; they are needed to understand a message and
// hold no PIN.
//
// It takes too much rather than too little: a version or an IP address looks
// like a split PIN and goes as well. A PIN that is spelled out in words, or
// one with letters in it that is not among the known secrets, is not found.
// The time is linear in the length of s for a fixed number of secrets.
func Text(s string, known ...Secret) string {
	// All spans are found on the original text. Replacing step by step could
	// cut a token or a longer secret in two and leave one half readable.
	var found []span
	for _, k := range known {
		found = appendOccurrences(found, s, string(k))
	}
	for _, m := range token.FindAllStringIndex(s, -1) {
		found = append(found, span{m[0], m[1]})
	}
	found = union(found)
	found = union(append(digits(s, found), found...))
	if len(found) == 0 {
		return s
	}
	return mask(s, found)
}

// appendOccurrences adds every place of secret, also overlapping ones: "1212"
// is twice in "121212", and masking only the first would leave "12". Overlaps
// are merged at once so that the list can't become longer than the text.
func appendOccurrences(found []span, s, secret string) []span {
	if secret == "" {
		return found
	}
	first := len(found)
	for from := 0; ; {
		i := strings.Index(s[from:], secret)
		if i < 0 {
			return found
		}
		at := from + i
		if last := len(found) - 1; last >= first && at <= found[last].end {
			found[last].end = at + len(secret)
		} else {
			found = append(found, span{at, at + len(secret)})
		}
		from = at + 1
	}
}

// union sorts the spans and joins those that overlap or touch.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.start <= joined[last].end {
			joined[last].end = max(joined[last].end, s.end)
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// mask replaces the spans, which are a union.
func mask(s string, found []span) string {
	var out strings.Builder
	written := 0
	for _, f := range found {
		out.WriteString(s[written:f.start])
		out.WriteString(Mask)
		written = f.end
	}
	out.WriteString(s[written:])
	return out.String()
}

// digits returns every chain of minDigits or more digits that is not part of a
// date, a timestamp or a UUID. A date that overlaps the spans in torn is not
// protected: what is left of it when they are masked is no date.
func digits(s string, torn []span) []span {
	var c chains
	previous := ' '
	for i := 0; i < len(s); {
		for len(torn) > 0 && torn[0].end <= i {
			torn = torn[1:]
		}
		n := 0
		if !isWord(previous) {
			n = protectedLen(s[i:])
		}
		if n > 0 && (len(torn) == 0 || torn[0].start >= i+n) {
			c.close()
			i += n
			previous = '0'
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		c.add(r, span{i, i + size})
		previous = r
		i += size
	}
	c.close()
	return c.found
}

// chains collects runs of digits that only single separators interrupt.
type chains struct {
	found []span

	open      span
	digits    int
	separated bool // a separator follows the last digit
}

func (c *chains) add(r rune, at span) {
	switch {
	case unicode.IsNumber(r):
		if c.digits == 0 {
			c.open.start = at.start
		}
		c.open.end = at.end
		c.digits++
		c.separated = false
	case isSeparator(r) && c.digits > 0 && !c.separated:
		c.separated = true
	default:
		c.close()
	}
}

func (c *chains) close() {
	if c.digits >= minDigits {
		c.found = append(c.found, c.open)
	}
	c.open, c.digits, c.separated = span{}, 0, false
}

// isSeparator reports whether people, or somebody who wants to slip a PIN
// through, put r between digits. Format characters are invisible.
func isSeparator(r rune) bool {
	return r == ' ' || r == '.' || r == '-' || r == '\u00a0' || unicode.Is(unicode.Cf, r)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }
