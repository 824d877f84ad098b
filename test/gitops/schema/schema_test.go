// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/access-codes/access-code-operator/test/gitops/schema"
)

const flux = "github.com/fluxcd/kustomize-controller/api/v1"

// What an API server refuses, or takes with a warning, is an error here.
func TestCheck(t *testing.T) {
	t.Parallel()
	of, err := schema.Of(flux, "Kustomization")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		value any
		field []string
		want  string
	}{
		"as it is":          {value: "any", field: []string{"metadata", "annotations", "a"}},
		"no such field":     {value: true, field: []string{"spec", "waits"}, want: ".spec.waits: no such field"},
		"nor below":         {value: "x", field: []string{"spec", "sourceRef", "url"}, want: ".spec.sourceRef.url: no such field"},
		"nor in a list":     {value: []any{map[string]any{"name": "a", "x": "y"}}, field: []string{"spec", "dependsOn"}, want: ".spec.dependsOn[0].x: no such field"},
		"another type":      {value: "yes", field: []string{"spec", "prune"}, want: "spec.prune"},
		"another pattern":   {value: "often", field: []string{"spec", "interval"}, want: "spec.interval"},
		"none of the words": {value: "Perhaps", field: []string{"spec", "deletionPolicy"}, want: "spec.deletionPolicy"},
		"one missing":       {field: []string{"spec", "sourceRef", "kind"}, want: "spec.sourceRef.kind"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object := kustomization()
			if test.value == nil {
				unstructured.RemoveNestedField(object, test.field...)
			} else if err := unstructured.SetNestedField(object, test.value, test.field...); err != nil {
				t.Fatal(err)
			}
			err := of.Check(object)
			if test.want == "" && err != nil {
				t.Errorf("got %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for pkg, kind := range map[string]string{flux: "Kustomisation", flux + "/none": "Kustomization"} {
		if got, err := schema.Of(pkg, kind); err == nil {
			t.Errorf("%s of %s: got %v, want an error", kind, pkg, got)
		}
	}
}

func kustomization() map[string]any {
	return map[string]any{
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
		"kind":       "Kustomization",
		"metadata":   map[string]any{"name": "any"},
		"spec": map[string]any{
			"interval":  "10m",
			"prune":     true,
			"sourceRef": map[string]any{"kind": "GitRepository", "name": "any"},
		},
	}
}
