// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

const (
	// lookEvery is the interval between checks of what is expected.
	lookEvery = 500 * time.Millisecond
	// patience is how long a stage may take. It takes some ten seconds where nothing else keeps the machine busy.
	patience = 90 * time.Second
)

// expectation is what "kubectl get accesscodes" and the simulator have to show at last.
type expectation struct {
	// last is the reason of Ready by name; without any, no AccessCode is to be left.
	last map[string]string
	// before is the reason that has to be seen on the way there.
	before map[string]string
	// remote says what the simulator has otherwise than it should.
	remote func(remoteState) error

	seen map[string]bool
}

// expect polls, prints the rows that have changed since they were printed last, and returns when all is as expected or why it
// is not.
func (d *demo) expect(ctx context.Context, e expectation) error {
	e.seen = map[string]bool{}
	args := []string{"-n", namespace, "get", "accesscodes"}
	var pending error
	err := wait.PollUntilContextTimeout(ctx, lookEvery, patience, true, func(ctx context.Context) (bool, error) {
		stdout, stderr, err := d.cluster.RunKubectl(ctx, args...)
		if err != nil {
			return false, fmt.Errorf("running %s: %w: %s", localcluster.Typed(args...), err, stderr)
		}
		t := parseTable(stdout)
		if changes := t.changes(d.shown); changes != "" {
			d.out.say("$ %s   # what has changed", localcluster.Typed(args...))
			d.out.text(changes)
			d.out.say("")
		}
		d.shown = t
		if pending = e.local(t); pending != nil {
			return false, nil
		}
		state, err := d.sim.state(ctx)
		if err != nil {
			return false, err
		}
		pending = e.remote(state)
		return pending == nil, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return fmt.Errorf("after %s: %w", patience, pending)
	}
	return err
}

// local says how the table differs from what is expected, and remembers what it has shown.
func (e *expectation) local(t table) error {
	for name, reason := range e.before {
		e.seen[name] = e.seen[name] || t.cell(name, "REASON") == reason
	}
	if len(e.last) == 0 && len(t.rows) > 0 {
		return fmt.Errorf("AccessCodes %q are still there", t.names())
	}
	for _, name := range slices.Sorted(maps.Keys(e.last)) {
		if reason := t.cell(name, "REASON"); reason != e.last[name] {
			return fmt.Errorf("AccessCode %q is %q, not %q", name, reason, e.last[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.before)) {
		if !e.seen[name] {
			return fmt.Errorf("AccessCode %q was never seen as %q", name, e.before[name])
		}
	}
	return nil
}

// eventually waits for a condition that no table shows.
func eventually(ctx context.Context, met func(ctx context.Context) error) error {
	pending := errors.New("it was not asked")
	err := wait.PollUntilContextTimeout(ctx, lookEvery, patience, true, func(ctx context.Context) (bool, error) {
		pending = met(ctx)
		return pending == nil, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return fmt.Errorf("after %s: %w", patience, pending)
	}
	return err
}
