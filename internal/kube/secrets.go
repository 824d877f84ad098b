// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ReadSecret reads a Secret; nil when there is none.
func ReadSecret(ctx context.Context, c client.Reader, key types.NamespacedName) (*corev1.Secret, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, key, &secret); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("reading Secret %q: %w", key, err)
	}
	return &secret, nil
}

// NoSuchSecret is the message for a Secret that is missing. It names the frequent cause: kustomize generated the Secret under
// a name with a hash, and did not put that name into the object.
func NoSuchSecret(name string) string {
	return fmt.Sprintf("Secret %q does not exist in this namespace: create it, or name the one that is there: kustomize adds a hash to the names that it generates", name)
}

// SecretVersion returns a text that changes with each change of a Secret. It reads metadata only.
func SecretVersion(ctx context.Context, metadata client.Reader, namespace, name string) (string, error) {
	secret := SecretMetadata()
	err := metadata.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, secret)
	if client.IgnoreNotFound(err) != nil {
		return "", fmt.Errorf("reading metadata of Secret %q: %w", name, err)
	}
	return fmt.Sprintf("%s %s", secret.UID, secret.ResourceVersion), nil
}

// SecretMetadata returns an empty object to read the metadata of a Secret into.
func SecretMetadata() *metav1.PartialObjectMetadata {
	secret := &metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	return secret
}

// QuoteMarks are the quotation marks that people paste around a token. No token of any kind contains one.
const QuoteMarks = "\"'`“”‘’„"

// IsUTF16 says that a text was stored as UTF-16.
func IsUTF16(data []byte) bool {
	return bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) || bytes.IndexByte(data, 0) >= 0
}
