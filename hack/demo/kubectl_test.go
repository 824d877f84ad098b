// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

func TestKubectl(t *testing.T) {
	var out bytes.Buffer
	p := parts{k8s: t.TempDir()}
	if err := os.Symlink("/bin/sh", p.of(localcluster.Kubectl)); err != nil {
		t.Fatal(err)
	}
	d := newDemo(p, t.TempDir(), &out, func(error) {})
	if err := d.kubectl(t.Context(), "-c", "echo said; echo aside >&2; exit 3"); err == nil {
		t.Error("got no error")
	}
	if want := "$ kubectl -c 'echo said; echo aside >&2; exit 3'\nsaid\naside\n\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if filepath.Dir(d.cluster.Kubeconfig()) != d.dir {
		t.Errorf("kubectl uses %s", d.cluster.Kubeconfig())
	}
}
