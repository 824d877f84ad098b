// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

// Languages of blocks that are known here.
const (
	console = "console"
	yaml    = "yaml"
	text    = "text"
)

// notRun are the blocks of text that have commands in them, by page and first line, with the reason why nothing runs them.
func notRun() map[string]string {
	return map[string]string{
		"docs/gitops.md: age-keygen -o age.agekey": "no build step brings age and SOPS",
		"docs/gitops.md: argocd app actions run bookings sync --group access-codes.io --kind AccessCode --resource-name guest-1204": "no " +
			"build step brings Argo CD; test/gitops runs the action",
		`docs/how-to/import-existing-codes.md: curl -s https://connect.getseam.com/access_codes/list -H "Authorization: Bearer $SEAM_API_KEY" \`: "it needs an account at Seam",
		"docs/operations.md: kubectl -n access-code-operator-system rollout status deployment/access-code-operator-controller-manager": "no " +
			"node runs the Pods, so it has no end",
		"docs/operations.md: kubectl -n access-code-operator-system logs deployment/access-code-operator-controller-manager --since=10m": "no " +
			"node runs the Pods",
	}
}

// tools are the first words of lines that count as commands.
var tools = regexp.MustCompile(`(?m)^\s*(\$ )?(age-keygen|argocd|curl|docker|flux|git|go|helm|jq|ko|kubectl|make|npm|sops|sudo)\s`)

// A block is of a language that is known here, and what is not run has a reason.
func TestBlocks(t *testing.T) {
	t.Parallel()
	reasons, used := notRun(), map[string]bool{}
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			switch b.language {
			case console:
				if _, err := b.commands(); err != nil {
					t.Error(err)
				}
			case yaml: // TestManifests
			case text:
				name := b.page + ": " + b.first()
				if !tools.MatchString(b.text) {
					continue
				}
				used[name] = true
				if reasons[name] == "" {
					t.Errorf("%s:%d: a block of text with a command, which nothing runs: make it a console block, or give a reason in notRun",
						b.page, b.line)
				}
			default:
				t.Errorf("%s:%d: a block of language %q: use console, yaml or text", b.page, b.line, b.language)
			}
		}
	}
	for name := range reasons {
		if !used[name] {
			t.Errorf("notRun has %q, and no page has such a block", name)
		}
	}
}

// Targets of make that the text speaks of are those that "make help" lists.
func TestTargets(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):.*## `).FindAllStringSubmatch(readFile(t, "Makefile"), -1) {
		listed[found[1]] = true
	}
	for _, p := range pages(t) {
		for _, code := range p.spans {
			words := strings.Fields(code)
			if words[0] != "make" || len(words) == 1 {
				continue
			}
			for _, word := range words[1:] {
				if strings.Contains(word, "=") {
					break // a variable, whose value may have spaces
				}
				if !listed[word] {
					t.Errorf("%s: %q: make help lists no target %q", p.path, code, word)
				}
			}
		}
	}
}
