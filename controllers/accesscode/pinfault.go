// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/access-codes/access-code-operator/internal/kube"
)

var (
	onlyDigits      = regexp.MustCompile(`^[0-9]+$`)
	separatedDigits = regexp.MustCompile(`^[0-9]+([ .\-\t]+[0-9]+)+$`)
	scientific      = regexp.MustCompile(`^[0-9.]+[eE][+-]?[0-9]+$`)
)

// pinFault says why what a Secret holds is no PIN, as far as its form tells, and what to do. It quotes none of it.
func pinFault(data []byte) string {
	text := strings.TrimSpace(string(data))
	const digits = "must hold 4 to 12 digits"
	switch {
	case text == "":
		return digits + " and is empty: put the PIN there"
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return digits + " and begins with a byte order mark: save the file as UTF-8 without one"
	case kube.IsUTF16(data):
		return digits + " and is in UTF-16: save the file as UTF-8 without a byte order mark"
	case onlyDigits.MatchString(text):
		return fmt.Sprintf("%s and has %d: correct it", digits, len(text))
	case strings.ContainsAny(text, kube.QuoteMarks):
		return digits + " and has quotes in it: leave them out"
	case isEncodedPIN(text):
		return digits + " and is base64, once more than a Secret's data is: put the digits into stringData, or encode them once"
	case separatedDigits.MatchString(text):
		return digits + " and has something between them: leave that out"
	case scientific.MatchString(text):
		return digits + " and is a number that a program has rewritten: put the PIN in quotes where it comes from"
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsDigit(r) && (r < '0' || r > '9') }):
		return digits + " and has those of another script: use 0 to 9"
	}
	return digits + ": correct it"
}

// isEncodedPIN says that a text is the base64 of a PIN.
func isEncodedPIN(text string) bool {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	_, ok := parsePIN(decoded)
	return ok
}
