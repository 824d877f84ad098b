// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
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
		if typed(args) != want {
			t.Errorf("got %s, want %s", typed(args), want)
		}
	}
}

func TestKubectl(t *testing.T) {
	var out bytes.Buffer
	k := newKubectl("/bin/sh", t.TempDir(), "/demo/kubeconfig", "/demo/cache", &console{w: &out})
	got, err := k.output(t.Context(), "-c", "echo $KUBECONFIG $KUBECACHEDIR $KUBERC; echo aside >&2")
	if err != nil || got != "/demo/kubeconfig /demo/cache off\n" {
		t.Errorf("got %q, error %v", got, err)
	}
	_, err = k.output(t.Context(), "-c", "echo no such thing >&2; exit 3")
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: no such thing") {
		t.Errorf("got error %v", err)
	}
	if err := k.show(t.Context(), "-c", "echo said; echo aside >&2; exit 3"); err == nil {
		t.Error("got no error")
	}
	if want := "$ kubectl -c 'echo said; echo aside >&2; exit 3'\nsaid\naside\n\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if _, err := k.output(t.Context(), "-c", "kill -INT $$"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if _, err := k.output(t.Context(), "-c", "kill -TERM $$"); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the reason")
	cancel(reason)
	if _, err := k.output(ctx, "-c", "sleep 600"); !errors.Is(err, reason) {
		t.Errorf("got error %v", err)
	}
}

func TestAnswers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ready" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	if err := answers(t.Context(), server.URL+"/ready"); err != nil {
		t.Error(err)
	}
	if err := answers(t.Context(), server.URL); err == nil || !strings.HasSuffix(err.Error(), "503 Service Unavailable") {
		t.Errorf("got error %v", err)
	}
	server.Close()
	if err := answers(t.Context(), server.URL+"/ready"); err == nil {
		t.Error("got no error")
	}
	addresses, err := freeAddresses(t.Context(), 3)
	if err != nil || len(addresses) != 3 || addresses[0] == addresses[1] || addresses[1] == addresses[2] {
		t.Errorf("got %q, error %v", addresses, err)
	}
}
