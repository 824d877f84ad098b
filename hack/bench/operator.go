// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// stopGrace is how long the operator may take for the steps that it has begun.
const stopGrace = 30 * time.Second

// operator is the operator's program while it runs.
type operator struct {
	process *localcluster.Process
	metrics string // the page of its metrics
}

// startOperator starts the operator that is measured.
func (r *rig) startOperator(ctx context.Context) error {
	flags, err := r.recordedFlags()
	if err != nil {
		return err
	}
	started, err := r.launchOperator(ctx, operatorName, flags...)
	if err == nil {
		r.operator = started
		r.recorder.watch(started.metrics)
	}
	return err
}

// recordedFlags have the operator hold a lease while it is recorded, or it would have no metrics about one.
func (r *rig) recordedFlags() ([]string, error) {
	if r.recorder == nil {
		return nil, nil
	}
	account, err := localcluster.OperatorAccount(r.parts.project)
	return []string{"--leader-elect", "--leader-elect-namespace=" + account.Namespace}, err
}

// launchOperator starts an operator as its ServiceAccount and waits until its caches are filled.
func (r *rig) launchOperator(ctx context.Context, name string, flags ...string) (*operator, error) {
	var metrics, probes string
	process, err := r.cluster.Launch(ctx, localcluster.Plan{
		Name: name, Path: r.parts.operator,
		Args: func() ([]string, error) {
			addresses, err := localcluster.FreeAddresses(ctx, 2)
			if err != nil {
				return nil, err
			}
			metrics, probes = addresses[0], addresses[1]
			return append([]string{
				"--kubeconfig=" + r.operatorKubeconfig(),
				"--metrics-bind-address=" + metrics,
				"--metrics-secure=false",
				"--health-probe-bind-address=" + probes,
				"--max-concurrent-reconciles=" + strconv.Itoa(r.settings.concurrency),
			}, flags...), nil
		},
		Ready: func(ctx context.Context) error {
			return errors.Join(localcluster.Answers(ctx, "http://"+probes+"/readyz"), localcluster.Listens(ctx, metrics))
		},
	})
	if err != nil {
		return nil, err
	}
	return &operator{process: process, metrics: "http://" + metrics + "/metrics"}, nil
}

// stopOperator ends the operator, if it runs, in good order. Its peak of memory goes with it and is noted first.
func (r *rig) stopOperator() error {
	if r.operator == nil {
		return nil
	}
	r.recorder.watch("")
	err := r.notePeak()
	if stopErr := r.operator.process.Stop(stopGrace); stopErr != nil {
		return stopErr
	}
	r.operator = nil
	return err
}

// notePeak keeps the most memory that any of the operator's processes has held.
func (r *rig) notePeak() error {
	if r.operator == nil {
		return nil
	}
	peak, err := peakMemory(r.operator.process.PID())
	r.peak = max(r.peak, peak)
	return err
}

// usage is what the operator has asked of the API server and used of the processor, since it was started; zero while
// it does not run.
func (r *rig) usage(ctx context.Context) (kubeRequests, time.Duration, error) {
	if r.operator == nil {
		return kubeRequests{}, 0, nil
	}
	page, err := fetch(ctx, r.operator.metrics)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the operator's metrics: %w", err)
	}
	requests, err := parseRequests(page)
	if err != nil {
		return nil, 0, err
	}
	used, err := cpuTime(r.operator.process.PID())
	return requests, used, err
}
