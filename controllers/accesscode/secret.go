// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
)

// The Secret of a chosen PIN carries no label or annotation, since copies would carry the same. What shows that the operator
// wrote one whose owner is not, or no longer, this very object:
//
//   - After a restore nothing in the Secret does: Velero and kubectl drop, or rewrite, ownerReferences, managedFields and UID.
//     What they keep is the AccessCode's annotation with the intention, which names the object by namespace and name, and the
//     UID that it had. An intention of an earlier UID makes the object a restored one, and a Secret of the right name that
//     holds nothing but PINs is its own.
//   - After "kubectl delete --cascade=orphan" the Secret is the one that was written: its managedFields still say that the
//     operator put the PIN there, and the API server lets no copy carry them.
//   - A Secret that an earlier AccessCode of the name owns, which is gone, is about to be collected with it.

// secretOf returns the Secret to which the PINs of an AccessCode are written; nil when there is none yet. The object may not be
// the owner of its own Secret yet, as after a restore. A blockedError says why the Secret can't be used.
func (p pinStore) secretOf(ctx context.Context, code *v1alpha1.AccessCode) (*corev1.Secret, error) {
	secret, err := p.read(ctx, code.Namespace, code.CodeSecretName())
	if secret == nil || err != nil || metav1.IsControlledBy(secret, code) {
		return secret, err
	}
	owner, others := accessCodeOwner(secret)
	if others {
		return nil, secretConflict(code)
	}
	if secret.DeletionTimestamp.IsZero() && isItsOwn(code, secret, owner) {
		if named, err := p.isNamedInCodeFrom(ctx, secret); err != nil || !named {
			return secret, err
		}
	}
	return nil, p.notOurs(ctx, code, secret, owner)
}

// read reads a Secret from the API server itself; nil when there is none.
func (p pinStore) read(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return kube.ReadSecret(ctx, p.client, types.NamespacedName{Namespace: namespace, Name: name})
}

// isItsOwn says that a Secret belongs to the object although its owner references do not say so.
func isItsOwn(code *v1alpha1.AccessCode, secret *corev1.Secret, owner *metav1.OwnerReference) bool {
	if owner == nil && writtenByUs(secret) {
		return true
	}
	_, former := foreignIntent(code)
	moved := former.Name != "" && code.Annotations[v1alpha1.AccessCodeIDAnnotation] != ""
	return (restored(code) || moved) && holdsPINsOnly(secret) && (owner == nil || owner.Name == code.Name)
}

// notOurs says whose a Secret is that is not the AccessCode's, and what to do.
func (p pinStore) notOurs(ctx context.Context, code *v1alpha1.AccessCode, secret *corev1.Secret, owner *metav1.OwnerReference) error {
	if owner == nil {
		return secretConflict(code)
	}
	living, elsewhere := p.ownerLives(ctx, code, owner)
	switch {
	case living:
		return blocked(v1alpha1.ReasonSecretConflict,
			"Secret %q, where a PIN would be written, is that of AccessCode %q: set spec.codeSecretName to another name", secret.Name, owner.Name)
	case elsewhere:
		return blocked(v1alpha1.ReasonSecretConflict,
			"Secret %q is a copy of that of an AccessCode of another namespace, which has the code: set spec.codeSecretName to another name to have a code with another PIN, or delete this AccessCode",
			secret.Name)
	}
	return blocked(v1alpha1.ReasonCreating,
		"Secret %q is that of an earlier AccessCode %q, which is gone, and goes with it: a PIN is chosen once kube-controller-manager has removed the Secret",
		secret.Name, owner.Name)
}

// ownerLives says whether the AccessCode that owns a Secret is there, or in another namespace, from which the Secret was
// copied.
func (p pinStore) ownerLives(ctx context.Context, code *v1alpha1.AccessCode, owner *metav1.OwnerReference) (here, elsewhere bool) {
	var list v1alpha1.AccessCodeList
	if err := p.client.List(ctx, &list, client.UnsafeDisableDeepCopy); err != nil {
		return false, false
	}
	for i := range list.Items {
		if list.Items[i].UID == owner.UID {
			return list.Items[i].Namespace == code.Namespace, list.Items[i].Namespace != code.Namespace
		}
	}
	return false, false
}

