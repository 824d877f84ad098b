// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"os"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/access-codes/access-code-operator/test/gitops"
	"github.com/access-codes/access-code-operator/test/gitops/schema"
)

// What samples and the page have of kinds that are not ours is what their own projects take, field by field.
func TestForeignSchemas(t *testing.T) {
	t.Parallel()
	page, err := gitops.PageObjects(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	inSamples, err := gitops.SampleObjects(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	objects := append(inSamples, page...)
	for kind, pkg := range foreign() {
		if pkg == "" {
			continue
		}
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			checkKind(t, kind, pkg, objects)
		})
	}
}

// checkKind holds those of the objects that are of a kind to the schema that a package has of it.
func checkKind(t *testing.T, kind, pkg string, objects []map[string]any) {
	t.Helper()
	_, name, _ := strings.Cut(kind, " ")
	of, err := schema.Of(pkg, name)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		if u.GetAPIVersion()+" "+u.GetKind() != kind {
			continue
		}
		checked++
		if err := of.Check(object); err != nil {
			t.Errorf("%s:\n%v", u.GetName(), err)
		}
	}
	if checked == 0 {
		t.Errorf("no sample is a %s", kind)
	}
}
