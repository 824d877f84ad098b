// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package docs_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	certutil "k8s.io/client-go/util/cert"
)

// seam is where the operator finds Seam when it is told of no other endpoint.
const seam = "connect.getseam.com"

// leadTo sets up a way from Seam's own name to another server, and returns the environment in which a program takes it.
func leadTo(t *testing.T, server string) []string {
	t.Helper()
	certificate, key, err := certutil.GenerateSelfSignedCertKey(seam, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	trusted := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(trusted, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	posing := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	posing.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	posing.StartTLS()
	t.Cleanup(posing.Close)
	proxy := httptest.NewServer(tunnel(t, posing.Listener.Addr().String()))
	t.Cleanup(proxy.CloseClientConnections)
	return []string{"HTTPS_PROXY=" + proxy.URL, "https_proxy=" + proxy.URL, "SSL_CERT_FILE=" + trusted}
}

// tunnel is a proxy through which one gets to Seam only, which is at an address.
func tunnel(t *testing.T, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != seam+":443" {
			t.Errorf("the operator wants to go to %s %s", r.Method, r.Host)
			w.WriteHeader(http.StatusForbidden)
			return
		}
		there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", address)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = there.Close() }()
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = here.Close() }()
		go func() {
			_, _ = io.Copy(there, here)
			_ = there.Close() // which ends the other way, too
		}()
		_, _ = io.Copy(here, there)
	})
}
