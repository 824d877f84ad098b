// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
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

// given says that the PIN was there before the object. One that was chosen for it and is taken is replaced by another: the
// code that has it is somebody's.
func (p pin) given() bool { return !p.chosen || p.inherited }

// resolvePIN finds out which PIN the code has: given in spec, read from a Secret, or chosen earlier. A PIN that is yet to
// be chosen comes back without a value. Nothing is written and Seam is not called.
func (r *Reconciler) resolvePIN(ctx context.Context, code *v1alpha1.AccessCode) (pin, *result, error) {
	switch {
	case code.Spec.Code != "":
		return pin{value: redact.Secret(code.Spec.Code), source: generationOf(code)}, nil, nil
	case code.Spec.CodeFrom != nil:
		return r.givenPIN(ctx, code)
	default:
		return r.chosenPIN(ctx, code)
	}
}

// generationOf is part of where every PIN comes from: a spec that went from one source to another and back is not the one
// of before, for the lock may have the PIN of in between.
func generationOf(code *v1alpha1.AccessCode) string {
	return fmt.Sprintf("generation %d of %s", code.Generation, code.UID)
}

// sourceOf is where a PIN comes from that is in a Secret: anybody who may can change it there.
func sourceOf(secret metav1.Object, code *v1alpha1.AccessCode) string {
	return fmt.Sprintf("Secret %s %s, %s", secret.GetUID(), secret.GetResourceVersion(), generationOf(code))
}

func (r *Reconciler) givenPIN(ctx context.Context, code *v1alpha1.AccessCode) (pin, *result, error) {
	ref := code.Spec.CodeFrom.SecretKeyRef
	secret, err := r.secret(ctx, code.Namespace, ref.Name)
	if err != nil {
		return pin{}, nil, err
	}
	if secret == nil {
		return pin{}, blocked(v1alpha1.ReasonSecretNotFound, "spec.codeFrom: %s", kube.NoSuchSecret(ref.Name)), nil
	}
	data, ok := secret.Data[ref.Key]
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonSecretNotFound, "spec.codeFrom: Secret %q has no key %q: add it", ref.Name, ref.Key), nil
	}
	value, ok := parsePIN(data)
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonInvalidSpec, "spec.codeFrom: key %q of Secret %q %s", ref.Key, ref.Name, pinFault(data)), nil
	}
	return pin{value: value, source: sourceOf(secret, code), ref: &ref}, nil, nil
}

func (r *Reconciler) chosenPIN(ctx context.Context, code *v1alpha1.AccessCode) (pin, *result, error) {
	ref := v1alpha1.SecretKeyReference{Name: code.CodeSecretName(), Key: v1alpha1.CodeSecretKey}
	chosen := pin{source: "none yet, " + generationOf(code), ref: &ref, chosen: true}
	secret, res, err := r.pinSecret(ctx, code)
	if err != nil || res != nil {
		return pin{}, res, err
	}
	if secret == nil {
		return chosen, nil, nil
	}
	chosen.secret = secret
	chosen.inherited = !secret.CreationTimestamp.IsZero() && secret.CreationTimestamp.Before(&code.CreationTimestamp)
	data, ok := secret.Data[ref.Key]
	if !ok {
		return chosen, nil, nil
	}
	value, ok := parsePIN(data)
	if !ok {
		return pin{}, blocked(v1alpha1.ReasonInvalidSpec, "key %q of Secret %q %s", ref.Key, ref.Name, pinFault(data)), nil
	}
	chosen.value, chosen.source = value, sourceOf(secret, code)
	return chosen, nil, nil
}

// choose finds a PIN that suits the lock and is neither the present one nor that of the code at Seam, and stores it before
// it is used anywhere. Seam chooses one that is free on the lock. One of a certain length is drawn at random, as is one where
// Seam's does not suit; if that is taken, Seam says so and another is drawn.
func (r *Reconciler) choose(ctx context.Context, current *scope, remote *seam.AccessCode) (pin, error) {
	value, err := current.choosePIN(ctx, remote)
	if err != nil {
		return current.pin, fmt.Errorf("choosing a PIN: %w", err)
	}
	if _, ok := parsePIN([]byte(string(value))); !ok {
		return current.pin, &seam.Error{Kind: seam.Unavailable, Message: "the PIN that Seam chose is not 4 to 12 digits"}
	}
	return r.storePIN(ctx, current.code, current.pin, value)
}

func (s *scope) choosePIN(ctx context.Context, remote *seam.AccessCode) (redact.Secret, error) {
	former := []redact.Secret{s.pin.value}
	if remote != nil {
		former = append(former, remote.Code)
	}
	length := int(ptr.Deref(s.code.Spec.CodeLength, 0))
	if length == 0 {
		value, err := s.live.GenerateCode(ctx, s.code.Spec.DeviceID)
		if err != nil || plan.Misfit(value, 0, s.device) == "" && !slices.Contains(former, value) {
			return value, err
		}
		length = plan.LengthFor(len(value), s.device)
	}
	for {
		value, err := drawPIN(length, s.device)
		if err != nil || !slices.Contains(former, value) {
			return value, err
		}
	}
}

// drawTries is how many random PINs are held against the rules of a device before it counts as one that takes none.
const drawTries = 10_000

// drawPIN draws a PIN of so many digits that the device has nothing against.
func drawPIN(digits int, device *seam.Device) (redact.Secret, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	for range drawTries {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			return "", fmt.Errorf("reading random numbers: %w", err)
		}
		if value := redact.Secret(fmt.Sprintf("%0*d", digits, n)); plan.Suits(value, device) {
			return value, nil
		}
	}
	return "", &seam.Error{Kind: seam.InvalidInput, Message: fmt.Sprintf("no PIN of %d digits suits the lock: set another spec.codeLength", digits)}
}

// storePIN writes a PIN that the user did not give to the Secret that is ours.
func (r *Reconciler) storePIN(ctx context.Context, code *v1alpha1.AccessCode, chosen pin, value redact.Secret) (pin, error) {
	if chosen.secret == nil {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: code.Namespace, Name: chosen.ref.Name},
			Data:       map[string][]byte{chosen.ref.Key: []byte(string(value))},
		}
		if err := r.setOwner(code, secret); err != nil {
			return chosen, err
		}
		if err := kube.Create(ctx, r, secret); err != nil {
			return chosen, fmt.Errorf("storing the PIN in Secret %q: %w", secret.Name, withoutContent(err))
		}
		chosen.secret = secret
	} else {
		before := chosen.secret.DeepCopy()
		if err := r.setOwner(code, chosen.secret); err != nil {
			return chosen, err
		}
		if chosen.secret.Data == nil {
			chosen.secret.Data = map[string][]byte{}
		}
		chosen.secret.Data[chosen.ref.Key] = []byte(string(value))
		if err := kube.Patch(ctx, r, chosen.secret, before); err != nil {
			return chosen, fmt.Errorf("storing the PIN in Secret %q: %w", chosen.ref.Name, withoutContent(err))
		}
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

// secret reads a Secret from the API server itself; nil when there is none.
func (r *Reconciler) secret(ctx context.Context, namespace, name string) (*corev1.Secret, error) {
	return kube.ReadSecret(ctx, r.Client, types.NamespacedName{Namespace: namespace, Name: name})
}

// parsePIN reads a PIN as people store it, a trailing newline included.
func parsePIN(data []byte) (redact.Secret, bool) {
	value := strings.TrimSpace(string(data))
	return redact.Secret(value), validPIN.MatchString(value)
}
