// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package kube has what the controllers share in their dealings with Kubernetes: patches, conditions, Events, back-off,
// triggers, indexes, Secrets, and objects that can't be decoded.
package kube

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// FieldOwner names the operator in managedFields.
const FieldOwner = "access-code-operator"

// Create creates an object.
func Create(ctx context.Context, c client.Writer, object client.Object) error {
	return c.Create(ctx, object, client.FieldOwner(FieldOwner))
}

// Patch writes the difference between before and object, with an optimistic lock: it fails with a conflict where the object was
// written since it was read. So it can't undo a change that somebody else made.
func Patch(ctx context.Context, c client.Writer, object, before client.Object) error {
	return c.Patch(ctx, object, locked(before), client.FieldOwner(FieldOwner))
}

// PatchStatus is Patch for the status.
func PatchStatus(ctx context.Context, c client.StatusClient, object, before client.Object) error {
	return c.Status().Patch(ctx, object, locked(before), client.FieldOwner(FieldOwner))
}

func locked(before client.Object) client.Patch {
	return client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
}
