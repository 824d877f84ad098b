// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// pollEvery is how long a loop waits before it looks at a code again.
	pollEvery = time.Second
	// pollInterval is how often the polling controller looks at each code.
	pollInterval = time.Minute
)

// goLoop is the floor: all creates, some at once, then a get for each code until it is set. It knows neither
// Kubernetes nor failure.
type goLoop struct {
	tenant      tenant
	client      *seam.Client
	concurrency int
	// paced keeps to Seam's limits by knowing them.
	paced bool

	ids []string // of the codes that were made last
}

func newGoLoop(t tenant, connections int) (*goLoop, error) {
	//nolint:forbidigo // the floor is the bare client, without what internal/workspace adds
	client, err := seam.New(seam.Options{
		Endpoint: t.sim.url, Auth: seam.APIKey(redact.Secret(t.key)),
		// As many connections as requests in flight, or the floor would spend its time on new ones.
		HTTPClient: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}},
	})
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	return &goLoop{tenant: t, client: client}, nil
}

// run returns when all codes are set. Neighbours are on different devices, as codesFor has it.
func (l *goLoop) run(ctx context.Context, codes []plainCode, devices int) error {
	l.ids = make([]string, len(codes))
	answered := make([]chan time.Time, len(codes))
	for i := range answered {
		answered[i] = make(chan time.Time, 1)
	}
	err := inParallel(ctx, l.concurrency, len(codes), func(ctx context.Context, i int) error {
		if earlier := i - devices*createsPerMinute; l.paced && earlier >= 0 {
			// The minute counts from when Seam took the earlier one, which was before its answer came.
			if err := waitUntil(ctx, answered[earlier], limitWindow); err != nil {
				return err
			}
		}
		c := codes[i]
		code, err := l.client.AccessCodes.Create(ctx, seam.CreateAccessCodeRequest{
			DeviceID: c.deviceID, Name: c.name, Code: redact.Secret(c.pin),
		})
		if err != nil {
			return err
		}
		l.ids[i] = code.AccessCodeID
		answered[i] <- time.Now()
		return nil
	})
	if err != nil {
		return fmt.Errorf("creating codes: %w", err)
	}
	return l.awaitSet(ctx)
}

// waitUntil waits for a time from a channel, and then until after has passed since that time.
func waitUntil(ctx context.Context, from <-chan time.Time, after time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case start := <-from:
		return pause(ctx, time.Until(start.Add(after)))
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// awaitSet gets the codes that are not set yet, in rounds that begin a second apart at least. Waiting takes no place
// among the requests in flight.
func (l *goLoop) awaitSet(ctx context.Context) error {
	waiting := l.ids
	for {
		began := time.Now()
		set := make([]bool, len(waiting))
		err := inParallel(ctx, l.concurrency, len(waiting), func(ctx context.Context, i int) error {
			code, err := l.client.AccessCodes.Get(ctx, waiting[i])
			set[i] = err == nil && code.Status == seam.StatusSet
			return err
		})
		if err != nil {
			return fmt.Errorf("waiting for codes: %w", err)
		}
		var left []string
		for i, id := range waiting {
			if !set[i] {
				left = append(left, id)
			}
		}
		if len(left) == 0 {
			return nil
		}
		waiting = left
		if err := pause(ctx, time.Until(began.Add(pollEvery))); err != nil {
			return err
		}
	}
}

// getEach looks at each code once, as fast as it may.
func (l *goLoop) getEach(ctx context.Context) error {
	return inParallel(ctx, l.concurrency, len(l.ids), func(ctx context.Context, i int) error {
		_, err := l.client.AccessCodes.Get(ctx, l.ids[i])
		return err
	})
}

// getOnSchedule looks at each code once in an interval, for a while.
func (l *goLoop) getOnSchedule(ctx context.Context, span time.Duration) error {
	began := time.Now()
	count := int(int64(len(l.ids)) * int64(span) / int64(pollInterval))
	err := inParallel(ctx, l.concurrency, count, func(ctx context.Context, i int) error {
		if err := pause(ctx, time.Until(began.Add(span*time.Duration(i)/time.Duration(count)))); err != nil {
			return err
		}
		_, err := l.client.AccessCodes.Get(ctx, l.ids[i])
		return err
	})
	if err != nil {
		return err
	}
	return pause(ctx, time.Until(began.Add(span)))
}
