// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package controllers is the Kubernetes side of the operator: it reads AccessCodes and SeamWorkspaces, has the planner
// decide, takes the step, and writes what came of it.
package controllers

import (
	"context"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Options are the parts that the controllers are built from.
type Options struct {
	// Registry holds the live side of the SeamWorkspaces.
	Registry *workspace.Registry
	// Clock is the operator's own.
	Clock clock.PassiveClock
	// MaxConcurrentReconciles is how many AccessCodes are worked on at once; 1 when zero.
	MaxConcurrentReconciles int
}

// Setup registers all controllers with a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	if err := addIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	wakes := newWakes()
	workspaces := &SeamWorkspaceReconciler{
		Client:   mgr.GetClient(),
		Metadata: mgr.GetCache(),
		Registry: options.Registry,
		Wakes:    wakes,
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder(fieldOwner),
	}
	if err := workspaces.SetupWithManager(mgr); err != nil {
		return err
	}
	feeds := &FeedReconciler{Client: mgr.GetClient(), Registry: options.Registry, Wakes: wakes, Clock: options.Clock}
	if err := feeds.SetupWithManager(mgr); err != nil {
		return err
	}
	codes := &AccessCodeReconciler{
		Client:                  mgr.GetClient(),
		Live:                    mgr.GetAPIReader(),
		Registry:                options.Registry,
		Wakes:                   wakes,
		Recorder:                mgr.GetEventRecorder(fieldOwner),
		Clock:                   options.Clock,
		MaxConcurrentReconciles: options.MaxConcurrentReconciles,
	}
	return codes.SetupWithManager(mgr)
}