// isNamedInCodeFrom says that an AccessCode reads its PIN from the Secret: then a person has written it.
func (p pinStore) isNamedInCodeFrom(ctx context.Context, secret *corev1.Secret) (bool, error) {
	var list v1alpha1.AccessCodeList
	err := p.client.List(ctx, &list, client.InNamespace(secret.Namespace), client.MatchingFields{kube.IndexSecrets: secret.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return false, fmt.Errorf("looking for the AccessCodes that use a Secret: %w", err)
	}
	for i := range list.Items {
		if from := list.Items[i].Spec.CodeFrom; from != nil && from.SecretKeyRef.Name == secret.Name {
			return true, nil
		}
	}
	return false, nil
}

// accessCodeOwner returns the AccessCode that a Secret names as an owner, and whether something else owns it, too.
func accessCodeOwner(secret *corev1.Secret) (owner *metav1.OwnerReference, others bool) {
	for i := range secret.OwnerReferences {
		reference := &secret.OwnerReferences[i]
		if !isAccessCode(reference) {
			others = true
			continue
		}
		owner = reference
	}
	return owner, others
}

func isAccessCode(reference *metav1.OwnerReference) bool {
	version, err := schema.ParseGroupVersion(reference.APIVersion)
	return err == nil && version.Group == v1alpha1.GroupVersion.Group && reference.Kind == "AccessCode"
}

// restored says that the object came back from a backup: its intention is that of an earlier object of its name.
func restored(code *v1alpha1.AccessCode) bool {
	intent := intentOf(code)
	return intent != nil && intent.UID != code.UID && !strings.Contains(intent.PIN, string(code.UID))
}

// holdsPINsOnly says that a Secret holds what the operator would have written, and nothing else.
func holdsPINsOnly(secret *corev1.Secret) bool {
	for key, value := range secret.Data {
		_, isPIN := parsePIN(value)
		if !isPIN || key != v1alpha1.CodeSecretKey && key != v1alpha1.BackupCodeSecretKey {
			return false
		}
	}
	return len(secret.Data) > 0 && (secret.Type == "" || secret.Type == corev1.SecretTypeOpaque)
}

// writtenByUs says that the operator wrote this Secret, and not only a finalizer on it.
func writtenByUs(secret *corev1.Secret) bool {
	for _, entry := range secret.ManagedFields {
		if entry.Manager != kube.FieldOwner || entry.FieldsV1 == nil {
			continue
		}
		var fields struct {
			Type *struct{}                  `json:"f:type"`
			Data map[string]json.RawMessage `json:"f:data"`
		}
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) != nil {
			continue
		}
		_, code := fields.Data["f:"+v1alpha1.CodeSecretKey]
		_, backup := fields.Data["f:"+v1alpha1.BackupCodeSecretKey]
		if fields.Type != nil || code || backup {
			return true
		}
	}
	return false
}

// ownKept makes an AccessCode the owner of the Secret with its chosen PIN, or of one with the PIN of its backup code that came
// back from a backup.
func (p pinStore) ownKept(ctx context.Context, code *v1alpha1.AccessCode, resolved pin) error {
	switch {
	case resolved.chosen:
		return p.own(ctx, code, resolved.secret)
	case code.Spec.Backup == nil || !restored(code):
		return nil
	}
	// The next create replaces the intention that shows whose the Secret is.
	secret, err := p.secretOf(ctx, code)
	if _, inTheWay := blockedBy(err); inTheWay {
		return nil
	}
	if err != nil {
		return err
	}
	return p.own(ctx, code, secret)
}

// own makes an AccessCode the owner of a Secret, so that the Secret is deleted with it.
func (p pinStore) own(ctx context.Context, code *v1alpha1.AccessCode, secret *corev1.Secret) error {
	if secret == nil || metav1.IsControlledBy(secret, code) {
		return nil
	}
	before := secret.DeepCopy()
	if err := p.setOwner(code, secret); err != nil {
		return err
	}
	if err := kube.Patch(ctx, p.client, secret, before); err != nil {
		return fmt.Errorf("owning Secret %q: %w", secret.Name, withoutContent(err))
	}
	return nil
}

// setOwner makes the AccessCode the owner of a Secret in the place of an earlier one.
func (p pinStore) setOwner(code *v1alpha1.AccessCode, secret *corev1.Secret) error {
	kept := make([]metav1.OwnerReference, 0, len(secret.OwnerReferences))
	for _, reference := range secret.OwnerReferences {
		if !isAccessCode(&reference) {
			kept = append(kept, reference)
		}
	}
	secret.OwnerReferences = kept
	if err := controllerutil.SetControllerReference(code, secret, p.client.Scheme()); err != nil {
		return fmt.Errorf("owning Secret %q: %w", secret.Name, err)
	}
	return nil
}

// secretConflict says that the Secret to which PINs would be written is somebody else's. It does not advise to delete that
// Secret: the PIN in it may be one that people use.
func secretConflict(code *v1alpha1.AccessCode) error {
	name := code.CodeSecretName()
	if code.Spec.Code != "" || code.Spec.CodeFrom != nil {
		return blocked(v1alpha1.ReasonSecretConflict,
			"Secret %q, where the PIN of a backup code would be written, is not this AccessCode's: set spec.codeSecretName to another name", name)
	}
	return blocked(v1alpha1.ReasonSecretConflict,
		"Secret %q, where a PIN would be written, is not this AccessCode's: to use the PIN in it, name it in spec.codeFrom; to have one chosen, set spec.codeSecretName to another name", name)
}
