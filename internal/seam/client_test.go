// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
)

func TestOptions(t *testing.T) {
	tests := []struct {
		name, want string
		change     func(*seam.Options)
	}{
		{name: "defaults", change: func(o *seam.Options) { o.Endpoint = "" }},
		{name: "path and slash", change: func(o *seam.Options) { o.Endpoint = "https://proxy.example/seam/" }},
		{name: "no URL", change: func(o *seam.Options) { o.Endpoint = "http://a b:pw@/" }, want: "checking endpoint: not a URL"},
		{name: "relative", change: func(o *seam.Options) { o.Endpoint = "connect.getseam.com" }, want: "checking endpoint: scheme is neither http nor https"},
		{name: "other scheme", change: func(o *seam.Options) { o.Endpoint = "ftp://x" }, want: "checking endpoint: scheme is neither http nor https"},
		{name: "no host", change: func(o *seam.Options) { o.Endpoint = "http://:80/" }, want: "checking endpoint: no host"},
		{name: "opaque", change: func(o *seam.Options) { o.Endpoint = "http:x" }, want: "checking endpoint: no host"},
		{name: "user", change: func(o *seam.Options) { o.Endpoint = "http://a:pw@x" }, want: "checking endpoint: user information is not allowed"},
		{name: "query", change: func(o *seam.Options) { o.Endpoint = "http://x?a=pw" }, want: "checking endpoint: query and fragment are not allowed"},
		{name: "empty query", change: func(o *seam.Options) { o.Endpoint = "http://x?" }, want: "checking endpoint: query and fragment are not allowed"},
		{name: "fragment", change: func(o *seam.Options) { o.Endpoint = "http://x#pw" }, want: "checking endpoint: query and fragment are not allowed"},
		{name: "time-out", change: func(o *seam.Options) { o.Timeout = -1 }, want: "checking timeout: -1ns is negative"},
		{name: "size", change: func(o *seam.Options) { o.MaxResponseBytes = -1 }, want: "checking maximum of response bytes: -1 is negative"},
		{name: "own authorization", change: func(o *seam.Options) { o.Headers = http.Header{"authorization": {"pw"}} }, want: `checking headers: "Authorization" is set by the client itself`},
		{name: "idempotency key", change: func(o *seam.Options) { o.Headers = http.Header{"Idempotency-Key": {"x"}} }, want: `checking headers: "Idempotency-Key" is set by the client itself`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := seam.Options{Auth: seam.APIKey(key)}
			tt.change(&o)
			_, err := seam.New(o)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEndpointPath(t *testing.T) {
	s := serve(t, ok(workspaceOK))
	if _, err := client(t, s.URL+"/seam/").Workspaces.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.seen()[0].Path; got != "/seam/workspaces/get" {
		t.Errorf("called %s", got)
	}
}

// TestConnectionReuse: answers of every kind are read to the end.
func TestConnectionReuse(t *testing.T) {
	answers := []http.HandlerFunc{
		ok(oneCode), says(404, envelope("access_code_not_found", "m")), says(503, strings.Repeat("x", 5000)), says(404, "404"), ok(`{}`),
	}
	var next atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		answers[int(next.Add(1))%len(answers)](w, r)
	}))
	var connections atomic.Int32
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := client(t, s.URL)
	for range 50 {
		_, _ = c.AccessCodes.Get(t.Context(), "a1") // the connection counts, not the answer
	}
	if next.Load() != 50 || connections.Load() != 1 {
		t.Errorf("%d calls on %d connections", next.Load(), connections.Load())
	}
}

// TestNoRedirects: with the default client and with one of the caller's, whose
// own settings stay as they are.
func TestNoRedirects(t *testing.T) {
	other := serve(t, ok(workspaceOK))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, own := range []*http.Client{nil, {}} {
			s := serve(t, says(status, "", "Location", other.URL+"/workspaces/get"))
			c := client(t, s.URL, func(o *seam.Options) { o.HTTPClient = own })
			if _, err := c.Workspaces.Get(t.Context()); !seam.IsUnavailable(err) {
				t.Errorf("%d: %v", status, err)
			}
			if own != nil && own.CheckRedirect != nil {
				t.Error("the caller's client was changed")
			}
		}
	}
	if n := len(other.seen()); n != 0 {
		t.Errorf("the other host got %d requests", n)
	}
}

