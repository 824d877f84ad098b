// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	text := "# A page\nSee `make\nhelp` and [this](a.md#b), not `[that](c.md)`.\n```yaml\n# No heading\na: 1\n```\n" +
		"## What can't be (read), or `x`\n```\n[no](link.md)\n```\n```text\nopen\n"
	got := parse("p.md", text)
	want := page{
		path: "p.md",
		blocks: []block{
			{page: "p.md", heading: "A page", line: 5, language: "yaml", text: "# No heading\na: 1\n"},
			{page: "p.md", heading: "What can't be (read), or `x`", line: 10, language: "", text: "[no](link.md)\n"},
			{page: "p.md", heading: "What can't be (read), or `x`", line: 13, language: "unclosed", text: "open\n\n"},
		},
		headings: []string{"A page", "What can't be (read), or `x`"},
		links:    []string{"a.md#b"},
		spans:    []string{"make help", "[that](c.md)", "x"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(page{}, block{})); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if !got.anchors()["what-cant-be-read-or-x"] {
		t.Errorf("anchors are %v", got.anchors())
	}
}

// Links within the checkout lead to a file or folder, and to a heading where they name one.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := map[string]page{}
	for _, p := range pages(t) {
		all[p.path] = p
	}
	for _, p := range all {
		for _, target := range p.links {
			if strings.Contains(target, "://") {
				continue
			}
			name, title, _ := strings.Cut(target, "#")
			to := p.path
			if name != "" {
				to = path.Join(path.Dir(p.path), name)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere: %v", p.path, target, err)
				continue
			}
			linked := all[to]
			if title != "" && !linked.anchors()[title] {
				t.Errorf("%s: the link to %s names a heading that is not there", p.path, target)
			}
		}
	}
}

// Whoever begins at the README gets to every page.
func TestEveryPageIsReached(t *testing.T) {
	t.Parallel()
	all := pages(t)
	reached := map[string]bool{"README.md": true, ".": true}
	for again := true; again; {
		again = false
		for _, p := range all {
			// A link to a folder shows what is in it.
			if !reached[p.path] && !reached[path.Dir(p.path)] {
				continue
			}
			reached[p.path] = true
			for _, target := range p.links {
				name, _, _ := strings.Cut(target, "#")
				if to := path.Join(path.Dir(p.path), name); !strings.Contains(target, "://") && name != "" && !reached[to] {
					reached[to], again = true, true
				}
			}
		}
	}
	for _, p := range all {
		if !reached[p.path] {
			t.Errorf("no link leads from the README to %s", p.path)
		}
	}
}
