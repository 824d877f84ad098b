// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// few is how many requests a cautious user has in flight.
const few = 10

// The peers, and what they do.
const (
	peerGo         = "Go loop"
	peerGoLimited  = "Go loop within the limits"
	peerJavaScript = "JavaScript loop"
	peerPolling    = "polling controller"
)

// peerResult is what a peer took for the same codes on the same simulator.
type peerResult struct {
	Name        string         `json:"name"`
	Concurrency int            `json:"concurrency"`
	Does        string         `json:"does"`
	Seconds     float64        `json:"seconds"`
	SeamCalls   map[string]int `json:"seam_calls"`
	RateLimited int            `json:"rate_limited"`
	// CallsPerHour is for what goes on for ever.
	CallsPerHour float64 `json:"calls_per_hour,omitempty"`
	Unmeasured   string  `json:"unmeasured,omitempty"`
}

// measurePeers runs while the operator does not, in a workspace of their own.
func (r *round) measurePeers(ctx context.Context) error {
	if err := r.stopOperator(); err != nil {
		return err
	}
	t, err := r.sim.workspace(ctx, "peers")
	if err != nil {
		return err
	}
	loop, err := newGoLoop(t, r.settings.concurrency)
	if err != nil {
		return err
	}
	for _, concurrency := range []int{r.settings.concurrency, few} {
		loop.concurrency = concurrency
		err := r.peer(ctx, peerResult{Name: peerGo, Concurrency: concurrency, Does: "create, then get each second until set"},
			func(ctx context.Context, result *peerResult) error {
				return r.runLoop(ctx, loop, freePerDevice, result)
			})
		if err != nil {
			return err
		}
	}
	loop.concurrency = r.settings.concurrency
	if err := r.measurePolling(ctx, loop); err != nil {
		return err
	}
	for _, concurrency := range []int{few, r.settings.concurrency} {
		err := r.peer(ctx, peerResult{Name: peerJavaScript, Concurrency: concurrency, Does: "create, then get each second until set"},
			func(ctx context.Context, result *peerResult) error { return r.javaScript(ctx, t, result) })
		if err != nil {
			return err
		}
	}
	return r.measureLimitedPeer(ctx, loop)
}

// measurePolling is a controller that gets every object in each interval, on the codes that the loop has made.
func (r *round) measurePolling(ctx context.Context, loop *goLoop) error {
	err := r.peer(ctx, peerResult{Name: peerPolling, Concurrency: loop.concurrency, Does: "restart: get each"},
		func(ctx context.Context, _ *peerResult) error { return loop.getEach(ctx) })
	if err != nil {
		return err
	}
	return r.peer(ctx, peerResult{Name: peerPolling, Concurrency: loop.concurrency, Does: "idle: get each, every minute"},
		func(ctx context.Context, result *peerResult) error { return r.polling(ctx, loop, result) })
}

func (r *round) measureLimitedPeer(ctx context.Context, loop *goLoop) error {
	if !r.settings.runs(scenarioLimits) {
		return nil
	}
	if err := r.sim.limits(ctx, true); err != nil {
		return err
	}
	err := r.peer(ctx, peerResult{Name: peerGoLimited, Concurrency: loop.concurrency, Does: "the same with the limits on, on schedule"},
		func(ctx context.Context, result *peerResult) error {
			loop.paced = true
			return r.runLoop(ctx, loop, limitedPerDevice, result)
		})
	if err != nil {
		return err
	}
	return r.sim.limits(ctx, false)
}

// peer measures one peer; its failure is part of the result.
func (r *round) peer(ctx context.Context, result peerResult, run func(ctx context.Context, result *peerResult) error) error {
	before, err := r.sim.tally(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	failure := run(ctx, &result)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	took := time.Since(began).Seconds()
	after, err := r.sim.tally(ctx)
	if err != nil {
		return err
	}
	result.count(before, after)
	if result.Seconds == 0 { // it has not timed itself
		result.Seconds = took
	}
	if failure != nil {
		result.Unmeasured = failure.Error()
	}
	if result.CallsPerHour != 0 {
		result.CallsPerHour = float64(sum(result.SeamCalls)) / result.Seconds * time.Hour.Seconds()
	}
	r.result.Peers = append(r.result.Peers, result)
	r.log.say("%d codes, %s, %d in flight, %s: %.1f s; Seam %d calls %s", r.size, result.Name, result.Concurrency, result.Does,
		result.Seconds, sum(result.SeamCalls), result.Unmeasured)
	return nil
}

func (p *peerResult) count(before, after sim.Tally) {
	p.SeamCalls = difference(after.ByPath, before.ByPath)
	p.RateLimited = after.ByStatus["429"] - before.ByStatus["429"]
}

// runLoop lets a loop make the codes of this size on devices of its own. Making the devices does not count.
func (r *round) runLoop(ctx context.Context, loop *goLoop, perDevice int, result *peerResult) error {
	devices, err := loop.tenant.devices(ctx, devicesNeeded(r.size, perDevice))
	if err != nil {
		return err
	}
	began := time.Now()
	err = loop.run(ctx, codesFor(devices, r.size, false), len(devices))
	result.Seconds = time.Since(began).Seconds()
	return err
}

// polling gets each code once in a minute, spread evenly.
func (r *round) polling(ctx context.Context, loop *goLoop, result *peerResult) error {
	result.CallsPerHour = 1 // counted by the simulator
	return loop.getOnSchedule(ctx, min(pollInterval, r.settings.idle))
}
