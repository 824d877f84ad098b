// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func testFamily(t *testing.T) (*Family, <-chan error) {
	t.Helper()
	failed := make(chan error, 1)
	f := NewFamily(t.TempDir(), func(err error) {
		select {
		case failed <- err:
		default:
		}
	})
	t.Cleanup(func() { _ = f.Stop() })
	return f, failed
}

// script is a plan that runs a shell script and is ready when that has said so.
func script(f *Family, text string) Plan {
	return Plan{
		Name: "sh", Path: "/bin/sh",
		Args: func() ([]string, error) { return []string{"-c", text}, nil },
		Ready: func(context.Context) error {
			if strings.Contains(f.Tail("sh"), "ready") {
				return nil
			}
			return errors.New("not ready")
		},
	}
}

func TestLaunchAndStop(t *testing.T) {
	f, failed := testFamily(t)
	plan := script(f, "sleep 600 & echo ready $WORD; wait")
	plan.Env = []string{"WORD=steady"}
	// The child of the child holds the output open: it has to go as well.
	p, err := f.Launch(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name() != "sh" || !p.Running() || p.Outcome() != nil || f.Tail("sh") != "ready steady" {
		t.Errorf("got %q, outcome %v, log %q", p.Name(), p.Outcome(), f.Tail("sh"))
	}
	if err := f.Stop(); err != nil {
		t.Error(err)
	}
	<-p.Ended()
	if p.Running() || p.Outcome() == nil || len(f.processes) > 0 {
		t.Error("it still runs")
	}
	select {
	case err := <-failed:
		t.Errorf("got %v of a program that was stopped", err)
	default:
	}
}

func TestLaunchTriesAgain(t *testing.T) {
	f, _ := testFamily(t)
	mark := filepath.Join(f.dir, "mark")
	if _, err := f.Launch(t.Context(), script(f, "[ -e "+mark+" ] || { >"+mark+"; exit 1; }; echo ready; sleep 600")); err != nil {
		t.Error(err)
	}
}

func TestLaunchFails(t *testing.T) {
	f, _ := testFamily(t)
	_, err := f.Launch(t.Context(), script(f, "echo the reason; exit 3"))
	if err == nil || err.Error() != "starting sh: it ended at once: exit status 3" {
		t.Errorf("got error %v", err)
	}
	if names := f.Troubled(); len(names) != 1 || names[0] != "sh" {
		t.Errorf("got %q as those with trouble", names)
	}
	if tail := f.Tail("sh"); tail != strings.Repeat("the reason\n", attempts-1)+"the reason" {
		t.Errorf("got log %q", tail)
	}
	plan := script(f, "")
	plan.Path = filepath.Join(f.dir, "missing")
	if _, err := f.Launch(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got error %v", err)
	}
	plan.Args = func() ([]string, error) { return nil, errors.New("no port") }
	if _, err := f.Launch(t.Context(), plan); err == nil || err.Error() != "starting sh: no port" {
		t.Errorf("got error %v", err)
	}
}

func TestLaunchIsInterrupted(t *testing.T) {
	f, _ := testFamily(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := f.Launch(ctx, script(f, "sleep 600")); !errors.Is(err, context.DeadlineExceeded) || len(f.processes) > 0 {
		t.Errorf("got error %v and %d processes", err, len(f.processes))
	}
}

func TestEndIsNoticed(t *testing.T) {
	for name, tc := range map[string]struct{ script, want string }{
		"failure": {"echo ready; read line; exit 4", "sh has ended unexpectedly: exit status 4"},
		"success": {"echo ready; read line; exit 0", "sh has ended unexpectedly: exit status 0"},
	} {
		t.Run(name, func(t *testing.T) {
			f, failed := testFamily(t)
			p, err := f.Launch(t.Context(), script(f, tc.script))
			if err != nil {
				t.Fatal(err)
			}
			_ = p.stdin.Close()
			if err := <-failed; err.Error() != tc.want {
				t.Errorf("got error %v", err)
			}
			if names := f.Troubled(); len(names) != 1 {
				t.Errorf("got %q as ended", names)
			}
		})
	}
}

// A program that was killed on purpose is no trouble, and its successor takes its place.
func TestKill(t *testing.T) {
	f, failed := testFamily(t)
	first := launch(t, f, "sh", "trap '' TERM; echo ready; while :; do sleep 1; done")
	launch(t, f, "other", "echo ready; read line")
	if err := errors.Join(first.Kill(), first.Kill()); err != nil {
		t.Error(err)
	}
	if first.Running() || first.Outcome().Error() != "signal: killed" {
		t.Errorf("got outcome %v", first.Outcome())
	}
	second := launch(t, f, "sh", "echo ready; read line")
	if len(f.processes) != 2 || f.processes[0] != second || len(f.Troubled()) > 0 {
		t.Errorf("got %d processes, with trouble: %q", len(f.processes), f.Troubled())
	}
	if err := second.Signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	if err := <-failed; err.Error() != "sh has ended unexpectedly: signal: killed" {
		t.Errorf("got error %v", err)
	}
	if err := second.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("got error %v when it was gone", err)
	}
}

func launch(t *testing.T, f *Family, name, text string) *Process {
	t.Helper()
	plan := script(f, text)
	plan.Name = name
	p, err := f.Launch(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStopInsists(t *testing.T) {
	f, _ := testFamily(t)
	p, err := f.Launch(t.Context(), script(f, "trap '' TERM; echo ready; while :; do sleep 1; done"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(100 * time.Millisecond); err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("got error %v", err)
	}
	if p.Running() {
		t.Error("it still runs")
	}
	if err := p.Stop(grace); err != nil {
		t.Errorf("got error %v when it was gone", err)
	}
}

func TestProcessLog(t *testing.T) {
	_, err := Start("sh", filepath.Join(t.TempDir(), "none", "log"), exec.CommandContext(t.Context(), "/bin/sh"))
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
