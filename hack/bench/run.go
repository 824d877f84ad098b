// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// run measures all sizes, prints the tables and writes what is to be written.
func run(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	p, err := findParts(s)
	if err != nil {
		return err
	}
	// What controller-runtime would say of the watch is of no use to anybody.
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	log := &progress{out: stderr, began: time.Now()}
	result := report{Date: time.Now().UTC(), Machine: describeMachine(p), Settings: describeSettings(s)}
	for _, size := range s.sizes {
		measured, err := measureSize(ctx, s, p, log, size)
		if err != nil {
			return fmt.Errorf("%d codes: %w", size, err)
		}
		result.Sizes = append(result.Sizes, *measured)
	}
	text := result.tables()
	if _, err := io.WriteString(stdout, text); err != nil {
		return fmt.Errorf("writing the tables: %w", err)
	}
	if s.smoke {
		return result.overBounds()
	}
	return result.write(s)
}

// measureSize starts everything, measures and stops everything.
func measureSize(ctx context.Context, s settings, p parts, log *progress, size int) (*sizeResult, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	rig, err := newRig(s, p, log, fail)
	if err != nil {
		return nil, err
	}
	r := &round{rig: rig, size: size, result: &sizeResult{Codes: size, Scenarios: map[string]figures{}}}
	recorded := rig.startRecording(ctx, size)
	err = rig.start(ctx)
	if err == nil {
		err = r.measure(ctx)
	}
	if err == nil && s.peers {
		err = r.measurePeers(ctx)
	}
	if err == nil {
		err = rig.recordEnd(ctx)
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause // what failed first; the rest came of it
	}
	if err != nil {
		_, _ = io.WriteString(log.out, rig.tails())
	}
	fail(nil) // from here on the end of a child is no failure
	return r.result, errors.Join(err, recorded(), rig.stop())
}
