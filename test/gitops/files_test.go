// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/test/gitops"
)

const (
	root   = "../.."
	argocd = root + "/config/argocd"
)

// scripts are the scripts for Argo CD, with their cases.
func scripts() fs.FS { return os.DirFS(argocd) }

// load reads the object of a case.
func load(t *testing.T, path string) map[string]any {
	t.Helper()
	object, err := gitops.Object(scripts(), path)
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func script(t *testing.T, path string) string {
	t.Helper()
	return readFile(t, filepath.Join(argocd, path))
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text := readFile(t, path)
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func integers(value any) any {
	switch v := value.(type) {
	case float64:
		return int64(v)
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = integers(v[key])
		}
	}
	return value
}

// names of the YAML files in a folder, without their ending.
func names(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: files are %q: %v", folder, files, err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".yaml")
	}
	slices.Sort(files)
	return files
}
