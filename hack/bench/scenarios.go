// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"
)

// The scenarios, in the order in which they run on one set of codes.
const (
	scenarioConverge = "converge"
	scenarioIdle     = "idle"
	scenarioRestart  = "restart"
	scenarioLock     = "lock"
	scenarioEdit     = "edit"
	scenarioDelete   = "delete"
	scenarioLimits   = "limits"
	scenarioShards   = "shards"
)

func scenarioNames() []string {
	return []string{
		scenarioConverge, scenarioIdle, scenarioRestart, scenarioLock, scenarioEdit, scenarioDelete, scenarioLimits, scenarioShards,
	}
}

const (
	mainNamespace = "bench"
	editNamespace = "edits"

	// idleSpan is long enough for one sweep and one check of the credentials, which comes ten to eleven minutes after the one
	// before.
	idleSpan = 11 * time.Minute
)

// round is one size on a rig of its own.
type round struct {
	*rig
	size   int
	codes  []plainCode
	result *sizeResult
}

// sizeResult is what was measured with one number of codes.
type sizeResult struct {
	Codes     int                `json:"codes"`
	Scenarios map[string]figures `json:"scenarios"`
	Peers     []peerResult       `json:"peers,omitempty"`
}

// measure runs all scenarios that were asked for; converge and delete, which the others need, always. One that fails
// says so in the result, and the others go on.
func (r *round) measure(ctx context.Context) error {
	devices, err := r.tenant.devices(ctx, devicesNeeded(r.size, freePerDevice))
	if err != nil {
		return err
	}
	r.codes = codesFor(devices, r.size, true)
	for _, scenario := range []struct {
		name   string
		always bool
		run    func(ctx context.Context) (figures, error)
	}{
		{scenarioConverge, true, r.converge},
		{scenarioIdle, false, r.idle},
		{scenarioRestart, false, r.restart},
		{scenarioLock, false, r.lockChanges},
		{scenarioEdit, false, r.edits},
		{scenarioDelete, true, r.deletion},
		{scenarioLimits, false, r.limited},
		{scenarioShards, false, r.shards},
	} {
		if !scenario.always && !r.settings.runs(scenario.name) {
			continue
		}
		f, err := scenario.run(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			f.Unmeasured = err.Error()
		}
		r.result.Scenarios[scenario.name] = f
		r.report(scenario.name, f)
	}
	return nil
}

// report tells of a scenario when it is over.
func (r *round) report(name string, f figures) {
	text := fmt.Sprintf("%d codes, %s: %.1f s; Seam %d calls %v; Kubernetes %d reads, %d writes; operator %.1f s of processor, peak %.0f MiB",
		r.size, name, f.Seconds, f.calls(), f.SeamCalls, f.KubeReads, f.KubeWrites, f.OperatorCPU, f.PeakMemory)
	if f.RateLimited > 0 {
		text += fmt.Sprintf("; %d times 429", f.RateLimited)
	}
	if f.Latency != nil {
		text += fmt.Sprintf("; p50 %s, p99 %s of %d, %d missed", seconds(f.Latency.P50), seconds(f.Latency.P99), f.Latency.Count, f.Latency.Missed)
	}
	if f.Unmeasured != "" {
		text += "; NOT MEASURED: " + f.Unmeasured
	}
	r.log.say("%s", text)
}

// counted closes a scenario: what is under way ends, and everything is counted since before.
func (r *round) counted(ctx context.Context, before reading, took time.Duration) (figures, error) {
	if err := r.quiet(ctx); err != nil {
		return figures{}, err
	}
	f, err := r.since(ctx, before)
	f.Seconds = took.Seconds()
	return f, err
}

// converge is the time from the first create until the watch has seen the last code set.
func (r *round) converge(ctx context.Context) (figures, error) {
	return r.bringUp(ctx, r.codes)
}

func (r *round) bringUp(ctx context.Context, codes []plainCode) (figures, error) {
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	began := time.Now()
	if err := r.apply(ctx, mainNamespace, codes); err != nil {
		return figures{}, fmt.Errorf("applying AccessCodes: %w", err)
	}
	last, waitErr := r.allSet(ctx, mainNamespace, len(codes), began)
	f, err := r.counted(ctx, before, last.Sub(began))
	if waitErr != nil {
		return f, waitErr
	}
	return f, err
}

// idle counts while nothing changes.
func (r *round) idle(ctx context.Context) (figures, error) {
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	r.log.say("%d codes, idle for %s", r.size, r.settings.idle)
	select {
	case <-ctx.Done():
		return figures{}, context.Cause(ctx)
	case <-time.After(r.settings.idle):
	}
	f, err := r.since(ctx, before)
	f.Seconds = f.CountedSeconds
	return f, err
}

// restart is the time from the start of the new process until each code was part of an answer of Seam's.
func (r *round) restart(ctx context.Context) (figures, error) {
	if err := r.stopOperator(); err != nil {
		return figures{}, err
	}
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	if err := r.sim.mark(ctx); err != nil {
		return figures{}, err
	}
	began := time.Now()
	if err := r.startOperator(ctx); err != nil {
		return figures{}, err
	}
	shown := 0
	waitErr := until(ctx, limitFor(r.size), "the look at all codes", func(ctx context.Context) (bool, error) {
		t, err := r.sim.tally(ctx)
		shown = t.Shown
		return shown >= r.size, err
	})
	f, err := r.counted(ctx, before, time.Since(began))
	if waitErr != nil {
		return f, fmt.Errorf("%d of %d codes were looked at: %w", shown, r.size, waitErr)
	}
	return f, err
}

// deletion is the time until the last AccessCode and the last code are gone.
func (r *round) deletion(ctx context.Context) (figures, error) {
	before, err := r.read(ctx)
	if err != nil {
		return figures{}, err
	}
	began := time.Now()
	if err := r.deleteAll(ctx, mainNamespace, r.codes); err != nil {
		return figures{}, fmt.Errorf("deleting AccessCodes: %w", err)
	}
	waitErr := r.allGone(ctx, mainNamespace)
	f, err := r.counted(ctx, before, time.Since(began))
	if waitErr != nil {
		return f, waitErr
	}
	return f, err
}

// allGone waits until neither AccessCodes of a namespace nor any codes at Seam are left.
func (r *round) allGone(ctx context.Context, namespace string) error {
	objects := -1
	var codes int
	err := until(ctx, limitFor(r.size), "deletion", func(ctx context.Context) (bool, error) {
		if objects, _, _ = r.observer.progress(namespace, time.Time{}); objects > 0 {
			return false, nil
		}
		t, err := r.sim.tally(ctx)
		codes = t.Codes
		return codes == 0, err
	})
	if err != nil {
		return fmt.Errorf("%d AccessCodes and %d codes at Seam are left: %w", objects, codes, err)
	}
	return nil
}

// limited is converge with Seam's limits on, and twice as many codes on a device as it takes in a minute.
func (r *round) limited(ctx context.Context) (figures, error) {
	devices, err := r.tenant.devices(ctx, devicesNeeded(r.size, limitedPerDevice))
	if err != nil {
		return figures{}, err
	}
	if err := r.sim.limits(ctx, true); err != nil {
		return figures{}, err
	}
	perDevice := min(limitedPerDevice, r.size)
	f, err := r.bringUp(ctx, codesFor(devices, r.size, false))
	f.BestPossible = bestMakespan(perDevice, r.settings.latency, setDelay).Seconds()
	if err == nil {
		err = r.sim.limits(ctx, false)
	}
	return f, err
}
