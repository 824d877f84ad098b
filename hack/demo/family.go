// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// startTimeout is how long a program may take until it works, on a machine that is busy with other things.
	startTimeout = 90 * time.Second
	// attempts is how often a program is started before its end counts as a failure: the port that was free a moment
	// ago may have been taken since.
	attempts = 3
	// logLines is how much of a log is shown after a failure.
	logLines = 20
)

// family is all children, in the order of their start.
type family struct {
	dir string // for their logs
	// fail ends the demo, with the reason, when a child ends that should not.
	fail     func(error)
	children []*child
	// troubled are the programs that did not get as far as to work.
	troubled []string
}

// plan is how a program is started.
type plan struct {
	name string
	path string
	// args is asked anew at each attempt, so that it can take other ports.
	args func() ([]string, error)
	// ready says whether the program works; an error counts as "not yet".
	ready func(ctx context.Context) error
}

// launch starts a program, waits until it works and watches it from then on.
func (f *family) launch(ctx context.Context, p plan) error {
	var err error
	for range attempts {
		var c *child
		if c, err = f.start(ctx, p); err != nil {
			return err
		}
		if err = f.await(ctx, p, c); err == nil {
			f.children = append(f.children, c)
			go f.watch(c)
			return nil
		}
		ended := !c.running()
		err = errors.Join(err, c.stop(grace))
		if !ended || ctx.Err() != nil {
			break
		}
	}
	f.troubled = append(f.troubled, p.name)
	return fmt.Errorf("starting %s: %w", p.name, err)
}

func (f *family) start(ctx context.Context, p plan) (*child, error) {
	args, err := p.args()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	// Children are stopped one by one and in order, not all at once when ctx ends.
	return startChild(p.name, f.log(p.name), exec.CommandContext(context.WithoutCancel(ctx), p.path, args...))
}

func (f *family) await(ctx context.Context, p plan, c *child) error {
	last := errors.New("it was not asked")
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, startTimeout, true, func(ctx context.Context) (bool, error) {
		if !c.running() {
			return false, fmt.Errorf("it ended at once: %w", c.outcome())
		}
		last = p.ready(ctx)
		return last == nil, nil
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return fmt.Errorf("it did not work after %s: %w", startTimeout, last)
	}
	return err
}

// watch ends with its child. By the time that children are stopped in good order, fail has no effect any more.
func (f *family) watch(c *child) {
	<-c.ended
	f.fail(fmt.Errorf("%s has ended unexpectedly: %w", c.name, c.outcome()))
}

// ended are the programs that have not started or have ended by themselves.
func (f *family) ended() []string {
	names := slices.Clone(f.troubled)
	for _, c := range f.children {
		if !c.running() {
			names = append(names, c.name)
		}
	}
	return names
}

// stop ends all children, those that need others first.
func (f *family) stop() error {
	var problems []error
	for _, c := range slices.Backward(f.children) {
		problems = append(problems, c.stop(grace))
	}
	f.children = nil
	return errors.Join(problems...)
}

// log is the file that holds a program's output.
func (f *family) log(name string) string { return filepath.Join(f.dir, name+".log") }

// tail is the end of a program's output.
func (f *family) tail(name string) string {
	data, err := os.ReadFile(f.log(name))
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
