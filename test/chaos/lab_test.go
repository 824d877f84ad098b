// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// project is the checkout, seen from this folder.
const project = "../.."

// lab is what all cases share: the control plane, and what the operator is started with.
type lab struct {
	*localcluster.Cluster

	client  client.Client // of an administrator, who plays the users
	binary  string        // of the operator
	token   string        // of the operator's ServiceAccount
	dir     string
	secrets *secrets
}

// newLab starts the control plane and installs CRDs and roles.
func newLab(t *testing.T) *lab {
	t.Helper()
	binary := os.Getenv("OPERATOR")
	if binary == "" {
		t.Skip("needs the operator's binary: make test-chaos")
	}
	dir := t.TempDir()
	l := &lab{binary: binary, dir: dir, secrets: &secrets{}}
	l.Cluster = localcluster.New(localcluster.Options{
		Binaries: os.Getenv("KUBEBUILDER_ASSETS"), Dir: dir,
		Failed: func(err error) { t.Error(err) },
	})
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := l.StartAPIServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := l.Install(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	l.token = token
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	if l.client, err = client.New(l.Config(), client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) file(format string, args ...any) string {
	return filepath.Join(l.dir, fmt.Sprintf(format, args...))
}
