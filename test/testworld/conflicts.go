// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Conflicts makes the next patches of AccessCodes fail with a conflict, as on a stale cache. left returns how many are still to
// fail.
func (w *World) Conflicts(times int) (left func() int) {
	w.Operators = interceptor.NewClient(w.Client, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			if _, ok := o.(*v1alpha1.AccessCode); ok && times > 0 {
				times--
				return apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("accesscodes").GroupResource(), o.GetName(), nil)
			}
			return c.Patch(ctx, o, p, opts...)
		},
	})
	w.Codes.Client = w.Operators
	return func() int { return times }
}
