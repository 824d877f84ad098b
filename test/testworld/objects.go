// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// APIKeyAuth authenticates by the API key in the Secret that Connected creates.
func APIKeyAuth() v1alpha1.Auth {
	return v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "apiKey"}}}
}

// SecretNamed is a Secret with one key.
func SecretNamed(name, key, value string) *corev1.Secret {
	secret := &corev1.Secret{Data: map[string][]byte{key: []byte(value)}}
	secret.Name = name
	return secret
}

// Create stores an object with what an API server adds.
func (w *World) Create(o client.Object) {
	w.T.Helper()
	o.SetNamespace(Namespace)
	o.SetUID(types.UID(uuid.NewString()))
	o.SetGeneration(1)
	o.SetCreationTimestamp(metav1.NewTime(w.Clock.Now()))
	if err := w.Client.Create(w.T.Context(), o); err != nil {
		w.T.Fatal(err)
	}
	switch o := o.(type) {
	case *v1alpha1.AccessCode:
		o.Status.ObservedGeneration = -1
	case *v1alpha1.SeamWorkspace:
		o.Status.ObservedGeneration = -1
	default:
		return
	}
	if err := w.Client.Status().Update(w.T.Context(), o); err != nil {
		w.T.Fatal(err)
	}
}

// Code creates an AccessCode with a given PIN on the native lock, after edit.
func (w *World) Code(name string, edit func(*v1alpha1.AccessCode)) {
	w.T.Helper()
	code := &v1alpha1.AccessCode{Spec: v1alpha1.AccessCodeSpec{DeviceID: sim.SeedNativeLockID, Code: PIN}}
	code.Name = name
	if edit != nil {
		edit(code)
	}
	w.Create(code)
}

// Guests creates AccessCodes guest-0 and so on, sets them, and listens until there is nothing new.
func (w *World) Guests(n int) {
	w.T.Helper()
	for i := range n {
		name := fmt.Sprint("guest-", i)
		w.Code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = fmt.Sprint(700000 + i) })
		w.Settle(name)
	}
	w.Listen(v1alpha1.DefaultWorkspaceName)
	for i := range n {
		w.Settle(fmt.Sprint("guest-", i))
	}
	w.Hears()
	w.Sim.ResetRequests()
}

// Edit changes an AccessCode as a user does.
func (w *World) Edit(name string, change func(*v1alpha1.AccessCode)) {
	w.T.Helper()
	code := w.Get(name)
	before := code.DeepCopy()
	change(code)
	if cmp.Diff(before.Spec, code.Spec) != "" {
		code.Generation++
	}
	if err := w.Client.Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
}

// Get reads an AccessCode that must be there.
func (w *World) Get(name string) *v1alpha1.AccessCode {
	w.T.Helper()
	var code v1alpha1.AccessCode
	if err := w.Client.Get(w.T.Context(), client.ObjectKey{Namespace: Namespace, Name: name}, &code); err != nil {
		w.T.Fatal(err)
	}
	return &code
}

// Exists reads an object and says whether it is there.
func (w *World) Exists(o client.Object, name string) bool {
	w.T.Helper()
	err := w.Client.Get(w.T.Context(), client.ObjectKey{Namespace: Namespace, Name: name}, o)
	if client.IgnoreNotFound(err) != nil {
		w.T.Fatal(err)
	}
	return err == nil
}

// Delete deletes an object as a user does.
func (w *World) Delete(o client.Object, name string) {
	w.T.Helper()
	if !w.Exists(o, name) {
		w.T.Fatalf("deleting %q: not there", name)
	}
	if err := w.Client.Delete(w.T.Context(), o); err != nil {
		w.T.Fatal(err)
	}
}

// SetSecret changes, or creates, a Secret as a user does.
func (w *World) SetSecret(name, key, value string) {
	w.T.Helper()
	var secret corev1.Secret
	if !w.Exists(&secret, name) {
		w.Create(SecretNamed(name, key, value))
		return
	}
	secret.Data = map[string][]byte{key: []byte(value)}
	if err := w.Client.Update(w.T.Context(), &secret); err != nil {
		w.T.Fatal(err)
	}
}
