// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testFamily(t *testing.T) (*family, <-chan error) {
	t.Helper()
	failed := make(chan error, 1)
	f := &family{dir: t.TempDir(), fail: func(err error) {
		select {
		case failed <- err:
		default:
		}
	}}
	t.Cleanup(func() { _ = f.stop() })
	return f, failed
}

// script is a plan that runs a shell script and is ready when that has said so.
func script(f *family, text string) plan {
	return plan{
		name: "sh", path: "/bin/sh",
		args: func() ([]string, error) { return []string{"-c", text}, nil },
		ready: func(context.Context) error {
			if strings.Contains(f.tail("sh"), "ready") {
				return nil
			}
			return errors.New("not ready")
		},
	}
}

func TestLaunchAndStop(t *testing.T) {
	f, _ := testFamily(t)
	// The child of the child holds the output open: it has to go as well.
	if err := f.launch(t.Context(), script(f, "sleep 600 & echo ready; wait")); err != nil {
		t.Fatal(err)
	}
	c := f.children[0]
	if err := f.stop(); err != nil {
		t.Error(err)
	}
	if c.running() || len(f.children) > 0 {
		t.Error("it still runs")
	}
}

func TestLaunchTriesAgain(t *testing.T) {
	f, _ := testFamily(t)
	mark := filepath.Join(f.dir, "mark")
	if err := f.launch(t.Context(), script(f, "[ -e "+mark+" ] || { >"+mark+"; exit 1; }; echo ready; sleep 600")); err != nil {
		t.Error(err)
	}
}

func TestLaunchFails(t *testing.T) {
	f, _ := testFamily(t)
	err := f.launch(t.Context(), script(f, "echo the reason; exit 3"))
	if err == nil || err.Error() != "starting sh: it ended at once: exit status 3" {
		t.Errorf("got error %v", err)
	}
	if names := f.ended(); len(names) != 1 || names[0] != "sh" {
		t.Errorf("got %q as those with trouble", names)
	}
	if tail := f.tail("sh"); tail != strings.Repeat("the reason\n", attempts-1)+"the reason" {
		t.Errorf("got log %q", tail)
	}
	p := script(f, "")
	p.path = filepath.Join(f.dir, "missing")
	if err := f.launch(t.Context(), p); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got error %v", err)
	}
}

func TestLaunchIsInterrupted(t *testing.T) {
	f, _ := testFamily(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := f.launch(ctx, script(f, "sleep 600")); !errors.Is(err, context.DeadlineExceeded) || len(f.children) > 0 {
		t.Errorf("got error %v and %d children", err, len(f.children))
	}
}

func TestEndIsNoticed(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"failure": {"echo ready; read line; exit 4", "sh has ended unexpectedly: exit status 4"},
		"success": {"echo ready; read line; exit 0", "sh has ended unexpectedly: exit status 0"},
	} {
		t.Run(name, func(t *testing.T) {
			f, failed := testFamily(t)
			if err := f.launch(t.Context(), script(f, tc.script)); err != nil {
				t.Fatal(err)
			}
			_ = f.children[0].stdin.Close()
			if err := <-failed; err.Error() != tc.want {
				t.Errorf("got error %v", err)
			}
			if names := f.ended(); len(names) != 1 {
				t.Errorf("got %q as ended", names)
			}
		})
	}
}

func TestStopInsists(t *testing.T) {
	f, _ := testFamily(t)
	if err := f.launch(t.Context(), script(f, "trap '' TERM; echo ready; while :; do sleep 1; done")); err != nil {
		t.Fatal(err)
	}
	c := f.children[0]
	if err := c.stop(100 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("got error %v", err)
	}
	if c.running() {
		t.Error("it still runs")
	}
	if err := c.stop(grace); err != nil {
		t.Errorf("got error %v when it was gone", err)
	}
}

func TestChildLog(t *testing.T) {
	_, err := startChild("sh", filepath.Join(t.TempDir(), "none", "log"), exec.CommandContext(t.Context(), "/bin/sh"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v", err)
	}
}

func TestLastLines(t *testing.T) {
	for _, tc := range []struct{ text, want string }{{"", ""}, {"a\n", "a"}, {"a\nb\nc\n", "b\nc"}, {"a\nb\nc", "b\nc"}} {
		if got := lastLines(tc.text, 2); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.text, got, tc.want)
		}
	}
}
