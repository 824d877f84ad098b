// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
)

var validPIN = regexp.MustCompile(`^[0-9]{4,12}$`)

// pin is the PIN of a code and where it is kept.
type pin struct {
	value redact.Secret // empty until it is chosen
	// source names where the value comes from, so that a change of it can be told without keeping the PIN.
	source string
	// ref is the Secret that holds it; nil for spec.code.
	ref *v1alpha1.SecretKeyReference
	// secret is the chosen PIN's Secret as it was read; nil when there is none yet, or when the user gave the PIN.
	secret *corev1.Secret
	// chosen says that the user did not give it.
	chosen bool
	// inherited says that the Secret is older than the object: people may have been told of the PIN in it.
	inherited bool
}

// pinStore reads the PINs of AccessCodes, and keeps in Secrets those that the users did not give.
type pinStore struct{ client client.Client }

// resolve finds out which PIN the code has: given in spec, read from a Secret, or chosen earlier. A PIN that is yet to be chosen
// comes back without a value. A blockedError says that it is missing, or can't be used. Nothing is written and Seam is not
// called.
func (p pinStore) resolve(ctx context.Context, code *v1alpha1.AccessCode) (pin, error) {
	switch {
	case code.Spec.Code != "":
		return pin{value: redact.Secret(code.Spec.Code), source: generationOf(code)}, nil
	case code.Spec.CodeFrom != nil:
		return p.given(ctx, code)
	default:
		return p.chosen(ctx, code)
	}
}

// generationOf is part of the source of every PIN. A spec that went from one source to another and back is a new source: the lock
// may have the PIN of in between.
func generationOf(code *v1alpha1.AccessCode) string {
	return fmt.Sprintf("generation %d of %s", code.Generation, code.UID)
}

// sourceOf is the source of a PIN in a Secret. It changes with each write of the Secret, whoever writes it.
func sourceOf(secret metav1.Object, code *v1alpha1.AccessCode) string {
	return fmt.Sprintf("Secret %s %s, %s", secret.GetUID(), secret.GetResourceVersion(), generationOf(code))
}

func (p pinStore) given(ctx context.Context, code *v1alpha1.AccessCode) (pin, error) {
	ref := code.Spec.CodeFrom.SecretKeyRef
	secret, err := p.read(ctx, code.Namespace, ref.Name)
	if err != nil {
		return pin{}, err
	}
	if secret == nil {
		return pin{}, blocked(v1alpha1.ReasonSecretNotFound, "spec.codeFrom: %s", kube.NoSuchSecret(ref.Name))
	}
	data, ok := secret.Data[ref.Key]
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonSecretNotFound, "spec.codeFrom: Secret %q has no key %q: add it", ref.Name, ref.Key)
	}
	value, ok := parsePIN(data)
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonInvalidSpec, "spec.codeFrom: key %q of Secret %q %s", ref.Key, ref.Name, pinFault(data))
	}
	return pin{value: value, source: sourceOf(secret, code), ref: &ref}, nil
}

func (p pinStore) chosen(ctx context.Context, code *v1alpha1.AccessCode) (pin, error) {
	ref := v1alpha1.SecretKeyReference{Name: code.CodeSecretName(), Key: v1alpha1.CodeSecretKey}
	chosen := pin{source: "none yet, " + generationOf(code), ref: &ref, chosen: true}
	secret, err := p.secretOf(ctx, code)
	if err != nil {
		return pin{}, err
	}
	if secret == nil {
		return chosen, nil
	}
	chosen.secret = secret
	chosen.inherited = !secret.CreationTimestamp.IsZero() && secret.CreationTimestamp.Before(&code.CreationTimestamp)
	data, ok := secret.Data[ref.Key]
	if !ok {
		return chosen, nil
	}
	value, ok := parsePIN(data)
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonInvalidSpec, "key %q of Secret %q %s", ref.Key, ref.Name, pinFault(data))
	}
	chosen.value, chosen.source = value, sourceOf(secret, code)
	return chosen, nil
}

// parsePIN reads a PIN as people store it, a trailing newline included.
func parsePIN(data []byte) (redact.Secret, bool) {
	value := strings.TrimSpace(string(data))
	return redact.Secret(value), validPIN.MatchString(value)
}
