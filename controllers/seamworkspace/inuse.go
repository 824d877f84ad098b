// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// need says for what the AccessCodes of a SeamWorkspace need it.
type need struct {
	// held says that the credentials must stay.
	held bool
	// deleting says that an AccessCode is being deleted, which a suspended workspace does not stop.
	deleting bool
}

// holdOrRelease keeps the in-use finalizer on the SeamWorkspace and on its Secret for as long as AccessCodes need them. So a
// namespace can be deleted in any order and the codes still leave the locks.
func (r *Reconciler) holdOrRelease(ctx context.Context, ws *v1alpha1.SeamWorkspace) (need, error) {
	r.holding.Lock()
	defer r.holding.Unlock()
	if !r.Shard.Has(ws) {
		return r.needed(ctx, ws)
	}
	if err := kube.Heal(ctx, r.Client, ws, ws.Undecodable); err != nil {
		return need{}, err
	}
	needs, err := r.needed(ctx, ws)
	if err != nil {
		return need{}, err
	}
	if !needs.held {
		// The Secret first: once the SeamWorkspace is gone, nothing leads to the Secret any more.
		if err := r.releaseSecrets(ctx, ws, ""); err != nil {
			return need{}, err
		}
		return needs, r.patchFinalizers(ctx, ws, false)
	}
	// The Secret first: the finalizer on the SeamWorkspace tells AccessCodes that both are held. Where the Secret's name
	// can't be read, what is held stays so.
	if ref := ws.Spec.Auth.SecretKeyRef(); ref != nil && !ws.Unreadable("spec.auth") {
		if err := r.holdSecret(ctx, types.NamespacedName{Namespace: ws.Namespace, Name: ref.Name}); err != nil {
			return need{}, err
		}
		if err := r.releaseSecrets(ctx, ws, ref.Name); err != nil {
			return need{}, err
		}
	}
	if ws.DeletionTimestamp.IsZero() {
		err = r.patchFinalizers(ctx, ws, true)
	}
	return needs, err
}

// needed says for what AccessCodes need the workspace. Once the workspace is being deleted, only AccessCodes that may have a
// code at Seam count.
func (r *Reconciler) needed(ctx context.Context, ws *v1alpha1.SeamWorkspace) (need, error) {
	index := kube.IndexWorkspace
	if !ws.DeletionTimestamp.IsZero() {
		index = kube.IndexHolding
	}
	if r.HasOrphans != nil && r.HasOrphans(ws) {
		return need{held: true, deleting: true}, nil
	}
	var needs need
	var err error
	if needs.held, err = r.any(ctx, ws.Namespace, index, kube.WorkspaceValue(ws.Key())); err != nil {
		return need{}, err
	}
	if needs.deleting, err = r.any(ctx, ws.Namespace, kube.IndexDeleting, kube.WorkspaceValue(ws.Key())); err != nil {
		return need{}, err
	}
	if !needs.held {
		// Where it can't be read which workspace an AccessCode with something at Seam needs, it may be this one.
		needs.held, err = r.any(ctx, ws.Namespace, kube.IndexHolding, kube.UnknownName)
	}
	return needs, err
}

// any says whether an index has an AccessCode for a value. Its cost must not grow with their number: each AccessCode that is
// deleted leads to another call.
func (r *Reconciler) any(ctx context.Context, namespace, index, value string) (bool, error) {
	var codes v1alpha1.AccessCodeList
	err := r.List(ctx, &codes, client.InNamespace(namespace), client.MatchingFields{index: value}, client.Limit(1), client.UnsafeDisableDeepCopy)
	if err != nil {
		return false, fmt.Errorf("looking for AccessCodes by %s: %w", index, err)
	}
	return len(codes.Items) > 0, nil
}

// releaseSecrets removes the finalizer from the Secrets of the namespace that no workspace needs any more, such as one that
// this workspace named before. kept is the one that it needs now, "" when it needs none.
func (r *Reconciler) releaseSecrets(ctx context.Context, ws *v1alpha1.SeamWorkspace, kept string) error {
	secrets := &metav1.PartialObjectMetadataList{}
	secrets.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("SecretList"))
	// Secrets with PINs are many, and none of them is held.
	if err := r.Metadata.List(ctx, secrets, client.InNamespace(ws.Namespace), client.MatchingFields{kube.IndexHeld: kube.HeldSecrets}); err != nil {
		return fmt.Errorf("listing metadata of Secrets: %w", err)
	}
	for i := range secrets.Items {
		secret := &secrets.Items[i]
		if secret.Name == kept {
			continue
		}
		shared, err := r.neededByOther(ctx, ws, secret.Name)
		if err != nil {
			return err
		}
		if shared {
			continue
		}
		secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
		if err := r.patchFinalizers(ctx, secret, false); err != nil {
			return err
		}
	}
	return nil
}

// neededByOther says whether another SeamWorkspace needs the Secret, or may need it because the name of its own can't
// be read.
func (r *Reconciler) neededByOther(ctx context.Context, ws *v1alpha1.SeamWorkspace, secret string) (bool, error) {
	for _, name := range []string{secret, kube.UnknownName} {
		var sharing v1alpha1.SeamWorkspaceList
		err := r.List(ctx, &sharing, client.InNamespace(ws.Namespace), client.MatchingFields{kube.IndexAuthSecret: name})
		if err != nil {
			return false, fmt.Errorf("looking for the SeamWorkspaces that use Secret %q: %w", secret, err)
		}
		for i := range sharing.Items {
			other := &sharing.Items[i]
			if other.UID == ws.UID {
				continue
			}
			if needs, err := r.needed(ctx, other); err != nil || needs.held {
				return true, err
			}
		}
	}
	return false, nil
}

// holdSecret adds the finalizer to a Secret, unless there is no such Secret, or it is being deleted and takes no new finalizer.
func (r *Reconciler) holdSecret(ctx context.Context, key types.NamespacedName) error {
	secret := kube.SecretMetadata()
	if err := r.Metadata.Get(ctx, key, secret); err != nil {
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("reading metadata of Secret %q: %w", key, err)
	}
	if !secret.DeletionTimestamp.IsZero() {
		return nil
	}
	return r.patchFinalizers(ctx, secret, true)
}

func (r *Reconciler) patchFinalizers(ctx context.Context, object client.Object, held bool) error {
	before, ok := object.DeepCopyObject().(client.Object)
	if !ok {
		return fmt.Errorf("copying %T: not an object", object)
	}
	change := controllerutil.RemoveFinalizer
	if held {
		change = controllerutil.AddFinalizer
	}
	if !change(object, v1alpha1.InUseFinalizer) {
		return nil
	}
	if err := kube.Patch(ctx, r, object, before); err != nil {
		return fmt.Errorf("writing finalizers of %q: %w", client.ObjectKeyFromObject(object), err)
	}
	return nil
}
