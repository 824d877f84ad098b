// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package argocd_test

import (
	"io/fs"
	"os"
	"path"
	"testing"

	appv1 "github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	builtin "github.com/argoproj/argo-cd/v3/resource_customizations"
	"github.com/argoproj/argo-cd/v3/util/settings"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"

	customizations "github.com/access-codes/access-code-operator/config/argocd/resource_customizations"
	"github.com/access-codes/access-code-operator/test/gitops"
)

const (
	root      = "../.."
	namespace = "argocd"
)

// overrides are what argocd-cm says, by group/Kind; none where all is built in.
type overrides map[string]appv1.ResourceOverride

// fromEach runs a test once with the scripts built into Argo CD, and once with them in argocd-cm. Tests that use it do
// not run side by side: what is built in is one variable of Argo CD's.
func fromEach(t *testing.T, test func(t *testing.T, from overrides)) {
	t.Helper()
	t.Run("built in", func(t *testing.T) {
		own := builtin.Embedded
		t.Cleanup(func() { builtin.Embedded = own })
		builtin.Embedded = customizations.Embedded
		test(t, nil)
	})
	t.Run("argocd-cm", func(t *testing.T) {
		test(t, fromConfigMap(t))
	})
}

// fromConfigMap is argocd-cm.yaml as Argo CD reads it from the cluster.
func fromConfigMap(t *testing.T) overrides {
	t.Helper()
	text, err := fs.ReadFile(scripts(), "argocd-cm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		t.Fatal(err)
	}
	config.Namespace = namespace
	secret := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: namespace, Labels: config.Labels}}
	read, err := settings.NewSettingsManager(t.Context(), fake.NewClientset(&config, &secret), namespace).GetResourceOverrides()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range gitops.Kinds() {
		// Without this, what is missing would be looked for among what is built in.
		if of := read["access-codes.io/"+kind]; of.HealthLua == "" || of.Actions == "" || of.UseOpenLibs {
			t.Fatalf("argocd-cm.yaml: Argo CD reads of %s: %+v", kind, of)
		}
	}
	return read
}

func scripts() fs.FS { return os.DirFS(path.Join(root, "config", "argocd")) }

func load(t *testing.T, folder, file string) *unstructured.Unstructured {
	t.Helper()
	object, err := gitops.Object(scripts(), path.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return &unstructured.Unstructured{Object: object}
}
