// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// Process is a program that was started here and ends with its parent.
type Process struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser // open for as long as the program is to run; for those that watch it
	// ended is closed when the program has ended; err, which says how, may be read then.
	ended chan struct{}
	err   error
	// expected says that Stop or Kill was called.
	expected atomic.Bool
}

// Start starts a program with its output in a file, which is added to. The command must have neither output nor
// system attributes of its own.
func Start(name, log string, cmd *exec.Cmd) (*Process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	defer func() { _ = file.Close() }() // the program has its own
	p := &Process{name: name, cmd: cmd, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = file, file, Lifetime()
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	started := make(chan error)
	go p.own(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// own starts the program and waits for its end. It keeps its thread: for the system the thread is the parent, and the program
// ends with it.
func (p *Process) own(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	p.err = p.cmd.Wait()
	close(p.ended)
}

// Name is what the program was called when it was started.
func (p *Process) Name() string { return p.name }

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended returns a channel that is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Running says that the program has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// Outcome says how the program ended, also where it did without an error; nil while it runs.
func (p *Process) Outcome() error {
	switch {
	case p.Running():
		return nil
	case p.err == nil:
		return errors.New("exit status 0")
	}
	return p.err
}

// Stop asks the program to end, kills it when it has not after the grace, which is an error, and returns when it has ended. Its
// end then counts as expected.
func (p *Process) Stop(grace time.Duration) error {
	if !p.Running() {
		return nil
	}
	p.expected.Store(true)
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-p.ended:
		return nil
	case <-patience.C:
	}
	if err := p.Kill(); err != nil {
		return err
	}
	return fmt.Errorf("stopping %s: it did not end within %s and was killed", p.name, grace)
}

// Kill ends the program and whatever it has started, as a crash would, and returns when it has ended. Its end then counts as
// expected.
func (p *Process) Kill() error {
	if !p.Running() {
		return nil
	}
	p.expected.Store(true)
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.ended
	return nil
}

// Signal sends a signal to the program and whatever it has started, which are a process group. To end it, use Stop or Kill: an
// end that a signal causes counts as unexpected.
func (p *Process) Signal(s syscall.Signal) error {
	if !p.Running() {
		return nil // its number may be another's by now
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %q to %s: %w", s, p.name, err)
	}
	return nil
}
