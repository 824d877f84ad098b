// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// started is a program under test.
type started struct {
	output *bufio.Reader
	stdin  *io.PipeWriter
	ended  chan error
	stop   context.CancelFunc
}

func startProgram(t *testing.T, args ...string) started {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdin, feed := io.Pipe()
	read, stdout := io.Pipe()
	p := started{output: bufio.NewReader(read), stdin: feed, ended: make(chan error, 1), stop: stop}
	go func() {
		err := run(ctx, args, stdin, stdout)
		_ = stdout.Close()
		p.ended <- err
	}()
	t.Cleanup(func() { stop(); _ = read.Close(); _ = feed.Close() })
	return p
}

func (p started) line(t *testing.T) string {
	t.Helper()
	line, err := p.output.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

func TestServesAndStops(t *testing.T) {
	for name, end := range map[string]func(started){
		"signal":       func(p started) { p.stop() },
		"end of input": func(p started) { _ = p.stdin.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			p := startProgram(t, "--seed", "--exit-with-stdin", "--set-delay", "0s")
			url, ok := strings.CutPrefix(p.line(t), "seamsim: listening on ")
			if !ok {
				t.Fatal("the first line does not name the address")
			}
			checkSeed(t, p)
			checkHealth(t, url)
			end(p)
			if err := <-p.ended; err != nil {
				t.Errorf("got error %v at the end", err)
			}
		})
	}
}

// checkSeed reads the lines that name what is seeded.
func checkSeed(t *testing.T, p started) {
	t.Helper()
	lines := []string{
		sim.SeedWorkspaceID + " key " + sim.SeedAPIKey, sim.SeedOtherWorkspaceID + " key " + sim.SeedOtherAPIKey,
		sim.SeedAccessToken, sim.SeedConsoleToken, sim.SeedPublishableKey, sim.SeedClientSessionToken,
	}
	for _, d := range sim.SeedDevices() {
		lines = append(lines, d.ID)
	}
	for _, want := range lines {
		if line := p.line(t); !strings.Contains(line, want) {
			t.Errorf("line %q does not name %q", line, want)
		}
	}
}

func checkHealth(t *testing.T, url string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/health", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got status %d", resp.StatusCode)
	}
}

func TestUnseeded(t *testing.T) {
	p := startProgram(t)
	if line := p.line(t); !strings.HasPrefix(line, "seamsim: listening on http://127.0.0.1:") {
		t.Errorf("got line %q", line)
	}
	_ = p.stdin.Close() // not asked to heed it
	p.stop()
	if err := <-p.ended; err != nil {
		t.Errorf("got error %v at the end", err)
	}
}

func TestRefusals(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"any address": {[]string{"--listen", "0.0.0.0:0"}, "is not a loopback address"},
		"no host":     {[]string{"--listen", ":8080"}, "is not a loopback address"},
		"a name":      {[]string{"--listen", "example.org:80"}, "is not a loopback address"},
		"no port":     {[]string{"--listen", "127.0.0.1"}, "reading --listen"},
		"unknown":     {[]string{"--sed"}, "reading flags"},
		"taken port":  {[]string{"--listen", "127.0.0.1:99999"}, "listening"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), tc.args, strings.NewReader(""), io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestDelays(t *testing.T) {
	got, err := parseFlags([]string{"--set-delay", "0s", "--remove-delay", "9s", "--rate-limits=false", "--latency", "50ms", "--omit-status"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got.options.SetDelay >= 0 || got.options.RemoveDelay.Seconds() != 9 || got.options.RateLimits ||
		got.options.Latency.Milliseconds() != 50 || !got.options.OmitStatus {
		t.Errorf("got options %+v", got.options)
	}
}
