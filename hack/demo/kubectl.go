// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// kubectl prints a command as one would type it, runs it and prints what it says.
func (d *demo) kubectl(ctx context.Context, args ...string) error {
	d.out.say("$ %s", localcluster.Typed(args...))
	stdout, stderr, err := d.cluster.RunKubectl(ctx, args...)
	d.out.text(stdout)
	d.out.text(stderr)
	d.out.say("")
	if err != nil {
		return fmt.Errorf("running %s: %w", localcluster.Typed(args...), err)
	}
	return nil
}
