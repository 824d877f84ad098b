// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"bufio"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// The environment variable that names the program node.
const envNode = "NODE"

// What the fake is seeded with.
const (
	fakeKey        = "seam_apikey1_token"
	fakeOtherKey   = "seam_apikey2_token"
	fakeWorkspace  = "seed_workspace_1"
	fakeLock       = "august_device_1"
	fakeOtherLock  = "august_device_2"
	fakeThermostat = "ecobee_device_1"
)

// fake is the official fake behind a proxy that counts. One serves a whole test; its state
// is in memory and cannot be reset.
type fake struct {
	url    string
	direct string // past the proxy

	mu       sync.Mutex
	requests map[string]int // by path
}

func startFake(t *testing.T) *fake {
	t.Helper()
	node := os.Getenv(envNode)
	if node == "" {
		t.Skip("needs the official fake: make test-interop")
	}
	cmd := exec.CommandContext(t.Context(), node, "fake.mjs")
	cmd.Stderr = os.Stderr
	// As production: error bodies without stack traces, which name files.
	cmd.Env = append(os.Environ(), "NODE_ENV=production")
	// The fake ends with its input, so also when this process is killed.
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // whatever it was that ended it
	})
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	address, named := strings.CutPrefix(strings.TrimSpace(line), "fake: listening on ")
	if err != nil || !named {
		t.Fatalf("the fake says %q, error %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }() // its log; ends with it
	return newProxy(t, address)
}

func newProxy(t *testing.T, address string) *fake {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{direct: address, requests: map[string]int{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.requests[r.URL.Path]++
		f.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

// count is how often a path was called.
func (f *fake) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[path]
}

// total is how many requests there were, to how many paths.
func (f *fake) total() (requests, paths int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range f.requests {
		requests += n
	}
	return requests, len(f.requests)
}

// calls are the requests by path.
func (f *fake) calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.requests)
}

func (f *fake) client(t *testing.T, auth seam.Auth) *seam.Client {
	t.Helper()
	return newClient(t, f.url, auth)
}

// observer is a client that is not counted.
func (f *fake) observer(t *testing.T) *seam.Client {
	t.Helper()
	return newClient(t, f.direct, seam.APIKey(fakeKey))
}

func newClient(t *testing.T, endpoint string, auth seam.Auth) *seam.Client {
	t.Helper()
	c, err := seam.New(seam.Options{Endpoint: endpoint, Auth: auth, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// bench is a test with the fake and a client for it.
type bench struct {
	t      *testing.T
	ctx    context.Context
	fake   *fake
	client *seam.Client
}

func newBench(t *testing.T, f *fake) *bench {
	t.Helper()
	return &bench{t: t, ctx: t.Context(), fake: f, client: f.client(t, seam.APIKey(fakeKey))}
}

func (b *bench) no(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// create makes a code on fakeLock unless told otherwise.
func (b *bench) create(r seam.CreateAccessCodeRequest) *seam.AccessCode {
	b.t.Helper()
	if r.DeviceID == "" {
		r.DeviceID = fakeLock
	}
	code, err := b.client.AccessCodes.Create(b.ctx, r)
	b.no(err)
	return code
}

// window are whole hours from now.
func window() (starts, ends *time.Time) {
	now := time.Now().UTC().Truncate(time.Hour)
	return new(now.Add(24 * time.Hour)), new(now.Add(26 * time.Hour))
}
