// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// One control plane goes through all that it can do: to start one takes longer than the rest.
func TestCluster(t *testing.T) {
	binaries := os.Getenv("KUBEBUILDER_ASSETS")
	if binaries == "" {
		t.Skip("KUBEBUILDER_ASSETS names no control plane: run this through \"make test\"")
	}
	c := New(Options{
		Binaries:       binaries,
		Dir:            t.TempDir(),
		APIServerFlags: []string{"--v=0"},
		Failed:         func(err error) { t.Error(err) },
	})
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := c.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := c.Install(t.Context(), filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	address := c.Address()
	makeNamespace(t, c, "before")
	if err := c.RestartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.Address() != address || len(c.Troubled()) > 0 {
		t.Errorf("got address %s after %s, with trouble: %q", c.Address(), address, c.Troubled())
	}
	namespaces, err := c.Kubectl(t.Context(), "get", "namespaces", "--output=name")
	if err != nil || !strings.Contains(namespaces, "namespace/before\n") {
		t.Errorf("got %q, error %v", namespaces, err)
	}
	knowsTheOperator(t, c, token)
}

func makeNamespace(t *testing.T, c *Cluster, name string) {
	t.Helper()
	clients, err := kubernetes.NewForConfig(c.Config())
	if err != nil {
		t.Fatal(err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := clients.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// knowsTheOperator says that a token is good for what the operator's role allows and for nothing else.
func knowsTheOperator(t *testing.T, c *Cluster, token string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := c.WriteKubeconfig(path, "https://"+c.Address(), "operator", token, ""); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	for verb, want := range map[string]bool{"patch": true, "create": false} {
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: "before", Verb: verb, Group: "access-codes.io", Resource: "accesscodes",
			},
		}}
		got, err := clients.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
		if err != nil || got.Status.Allowed != want {
			t.Errorf("%s: got %+v, error %v", verb, got, err)
		}
	}
}

// A proxy before the API server speaks plain HTTP, and needs no certificate.
func TestWriteKubeconfig(t *testing.T) {
	c := New(Options{Dir: t.TempDir()})
	for server, certificate := range map[string]string{
		"https://127.0.0.1:4": c.certificate(),
		"http://127.0.0.1:4":  "",
	} {
		path := filepath.Join(t.TempDir(), "kubeconfig")
		if err := c.WriteKubeconfig(path, server, "ann", "a-token", "home"); err != nil {
			t.Fatal(err)
		}
		got, err := clientcmd.LoadFromFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cluster, context := got.Clusters["local"], got.Contexts[got.CurrentContext]
		if cluster.Server != server || cluster.CertificateAuthority != certificate || context.Namespace != "home" {
			t.Errorf("got cluster %+v, context %+v", cluster, context)
		}
		if got.AuthInfos[context.AuthInfo].Token != "a-token" {
			t.Error("got another token")
		}
	}
	if err := c.WriteKubeconfig(t.TempDir(), "https://127.0.0.1:4", "ann", "a-token", ""); err == nil {
		t.Error("got no error of a file that is a folder")
	}
}

func TestOperatorAccount(t *testing.T) {
	a, err := OperatorAccount(filepath.Join("..", ".."))
	want := Account{Namespace: "access-code-operator-system", NamePrefix: "access-code-operator-"}
	if err != nil || a != want || a.Name() != "access-code-operator-controller-manager" {
		t.Errorf("got %+v, error %v", a, err)
	}
	project := t.TempDir()
	folder := filepath.Join(project, "config", "default")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"namePrefix: a-": "names no namespace",
		"a: b: c":        "yaml",
	} {
		if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OperatorAccount(project); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v", text, err)
		}
	}
}
