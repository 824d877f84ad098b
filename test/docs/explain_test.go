// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	sigsyaml "sigs.k8s.io/yaml"
)

// indent is what kubectl puts before each line of a description.
const indent = "    "

// field is one of a kind, and what is said of it.
type field struct{ path, description string }

// schema is the part of an OpenAPI schema in which fields are found.
type schema struct {
	Description string
	Properties  map[string]schema
	Items       *schema
}

// testExplain asks kubectl for each field of both kinds.
func (h *house) testExplain(t *testing.T) {
	for _, kind := range []string{"accesscode", "seamworkspace"} {
		all := fields(t, kind)
		for part, known := range map[string]bool{"spec": false, "status": false} {
			tree := h.explained(t, kind+"."+part, "--recursive")
			for _, f := range all {
				names := strings.Split(f.path, ".")
				known = known || names[1] == part
				if last := names[len(names)-1]; names[1] == part && len(names) > 2 && !strings.Contains(tree, " "+last+"\t<") {
					t.Errorf("kubectl explain %s.%s --recursive does not have %s", kind, part, f.path)
				}
			}
			if !known {
				t.Fatalf("%s has no field in its %s: teach this test to read the CRD", kind, part)
			}
		}
		for _, f := range all {
			h.holdField(t, f)
		}
	}
}

// holdField has a field explained, in lines that kubectl need not break.
func (h *house) holdField(t *testing.T, f field) {
	t.Helper()
	_, described, _ := strings.Cut(h.explained(t, f.path), "DESCRIPTION:\n")
	described, _, _ = strings.Cut(described, "FIELDS:\n")
	name := f.path[strings.LastIndex(f.path, ".")+1:]
	if f.description == "" || !strings.HasPrefix(strings.TrimSpace(described), name+" ") {
		t.Errorf("%s: the description does not begin with the name of the field, as do those of Kubernetes: %q", f.path, described)
	}
	// What stands in a condition is said by Kubernetes.
	if strings.Contains(f.path, ".conditions.") {
		return
	}
	for line := range strings.SplitSeq(f.description, "\n") {
		if !strings.Contains(described, indent+line+"\n") {
			t.Errorf("%s: kubectl breaks the line %q: give the comments of the API at most 76 columns", f.path, line)
		}
	}
}

func (h *house) explained(t *testing.T, args ...string) string {
	t.Helper()
	said, err := h.Kubectl(t.Context(), append([]string{"explain"}, args...)...)
	if err != nil {
		t.Error(err)
	}
	return said
}

// fields are those of spec and status of a kind.
func fields(t *testing.T, kind string) []field {
	t.Helper()
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema schema }
			}
		}
	}
	if err := sigsyaml.Unmarshal([]byte(readFile(t, "config/crd/bases/access-codes.io_"+kind+"s.yaml")), &crd); err != nil {
		t.Fatal(err)
	}
	var found []field
	for _, version := range crd.Spec.Versions {
		root := version.Schema.OpenAPIV3Schema.Properties
		for _, part := range []string{"spec", "status"} {
			found = append(found, below(kind+"."+part, root[part])...)
		}
	}
	return found
}

func below(path string, s schema) []field {
	found := []field{{path, s.Description}}
	if s.Items != nil {
		s.Properties = s.Items.Properties
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		found = append(found, below(path+"."+name, s.Properties[name])...)
	}
	return found
}
