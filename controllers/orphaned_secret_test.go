// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestOrphanedSecretIsOwnedAgain: "kubectl delete --cascade=orphan" leaves the Secret without an owner. Its managedFields,
// which the real API server keeps, show that the operator wrote it.
func TestOrphanedSecretIsOwnedAgain(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]v1alpha1.DeletionPolicy{"code taken off": v1alpha1.DeletionDelete, "code left on the lock": v1alpha1.DeletionOrphan} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newCluster(t)
			k.apply(k.credentials(sim.SeedAPIKey), k.workspace())
			create := func() *v1alpha1.AccessCode {
				code := accessCode("guest")
				code.Spec.Code, code.Spec.DeletionPolicy = "", policy
				k.apply(code)
				return k.becomes("guest", v1alpha1.ReasonSet)
			}
			id := create().Status.AccessCodeID
			var secret corev1.Secret
			orphan(k, "guest", &secret)
			pin := string(secret.Data["code"])
			k.goes(&v1alpha1.AccessCode{}, "guest")
			code := create()
			if stays := policy == v1alpha1.DeletionOrphan; (code.Status.AccessCodeID == id) != stays {
				t.Errorf("id %s, was %s", code.Status.AccessCodeID, id)
			}
			k.eventually("the Secret being owned", func(ctx context.Context) (bool, error) {
				err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: "guest"}, &secret)
				return metav1.IsControlledBy(&secret, code), err
			})
			if string(secret.Data["code"]) != pin {
				t.Error("another PIN")
			}
			if live := k.sim.Codes(sim.SeedNativeLockID); len(live) != 1 || *live[0].Code != pin {
				t.Errorf("%d codes at Seam", len(live))
			}
		})
	}
}

// orphan deletes an AccessCode as "kubectl delete --cascade=orphan" and the garbage collector do.
func orphan(k *cluster, name string, secret *corev1.Secret) {
	k.t.Helper()
	code := accessCode(name)
	code.Namespace = k.namespace
	if err := k.Delete(k.t.Context(), code, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
		k.t.Fatal(err)
	}
	edit(k, secret, name, func(s *corev1.Secret) { s.OwnerReferences = nil })
	edit(k, code, name, func(c *v1alpha1.AccessCode) {
		c.Finalizers = slices.DeleteFunc(c.Finalizers, func(f string) bool { return f == metav1.FinalizerOrphanDependents })
	})
}

// TestSecretLikeAnOrphanedOne: a Secret that a person wrote is not taken for an orphaned one.
func TestSecretLikeAnOrphanedOne(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(),
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "guest"}, StringData: map[string]string{"code": "471147"}})
	code := accessCode("guest")
	code.Spec.Code = ""
	k.apply(code)
	k.becomes("guest", v1alpha1.ReasonSecretConflict)
}
