// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// Whoever ends the operator has not ended the demo: it runs again, until the demo itself is ended.
func TestOperatorThatIsEndedRunsAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	d := newDemo(parts{}, t.TempDir(), &out, func(err error) { t.Errorf("the demo ends: %v", err) })
	d.staying = true
	t.Cleanup(func() {
		if err := d.cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	var started []*localcluster.Process
	launch := func(ctx context.Context) (*localcluster.Process, error) {
		p, err := d.cluster.Launch(ctx, localcluster.Plan{
			Name: operatorName, Path: "/bin/sh", MayEnd: d.staying,
			Args:  func() ([]string, error) { return []string{"-c", "sleep 600 & wait"}, nil },
			Ready: func(context.Context) error { return nil },
		})
		started = append(started, p)
		if len(started) == 3 {
			cancel()
			return p, err
		}
		return p, errors.Join(err, p.Signal(syscall.SIGKILL))
	}
	first, err := launch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.keep(ctx, first, launch, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if len(started) != 3 || !started[2].Running() || d.cluster.Process(operatorName) != started[2] {
		t.Errorf("started %d times", len(started))
	}
	for _, p := range started {
		if !strings.Contains(out.String(), fmt.Sprintf("kill -9 %d\n", p.PID())) {
			t.Errorf("nothing tells how to end process %d: %q", p.PID(), out.String())
		}
	}
}

// In a terminal headings stand out; elsewhere, and where a person has asked for it, all is plain.
func TestBoldHeadings(t *testing.T) {
	var out bytes.Buffer
	c := &console{w: &out, blank: true, bold: true}
	c.heading("One")
	if want := "\x1b[1m=== One\x1b[0m\n\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if isTerminal(&out) {
		t.Error("a buffer is a terminal")
	}
}
