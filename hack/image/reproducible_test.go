// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReproducible builds the image a second time, in another folder and outside a repository: not a byte differs.
func TestReproducible(t *testing.T) {
	g := fromMakefile(t)
	elsewhere := filepath.Join(t.TempDir(), "a", "longer", "path")
	for _, folder := range []string{"api", "controllers", "internal", "hack"} {
		if err := os.CopyFS(filepath.Join(elsewhere, folder), os.DirFS(filepath.Join(project, folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"Makefile", "go.mod", "go.sum", "main.go"} {
		text, err := os.ReadFile(filepath.Join(project, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(elsewhere, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	makeIn(t, elsewhere, "build-local-image",
		"VERSION="+g.version, "REVISION="+g.revision, "SOURCE_DATE_EPOCH="+g.unixTime)
	first, second := digestOf(t, g.layout), digestOf(t, filepath.Join(elsewhere, "bin", "image", "layout"))
	if first != second {
		t.Errorf("two builds of one source have the digests %s and %s", first, second)
	}
}

func digestOf(t *testing.T, layout string) string {
	t.Helper()
	index, err := readIndex(layout)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := index.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}
