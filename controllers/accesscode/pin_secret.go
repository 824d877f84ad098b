// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// keepPINs keeps in the Secret what only the lock knows: a PIN that the provider chose, or that was imported, or whose Secret
// was lost, and that of a backup code. It finds out about the backup pool where that matters.
func (p pinStore) keepPINs(ctx context.Context, s snapshot) (snapshot, error) {
	remote := s.observed.Remote
	if remote == nil {
		return s, nil
	}
	s, err := p.keepPIN(ctx, s, remote)
	if err != nil {
		return s, err
	}
	if s.observed.Backup != nil {
		return p.keepBackupPIN(ctx, s, s.observed.Backup)
	}
	if s.code.Spec.Backup != nil && !remote.IsBackupAccessCodeAvailable || plan.HasNoSpace(remote) {
		return withDevice(ctx, s)
	}
	return s, nil
}

func (p pinStore) keepPIN(ctx context.Context, s snapshot, remote *seam.AccessCode) (snapshot, error) {
	s, err := withDeviceForPIN(ctx, s, remote)
	if err != nil {
		return s, err
	}
	if !s.pin.chosen || remote.Code == "" || s.pin.value == remote.Code {
		return s, nil
	}
	if s.pin.value != "" {
		// Either somebody changed one of the two, which the plan sees to, or the provider chose another one.
		if s, err = withDevice(ctx, s); err != nil || !s.desired.Provider {
			return s, err
		}
	} else if s.desired.OtherLength(remote) {
		return s, nil // another is chosen
	}
	kept, err := p.store(ctx, s.code, s.pin, remote.Code)
	if err != nil {
		return s, err
	}
	return s.withPIN(kept), nil
}

// keepBackupPIN writes the PIN of the backup code to our Secret, unless it is there. A Secret that is not ours is not touched,
// and then backupRef stays empty.
func (p pinStore) keepBackupPIN(ctx context.Context, s snapshot, backup *seam.AccessCode) (snapshot, error) {
	secret, err := p.secretOf(ctx, s.code)
	if _, inTheWay := blockedBy(err); inTheWay {
		return s, nil
	}
	if err != nil || backup.Code == "" {
		return s, err
	}
	ref := &v1alpha1.SecretKeyReference{Name: s.code.CodeSecretName(), Key: v1alpha1.BackupCodeSecretKey}
	own := s.pin
	if secret == nil || redact.Secret(secret.Data[ref.Key]) != backup.Code || !metav1.IsControlledBy(secret, s.code) {
		kept, err := p.store(ctx, s.code, pin{ref: ref, secret: secret}, backup.Code)
		if err != nil {
			return s, err
		}
		if own.chosen {
			own.secret = kept.secret
		}
	}
	return s.with(func(f *facts) { f.pin, f.backupRef = own, ref }), nil
}

// store writes a PIN that the user did not give to the Secret that is ours.
func (p pinStore) store(ctx context.Context, code *v1alpha1.AccessCode, chosen pin, value redact.Secret) (pin, error) {
	data := []byte(string(value))
	if chosen.secret == nil {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: code.Namespace, Name: chosen.ref.Name},
			Data:       map[string][]byte{chosen.ref.Key: data},
		}
		if err := p.setOwner(code, secret); err != nil {
			return chosen, err
		}
		if err := kube.Create(ctx, p.client, secret); err != nil {
			return chosen, fmt.Errorf("storing the PIN in Secret %q: %w", secret.Name, withoutContent(err))
		}
		chosen.secret = secret
	} else {
		secret := chosen.secret.DeepCopy()
		if err := p.setOwner(code, secret); err != nil {
			return chosen, err
		}
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[chosen.ref.Key] = data
		if err := kube.Patch(ctx, p.client, secret, chosen.secret); err != nil {
			return chosen, fmt.Errorf("storing the PIN in Secret %q: %w", chosen.ref.Name, withoutContent(err))
		}
		chosen.secret = secret
	}
	chosen.value, chosen.source = value, sourceOf(chosen.secret, code)
	return chosen, nil
}

// withoutContent keeps of an API server's refusal only its reason: the message of an admission plugin may quote the
// Secret. What a later look mends by itself, such as a Secret that is there by now or a namespace that is on its way
// out, counts as a conflict.
func withoutContent(err error) error {
	if apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		return apierrors.NewConflict(corev1.Resource("secrets"), "", nil)
	}
	if apierrors.IsForbidden(err) || apierrors.IsInvalid(err) {
		return &secretRefusedError{reason: apierrors.ReasonForError(err)}
	}
	return fmt.Errorf("the API server refused it: %s", apierrors.ReasonForError(err))
}

// secretRefusedError says that a Secret may not be written: somebody has to change a quota, a policy or a role.
type secretRefusedError struct{ reason metav1.StatusReason }

func (e *secretRefusedError) Error() string { return "the API server refused it: " + string(e.reason) }
