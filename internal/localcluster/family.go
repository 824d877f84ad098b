// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// grace is how long a program may take to end when it is asked to. The operator finishes the step that it has begun.
	grace = 15 * time.Second
	// startTimeout is how long a program may take until it works, on a machine that is busy with other things.
	startTimeout = 90 * time.Second
	// attempts is how often a program is started before its end counts as a failure: a port that was free a moment ago may have
	// been taken since.
	attempts = 3
	// logLines is how much of a log is shown after a failure.
	logLines = 20
)

// Family is all programs that were launched, in the order of their start. It is safe for concurrent use.
type Family struct {
	dir string // for their logs
	// failed is called when a program ends unexpectedly.
	failed func(error)

	mu        sync.Mutex
	processes []*Process
	// troubled are the names of the programs that never became ready.
	troubled []string
}

// NewFamily returns a Family that writes logs into a folder. It calls failed, which may be nil, with the reason when a program
// ends unexpectedly.
func NewFamily(dir string, failed func(error)) *Family {
	if failed == nil {
		failed = func(error) {}
	}
	return &Family{dir: dir, failed: failed}
}

// Plan is how a program is started.
type Plan struct {
	// Name is the name of the program and of its log.
	Name string
	Path string
	// Args is called for each attempt, so that it can choose other ports.
	Args func() ([]string, error)
	// Env is added to the environment.
	Env []string
	// Ready returns nil once the program works.
	Ready func(ctx context.Context) error
	// MayEnd says that its end is no failure: whoever launched it watches Process.Ended.
	MayEnd bool
}

// Launch starts a program, waits until it works and watches it from then on.
func (f *Family) Launch(ctx context.Context, plan Plan) (*Process, error) {
	var err error
	for range attempts {
		var p *Process
		if p, err = f.start(ctx, plan); err != nil {
			return nil, err
		}
		if err = f.await(ctx, plan, p); err == nil {
			f.join(p)
			if !plan.MayEnd {
				go f.watch(p)
			}
			return p, nil
		}
		ended := !p.Running()
		err = errors.Join(err, p.Stop(grace))
		if !ended || ctx.Err() != nil {
			break
		}
	}
	f.mu.Lock()
	f.troubled = append(f.troubled, plan.Name)
	f.mu.Unlock()
	return nil, fmt.Errorf("starting %s: %w", plan.Name, err)
}

func (f *Family) start(ctx context.Context, plan Plan) (*Process, error) {
	args, err := plan.Args()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", plan.Name, err)
	}
	// Programs are stopped one by one and in order, not all at once when ctx ends.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), plan.Path, args...)
	cmd.Env = append(os.Environ(), plan.Env...)
	return Start(plan.Name, f.Log(plan.Name), cmd)
}

func (f *Family) await(ctx context.Context, plan Plan, p *Process) error {
	last := errors.New("it was not asked")
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, startTimeout, true, func(ctx context.Context) (bool, error) {
		if !p.Running() {
			return false, fmt.Errorf("it ended at once: %w", p.Outcome())
		}
		last = plan.Ready(ctx)
		return last == nil, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return fmt.Errorf("it did not work after %s: %w", startTimeout, last)
	}
	return err
}

// join adds a program. One that was launched again takes the place of the former one: the programs that need it come after it.
func (f *Family) join(p *Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.processes, func(old *Process) bool { return old.name == p.name && !old.Running() })
	if i < 0 {
		f.processes = append(f.processes, p)
		return
	}
	f.processes[i] = p
}

// watch waits for the end of a program and reports one that was not expected.
func (f *Family) watch(p *Process) {
	<-p.ended
	if !p.expected.Load() {
		f.failed(fmt.Errorf("%s has ended unexpectedly: %w", p.name, p.Outcome()))
	}
}

// Process returns the program that was last launched under a name, nil when there is none.
func (f *Family) Process(name string) *Process {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range slices.Backward(f.processes) {
		if p.name == name {
			return p
		}
	}
	return nil
}

// Troubled returns the names of the programs that have not started or have ended by themselves.
func (f *Family) Troubled() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := slices.Clone(f.troubled)
	for _, p := range f.processes {
		if !p.Running() && !p.expected.Load() {
			names = append(names, p.name)
		}
	}
	return names
}

// Stop ends all programs, dependent ones first.
func (f *Family) Stop() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var problems []error
	for _, p := range slices.Backward(f.processes) {
		problems = append(problems, p.Stop(grace))
	}
	f.processes = nil
	return errors.Join(problems...)
}

// Log is the path of the file with a program's output.
func (f *Family) Log(name string) string { return filepath.Join(f.dir, name+".log") }

// Tail returns the last lines of a program's output, for error messages.
func (f *Family) Tail(name string) string {
	data, err := os.ReadFile(f.Log(name))
	if err != nil {
		return ""
	}
	return lastLines(string(data), logLines)
}

// lastLines is the end of a text.
func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
