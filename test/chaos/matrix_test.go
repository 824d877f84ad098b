// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/wait"
)

// fault is one case: what goes wrong, at which step of which operation, and whether Seam leaves out the status of codes.
type fault struct {
	op            operation
	kind          kind
	at            step
	withoutStatus bool
}

func (f fault) String() string {
	name := fmt.Sprintf("%s/%s/%s", f.op.name, f.kind.name, f.at)
	if f.withoutStatus {
		name += ", without status"
	}
	return name
}

// errUnreached says that the operation ended without the step at which the fault was to strike.
var errUnreached = errors.New("the step was not reached")

// tries is how often an operation is played until it takes the step of the fault.
const tries = 3

// strike plays a fault. An operation does not take every step every time: a read is left out where another has brought its
// result. Then the fault did not strike and nothing was shown, so that the operation is played again.
func (n *lane) strike(ctx context.Context, f fault) error {
	var err error
	for range tries {
		if _, err = n.run(ctx, f); err != errUnreached { //nolint:errorlint // with more in it, it is no mere miss
			break
		}
	}
	return err
}

// run plays an operation on a lane with the fault, and returns the steps that it took. Without a kind nothing goes wrong.
func (n *lane) run(ctx context.Context, f fault) (steps []step, err error) {
	op, k := f.op, f.kind
	s, err := n.newStage(ctx, op, f.withoutStatus)
	defer func() {
		if cleared := s.clear(ctx); cleared != nil {
			err = errors.Join(err, fmt.Errorf("clearing up: %w", cleared))
		}
	}()
	if err != nil {
		return nil, fmt.Errorf("before it began: %w", err)
	}
	var strike func(*exchange)
	if k.strike != nil {
		strike = func(x *exchange) { k.strike(s, x) }
	}
	s.gate.begin(f.at, strike)
	if err := op.act(ctx, s); err != nil {
		return nil, fmt.Errorf("asking for it: %w", err)
	}
	if k.strike != nil {
		if err := s.struck(ctx); err != nil {
			return nil, err
		}
		if k.mend != nil {
			if err := k.mend(ctx, s); err != nil {
				return nil, fmt.Errorf("mending: %w", err)
			}
		}
	}
	if err := s.settled(ctx); err != nil {
		return nil, fmt.Errorf("after %v: %w\n%s", s.gate.steps(), err, s.log())
	}
	steps = s.gate.steps()
	return steps, s.rest(ctx)
}

// log is what the operator has logged about the AccessCode of this stage.
func (s *stage) log() string {
	data, err := os.ReadFile(s.file("%s.log", s.namespace))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, `"`+s.name+`"`) && !strings.Contains(line, "workqueue_items") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// struck waits until the fault strikes, or the operation has ended without it.
func (s *stage) struck(ctx context.Context) error {
	w := s.op.want(s)
	return wait.PollUntilContextTimeout(ctx, pollEvery, patience, true, func(ctx context.Context) (bool, error) {
		if s.gate.wasStruck() {
			return true, nil
		}
		if err := s.full(ctx); err != nil {
			return false, err
		}
		if s.verdict(ctx, w) == nil && !s.gate.wasStruck() {
			return false, errUnreached
		}
		return false, nil
	})
}

// leftOut says of how many pairs of an operation and a kind a sample leaves out one: it is to take as long as it did with fewer
// of both.
const leftOut = 5

// lanes is how many operators run at once, and pairs is how many pairs of replicas. They wait most of the time.
const (
	lanes = 24
	pairs = 12
)

