// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package controllers wires the controllers of the operator. Each kind has a folder of its own.
package controllers

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Options are the parts that the controllers are built from.
type Options struct {
	// Registry holds the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Metrics are the instruments of the operator, shared with the Registry. The caller registers them. When nil, they are made
	// here and not served.
	Metrics *metrics.Instruments
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// Zones are the time zones of locks; those in the program when nil.
	Zones *schedule.Zones
	// MaxConcurrentReconciles is how many AccessCodes are reconciled at once; 1 when zero.
	MaxConcurrentReconciles int
	// Shard selects the objects that are served; all when it is the zero value.
	Shard kube.Shard
	// WebhookAddress is where Seam's webhooks are received, as host:port; they are not when it is empty.
	WebhookAddress string
}

// Setup registers all controllers with a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	if err := kube.AddIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	if options.Zones == nil {
		zones, err := schedule.EmbeddedZones()
		if err != nil {
			return err
		}
		options.Zones = zones
	}
	options.Metrics = cmp.Or(options.Metrics, metrics.New("", "", ""))
	if err := addCollectors(ctx, mgr, options); err != nil {
		return err
	}
	recorder, err := addRecorder(mgr, options)
	if err != nil {
		return err
	}
	triggers := kube.NewTriggers()
	codes := accesscode.NewReconciler(accesscode.Options{
		Client:                  mgr.GetClient(),
		Metadata:                mgr.GetCache(),
		APIReader:               mgr.GetAPIReader(),
		Registry:                options.Registry,
		Triggers:                triggers,
		Metrics:                 options.Metrics,
		Recorder:                recorder,
		Clock:                   options.Clock,
		Zones:                   options.Zones,
		MaxConcurrentReconciles: options.MaxConcurrentReconciles,
		Shard:                   options.Shard,
	})
	hooks := &eventfeed.Webhooks{
		Client: mgr.GetClient(), Metadata: mgr.GetCache(), Registry: options.Registry, Triggers: triggers, Clock: options.Clock,
	}
	workspaces := &seamworkspace.Reconciler{
		Client:       mgr.GetClient(),
		Metadata:     mgr.GetCache(),
		Registry:     options.Registry,
		Triggers:     triggers,
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
	feeds := &eventfeed.Reconciler{
		Client: mgr.GetClient(), Registry: options.Registry, Triggers: triggers, Clock: options.Clock,
		Listeners: []eventfeed.Listener{
			&accesscode.Listener{Client: mgr.GetClient(), Triggers: triggers, Shard: options.Shard},
		},
	}
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

// addRecorder adds a recorder that writes the Events of the controllers to a manager.
func addRecorder(mgr ctrl.Manager, options Options) (*kube.EventRecorder, error) {
	recorder, err := kube.NewEventRecorder(mgr.GetClient(), options.Clock)
	if err != nil {
		return nil, err
	}
	if err := mgr.Add(recorder); err != nil {
		return nil, fmt.Errorf("adding the writer of Events: %w", err)
	}
	return recorder, nil
}

// addCollectors makes the metrics count the objects in the cache.
func addCollectors(ctx context.Context, mgr ctrl.Manager, options Options) error {
	codes := &accesscode.Collector{Registry: options.Registry, Clock: options.Clock, Shard: options.Shard}
	if err := codes.Follow(ctx, mgr.GetCache(), &v1alpha1.AccessCode{}); err != nil {
		return err
	}
	workspaces := &seamworkspace.Collector{Shard: options.Shard}
	if err := workspaces.Follow(ctx, mgr.GetCache(), &v1alpha1.SeamWorkspace{}); err != nil {
		return err
	}
	options.Metrics.Watch(options.Registry.Limits, kube.ObjectsCollector(leading(mgr), workspaces.Collect, codes.Collect))
	return nil
}

// leading returns a function that says whether this replica is the leader.
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
