// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"regexp"
	"strings"
	"testing"
)

var (
	phony     = regexp.MustCompile(`(?m)^\.PHONY: (\S+)$`)
	described = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):.*## \S`)
)

// "make help" describes every target that people call, each in a group: those in front of the line that ends them.
func TestHelpIsComplete(t *testing.T) {
	t.Parallel()
	called, _, found := strings.Cut(readFile(t, "Makefile"), "\n# What follows is called by the targets above.\n")
	if !found {
		t.Fatal("the Makefile no longer says where the targets for other targets begin: teach this test where")
	}
	before, listed, _ := strings.Cut(called, "\n##@ ")
	if loose := phony.FindStringSubmatch(before); loose != nil {
		t.Errorf("the target %s stands in front of the first group", loose[1])
	}
	inHelp := map[string]bool{}
	for _, target := range described.FindAllStringSubmatch(listed, -1) {
		inHelp[target[1]] = true
	}
	targets := phony.FindAllStringSubmatch(listed, -1)
	if len(targets) < 40 {
		t.Errorf("got %d targets: teach this test to read the Makefile", len(targets))
	}
	for _, target := range targets {
		if !inHelp[target[1]] {
			t.Errorf("make help does not describe the target %s", target[1])
		}
	}
}