// TestFaultMatrix lets each fault strike at each step of each operation. Afterwards there is exactly one live code, as the spec
// wants it, or none where the AccessCode is gone, and nothing without an owner. At no time were there two.
func TestFaultMatrix(t *testing.T) {
	l := newLab(t)
	single, paired := make(chan *lane, lanes), make(chan *lane, pairs)
	for i := range lanes {
		single <- l.newLane(t, i, false)
	}
	for i := range pairs {
		paired <- l.newLane(t, lanes+i, true)
	}
	m := &matrix{}
	faults := l.faults(t, single)
	t.Run("fault", func(t *testing.T) {
		for _, f := range faults {
			t.Run(f.String(), func(t *testing.T) {
				t.Parallel()
				pool := single
				if f.kind.paired {
					pool = paired
				}
				n := <-pool
				defer func() { pool <- n }()
				err := n.strike(t.Context(), f)
				m.add(f, err)
				if err != nil {
					m.failed(f.String())
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
	l.restarts(t, m, single)
	l.logsAreClean(t)
	m.publish(t)
}

// faults plays each operation twice without any, once as Seam is and once as it will be, without the status of codes, and
// lets each kind strike at each step that was there both times. Every other case is without status; CHAOS_STATUS has all
// with it, or without.
func (l *lab) faults(t *testing.T, pool chan *lane) []fault {
	t.Helper()
	perKind := sample(t)
	ops := operations()
	traces := make([][2][]step, len(ops))
	t.Run("undisturbed", func(t *testing.T) {
		for i, op := range ops {
			for round := range traces[i] {
				t.Run(op.name, func(t *testing.T) {
					t.Parallel()
					n := <-pool
					defer func() { pool <- n }()
					steps, err := n.run(t.Context(), fault{op: op, withoutStatus: round == 1})
					if err != nil {
						t.Fatal(err)
					}
					traces[i][round] = steps
				})
			}
		}
	})
	if t.Failed() {
		t.FailNow()
	}
	var faults []fault
	for i, op := range ops {
		steps := common(traces[i][0], traces[i][1])
		t.Logf("%s: %v", op.name, steps)
		for j, k := range kinds() {
			skipped := perKind > 0 && (2*i+j)%leftOut == 0
			fitting := slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return skipped || !k.fits(s) })
			for n, at := range pick(fitting, perKind, i+j) {
				faults = append(faults, fault{op: op, kind: k, at: at, withoutStatus: withoutStatus(i + j + n)})
			}
		}
	}
	return faults
}

// withoutStatus says whether the nth case is one without status.
func withoutStatus(n int) bool {
	switch os.Getenv("CHAOS_STATUS") {
	case "with":
		return false
	case "without":
		return true
	}
	return n%2 == 1
}

// common returns the steps of one trace that are also in the other. A read that is repeated counts twice at most, and one after
// the last write does not belong to the operation.
func common(a, b []step) []step {
	steps := slices.DeleteFunc(slices.Clone(a), func(s step) bool {
		return !slices.Contains(b, s) || s.nth > 2 && !s.writes()
	})
	for len(steps) > 0 && !steps[len(steps)-1].writes() {
		steps = steps[:len(steps)-1]
	}
	return steps
}

// sample is how many steps each kind strikes at in each operation: CHAOS_STEPS, or 0 for all.
func sample(t *testing.T) int {
	t.Helper()
	steps := 0
	if text := os.Getenv("CHAOS_STEPS"); text != "" {
		if _, err := fmt.Sscan(text, &steps); err != nil {
			t.Fatalf("CHAOS_STEPS: %v", err)
		}
	}
	return steps
}

// pick takes count steps, or all where it is 0. It starts at another step for each kind, so that all are taken.
func pick[S any](steps []S, count, offset int) []S {
	if count == 0 || count >= len(steps) {
		return steps
	}
	var picked []S
	for i := range count {
		picked = append(picked, steps[(offset+i)%len(steps)])
	}
	return picked
}

// logsAreClean looks for the PINs that were given in everything that the operator has logged, and for its end by a
// panic.
func (l *lab) logsAreClean(t *testing.T) {
	t.Helper()
	pins := map[string]bool{}
	for _, pin := range l.secrets.values {
		pins[pin] = true
	}
	digits := regexp.MustCompile(`\b\d{8}\b`)
	for i := range lanes + pairs {
		data, err := os.ReadFile(l.file("lane-%d.log", i))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "panic:") || strings.Contains(line, "Observed a panic") || strings.Contains(line, "DATA RACE") {
				t.Errorf("lane %d: %s", i, line)
			}
			if slices.ContainsFunc(digits.FindAllString(line, -1), func(found string) bool { return pins[found] }) {
				t.Errorf("lane %d has a PIN in its log: %s", i, line)
			}
		}
	}
}
