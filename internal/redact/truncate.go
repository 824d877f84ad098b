// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "unicode/utf8"

const ellipsis = "…"

// Truncate returns s cut to at most limit characters (runes, not bytes), the
// last of which is then an ellipsis. Redact before truncating: a cut through a
// PIN leaves a part that Text does not recognise.
func Truncate(s string, limit int) string {
	if limit <= 0 {
		return ""
	}
	// Fewer bytes than characters is impossible, so short texts need no count.
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	kept := 0
	for i := range s {
		if kept == limit-1 {
			return s[:i] + ellipsis
		}
		kept++
	}
	return s
}
