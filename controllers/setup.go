// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package controllers is the Kubernetes side of the operator: it reads AccessCodes and SeamWorkspaces, has the planner
// decide, takes the step, and writes what came of it.
package controllers

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/webhook"
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
	workspaces := &SeamWorkspaceReconciler{
		Client:   mgr.GetClient(),
		Metadata: mgr.GetCache(),
		Registry: options.Registry,
		Wakes:    wakes,
		Clock:    options.Clock,
		Metrics:  options.Metrics,
		Recorder: recorder,
		Shard:    options.Shard,
	}
	if err := workspaces.SetupWithManager(mgr); err != nil {
		return err
	}
	feeds := &FeedReconciler{Client: mgr.GetClient(), Registry: options.Registry, Wakes: wakes, Clock: options.Clock, Shard: options.Shard}
	if err := feeds.SetupWithManager(mgr); err != nil {
		return err
	}
	if err := addReceiver(mgr, options, wakes); err != nil {
		return err
	}
	codes := &AccessCodeReconciler{
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
	c := &census{
		registry: options.Registry, clock: options.Clock, shard: options.Shard,
		leading: func() bool { return leading(mgr) },
	}
	if err := c.codes.follow(ctx, mgr.GetCache(), &v1alpha1.AccessCode{}); err != nil {
		return err
	}
	if err := c.workspaces.follow(ctx, mgr.GetCache(), &v1alpha1.SeamWorkspace{}); err != nil {
		return err
	}
	options.Metrics.Watch(options.Registry.Limits, c.take)
	return nil
}

// leading says whether this replica is the one that works.
func leading(mgr ctrl.Manager) bool {
	select {
	case <-mgr.Elected():
		return true
	default:
		return false
	}
}

// addReceiver has the manager receive Seam's webhooks, where that is wanted.
func addReceiver(mgr ctrl.Manager, options Options, wakes *Wakes) error {
	if options.WebhookAddress == "" {
		return nil
	}
	hooks := &webhooks{
		Client: mgr.GetClient(), metadata: mgr.GetCache(), registry: options.Registry, wakes: wakes, clock: options.Clock,
		known: map[types.NamespacedName]signingSecrets{},
	}
	receiver, err := webhook.New(webhook.Options{
		Address: options.WebhookAddress, Clock: options.Clock,
		Secrets: hooks.secrets, Deliver: hooks.deliver,
		Leading: func() bool { return leading(mgr) },
	})
	if err != nil {
		return err
	}
	if err := mgr.Add(receiver); err != nil {
		return fmt.Errorf("adding the receiver of webhooks: %w", err)
	}
	return nil
}
