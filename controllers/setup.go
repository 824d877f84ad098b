// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package controllers is the Kubernetes side of the operator: it reads AccessCodes and SeamWorkspaces, has the planner
// decide, takes the step, and writes what came of it.
package controllers

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Options are the parts that the controllers are built from.
type Options struct {
	// Registry holds the live side of the SeamWorkspaces.
	Registry *workspace.Registry
	// Metrics are the instruments of the operator, which the caller registers, with the Registry's own; some that nobody
	// reads when nil.
	Metrics *metrics.Instruments
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// MaxConcurrentReconciles is how many AccessCodes are worked on at once; 1 when zero.
	MaxConcurrentReconciles int
	// Shard is which objects are served; all when it is the zero value.
	Shard Shard
	// WebhookAddress is where Seam's webhooks are received, as host:port; they are not when it is empty.
	WebhookAddress string
}

// Setup registers all controllers with a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	options.Metrics = cmp.Or(options.Metrics, metrics.New("", ""))
	if err := addCensus(ctx, mgr, options); err != nil {
		return err
	}
	recorder, err := addRecorder(mgr, options)
	if err != nil {
		return err
	}
	wakes := newWakes()
	codes := NewAccessCodeReconciler(AccessCodeOptions{
		Client:                  mgr.GetClient(),
		Metadata:                mgr.GetCache(),
		Live:                    mgr.GetAPIReader(),
		Registry:                options.Registry,
		Wakes:                   wakes,
		Metrics:                 options.Metrics,
		Recorder:                recorder,
		Clock:                   options.Clock,
		MaxConcurrentReconciles: options.MaxConcurrentReconciles,
		Shard:                   options.Shard,
	})
	hooks := &Webhooks{
		Client: mgr.GetClient(), Metadata: mgr.GetCache(), Registry: options.Registry, Wakes: wakes, Clock: options.Clock,
	}
	workspaces := &SeamWorkspaceReconciler{
		Client:       mgr.GetClient(),
		Metadata:     mgr.GetCache(),
		Registry:     options.Registry,
		Wakes:        wakes,
		Clock:        options.Clock,
		Metrics:      options.Metrics,
		Recorder:     recorder,
		HasOrphans:   codes.HasOrphans,
		WebhookFault: hooks.Fault,
		Shard:        options.Shard,
	}
	if err := workspaces.SetupWithManager(mgr); err != nil {
		return err
	}
	feeds := &FeedReconciler{Client: mgr.GetClient(), Registry: options.Registry, Wakes: wakes, Clock: options.Clock, Shard: options.Shard}
	if err := feeds.SetupWithManager(mgr); err != nil {
		return err
	}
	if options.WebhookAddress != "" {
		if err := hooks.AddReceiver(mgr, options.WebhookAddress, leading(mgr)); err != nil {
			return err
		}
	}
	return codes.SetupWithManager(mgr)
}

// addRecorder has the manager write what the controllers record.
func addRecorder(mgr ctrl.Manager, options Options) (*eventWriter, error) {
	recorder, err := newEventWriter(mgr.GetClient(), options.Clock)
	if err != nil {
		return nil, err
	}
	if err := mgr.Add(recorder); err != nil {
		return nil, fmt.Errorf("adding the writer of Events: %w", err)
	}
	return recorder, nil
}

// addCensus has the metrics say what there is.
func addCensus(ctx context.Context, mgr ctrl.Manager, options Options) error {
	codes := &accessCodeCensus{registry: options.Registry, clock: options.Clock, shard: options.Shard}
	if err := codes.follow(ctx, mgr.GetCache(), &v1alpha1.AccessCode{}); err != nil {
		return err
	}
	workspaces := &workspaceCensus{shard: options.Shard}
	if err := workspaces.follow(ctx, mgr.GetCache(), &v1alpha1.SeamWorkspace{}); err != nil {
		return err
	}
	options.Metrics.Watch(options.Registry.Limits, takeCensus(leading(mgr), workspaces.count, codes.count))
	return nil
}

// leading says whether this replica is the one that works.
func leading(mgr ctrl.Manager) func() bool {
	return func() bool {
		select {
		case <-mgr.Elected():
			return true
		default:
			return false
		}
	}
}
