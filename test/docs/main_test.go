// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package docs_test checks the pages at the root, those of docs/ and those of the charts: every command is run and every
// manifest is tried on a real API server, links lead somewhere, kubectl explain and kubectl get say what they are to say.
//
// What a block of a page is, its language says:
//
//   - console: commands, each after "$ ". They are run in order, page by page, on what "make demo-up" starts.
//   - yaml: manifests, which are dry-run on an API server, or values of a chart.
//   - text: all else. One with a command in it stands in notRun, with the reason why nothing runs it.
//
// It is run by "make test-docs", which builds what it starts. Elsewhere the tests that start something are skipped.
package docs_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func TestMain(m *testing.M) {
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	os.Exit(m.Run())
}

// root is the checkout.
var root = filepath.Join("..", "..")

// programs are what is started, as absolute paths.
type programs struct{ demo, operator, simulator, kubernetes string }

// thePrograms are those that "make test-docs" has built; where there are none, the test is skipped.
func thePrograms(t *testing.T) programs {
	t.Helper()
	p := programs{os.Getenv("DEMO"), os.Getenv("OPERATOR"), os.Getenv("SEAMSIM"), os.Getenv("KUBEBUILDER_ASSETS")}
	if p.demo == "" || p.operator == "" || p.simulator == "" || p.kubernetes == "" {
		t.Skip("DEMO, OPERATOR, SEAMSIM and KUBEBUILDER_ASSETS name no programs: run this through \"make test-docs\"")
	}
	return p
}

// pages are all pages that are held to their word.
func pages(t *testing.T) []page {
	t.Helper()
	paths := []string{"CONTRIBUTING.md", "README.md", "SECURITY.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			paths = append(paths, relative(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	charts, err := filepath.Glob(filepath.Join(root, "charts", "*", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range charts {
		paths = append(paths, relative(t, path))
	}
	slices.Sort(paths)
	var read []page
	for _, path := range paths {
		read = append(read, parse(path, readFile(t, path)))
	}
	return read
}

// relative is a path as seen from the checkout.
func relative(t *testing.T, path string) string {
	t.Helper()
	short, err := filepath.Rel(root, path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(short)
}

// readFile reads a file of the checkout.
func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
