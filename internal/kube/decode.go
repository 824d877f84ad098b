// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Objects that can't be decoded come from an older CRD, a restored etcd, or a CRD without its rules. The part of such an object
// that can be read must not be acted upon, and the object must not hold up the others.
//
// Hazard: where a validation rule can't evaluate a field, such as an invalid date, the API server refuses every change of the
// object that does not correct the field, even of its status and its finalizers.

// UnknownName stands in indexes for a name that can't be read. No object has it.
const UnknownName = "?"

// UnreadableSpec is the message that names the fields of a spec that can't be read; "" when all can.
func UnreadableSpec(undecodable []string) string {
	var fields []string
	for _, path := range undecodable {
		if path == "spec" || strings.HasPrefix(path, "spec.") {
			fields = append(fields, path)
		}
	}
	const named = 5 // the message has room for no more
	switch n := len(fields); {
	case n == 0:
		return ""
	case n == 1:
		return fields[0] + " can't be read: apply a valid value"
	case n > named:
		return fmt.Sprintf("%s and %d more fields can't be read: apply valid values", strings.Join(fields[:named], ", "), n-named)
	default:
		return strings.Join(fields[:n-1], ", ") + " and " + fields[n-1] + " can't be read: apply valid values"
	}
}

// healed are the status fields that block every change while they can't be read. The next report of a reconcile sets them
// again.
var healed = []string{"conditions", "startsAt", "endsAt", "errors", "warnings"}

// Heal empties the status fields that can't be read and would keep the API server from accepting any change.
func Heal(ctx context.Context, c client.Client, object client.Object, undecodable []string) error {
	empty := fieldsOf(undecodable, "status")
	for field := range empty {
		if !slices.Contains(healed, field) {
			delete(empty, field)
		}
	}
	if len(empty) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{
		// With the version that was read: a later one may be readable.
		"metadata": map[string]any{"resourceVersion": object.GetResourceVersion()}, "status": empty,
	})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	err = c.Status().Patch(ctx, object, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(FieldOwner))
	if err != nil && !apierrors.IsInvalid(err) { // a field of the spec is invalid, too, and is reported
		return fmt.Errorf("emptying what can't be read in the status of %q: %w", client.ObjectKeyFromObject(object), err)
	}
	return nil
}

// ReleaseUnreadable writes the finalizers and removes the fields of the spec that can't be read. It is the only write to a
// spec. It is called once the code is off the lock: without it, the API server would refuse to remove the finalizer.
func ReleaseUnreadable(ctx context.Context, c client.Writer, code *v1alpha1.AccessCode) error {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": code.ResourceVersion, "finalizers": code.Finalizers},
		"spec":     fieldsOf(code.Undecodable, "spec"),
	})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	return c.Patch(ctx, code, client.RawPatch(types.MergePatchType, patch), client.FieldOwner(FieldOwner))
}

// fieldsOf returns the fields of a part of the object in which something can't be read, each with the value nil, which a merge
// patch takes for a removal.
func fieldsOf(undecodable []string, part string) map[string]any {
	fields := map[string]any{}
	for _, path := range undecodable {
		if names := strings.Split(path, "."); len(names) > 1 && names[0] == part {
			fields[names[1]] = nil
		}
	}
	return fields
}
