// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// wakesBuffer is how many wakes wait without holding up who sends them.
const wakesBuffer = 256

// Wakes connects the controllers where no change of an object does: a workspace that was connected, credentials that a
// call found refused, and what has happened at Seam.
type Wakes struct {
	codes      chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace] // all of a workspace
	code       chan event.TypedGenericEvent[*v1alpha1.AccessCode]
	workspaces chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace]
	feeds      chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace]
}

// newWakes returns the connection for one set of controllers.
func newWakes() *Wakes {
	return &Wakes{
		codes:      make(chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace], wakesBuffer),
		code:       make(chan event.TypedGenericEvent[*v1alpha1.AccessCode], wakesBuffer),
		workspaces: make(chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace], wakesBuffer),
		feeds:      make(chan event.TypedGenericEvent[*v1alpha1.SeamWorkspace], wakesBuffer),
	}
}

// wakeCodes has every AccessCode of a SeamWorkspace looked at.
func (w *Wakes) wakeCodes(ctx context.Context, key types.NamespacedName) {
	send(ctx, w.codes, &v1alpha1.SeamWorkspace{ObjectMeta: named(key)})
}

// wakeCode has one AccessCode looked at.
func (w *Wakes) wakeCode(ctx context.Context, key types.NamespacedName) {
	send(ctx, w.code, &v1alpha1.AccessCode{ObjectMeta: named(key)})
}

// wakeWorkspace has a SeamWorkspace checked.
func (w *Wakes) wakeWorkspace(ctx context.Context, key types.NamespacedName) {
	send(ctx, w.workspaces, &v1alpha1.SeamWorkspace{ObjectMeta: named(key)})
}

// wakeFeed has it found out what has happened to the codes of a SeamWorkspace.
func (w *Wakes) wakeFeed(ctx context.Context, key types.NamespacedName) {
	send(ctx, w.feeds, &v1alpha1.SeamWorkspace{ObjectMeta: named(key)})
}

func named(key types.NamespacedName) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}
}

// send waits for room as long as there is time. Where there is room it sends in any case.
func send[T any](ctx context.Context, to chan<- event.TypedGenericEvent[T], object T) {
	select {
	case to <- event.TypedGenericEvent[T]{Object: object}:
		return
	default:
	}
	select {
	case to <- event.TypedGenericEvent[T]{Object: object}:
	case <-ctx.Done():
	}
}
