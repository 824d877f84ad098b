// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sigsyaml "sigs.k8s.io/yaml"
)

// TestAPIServer asks a real API server, through the real kubectl, what the pages say of it. Nothing else runs there.
func TestAPIServer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, thePrograms(t))
	if _, err := h.Install(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Kubectl(t.Context(), "create", "namespace", "bookings"); err != nil {
		t.Fatal(err)
	}
	t.Run("Manifests", h.testManifests)
	t.Run("Mistakes", h.testMistakes)
	t.Run("Spans", h.testSpans)
	t.Run("Explain", h.testExplain)
	t.Run("Columns", h.testColumns)
}

// elsewhere are the kinds of others, whose CRDs are not here, and where manifests of them are held to be right.
func elsewhere() map[string]string {
	return map[string]string{
		"kustomize.toolkit.fluxcd.io/v1": "test/gitops",
	}
}

// testManifests applies every manifest of the pages without storing it.
func (h *house) testManifests(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != yaml {
				continue
			}
			for manifest := range strings.SplitSeq(b.text, "\n---\n") {
				h.tryManifest(t, b, manifest)
			}
		}
	}
}

func (h *house) tryManifest(t *testing.T, b block, manifest string) {
	t.Helper()
	var object map[string]any
	if err := sigsyaml.UnmarshalStrict([]byte(manifest), &object); err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
		return
	}
	group, _ := object["apiVersion"].(string)
	switch {
	case group == "" && strings.HasPrefix(b.page, "charts/"):
		holdValues(t, b, object)
		return
	case elsewhere()[group] != "":
		return
	}
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Kubectl(t.Context(), "-n", "bookings", "apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", file); err != nil {
		t.Errorf("%s:%d: %v", b.page, b.line, err)
	}
}

// holdValues says that the chart has all values of a block.
func holdValues(t *testing.T, b block, values map[string]any) {
	t.Helper()
	var known map[string]any
	if err := sigsyaml.Unmarshal([]byte(readFile(t, strings.TrimSuffix(b.page, "README.md")+"values.yaml")), &known); err != nil {
		t.Fatal(err)
	}
	for _, name := range missing(known, values, "") {
		t.Errorf("%s:%d: values.yaml has no %s", b.page, b.line, name)
	}
}

func missing(known, values map[string]any, within string) []string {
	var names []string
	for name, value := range values {
		have, found := known[name]
		if !found {
			names = append(names, within+name)
			continue
		}
		inner, isMap := value.(map[string]any)
		if haveInner, ok := have.(map[string]any); isMap && ok {
			names = append(names, missing(haveInner, inner, within+name+".")...)
		}
	}
	slices.Sort(names)
	return names
}

func TestMissing(t *testing.T) {
	t.Parallel()
	known := map[string]any{"a": map[string]any{"b": 1}, "c": nil}
	values := map[string]any{"a": map[string]any{"b": 2, "x": 3}, "c": 4, "d": 5}
	if got := missing(known, values, ""); !slices.Equal(got, []string{"a.x", "d"}) {
		t.Errorf("got %q", got)
	}
}

// testSpans runs what the text has of commands that only look.
func (h *house) testSpans(t *testing.T) {
	run := map[string]bool{}
	for _, p := range pages(t) {
		for _, code := range p.spans {
			words := strings.Fields(code)
			if len(words) < 3 || words[0] != "kubectl" || !slices.Contains([]string{"explain", "get"}, words[1]) || run[code] {
				continue
			}
			run[code] = true
			if _, err := h.Kubectl(t.Context(), words[1:]...); err != nil {
				t.Errorf("%s: %v", p.path, err)
			}
		}
	}
	if len(run) == 0 {
		t.Error("no page has such a command in its text")
	}
}
