// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the operator beside what one would write in its place: a loop over the official JavaScript
// client, a bare loop over the Go client, and a controller that polls.
//
// It starts a real control plane, the simulator of Seam's API and the operator, each as a program of its own on free
// ports of the loopback address, and stops all of it when it ends. "make bench" runs it in full and writes
// docs/benchmarks.md; "make bench-smoke" takes less than five minutes and fails when a count is over its bound.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	code := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// settings are the command line.
type settings struct {
	project     string
	operator    string
	simulator   string
	sizes       []int
	idle        time.Duration
	patience    time.Duration
	latency     time.Duration
	concurrency int
	scenarios   []string
	peers       bool
	smoke       bool
	json        string
	markdown    string
	record      string
}

// command runs the benchmark and returns the exit code.
func command(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "bench:", err)
		return exitUsage
	}
	err = run(ctx, s, stdout, stderr)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "bench: interrupted")
		return exitInterrupted
	default:
		fmt.Fprintln(stderr, "bench:", err)
		return exitFailed
	}
}

func parseFlags(args []string, output io.Writer) (settings, error) {
	s := settings{peers: true}
	var sizes, scenarios string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.StringVar(&s.project, "project", "", "the checkout, which has config/ and bin/; the parent of this program's folder when empty")
	flags.StringVar(&s.operator, "operator", "", "the operator's program; bin/access-code-operator of the checkout when empty")
	flags.StringVar(&s.simulator, "simulator", "", "the simulator's program; bin/seamsim of the checkout when empty")
	flags.StringVar(&sizes, "sizes", "100,1000,10000", "how many AccessCodes, one round each")
	flags.DurationVar(&s.idle, "idle", idleSpan, "how long the idle operator is watched")
	flags.DurationVar(&s.patience, "patience", 2*time.Minute, "how long a change at the lock may stay unnoticed before it counts as missed")
	flags.DurationVar(&s.latency, "latency", 100*time.Millisecond, "how long each request to Seam takes, as over the internet")
	flags.IntVar(&s.concurrency, "concurrency", 50, "the operator's --max-concurrent-reconciles, and requests in flight of its peers")
	flags.StringVar(&scenarios, "scenarios", strings.Join(scenarioNames(), ","), "what is measured")
	flags.BoolVar(&s.smoke, "smoke", false, "1,000 codes, little idling, no peers; fails when a count is over its bound")
	flags.StringVar(&s.json, "json", "", "write all figures to this file, full runs only")
	flags.StringVar(&s.markdown, "markdown", "", "write the report to this file, full runs only")
	flags.StringVar(&s.record, "record", "", "record the operator's metrics into this file; one size, no shards, no peers; the operator then holds a lease, as config/manager has it")
	if err := flags.Parse(args); err != nil {
		return settings{}, fmt.Errorf("reading flags: %w", err)
	}
	if flags.NArg() > 0 {
		return settings{}, fmt.Errorf("reading flags: no arguments are taken, got %q", flags.Args())
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if s.smoke {
		sizes, scenarios = smokeDefaults(&s, given, sizes, scenarios)
	}
	if s.record != "" {
		s.peers = false // the recording ends with the run
	}
	if err := s.complete(sizes, scenarios); err != nil {
		return settings{}, fmt.Errorf("reading flags: %w", err)
	}
	return s, nil
}

// smokeDefaults are those of -smoke where a flag is not given; it returns sizes and scenarios. What gives times alone is
// left out.
func smokeDefaults(s *settings, given map[string]bool, sizes, scenarios string) (string, string) {
	s.peers = false
	if !given["idle"] {
		s.idle = 30 * time.Second
	}
	if !given["sizes"] {
		sizes = strconv.Itoa(baseSize)
	}
	if !given["scenarios"] {
		scenarios = strings.Join([]string{scenarioConverge, scenarioIdle, scenarioRestart, scenarioDelete, scenarioLimits, scenarioShards}, ",")
	}
	return sizes, scenarios
}

// complete reads the lists and checks what the flag package does not.
func (s *settings) complete(sizes, scenarios string) error {
	if err := s.readLists(sizes, scenarios); err != nil {
		return err
	}
	switch {
	case s.concurrency < 1:
		return fmt.Errorf("-concurrency: %d is too small", s.concurrency)
	case s.idle <= 0 || s.patience <= 0 || s.latency < 0:
		return errors.New("-idle and -patience must be more than nothing, and -latency not less")
	case s.record != "" && (len(s.sizes) != 1 || s.runs(scenarioShards)):
		return errors.New("-record is for one operator: give -sizes one number, and -scenarios without " + scenarioShards)
	case (s.json != "" || s.markdown != "") && !s.full():
		return fmt.Errorf("-json and -markdown are for a full run: all scenarios, %d and %d codes among the sizes, -idle of %s or more, no -smoke",
			baseSize, largestSize, idleSpan)
	}
	return nil
}

func (s *settings) readLists(sizes, scenarios string) error {
	for field := range strings.SplitSeq(sizes, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil || size < 1 {
			return fmt.Errorf("-sizes: %q is no number of codes", field)
		}
		s.sizes = append(s.sizes, size)
	}
	slices.Sort(s.sizes)
	for name := range strings.SplitSeq(scenarios, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(scenarioNames(), name) {
			return fmt.Errorf("-scenarios: %q is none of %q", name, scenarioNames())
		}
		s.scenarios = append(s.scenarios, name)
	}
	return nil
}

// full says that nothing is left out that the report speaks of.
func (s *settings) full() bool {
	for _, name := range scenarioNames() {
		if !s.runs(name) {
			return false
		}
	}
	return !s.smoke && s.idle >= idleSpan && slices.Contains(s.sizes, baseSize) && s.sizes[len(s.sizes)-1] == largestSize
}

// runs says whether a scenario was asked for.
func (s *settings) runs(name string) bool { return slices.Contains(s.scenarios, name) }
