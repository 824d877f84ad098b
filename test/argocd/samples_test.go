// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package argocd_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/access-codes/access-code-operator/test/gitops"
	"github.com/access-codes/access-code-operator/test/gitops/schema"
)

// The Applications of the samples are what Argo CD takes for one, and hold no field that it would not read.
func TestApplications(t *testing.T) {
	objects, err := gitops.SampleObjects(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	of, err := schema.Of(reflect.TypeFor[appv1.Application]().PkgPath(), "Application")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		if u.GetKind() != "Application" {
			continue
		}
		checked++
		if err := of.Check(object); err != nil {
			t.Errorf("%s:\n%v", u.GetName(), err)
		}
		var application appv1.Application
		if err := json.Unmarshal(encode(t, object), &application); err != nil {
			t.Fatal(err)
		}
		var back map[string]any
		if err := json.Unmarshal(encode(t, application), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(object["spec"], back["spec"]); diff != "" {
			t.Errorf("%s: Argo CD does not read it as it stands (-file +read):\n%s", u.GetName(), diff)
		}
	}
	if checked == 0 {
		t.Error("no sample is an Application")
	}
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
