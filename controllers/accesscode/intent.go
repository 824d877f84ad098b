// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
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
	// Replaces is the remote id that was recorded when the intention was stored. While it is still recorded, the create is
	// pending.
	Replaces string `json:"replaces,omitempty"`
	// Device is the lock: a copy of the object for another lock has nothing there.
	Device string `json:"device,omitempty"`
	// UID is that of the object which stored it.
	UID types.UID `json:"uid,omitempty"`
	// PIN is the source of the PIN: "generation 3 of …", "Secret …". The UIDs in it distinguish a restored object, whose
	// generations start at 1 again, from the original.
	PIN string `json:"pin,omitempty"`
	// Disclosed says that people may know the PIN from before this create, because it came back from a backup.
	Disclosed bool `json:"told,omitempty"`
}

// intentOf returns the intention stored with the AccessCode, nil when there is none, or none that can be read, or
// one of another object or another lock.
func intentOf(code *v1alpha1.AccessCode) *storedIntent {
	intent := parseIntent(code.Annotations[v1alpha1.CreateIntentAnnotation])
	if intent == nil || intent.Object != client.ObjectKeyFromObject(code).String() {
		return nil
	}
	if device := code.Spec.DeviceID; intent.Device != "" && device != "" && device != intent.Device {
		return nil
	}
	return intent
}

func parseIntent(value string) *storedIntent {
	var intent storedIntent
	if value == "" || json.Unmarshal([]byte(value), &intent) != nil {
		return nil
	}
	return &intent
}

// pending says that the create is pending: it may have created a code that was not recorded. Without a recorded id it is
// pending whatever the intention replaces, because a restore from a backup loses the status.
func (i *storedIntent) pending(id string) bool {
	return i != nil && (id == "" || i.Replaces == id)
}

// forPlan converts the intention for the planner. now is the present PIN.
func (i *storedIntent) forPlan(now pin) *plan.Intent {
	if i == nil {
		return nil
	}
	return &plan.Intent{At: i.At, Tried: i.Tried, Name: i.Name, SamePIN: i.PIN == now.source, Kept: now.value}
}

// storeIntent writes the finalizer and the intention before the call that creates. It returns the intention of an earlier
// create that is pending; nil when there is none. It is written before each try, with an optimistic lock, so that a stale cache
// fails here and not at Seam.
func (r *Reconciler) storeIntent(ctx context.Context, current *scope) (*storedIntent, error) {
	code, now := current.code, current.live.Now().UTC().Truncate(time.Second)
	intent := storedIntent{
		At: now, Tried: now, Name: code.RemoteName(), Object: client.ObjectKeyFromObject(code).String(),
		PIN: current.pin.source, Replaces: code.Status.AccessCodeID, Device: code.Spec.DeviceID, UID: code.UID,
		Disclosed: current.pinIsOlder(),
	}
	var earlier *storedIntent
	if current.known().CreatePending {
		earlier = intentOf(code)
		intent.At = earlier.At // what that try may have created is older than this one
	}
	return earlier, r.writeIntent(ctx, code, intent)
}

func (r *Reconciler) writeIntent(ctx context.Context, code *v1alpha1.AccessCode, intent storedIntent) error {
	value, err := json.Marshal(intent)
	if err != nil {
		return fmt.Errorf("encoding the intention to create: %w", err)
	}
	undo := r.tracker.intents.wrote(code.UID, string(value))
	if err := r.patchMetadata(ctx, code, func() { holdAgain(code, string(value)) }); err != nil {
		undo()
		return err
	}
	return nil
}

// holdAgain puts the finalizer and an intention on the AccessCode.
func holdAgain(code *v1alpha1.AccessCode, intent string) {
	controllerutil.AddFinalizer(code, v1alpha1.Finalizer)
	metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent)
}

// intendAgain puts back the finalizer and the intention where somebody else has removed them, as a replace of the whole object
// does. Without the finalizer, a deletion would leave the code on the lock. Without the intention, neither a pending create nor
// a restore from a backup would find the code.
//
// The intention is the one that is remembered. Where none is, because it was removed while the operator was away, it is made
// from the recorded code once that was seen: remote.
func (r *Reconciler) intendAgain(ctx context.Context, current *scope, remote *seam.AccessCode) error {
	code := current.code
	if !code.DeletionTimestamp.IsZero() || unusable(code) != nil {
		return nil
	}
	if r.copiesReleased(code) {
		return r.patchMetadata(ctx, code, func() { delete(code.Annotations, v1alpha1.CreateIntentAnnotation) })
	}
	should := r.tracker.intents.of(code)
	switch {
	case lacks(code, should):
		return r.patchMetadata(ctx, code, func() { holdAgain(code, should) })
	case (should != "" || code.Status.AccessCodeID != "") && !code.HasFinalizer():
		_, ok := code.Annotations[v1alpha1.CreateIntentAnnotation]
		current.history.stripped = !ok
		r.tracker.keep(code, current.history) // whatever becomes of this reconcile
		return r.ensureFinalizer(ctx, code)
	case current.history.stripped && remote != nil && !remote.CreatedAt.IsZero() && remote.AccessCodeID == code.Status.AccessCodeID:
		current.history.stripped = false
		return r.writeIntent(ctx, code, current.intentFor(remote))
	}
	return nil
}

// copiesReleased says that the intention was copied from an object that is gone with its code. Then no create is pending.
func (r *Reconciler) copiesReleased(code *v1alpha1.AccessCode) bool {
	intent := intentOf(code)
	return intent != nil && intent.UID != code.UID && r.tracker.intents.wasLetGo(intent.UID)
}

// intentFor is an intention that leads to a code which is recorded.
func (s *scope) intentFor(remote *seam.AccessCode) storedIntent {
	created := remote.CreatedAt.UTC().Truncate(time.Second)
	intent := storedIntent{
		At: created, Tried: created, Name: remote.Name, Object: client.ObjectKeyFromObject(s.code).String(),
		Device: s.code.Spec.DeviceID, UID: s.code.UID,
	}
	if remote.Code == s.pin.value {
		intent.PIN = s.pin.source
	}
	return intent
}

// withdrawIntent removes the intention of a call that was certainly refused, and puts back that of an earlier one. earlier is
// nil when there is none: then no code on the lock is ours.
func (r *Reconciler) withdrawIntent(ctx context.Context, code *v1alpha1.AccessCode, earlier *storedIntent) error {
	if earlier != nil {
		return r.writeIntent(ctx, code, *earlier)
	}
	undo := r.tracker.intents.wrote(code.UID, "")
	err := r.patchMetadata(ctx, code, func() { delete(code.Annotations, v1alpha1.CreateIntentAnnotation) })
	if err != nil {
		undo()
	}
	return err
}

func (r *Reconciler) ensureFinalizer(ctx context.Context, code *v1alpha1.AccessCode) error {
	if controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer) {
		return nil
	}
	return r.patchMetadata(ctx, code, func() { controllerutil.AddFinalizer(code, v1alpha1.Finalizer) })
}

// patchMetadata sends what change does to the metadata, and fails with a conflict when the object was changed since
// it was read.
func (r *Reconciler) patchMetadata(ctx context.Context, code *v1alpha1.AccessCode, change func()) error {
	before := code.DeepCopy()
	change()
	if err := kube.Patch(ctx, r, code, before); err != nil {
		return fmt.Errorf("storing metadata of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
	}
	return nil
}
