// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// schema is the part of an OpenAPI schema that the rules for every field are about.
type schema struct {
	Type        string
	Format      string
	Default     any
	Nullable    bool
	Enum        []any
	MaxLength   *int
	MaxItems    *int
	Properties  map[string]schema
	Items       *schema
	Rules       []rule `json:"x-kubernetes-validations"`
	IntOrString bool   `json:"x-kubernetes-int-or-string"`
	ListType    string `json:"x-kubernetes-list-type"`
	Preserve    bool   `json:"x-kubernetes-preserve-unknown-fields"`
}

type rule struct{ Rule, Message string }

// TestEveryField checks that the schemas keep the rules for every field, so that a new field has to keep them as well.
func TestEveryField(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("CRDs are %q: %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			root := readSchema(t, file)
			spec, status := root.Properties["spec"], root.Properties["status"]
			if diff := cmp.Diff(any(map[string]any{"observedGeneration": float64(-1)}), status.Default); diff != "" {
				t.Errorf("default of status (-want +got):\n%s", diff)
			}
			status.Default = nil
			spec.hold(t, "spec")
			status.hold(t, "status")
		})
	}
}

func readSchema(t *testing.T, file string) schema {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Schema struct{ OpenAPIV3Schema schema }
			}
		}
	}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	if len(crd.Spec.Versions) != 1 {
		t.Fatalf("%d versions, want 1", len(crd.Spec.Versions))
	}
	return crd.Spec.Versions[0].Schema.OpenAPIV3Schema
}

func (s schema) hold(t *testing.T, path string) {
	t.Helper()
	for fault, found := range map[string]bool{
		"has a default":                           s.Default != nil,
		"takes null, or anything":                 s.Nullable || s.Preserve,
		"is not bounded":                          s.endless(),
		"has no list type":                        s.Type == "array" && s.ListType == "",
		"is a time without a rule that reads it":  s.Format == "date-time" && len(s.Rules) == 0 && !readByParent(path),
		"has a rule without a message of its own": slices.ContainsFunc(s.Rules, func(r rule) bool { return r.Message == "" }),
	} {
		if found {
			t.Errorf("%s %s", path, fault)
		}
	}
	for name, field := range s.Properties {
		field.hold(t, path+"."+name)
	}
	if s.Items != nil {
		s.Items.hold(t, path+"[]")
	}
}

// endless says that a value may be as long as it likes.
func (s schema) endless() bool {
	switch {
	case s.Type == "array":
		return s.MaxItems == nil
	case s.Type == "string" || s.IntOrString:
		return s.Format == "" && len(s.Enum) == 0 && s.MaxLength == nil
	}
	return false
}

// readByParent names the one time that is not of this package: it stands in a condition, and the rule for it at the list.
func readByParent(path string) bool { return path == "status.conditions[].lastTransitionTime" }
