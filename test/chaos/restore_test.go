// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chaos

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// chosenBefore has a code with a chosen PIN on the lock, which people have been told: from here on it is the one to keep.
func chosenBefore(ctx context.Context, s *stage) error {
	if err := s.create(ctx); err != nil {
		return err
	}
	if err := s.eventually(ctx, func(ctx context.Context) error { return s.verdict(ctx, want{}) }); err != nil {
		return err
	}
	var secret corev1.Secret
	if err := s.client.Get(ctx, s.key(""), &secret); err != nil {
		return err
	}
	s.pin = string(secret.Data[v1alpha1.CodeSecretKey])
	s.secrets.add(s.pin)
	return nil
}

// restore brings the AccessCode and its Secret back from a backup, as Velero does while no operator runs: without status,
// owner, managed fields and UIDs.
func restore(ctx context.Context, s *stage) error {
	var code v1alpha1.AccessCode
	var secret corev1.Secret
	if err := errors.Join(s.client.Get(ctx, s.key(""), &code), s.client.Get(ctx, s.key(""), &secret)); err != nil {
		return err
	}
	s.stopAll()
	for _, object := range []client.Object{code.DeepCopy(), secret.DeepCopy()} {
		if err := s.vanish(ctx, object); err != nil {
			return fmt.Errorf("deleting what is to be restored: %w", err)
		}
	}
	restored := &v1alpha1.AccessCode{ObjectMeta: s.metadata(""), Spec: code.Spec}
	restored.Annotations, restored.Finalizers = code.Annotations, code.Finalizers
	return errors.Join(
		s.client.Create(ctx, &corev1.Secret{ObjectMeta: s.metadata(""), Data: secret.Data}),
		s.client.Create(ctx, restored),
		s.full(ctx),
	)
}