func TestOnResponse(t *testing.T) {
	const date = "Tue, 01 Jan 2030 00:00:00 GMT"
	var mu sync.Mutex
	var infos []seam.Info
	now := time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	s := serve(t,
		says(200, workspaceOK, "Date", date, "seam-request-id", "r1"),
		says(429, "", "Date", date, "seam-request-id", "r2"),
		says(200, "{", "Date", "today"), hangUp,
		func(http.ResponseWriter, *http.Request) { giveUp(); <-t.Context().Done() })
	c := client(t, s.URL, func(o *seam.Options) {
		o.OnResponse = func(i seam.Info) { mu.Lock(); infos = append(infos, i); mu.Unlock() }
		o.Now = func() time.Time { now = now.Add(time.Second); return now }
	})
	for range 5 {
		_, _ = c.Workspaces.Get(ctx) // Info tells how it went
	}
	if _, err := c.Workspaces.Get(ctx); err == nil || len(infos) > 5 {
		t.Errorf("%v, %d times told, of a call that was not made", err, len(infos))
	}
	when := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []seam.Info{
		{Path: "/workspaces/get", Status: 200, Duration: 2 * time.Second, RequestID: "r1", Date: when},
		{Path: "/workspaces/get", Status: 429, Duration: 2 * time.Second, RequestID: "r2", Date: when, Kind: seam.RateLimited},
		{Path: "/workspaces/get", Status: 200, Duration: 2 * time.Second, Kind: seam.Unavailable},
		{Path: "/workspaces/get", Duration: time.Second, Kind: seam.Unavailable},
		{Path: "/workspaces/get", Duration: time.Second, Kind: seam.Unavailable, Canceled: true},
	}
	if diff := cmp.Diff(want, infos); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestEndlessAnswer: reading stops at the limit, not at the time-out.
func TestEndlessAnswer(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat(" ", 1<<16)
		for {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	c := client(t, s.URL, func(o *seam.Options) { o.MaxResponseBytes = 1 << 20 })
	_, err := c.Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable (status 200): answer is longer than 1048576 bytes")
}

// TestCompressedBomb: the limit counts what comes out, not what comes in.
func TestCompressedBomb(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"x":"`+strings.Repeat("0", 1<<20)+`"}`)
		_ = z.Close()
	})
	c := client(t, s.URL, func(o *seam.Options) { o.MaxResponseBytes = 1 << 16 })
	_, err := c.Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable (status 200): answer is longer than 65536 bytes")
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(ok(workspaceOK))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	s.StartTLS()
	t.Cleanup(s.Close)
	if _, err := client(t, s.URL, func(o *seam.Options) { o.HTTPClient = s.Client() }).Workspaces.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := client(t, s.URL).Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable: verifying certificate: x509: certificate signed by unknown authority")
	if seam.InDoubt(err) {
		t.Error("in doubt although the request never left")
	}
	trusting := func() *http.Transport {
		return &http.Transport{TLSClientConfig: s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()} //nolint:errcheck // httptest's own type
	}
	expired := trusting()
	expired.TLSClientConfig.Time = func() time.Time { return time.Date(2500, 1, 1, 0, 0, 0, 0, time.UTC) }
	_, err = client(t, s.URL, func(o *seam.Options) { o.HTTPClient = &http.Client{Transport: expired} }).Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable: verifying certificate: expired or not yet valid")
	old := trusting()
	old.TLSClientConfig.MaxVersion = tls.VersionTLS12
	_, err = client(t, s.URL, func(o *seam.Options) { o.HTTPClient = &http.Client{Transport: old} }).Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable: remote error: tls: protocol version not supported")
	plain := serve(t, ok(workspaceOK))
	_, err = client(t, strings.Replace(plain.URL, "http:", "https:", 1)).Workspaces.Get(t.Context())
	checkText(t, err, "calling /workspaces/get: unavailable: http: server gave HTTP response to HTTPS client")
}
