// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// documentedReason is a row of docs/conditions.md, or one of several reasons in it.
type documentedReason struct{ ready, reason, says, remedy string }

var quotedReason = regexp.MustCompile("`([A-Z][A-Za-z]+)`")

// documented are the reasons of each kind. That none is missing or too much is what test/gitops looks at.
func documented(t *testing.T) map[string][]documentedReason {
	t.Helper()
	found := map[string][]documentedReason{}
	kind := ""
	for line := range strings.Lines(readFile(t, "docs/conditions.md")) {
		if title, ok := strings.CutPrefix(strings.TrimSpace(line), "## "); ok {
			kind = title
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || !strings.HasPrefix(strings.TrimSpace(cells[0]), "True") && !strings.HasPrefix(strings.TrimSpace(cells[0]), "False") {
			continue
		}
		for _, name := range quotedReason.FindAllStringSubmatch(cells[1], -1) {
			found[kind] = append(found[kind], documentedReason{
				strings.TrimSpace(cells[0]), name[1], strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]),
			})
		}
	}
	return found
}

// Whoever finds a reason finds what it means, and what to do where something is to be done.
func TestEveryReasonHasARemedy(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for kind, reasons := range documented(t) {
		for _, r := range reasons {
			seen[r.reason] = true
			if r.says == "" || (r.remedy == "" && r.ready != "True") {
				t.Errorf("%s: docs/conditions.md does not say what %s means, or what to do", kind, r.reason)
			}
		}
	}
	for _, reason := range []string{v1alpha1.ReasonSet, v1alpha1.ReasonUpdateNotSupported, v1alpha1.ReasonEndpointNotAllowed} {
		if !seen[reason] {
			t.Errorf("docs/conditions.md does not have %s: teach this test to read it", reason)
		}
	}
}
