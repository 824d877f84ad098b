// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

func TestCommandRefusals(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	empty := t.TempDir()
	checkout := t.TempDir()
	write(t, filepath.Join(checkout, "hack", "controlplane", "go.mod"), "require k8s.io/kubernetes v1.2.3\n")
	write(t, filepath.Join(checkout, "bin", "seamsim"), "")
	for name, tc := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"help":           {[]string{"-h"}, 0, []string{"-stay"}},
		"unknown flag":   {[]string{"--stray"}, exitUsage, []string{"not defined: -stray"}},
		"an argument":    {[]string{"now"}, exitUsage, []string{`takes no arguments, got ["now"]`}},
		"no checkout":    {[]string{"--project", empty}, exitFailed, []string{"is --project the checkout?"}},
		"no such folder": {[]string{"--project", filepath.Join(empty, "x")}, exitFailed, []string{"finding the checkout"}},
		"parts missing": {[]string{"--project", checkout}, exitFailed, []string{
			"bin/k8s/v1.2.3/etcd is missing: run \"make control-plane-full\"",
			"bin/k8s/v1.2.3/kube-controller-manager is missing",
			"bin/access-code-operator is missing: run \"make build\"",
			"\"make demo\" does all of that",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := command(t.Context(), tc.args, &stdout, &stderr); code != tc.code {
				t.Errorf("got exit code %d", code)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("got %q, without %q", stderr.String(), want)
				}
			}
			if strings.Contains(stderr.String(), "seamsim is missing") {
				t.Error("what is there counts as missing")
			}
		})
	}
}

func TestAssetsOfOthers(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())
	_, err := findParts(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "put it into KUBEBUILDER_ASSETS, or unset that") {
		t.Errorf("got error %v", err)
	}
}

func TestInterrupted(t *testing.T) {
	checkout := t.TempDir()
	t.Setenv("KUBEBUILDER_ASSETS", filepath.Join(checkout, "k8s"))
	t.Setenv("TMPDIR", t.TempDir())
	for _, program := range []string{"k8s/etcd", "k8s/kube-apiserver", "k8s/kube-controller-manager", "k8s/kubectl", "bin/seamsim", "bin/access-code-operator"} {
		write(t, filepath.Join(checkout, program), "#!/bin/sh\nsleep 600\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var stdout, stderr bytes.Buffer
	if code := command(ctx, []string{"--project", checkout}, &stdout, &stderr); code != exitInterrupted {
		t.Errorf("got exit code %d, %s", code, stderr.String())
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary folder: %v, error %v", left, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestRequiredVersion(t *testing.T) {
	for text, want := range map[string]string{
		"module x\n\nrequire k8s.io/kubernetes v1.2.3\n":                                            "v1.2.3",
		"tool (\n\tk8s.io/kubernetes/cmd/kubectl\n)\nrequire (\n\tk8s.io/kubernetes v1.2.4 // x\n)": "v1.2.4",
		"replace k8s.io/kubernetes => ../kubernetes":                                                "",
	} {
		if got, err := localcluster.RequiredVersion(text, "k8s.io/kubernetes"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, error %v", text, got, err)
		}
	}
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	c := &console{w: &out, blank: true}
	c.heading("One")
	c.say("%d line", 1)
	c.heading("Two")
	c.text("text\n\n")
	c.text("")
	c.say("")
	c.heading("Three")
	c.indented("a\nb\n")
	want := "=== One\n\n1 line\n\n=== Two\n\ntext\n\n=== Three\n\n    a\n    b\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestConsoleWithoutReader(t *testing.T) {
	var failed error
	c := &console{w: closedPipe{}, fail: func(err error) { failed = err }}
	c.say("anybody there?")
	if !errors.Is(failed, os.ErrClosed) {
		t.Errorf("got error %v", failed)
	}
}
