// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mistake is a row of the table in docs/accesscode.md.
type mistake struct{ written, comes, right string }

func mistakes(t *testing.T) []mistake {
	t.Helper()
	_, section, found := strings.Cut(readFile(t, "docs/accesscode.md"), "\n### Mistakes\n")
	if !found {
		t.Fatal("docs/accesscode.md has no mistakes")
	}
	section, _, _ = strings.Cut(section, "\n#")
	var all []mistake
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 || !strings.HasPrefix(strings.TrimSpace(cells[0]), "`") {
			continue
		}
		all = append(all, mistake{unquoted(cells[0]), strings.TrimSpace(cells[1]), unquoted(cells[2])})
	}
	return all
}

func unquoted(cell string) string { return strings.Trim(strings.TrimSpace(cell), "`") }

// testMistakes writes each into a spec, as a person does, and what is right: the API server takes and refuses what the
// table says, and no refusal repeats a PIN.
func (h *house) testMistakes(t *testing.T) {
	all := mistakes(t)
	if len(all) < 10 {
		t.Fatalf("got %d mistakes: teach this test to read the table", len(all))
	}
	for _, m := range all {
		err := h.trySpec(t, m.written)
		if refused := strings.HasPrefix(m.comes, "refused"); (err != nil) != refused || !refused && !strings.HasPrefix(m.comes, "taken") {
			t.Errorf("%s: the table says %q, the API server: %v", m.written, m.comes, err)
		}
		for _, pin := range []string{"482915", "0482", "12-34"} {
			if err != nil && strings.Contains(m.written, pin) && strings.Contains(err.Error(), pin) {
				t.Errorf("the refusal of %q repeats the PIN", m.written)
			}
		}
		if err := h.trySpec(t, m.right); err != nil {
			t.Errorf("%s is right, says the table: %v", m.right, err)
		}
	}
}

func (h *house) trySpec(t *testing.T, field string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	manifest := fmt.Sprintf("apiVersion: access-codes.io/v1alpha1\nkind: AccessCode\nmetadata: {name: guest}\nspec:\n"+
		"  deviceID: 5eed0000-0000-4000-8000-000000000101\n  %s\n", field)
	if err := os.WriteFile(file, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := h.Kubectl(t.Context(), "-n", "bookings", "create", "--dry-run=server", "--validate=strict", "-f", file)
	return err
}
