// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import "sigs.k8s.io/controller-runtime/pkg/predicate"

// What tests of this folder reach for that nobody else does.

const (
	EventInUse = eventInUse
	MaxCounted = maxCounted
)

func (r *Reconciler) WorkspaceEdited() predicate.Predicate { return r.workspaceEdited() }

// Told is the number of SeamWorkspaces about which recorded Events are remembered.
func (r *Reconciler) Told() int { return len(r.recorded) }
