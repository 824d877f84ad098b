// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// restartAfter is how long the operator stays away when a person has ended it: long enough to change something meanwhile.
const restartAfter = 10 * time.Second

// startOperator starts the operator as its ServiceAccount and waits until its caches are filled.
func (d *demo) startOperator(ctx context.Context) error {
	token, err := d.cluster.Authorize(ctx, d.parts.project)
	if err != nil {
		return err
	}
	if err := d.cluster.WriteKubeconfig(d.operatorKubeconfig(), d.server(), operatorName, token, ""); err != nil {
		return err
	}
	_, err = d.launchOperator(ctx)
	return err
}

func (d *demo) operatorKubeconfig() string { return d.file("operator.kubeconfig") }

// launchOperator starts its program, the first time or again. Whoever stays may end it.
func (d *demo) launchOperator(ctx context.Context) (*localcluster.Process, error) {
	var probes string
	return d.cluster.Launch(ctx, localcluster.Plan{
		Name: operatorName, Path: d.parts.own(operatorName), MayEnd: d.staying,
		Args: func() ([]string, error) {
			addresses, err := localcluster.FreeAddresses(ctx, 1)
			if err != nil {
				return nil, err
			}
			probes = addresses[0]
			return []string{
				"--kubeconfig=" + d.operatorKubeconfig(),
				"--metrics-bind-address=0",
				"--health-probe-bind-address=" + probes,
				"--zap-encoder=console",
				"--zap-time-encoding=rfc3339",
			}, nil
		},
		Ready: func(ctx context.Context) error { return localcluster.Answers(ctx, "http://"+probes+"/readyz") },
	})
}

// keep starts the operator again whenever a person has ended it, after a pause, until ctx ends.
func (d *demo) keep(ctx context.Context, operator *localcluster.Process, launch func(context.Context) (*localcluster.Process, error), pause time.Duration) error {
	d.out.say("The operator can be ended: kill -9 %d", operator.PID())
	for {
		if err := until(ctx, operator.Ended()); err != nil {
			return err
		}
		d.out.say("\nThe operator has ended (%v). It is started again in %s.", operator.Outcome(), pause)
		if err := until(ctx, time.After(pause)); err != nil {
			return err
		}
		var err error
		if operator, err = launch(ctx); err != nil {
			return err
		}
		d.out.say("It runs again, and can be ended again: kill -9 %d", operator.PID())
	}
}

// until waits for a channel; the error is the end of ctx.
func until[T any](ctx context.Context, met <-chan T) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("staying up: %w", context.Cause(ctx))
	case <-met:
		return nil
	}
}
