// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// grace is how long a child gets to end by itself. The operator finishes the step that it has begun.
const grace = 15 * time.Second

// child is a program that the demo has started and that lives no longer than the demo.
type child struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser // open for as long as the child is to run; for those that watch it
	// ended is closed when the child is no more; err, how it ended, may be read then.
	ended chan struct{}
	err   error
}

// startChild starts a program with its output in a file.
func startChild(name, log string, cmd *exec.Cmd) (*child, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer func() { _ = file.Close() }() // the child has its own
	c := &child{name: name, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = file, file, lifetime()
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	started := make(chan error)
	go c.own(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return c, nil
}

// own starts the child and waits for its end. It keeps the thread to itself: to the system the thread is the parent,
// and with the parent goes the child.
func (c *child) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	c.err = c.cmd.Wait()
	close(c.ended)
}

// running says that the child has not ended.
func (c *child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// outcome says how the child ended, also where that was without an error.
func (c *child) outcome() error {
	if c.err == nil {
		return errors.New("exit status 0")
	}
	return c.err
}

// stop asks the child to end, insists when it does not, and returns when it is gone.
func (c *child) stop(grace time.Duration) error {
	if !c.running() {
		return nil
	}
	if err := c.signal(syscall.SIGTERM); err != nil {
		return err
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-c.ended:
		return nil
	case <-patience.C:
	}
	if err := c.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-c.ended
	return fmt.Errorf("stopping %s: it did not end within %s and was killed", c.name, grace)
}

// signal reaches the child and whatever it has started: they are a process group of their own.
func (c *child) signal(s syscall.Signal) error {
	if err := syscall.Kill(-c.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping %s: %w", c.name, err)
	}
	return nil
}
