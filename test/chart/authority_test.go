// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// authorities is where the chart mounts the certificate of an authority.
const authorities = "/etc/access-code-operator/ca"

// asClient names, in the environment of a process of its own, what TestClient is to ask.
const asClient = "CHART_TEST_CLIENT"

// TestAuthorityIsTrusted lays a certificate out as a Secret is mounted: a Go program with the environment of the chart
// trusts it, and one without does not.
func TestAuthorityIsTrusted(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // that it is not trusted is meant to be
	server.StartTLS()
	t.Cleanup(server.Close)
	mounted := t.TempDir()
	if err := os.Mkdir(filepath.Join(mounted, "..2026"), 0o700); err != nil {
		t.Fatal(err)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(mounted, "..2026", "ca.crt"), certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"..data": "..2026", "ca.crt": filepath.Join("..data", "ca.crt")} {
		if err := os.Symlink(to, filepath.Join(mounted, link)); err != nil {
			t.Fatal(err)
		}
	}
	for v, trusted := range map[string]bool{`ca: {secretName: own}`: true, `{}`: false} {
		ask := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestClient$")
		ask.Env = append(os.Environ(), asClient+"="+server.URL)
		for _, e := range deploymentWith(t, v).Spec.Template.Spec.Containers[0].Env {
			ask.Env = append(ask.Env, e.Name+"="+strings.ReplaceAll(e.Value, authorities, mounted))
		}
		output, err := ask.CombinedOutput()
		if trusted != (err == nil) || !trusted && !strings.Contains(string(output), "certificate signed by unknown authority") {
			t.Errorf("%s: got error %v:\n%s", v, err, output)
		}
	}
}

// TestClient is a test only within the process that TestAuthorityIsTrusted starts: authorities are read once.
func TestClient(t *testing.T) {
	address := os.Getenv(asClient)
	if address == "" {
		t.Skip("not started by TestAuthorityIsTrusted")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}
