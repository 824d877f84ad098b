// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"errors"
	"fmt"
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
		"charts/access-code-operator/README.md: go -C test/chart build -o ../../bin/helm helm.sh/helm/v4/cmd/helm":                                                                      "make test-e2e builds it",
		`docs/how-to/day-to-day.md: curl -s https://connect.getseam.com/devices/list -H "Authorization: Bearer $SEAM_API_KEY" | jq -r '.devices[] | .device_id + "  " + .display_name'`: "it needs an account at Seam",
		"docs/not-ready.md: kubectl -n access-code-operator-system logs deployment/access-code-operator-controller-manager --since=10m": "no " +
			"node runs the Pods",
		"docs/gitops.md: age-keygen -o age.agekey": "no build step brings age and SOPS",
		"docs/gitops.md: argocd app actions run bookings sync --group access-codes.io --kind AccessCode --resource-name guest-1204": "no " +
			"build step brings Argo CD; test/gitops runs the action",
		`docs/how-to/import-existing-codes.md: curl -s https://connect.getseam.com/access_codes/list -H "Authorization: Bearer $SEAM_API_KEY" \`: "it needs an account at Seam",
		"docs/image.md: git checkout v0.1.0   # what its label org.opencontainers.image.revision names":                                          "it would change the checkout; make test-image builds twice",
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
			name := b.page + ": " + b.first()
			used[name] = used[name] || b.bare()
			if err := b.fault(reasons[name]); err != nil {
				t.Errorf("%s:%d: %v", b.page, b.line, err)
			}
		}
	}
	for name := range reasons {
		if !used[name] {
			t.Errorf("notRun has %q, and no page has such a block", name)
		}
	}
}

// bare says that a block has a command that nothing runs.
func (b block) bare() bool { return b.language == text && tools.MatchString(b.text) }

// fault is what is wrong with a block, for which there may be a reason not to run it.
func (b block) fault(reason string) error {
	switch {
	case b.language == console:
		_, err := b.commands()
		return err
	case b.language != yaml && b.language != text:
		return fmt.Errorf("a block of language %q: use console, yaml or text", b.language)
	case b.bare() && reason == "":
		return errors.New("a block of text with a command, which nothing runs: make it a console block, or give a reason in notRun")
	}
	return nil
}

func TestFault(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		language, text, reason string
		right                  bool
	}{
		"commands":                   {console, "$ a\n", "", true},
		"no commands":                {console, "a\n", "", false},
		"a manifest":                 {yaml, "a: 1\n", "", true},
		"a text":                     {text, "a kubectl get\n", "", true},
		"a text with a command":      {text, "a\n  kubectl get\n", "", false},
		"and with one as in console": {text, "$ make\thelp\n", "", false},
		"with a reason":              {text, "kubectl get\n", "nobody has one", true},
		"none":                       {"", "a\n", "", false},
		"another":                    {"bash", "a\n", "a reason", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := (block{language: tc.language, text: tc.text}).fault(tc.reason); (err == nil) != tc.right {
				t.Errorf("got error %v", err)
			}
		})
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
