// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

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

// Kubectl runs kubectl as administrator and returns its standard output; an error contains its standard error.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	stdout, stderr, err := c.RunKubectl(ctx, args...)
	if err != nil {
		return "", fmt.Errorf("running %s: %w: %s", Typed(args...), err, strings.TrimSpace(stderr))
	}
	return stdout, nil
}

// RunKubectl runs kubectl as administrator, in the cluster's folder, and returns both of its outputs.
func (c *Cluster) RunKubectl(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, c.program(Kubectl), args...)
	cmd.Dir, cmd.SysProcAttr = c.options.Dir, Lifetime()
	cmd.Env = append(os.Environ(),
		"KUBECONFIG="+c.Kubeconfig(),
		"KUBECACHEDIR="+c.KubectlCache(), // or it leaves what it learned of this API server in the home folder
		"KUBERC=off",                     // a person's own aliases and defaults would show
	)
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		err = errors.Join(context.Cause(ctx)) // not that it was killed, but why
	case interrupted(err):
		// Ctrl-C came in the moment before it had left our process group, and we are about to hear of it.
		err = fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return out.String(), problems.String(), err
}

// KubectlCache is the folder of kubectl's discovery cache.
func (c *Cluster) KubectlCache() string { return c.file("kubectl-cache") }

// interrupted says that a program was ended by Ctrl-C.
func interrupted(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}

// Typed returns a kubectl command as one would type it.
func Typed(args ...string) string {
	words := []string{Kubectl}
	for _, arg := range args {
		words = append(words, Quoted(arg))
	}
	return strings.Join(words, " ")
}

// Quoted quotes a word for the shell where that is needed.
func Quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
