// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// wakesBuffer is how many wakes wait without holding up who sends them.
const wakesBuffer = 256

// Wakes connects the two controllers where no change of an object does: a workspace that is connected again after a
// restart, and credentials that a call found refused.
type Wakes struct {
	codes      chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace]
	workspaces chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace]
}

// newWakes returns the connection for one pair of controllers.
func newWakes() *Wakes {
	return &Wakes{
		codes:      make(chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace], wakesBuffer),
		workspaces: make(chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace], wakesBuffer),
	}
}

// wakeCodes has every AccessCode of a SeamWorkspace looked at.
func (w *Wakes) wakeCodes(ctx context.Context, key types.NamespacedName) { send(ctx, w.codes, key) }

// wakeWorkspace has a SeamWorkspace checked.
func (w *Wakes) wakeWorkspace(ctx context.Context, key types.NamespacedName) {
	send(ctx, w.workspaces, key)
}

func send(ctx context.Context, to chan<- event.TypedGenericEvent[*v1alpha1.SeamWorkspace], key types.NamespacedName) {
	var ws v1alpha1.SeamWorkspace
	ws.Namespace, ws.Name = key.Namespace, key.Name
	select {
	case to <- event.TypedGenericEvent[*v1alpha1.SeamWorkspace]{Object: &ws}:
	case <-ctx.Done():
	}
}
