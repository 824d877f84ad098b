// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// kubectl runs the real one in the temporary folder, on the demo's kubeconfig.
type kubectl struct {
	path string
	dir  string
	env  []string
	out  *console
}

func newKubectl(path, dir, kubeconfig, cache string, out *console) kubectl {
	return kubectl{path: path, dir: dir, out: out, env: append(os.Environ(),
		"KUBECONFIG="+kubeconfig,
		"KUBECACHEDIR="+cache, // or it leaves what it learned of this API server in the home folder
		"KUBERC=off",          // a person's own aliases and defaults would show
	)}
}

// show prints a command as one would type it, runs it and prints what it says.
func (k kubectl) show(ctx context.Context, args ...string) error {
	k.out.say("$ %s", typed(args))
	stdout, stderr, err := k.run(ctx, args)
	k.out.text(stdout)
	k.out.text(stderr)
	k.out.say("")
	if err != nil {
		return fmt.Errorf("running %s: %w", typed(args), err)
	}
	return nil
}

// output runs a command and returns what it prints.
func (k kubectl) output(ctx context.Context, args ...string) (string, error) {
	stdout, stderr, err := k.run(ctx, args)
	if err != nil {
		return "", fmt.Errorf("running %s: %w: %s", typed(args), err, strings.TrimSpace(stderr))
	}
	return stdout, nil
}

func (k kubectl) run(ctx context.Context, args []string) (stdout, stderr string, err error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, k.path, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = k.dir, k.env, lifetime()
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		err = errors.Join(context.Cause(ctx)) // not that it was killed, but why
	case interrupted(err):
		// Ctrl-C came in the moment before it had left the demo's process group, and the demo is about to hear of it.
		err = fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return out.String(), problems.String(), err
}

// interrupted says that a program was ended by Ctrl-C.
func interrupted(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// typed is a kubectl command as one would type it.
func typed(args []string) string {
	words := []string{kubectlName}
	for _, arg := range args {
		words = append(words, quoted(arg))
	}
	return strings.Join(words, " ")
}

// quoted protects a word from the shell where that is needed.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
