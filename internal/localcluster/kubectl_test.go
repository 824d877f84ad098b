// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTyped(t *testing.T) {
	for want, args := range map[string][]string{
		"kubectl get accesscodes":                    {"get", "accesscodes"},
		"kubectl annotate a x.io/at=2030-01-02T03:4": {"annotate", "a", "x.io/at=2030-01-02T03:4"},
		`kubectl get -o 'jsonpath={.a}'`:             {"get", "-o", "jsonpath={.a}"},
		`kubectl 'it'\''s' ''`:                       {"it's", ""},
	} {
		if Typed(args...) != want {
			t.Errorf("got %s, want %s", Typed(args...), want)
		}
	}
}

// withShell is a cluster whose kubectl is a shell.
func withShell(t *testing.T) *Cluster {
	t.Helper()
	c := New(Options{Binaries: t.TempDir(), Dir: t.TempDir()})
	if err := os.Symlink("/bin/sh", filepath.Join(c.options.Binaries, Kubectl)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestKubectl(t *testing.T) {
	c := withShell(t)
	got, err := c.Kubectl(t.Context(), "-c", "echo $KUBECONFIG $KUBECACHEDIR $KUBERC; echo aside >&2")
	if want := c.Kubeconfig() + " " + c.KubectlCache() + " off\n"; err != nil || got != want {
		t.Errorf("got %q, error %v", got, err)
	}
	_, err = c.Kubectl(t.Context(), "-c", "echo no such thing >&2; exit 3")
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: no such thing") {
		t.Errorf("got error %v", err)
	}
	stdout, stderr, err := c.RunKubectl(t.Context(), "-c", "echo said; echo aside >&2; exit 3")
	if err == nil || stdout != "said\n" || stderr != "aside\n" {
		t.Errorf("got %q, %q, error %v", stdout, stderr, err)
	}
}

// An end of kubectl by Ctrl-C, or because the time is over, is distinguished from a failure of it.
func TestKubectlIsInterrupted(t *testing.T) {
	c := withShell(t)
	if _, err := c.Kubectl(t.Context(), "-c", "kill -INT $$"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if _, err := c.Kubectl(t.Context(), "-c", "kill -TERM $$"); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the reason")
	cancel(reason)
	if _, err := c.Kubectl(ctx, "-c", "sleep 600"); !errors.Is(err, reason) {
		t.Errorf("got error %v", err)
	}
}

func TestAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ready" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	if err := Answers(t.Context(), server.URL+"/ready"); err != nil {
		t.Error(err)
	}
	if err := Answers(t.Context(), server.URL); err == nil || !strings.HasSuffix(err.Error(), "503 Service Unavailable") {
		t.Errorf("got error %v", err)
	}
	server.Close()
	if err := Answers(t.Context(), server.URL+"/ready"); err == nil {
		t.Error("got no error")
	}
	addresses, err := FreeAddresses(t.Context(), 3)
	if err != nil || len(addresses) != 3 || addresses[0] == addresses[1] || addresses[1] == addresses[2] {
		t.Errorf("got %q, error %v", addresses, err)
	}
}
