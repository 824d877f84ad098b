// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/access-codes/access-code-operator/internal/kube"
)

// TestMessageNamesFewOfManyUsers: with many AccessCodes, or long names, the message neither changes all the time nor is cut.
func TestMessageNamesFewOfManyUsers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 253)
	tests := map[string]struct {
		users users
		want  string
	}{
		"one":       {users{1, []string{"a"}, true}, "1 AccessCode (a)"},
		"five":      {users{5, []string{"a", "b", "c", "d", "e"}, true}, "5 AccessCodes (a, b, c, d, e)"},
		"six":       {users{6, []string{"a", "b", "c", "d", "e", "f"}, true}, "6 AccessCodes (a, b, c, d, e, …)"},
		"very many": {users{maxCounted + 1, []string{"a", "b", "c", "d", "e", "f"}, true}, "more than 100 AccessCodes (a, b, c, d, e, …)"},
		"long":      {users{2, []string{"a", long}, true}, "2 AccessCodes (a, …)"},
	}
	for name, test := range tests {
		if got := test.users.text(true); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	if got := (users{1, []string{long}, true}).waits(true); utf8.RuneCountInString(got) > kube.MaxMessage-len("Seam takes the credentials. Its deletion ") || !strings.HasSuffix(got, "spec.workspaceRef") {
		t.Errorf("%d characters: %q", utf8.RuneCountInString(got), got)
	}
	if got := (users{maxCounted + 1, []string{"a"}, true}).text(false); got != "more than 100 AccessCodes" {
		t.Error(got)
	}
}
