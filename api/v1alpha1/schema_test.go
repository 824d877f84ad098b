// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"strings"
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
	Rules       []struct{ Rule, Message string } `json:"x-kubernetes-validations"`
	IntOrString bool                             `json:"x-kubernetes-int-or-string"`
	ListType    string                           `json:"x-kubernetes-list-type"`
	Preserve    bool                             `json:"x-kubernetes-preserve-unknown-fields"`
}

// TestEveryField holds the schemas to the rules for every field, so that a new field is held to them as well.
func TestEveryField(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("CRDs are %q: %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			root := readSchema(t, file)
			// A string of the API server's own checks follows its own rules.
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
	switch {
	case s.Default != nil:
		t.Errorf("%s has a default", path)
	case s.Nullable || s.Preserve:
		t.Errorf("%s takes null or anything", path)
	case s.Format == "date-time" && len(s.Rules) == 0 && !strings.HasSuffix(path, ".lastTransitionTime"):
		t.Errorf("%s is a time without a rule that evaluates it", path)
	case (s.Type == "string" || s.IntOrString) && s.Format == "" && len(s.Enum) == 0 && s.MaxLength == nil:
		t.Errorf("%s is not bounded", path)
	case s.Type == "array" && (s.MaxItems == nil || s.ListType == ""):
		t.Errorf("%s has no bound or no list type", path)
	}
	for _, rule := range s.Rules {
		if rule.Message == "" {
			t.Errorf("%s has a rule without a message: %s", path, rule.Rule)
		}
	}
	for name, field := range s.Properties {
		field.hold(t, path+"."+name)
	}
	if s.Items != nil {
		s.Items.hold(t, path+"[]")
	}
}
