// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// storedIntent is the value of the create-intent annotation. It holds neither a PIN nor anything computed from one.
type storedIntent struct {
	// At is when it was stored, by Seam's clock.
	At time.Time `json:"at"`
	// Tried is when the last create was about to be sent, by Seam's clock.
	Tried time.Time `json:"tried"`
	// Name is the remote name that the code was to get.
	Name string `json:"name"`
	// Object is the namespace and name of the AccessCode: a copy of the object under another name copies the
	// annotation too, and must not take the code of the original for its own. The UID would not do: a restore from
	// a backup changes it.
	Object string `json:"object"`
	// Replaces is the remote id that was recorded when the intention was stored: while it is still the one recorded,
	// the outcome of the creation is not known.
	Replaces string `json:"replaces,omitempty"`
	// PIN tells which PIN it was, by where that came from: "generation 3 of …", "Secret …". The UIDs in it tell a
	// restored object, whose generations begin anew, from the one of that time.
	PIN string `json:"pin,omitempty"`
	// Told says that people may have known the PIN before this create: it came back from a backup.
	Told bool `json:"told,omitempty"`
}

// intentOf returns the intention stored with the AccessCode, nil when there is none, or none that can be read, or
// one of another object.
func intentOf(code *v1alpha1.AccessCode) *storedIntent {
	value, ok := code.Annotations[v1alpha1.CreateIntentAnnotation]
	if !ok {
		return nil
	}
	var intent storedIntent
	if json.Unmarshal([]byte(value), &intent) != nil || intent.Object != client.ObjectKeyFromObject(code).String() {
		return nil
	}
	return &intent
}

// inDoubt says that a code may have been created that was not recorded. An object without a recorded id is in doubt
// whatever the intention replaces: a restore from a backup loses the status.
func (i *storedIntent) inDoubt(id string) bool {
	return i != nil && (id == "" || i.Replaces == id)
}

// forPlan is the intention in the planner's terms, with the PIN as it is now.
func (i *storedIntent) forPlan(now pin) *plan.Intent {
	if i == nil {
		return nil
	}
	return &plan.Intent{At: i.At, Tried: i.Tried, Name: i.Name, SamePIN: i.PIN == now.source, Kept: now.value}
}

// storeIntent writes the finalizer and the intention to create before the call that creates. It returns the intention of
// an earlier try that is in doubt, nil when there is none: then no earlier call can have created the code. The update is
// optimistic, so that a stale cache fails here and not at Seam; so it is made before each try.
func (r *AccessCodeReconciler) storeIntent(ctx context.Context, current *run) (*storedIntent, error) {
	code, now := current.code, current.live.Now().UTC().Truncate(time.Second)
	intent := storedIntent{
		At: now, Tried: now, Name: code.RemoteName(),
		Object: client.ObjectKeyFromObject(code).String(), PIN: current.pin.source, Replaces: code.Status.AccessCodeID,
		Told: current.cameBack(),
	}
	var earlier *storedIntent
	if current.known().Doubt {
		earlier = intentOf(code)
		intent.At = earlier.At // what that try may have created is older than this one
	}
	return earlier, r.writeIntent(ctx, code, intent)
}

func (r *AccessCodeReconciler) writeIntent(ctx context.Context, code *v1alpha1.AccessCode, intent storedIntent) error {
	value, err := json.Marshal(intent)
	if err != nil {
		return fmt.Errorf("encoding the intention to create: %w", err)
	}
	return r.patchMetadata(ctx, code, func() {
		controllerutil.AddFinalizer(code, v1alpha1.Finalizer)
		metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.CreateIntentAnnotation, string(value))
	})
}

// intendAgain writes an intention that leads to the recorded code in the place of one that a replace of the whole object has
// taken off: a restore from a backup finds the code by nothing else.
func (r *AccessCodeReconciler) intendAgain(ctx context.Context, current *run, remote *seam.AccessCode) error {
	code := current.code
	if _, ok := code.Annotations[v1alpha1.CreateIntentAnnotation]; ok || remote.CreatedAt.IsZero() {
		return nil
	}
	created := remote.CreatedAt.UTC().Truncate(time.Second)
	intent := storedIntent{At: created, Tried: created, Name: remote.Name, Object: client.ObjectKeyFromObject(code).String()}
	if remote.Code == current.pin.value {
		intent.PIN = current.pin.source
	}
	return r.writeIntent(ctx, code, intent)
}

// withdrawIntent takes back an intention whose call was refused for certain, and leaves that of an earlier try, nil when
// there is none: then whatever is on the lock, now or later, is not ours.
func (r *AccessCodeReconciler) withdrawIntent(ctx context.Context, code *v1alpha1.AccessCode, earlier *storedIntent) error {
	if earlier != nil {
		return r.writeIntent(ctx, code, *earlier)
	}
	return r.patchMetadata(ctx, code, func() { delete(code.Annotations, v1alpha1.CreateIntentAnnotation) })
}

func (r *AccessCodeReconciler) ensureFinalizer(ctx context.Context, code *v1alpha1.AccessCode) error {
	if controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer) {
		return nil
	}
	return r.patchMetadata(ctx, code, func() { controllerutil.AddFinalizer(code, v1alpha1.Finalizer) })
}

// patchMetadata sends what change does to the metadata, and fails with a conflict when the object was changed since
// it was read.
func (r *AccessCodeReconciler) patchMetadata(ctx context.Context, code *v1alpha1.AccessCode, change func()) error {
	before := code.DeepCopy()
	change()
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Patch(ctx, code, patch, client.FieldOwner(fieldOwner)); err != nil {
		return fmt.Errorf("storing metadata of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
	}
	return nil
}
