// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldOwner names the operator in managedFields.
const fieldOwner = "access-code-operator"

// lockedPatch writes what has changed of an object since before, unless somebody else has written it meanwhile: what was
// seen before is not put back.
func lockedPatch(ctx context.Context, c client.Writer, object, before client.Object) error {
	return c.Patch(ctx, object, locked(before), client.FieldOwner(fieldOwner))
}

// lockedStatusPatch is lockedPatch for the status.
func lockedStatusPatch(ctx context.Context, c client.StatusClient, object, before client.Object) error {
	return c.Status().Patch(ctx, object, locked(before), client.FieldOwner(fieldOwner))
}

func locked(before client.Object) client.Patch {
	return client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
}
