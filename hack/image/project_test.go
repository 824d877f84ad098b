// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// project is the checkout.
var project = filepath.Join("..", "..")

// given is what the Makefile hands to the tests: the layout that it had built, the same unpacked, and the operator that
// "make build" gave. A test that needs it is skipped elsewhere.
type given struct {
	layout, root, operator      string
	version, revision, unixTime string
}

func fromMakefile(t *testing.T) given {
	t.Helper()
	g := given{
		layout: os.Getenv("LAYOUT"), root: os.Getenv("ROOT"), operator: os.Getenv("OPERATOR"),
		version: os.Getenv("VERSION"), revision: os.Getenv("REVISION"), unixTime: os.Getenv("SOURCE_DATE_EPOCH"),
	}
	if g.layout == "" {
		t.Skip(`run this through "make test-image", which builds the image`)
	}
	return g
}

// makeIn calls make in a folder, as a person would: without what a make around this test has set.
func makeIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "make", append([]string{"--no-print-directory"}, args...)...)
	command.Dir = dir
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "BIN", "OPERATOR"}, name)
	})
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("make %s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return string(output)
}
