// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: only, cluster: {server: %q}}]
users: [{name: only, user: {}}]
contexts: [{name: only, context: {cluster: only, user: only}}]
current-context: only
`

// TestStart: the program says which one it is in its log, once, and to the API server with each request.
func TestStart(t *testing.T) {
	g := fromMakefile(t)
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	agents := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		select {
		case agents <- request.UserAgent():
		default:
		}
		http.Error(answer, "no API here", http.StatusServiceUnavailable)
	}))
	defer server.Close()
	config := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(config, fmt.Appendf(nil, kubeconfig, server.URL), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	program := exec.CommandContext(t.Context(), filepath.Join(g.root, entrypoint),
		"--kubeconfig", config, "--health-probe-bind-address=0")
	program.Stderr = &log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait() }()
	select {
	case agent := <-agents:
		if want := "access-code-operator/" + g.version + " (linux/" + runtime.GOARCH + ")"; agent != want {
			t.Errorf("the API server is called by %q, want %q", agent, want)
		}
		// An error is one that it had already ended.
		_, _ = program.Process.Kill(), <-ended
	case err := <-ended:
		t.Errorf("it ended without a request: %v", err)
	}
	if got := strings.Count(log.String(), `"version":"`+g.version+`"`); got != 1 {
		t.Errorf("the version stands %d times in the log:\n%s", got, log.String())
	}
}
