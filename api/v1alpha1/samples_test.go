// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// What people copy is admitted as it stands.
func TestSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "samples", "access-codes.io_*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("samples are %q: %v", files, err)
	}
	ns := namespace(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sample := &unstructured.Unstructured{}
			if err := yaml.Unmarshal(text, &sample.Object); err != nil {
				t.Fatal(err)
			}
			sample.SetNamespace(ns)
			if err := cluster.strict.Create(t.Context(), sample); err != nil {
				t.Error(err)
			}
			decodes(t, ns)
		})
	}
}
