// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command demo shows the life of access codes on real parts: a local Kubernetes API server, the operator and the
// simulator of Seam's API, all started here on free ports of the loopback address.
//
// It is started by "make demo", which builds what is missing first. With --stay, as "make demo-up" calls it, it starts
// the same parts and stays up for kubectl in another terminal. However it ends, it stops what it has started and
// removes its temporary folder. It exits with 0 when everything was seen as it should be, with 1 and the reason when
// not, and with 130 when it was interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	// A reader that went away, as in "make demo | head", is an error of the write and ends the demo in good order.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	code := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the command line.
type settings struct {
	project string
	stay    bool
}

// command runs the demo and returns the exit code.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage // the flag package has said why
	}
	err = run(ctx, s, stdout)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "demo: interrupted")
		return exitInterrupted
	default:
		fmt.Fprintln(stderr, "demo:", err)
		return exitFailed
	}
}

func parseFlags(args []string, output io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.project, "project", "", "the checkout, which has config/ and bin/; the parent of this program's folder when empty")
	flags.BoolVar(&s.stay, "stay", false, "start everything and stay up until Ctrl-C, for kubectl in another terminal")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(output, "demo takes no arguments, got %q\n", flags.Args())
		return settings{}, errors.New("reading flags: too many arguments")
	}
	return s, nil
}

// run starts everything in a temporary folder, shows what there is to show, and cleans up.
func run(ctx context.Context, s settings, stdout io.Writer) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	parts, err := findParts(s.project)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "access-code-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// kustomize goes by real paths, and some systems reach their temporary folder through a link.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return fmt.Errorf("finding the temporary folder: %w", err)
	}
	d := newDemo(parts, dir, stdout, fail)
	err = d.show(ctx, s.stay)
	fail(nil) // from here on the end of a child is no failure
	if cause := context.Cause(ctx); err != nil && !errors.Is(cause, context.Canceled) {
		err = cause // what failed first; the rest came of it
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		d.printLogs()
	}
	return errors.Join(err, d.cluster.Stop())
}
