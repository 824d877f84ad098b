// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// originalLook is how often it is checked whether the original of a copy is gone.
const originalLook = 10 * time.Second

// foreignIntent returns the intention that was copied from an object of another namespace, and the key of that object; nil when
// there is none.
func foreignIntent(code *v1alpha1.AccessCode) (*storedIntent, types.NamespacedName) {
	var intent storedIntent
	if json.Unmarshal([]byte(code.Annotations[v1alpha1.CreateIntentAnnotation]), &intent) != nil {
		return nil, types.NamespacedName{}
	}
	namespace, name, ok := strings.Cut(intent.Object, "/")
	if !ok || namespace == code.Namespace {
		return nil, types.NamespacedName{}
	}
	return &intent, types.NamespacedName{Namespace: namespace, Name: name}
}

// resolveCopy handles an AccessCode that was copied from another namespace and has no code yet.
//
// Where the original is gone, the object was moved. It takes over the intention, so that the code and the moved Secret are found
// as after a restore. Where the original exists, the code is the original's: no second one is made with a chosen PIN, and with a
// given PIN Seam refuses one. An original in a namespace that the operator can't read counts as existing.
func (g gatherer) resolveCopy(ctx context.Context, code *v1alpha1.AccessCode) error {
	intent, key := foreignIntent(code)
	if intent == nil || code.Status.AccessCodeID != "" {
		return nil
	}
	var original v1alpha1.AccessCode
	err := g.cache.Get(ctx, key, &original)
	switch {
	case apierrors.IsNotFound(err) && code.Annotations[v1alpha1.AccessCodeIDAnnotation] != "":
		return nil // the code is named, and taken over
	case apierrors.IsNotFound(err):
		intent.Object = client.ObjectKeyFromObject(code).String()
		return g.intents.write(ctx, code, *intent)
	case code.Spec.Code != "" || code.Spec.CodeFrom != nil:
		return nil
	case err == nil && original.Spec.DeviceID != code.Spec.DeviceID:
		return nil // for another lock, it is another code
	case err == nil && !original.DeletionTimestamp.IsZero():
		return blockedFor(originalLook, v1alpha1.ReasonCreating, "AccessCode %q of namespace %q, of which this is a copy, is being deleted: the code is made once it is gone", key.Name, key.Namespace)
	}
	return blockedFor(kube.SlowLook, v1alpha1.ReasonCodeConflict,
		"This is a copy of AccessCode %q of namespace %q, which has the code: delete one of the two; or, to have another code with a PIN of its own, remove the annotation %s here",
		key.Name, key.Namespace, v1alpha1.CreateIntentAnnotation)
}
