// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command seamsim serves the Seam simulator of internal/sim on a loopback address.
//
// The first line on standard output names the address:
//
//	seamsim: listening on http://127.0.0.1:41234
//
// It stops on SIGTERM, on SIGINT and, with --exit-with-stdin, when standard input ends,
// which it does when the parent process dies.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "seamsim:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	listen        string
	exitWithStdin bool
	options       sim.Options
}

func parseFlags(args []string, output io.Writer) (settings, error) {
	s := settings{}
	flags := flag.NewFlagSet("seamsim", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "loopback address and port; port 0 takes a free one")
	flags.BoolVar(&s.exitWithStdin, "exit-with-stdin", false, "stop when standard input ends")
	flags.BoolVar(&s.options.Seed, "seed", false, "begin with the seeded workspaces, keys and devices")
	flags.DurationVar(&s.options.SetDelay, "set-delay", 3*time.Second, "how long a lock takes to be programmed")
	flags.DurationVar(&s.options.RemoveDelay, "remove-delay", 3*time.Second, "how long a lock takes to forget a code")
	flags.DurationVar(&s.options.Latency, "latency", 0, "how long each request of the API takes")
	flags.BoolVar(&s.options.RateLimits, "rate-limits", true, "apply the documented limits per device and minute")
	flags.BoolVar(&s.options.OmitStatus, "omit-status", false, "leave the deprecated status out of the codes that the API shows")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("reading flags: %w", err)
	}
	// For sim zero means the default, here it means none.
	s.options.SetDelay = orNone(s.options.SetDelay)
	s.options.RemoveDelay = orNone(s.options.RemoveDelay)
	return s, checkLoopback(s.listen)
}

func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// checkLoopback keeps the simulator off the network: its control endpoints ask for no
// key.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("reading --listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen %q is not a loopback address such as 127.0.0.1:0", address)
	}
	return nil
}

// run serves until ctx ends or, where asked for, standard input does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	s, err := parseFlags(args, os.Stderr)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	announce(stdout, listener.Addr(), s.options.Seed)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if s.exitWithStdin {
		// Ends with the input or with the process; nothing waits for it.
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			stop()
		}()
	}
	return serve(ctx, listener, sim.New(s.options))
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// ctx is over already, so the grace period needs one of its own.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		// A request held by a fault outlives the grace period; it is cut.
		return server.Close()
	}
	return nil
}

func announce(out io.Writer, address net.Addr, seeded bool) {
	fmt.Fprintf(out, "seamsim: listening on http://%s\n", address)
	if !seeded {
		return
	}
	fmt.Fprintf(out, "seamsim: workspace %s key %s\n", sim.SeedWorkspaceID, sim.SeedAPIKey)
	fmt.Fprintf(out, "seamsim: workspace %s key %s\n", sim.SeedOtherWorkspaceID, sim.SeedOtherAPIKey)
	fmt.Fprintf(out, "seamsim: personal access token %s\n", sim.SeedAccessToken)
	fmt.Fprintf(out, "seamsim: console session token %s\n", sim.SeedConsoleToken)
	fmt.Fprintf(out, "seamsim: publishable key %s user %s\n", sim.SeedPublishableKey, sim.SeedUserIdentifierKey)
	fmt.Fprintf(out, "seamsim: client session token %s\n", sim.SeedClientSessionToken)
	for _, d := range sim.SeedDevices() {
		fmt.Fprintf(out, "seamsim: device %s %s (%s)\n", d.ID, d.Name, d.Type)
	}
}
