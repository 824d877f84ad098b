// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/access-codes/access-code-operator/internal/localcluster"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const (
	// lookEvery is how often it is asked whether something is over.
	lookEvery = 50 * time.Millisecond
	// silence is how long Seam must not be called before a scenario counts as over. silenceLimit is how long that is waited
	// for: an operator that looks for drift is never silent for long.
	silence      = 2 * time.Second
	silenceLimit = 20 * time.Second
)

// figures are what a scenario has measured.
type figures struct {
	// Seconds is the time that the scenario measures, such as that until the last code was set.
	Seconds float64 `json:"seconds"`
	// CountedSeconds is how long was counted: Seconds and what followed until Seam was not called for two seconds.
	CountedSeconds  float64        `json:"counted_seconds"`
	SeamCalls       map[string]int `json:"seam_calls"`
	RateLimited     int            `json:"rate_limited"` // answers with status 429
	KubeRequests    kubeRequests   `json:"kubernetes_requests"`
	KubeReads       int            `json:"kubernetes_reads"`
	KubeWrites      int            `json:"kubernetes_writes"`
	OperatorCPU     float64        `json:"operator_cpu_seconds"`
	ControlPlaneCPU float64        `json:"control_plane_cpu_seconds"`
	PeakMemory      float64        `json:"operator_peak_mib"` // of the process, up to the end of the scenario
	Latency         *latencies     `json:"latency,omitempty"`
	BestPossible    float64        `json:"best_possible_seconds,omitempty"`
	Stray           int            `json:"stray,omitempty"`      // codes created too often, or not, with two shards
	Unmeasured      string         `json:"unmeasured,omitempty"` // why the figures are not there, or not whole
}

// calls is the number of requests to Seam.
func (f figures) calls() int { return sum(f.SeamCalls) }

// seamWrites are the requests that create, change or delete.
func (f figures) seamWrites() int {
	writes := 0
	for path, count := range f.SeamCalls {
		if isSeamWrite(path) {
			writes += count
		}
	}
	return writes
}

func isSeamWrite(path string) bool {
	for _, verb := range []string{"/create", "/create_multiple", "/update", "/update_multiple", "/delete", "/pull_backup_access_code", "/convert_to_managed"} {
		if strings.HasSuffix(path, verb) {
			return true
		}
	}
	return false
}

func sum(counts map[string]int) int {
	total := 0
	for _, count := range counts {
		total += count
	}
	return total
}

// reading is all counters at one time.
type reading struct {
	at           time.Time
	tally        sim.Tally
	kube         kubeRequests
	operator     time.Duration
	controlPlane time.Duration
}

func (r *rig) read(ctx context.Context) (reading, error) {
	now := reading{at: time.Now()}
	var err error
	if now.tally, err = r.sim.tally(ctx); err != nil {
		return reading{}, err
	}
	if now.kube, now.operator, err = r.usage(ctx); err != nil {
		return reading{}, err
	}
	now.controlPlane, err = r.controlPlaneCPU()
	return now, err
}

func (r *rig) controlPlaneCPU() (time.Duration, error) {
	var total time.Duration
	for _, name := range []string{localcluster.Etcd, localcluster.APIServer, localcluster.ControllerManager} {
		process := r.cluster.Process(name)
		if process == nil {
			return 0, fmt.Errorf("reading processor time: %s does not run", name)
		}
		used, err := cpuTime(process.PID())
		if err != nil {
			return 0, err
		}
		total += used
	}
	return total, nil
}

// since is what was counted since a reading.
func (r *rig) since(ctx context.Context, before reading) (figures, error) {
	now, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	if err := r.notePeak(); err != nil {
		return figures{}, err
	}
	requests := now.kube.minus(before.kube)
	return figures{
		CountedSeconds: now.at.Sub(before.at).Seconds(),
		SeamCalls:      difference(now.tally.ByPath, before.tally.ByPath),
		RateLimited:    now.tally.ByStatus["429"] - before.tally.ByStatus["429"],
		KubeRequests:   requests, KubeReads: requests.reads(), KubeWrites: requests.writes(),
		OperatorCPU:     (now.operator - before.operator).Seconds(),
		ControlPlaneCPU: (now.controlPlane - before.controlPlane).Seconds(),
		PeakMemory:      float64(r.peak) / (1 << 20),
	}, nil
}

// until waits for a condition, no longer than the limit.
func until(ctx context.Context, limit time.Duration, what string, done func(ctx context.Context) (bool, error)) error {
	err := wait.PollUntilContextTimeout(ctx, lookEvery, limit, true, done)
	if wait.Interrupted(err) && ctx.Err() == nil {
		return lateError{what, limit}
	}
	return err
}

// lateError says that something did not happen within its limit.
type lateError struct {
	what  string
	limit time.Duration
}

func (e lateError) Error() string { return fmt.Sprintf("%s took longer than %s", e.what, e.limit) }

func isLate(err error) bool {
	var late lateError
	return errors.As(err, &late)
}

// quiet waits until Seam has not been called for a while, at most silenceLimit.
func (r *rig) quiet(ctx context.Context) error {
	calls, since := -1, time.Now()
	err := until(ctx, silenceLimit, "silence", func(ctx context.Context) (bool, error) {
		t, err := r.sim.tally(ctx)
		if err != nil {
			return false, err
		}
		if t.Requests != calls {
			calls, since = t.Requests, time.Now()
		}
		return time.Since(since) >= silence, nil
	})
	if isLate(err) {
		return nil
	}
	return err
}

// allSet waits until count AccessCodes of a namespace have become set since a time, and returns when the last did.
func (r *rig) allSet(ctx context.Context, namespace string, count int, since time.Time) (time.Time, error) {
	var set int
	var last time.Time
	err := until(ctx, limitFor(count), "convergence", func(context.Context) (bool, error) {
		_, set, last = r.observer.progress(namespace, since)
		return set >= count, nil
	})
	if err != nil {
		return last, fmt.Errorf("%d of %d AccessCodes are set: %w", set, count, err)
	}
	return last, nil
}

// limitFor is how long anything with a number of codes may take before it counts as not happening.
func limitFor(codes int) time.Duration {
	return 5*time.Minute + time.Duration(codes)*100*time.Millisecond
}
