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

// intentStore keeps finalizer and intention on AccessCodes. Each write fails with a conflict when the object was changed since it
// was read.
type intentStore struct {
	client client.Client
	memory *intents
}

// store writes the finalizer and the intention before the call that creates. It returns the intention of an earlier create that
// is pending; nil when there is none. It is written before each try, with an optimistic lock, so that a stale cache fails here
// and not at Seam.
func (i intentStore) store(ctx context.Context, s snapshot) (*storedIntent, error) {
	code, now := s.code, s.session.Now().UTC().Truncate(time.Second)
	intent := storedIntent{
		At: now, Tried: now, Name: code.RemoteName(), Object: client.ObjectKeyFromObject(code).String(),
		PIN: s.pin.source, Replaces: code.Status.AccessCodeID, Device: code.Spec.DeviceID, UID: code.UID,
		Disclosed: pinIsOlder(code, s.pin),
	}
	var earlier *storedIntent
	if s.known.CreatePending {
		earlier = intentOf(code)
		intent.At = earlier.At // what that try may have created is older than this one
	}
	return earlier, i.write(ctx, code, intent)
}

func (i intentStore) write(ctx context.Context, code *v1alpha1.AccessCode, intent storedIntent) error {
	value, err := json.Marshal(intent)
	if err != nil {
		return fmt.Errorf("encoding the intention to create: %w", err)
	}
	undo := i.memory.wrote(code.UID, string(value))
	if err := i.patch(ctx, code, func() { putBack(code, string(value)) }); err != nil {
		undo()
		return err
	}
	return nil
}

// putBack puts the finalizer and an intention on the AccessCode.
func putBack(code *v1alpha1.AccessCode, intent string) {
	controllerutil.AddFinalizer(code, v1alpha1.Finalizer)
	metav1.SetMetaDataAnnotation(&code.ObjectMeta, v1alpha1.CreateIntentAnnotation, intent)
}

// restore puts back the finalizer and the intention where somebody else has removed them, as a replace of the whole object does.
// Without the finalizer, a deletion would leave the code on the lock. Without the intention, neither a pending create nor a
// restore from a backup would find the code.
//
// The intention is the one that is remembered. Where none is, because it was removed while the operator was away, restoreFrom
// makes it once the recorded code was seen.
func (i intentStore) restore(ctx context.Context, code *v1alpha1.AccessCode) error {
	_, err := i.restoreRemembered(ctx, code)
	return err
}

// restoreRemembered is restore. needless says that nothing was missing.
func (i intentStore) restoreRemembered(ctx context.Context, code *v1alpha1.AccessCode) (needless bool, err error) {
	if !code.DeletionTimestamp.IsZero() || unusable(code) != nil {
		return false, nil
	}
	if i.copiesReleased(code) {
		return false, i.patch(ctx, code, func() { delete(code.Annotations, v1alpha1.CreateIntentAnnotation) })
	}
	i.memory.learn(code)
	should := i.memory.of(code.UID)
	switch {
	case lacks(code, should):
		return false, i.patch(ctx, code, func() { putBack(code, should) })
	case (should != "" || code.Status.AccessCodeID != "") && !code.HasFinalizer():
		_, ok := code.Annotations[v1alpha1.CreateIntentAnnotation]
		i.memory.setStripped(code.UID, !ok) // whatever becomes of this reconcile
		return false, i.ensureFinalizer(ctx, code)
	}
	return true, nil
}

// restoreFrom does what restore does, now that the code was seen: remote, nil where it was not.
func (i intentStore) restoreFrom(ctx context.Context, s snapshot, remote *seam.AccessCode) error {
	needless, err := i.restoreRemembered(ctx, s.code)
	if err != nil || !needless || !i.memory.isStripped(s.code.UID) {
		return err
	}
	if remote == nil || remote.CreatedAt.IsZero() || remote.AccessCodeID != s.code.Status.AccessCodeID {
		return nil
	}
	if err := i.write(ctx, s.code, intentFor(s, remote)); err != nil {
		return err
	}
	i.memory.setStripped(s.code.UID, false)
	return nil
}

// restoreLeaving puts back the intention that somebody else has removed from an AccessCode that is being deleted: without it, the
// code of a pending create would stay on the lock.
func (i intentStore) restoreLeaving(ctx context.Context, code *v1alpha1.AccessCode) error {
	i.memory.learn(code)
	should := i.memory.of(code.UID)
	if code.Orphans() || !lacks(code, should) {
		return nil
	}
	return i.patch(ctx, code, func() { putBack(code, should) })
}

// copiesReleased says that the intention was copied from an object that is gone with its code. Then no create is pending.
func (i intentStore) copiesReleased(code *v1alpha1.AccessCode) bool {
	intent := intentOf(code)
	return intent != nil && intent.UID != code.UID && i.memory.wasLetGo(intent.UID)
}

// intentFor is an intention that leads to a code which is recorded.
func intentFor(s snapshot, remote *seam.AccessCode) storedIntent {
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

// withdraw removes the intention of a call that was certainly refused, and puts back that of an earlier one. earlier is nil when
// there is none: then no code on the lock is ours.
func (i intentStore) withdraw(ctx context.Context, code *v1alpha1.AccessCode, earlier *storedIntent) error {
	if earlier != nil {
		return i.write(ctx, code, *earlier)
	}
	undo := i.memory.wrote(code.UID, "")
	err := i.patch(ctx, code, func() { delete(code.Annotations, v1alpha1.CreateIntentAnnotation) })
	if err != nil {
		undo()
	}
	return err
}

func (i intentStore) ensureFinalizer(ctx context.Context, code *v1alpha1.AccessCode) error {
	if controllerutil.ContainsFinalizer(code, v1alpha1.Finalizer) {
		return nil
	}
	return i.patch(ctx, code, func() { controllerutil.AddFinalizer(code, v1alpha1.Finalizer) })
}

// patch sends what change does to the metadata.
func (i intentStore) patch(ctx context.Context, code *v1alpha1.AccessCode, change func()) error {
	before := code.DeepCopy()
	change()
	if err := kube.Patch(ctx, i.client, code, before); err != nil {
		return fmt.Errorf("storing metadata of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
	}
	return nil
}
