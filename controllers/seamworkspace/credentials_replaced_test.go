// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// TestFinalizersOfReplacedCredentialsAreRestored: a replace takes the finalizers off a SeamWorkspace and its Secret, and they
// come back.
func TestFinalizersOfReplacedCredentialsAreRestored(t *testing.T) {
	w := settled(t)
	ws := w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
	before := ws.DeepCopy()
	ws.Finalizers = nil
	if err := w.Client.Update(t.Context(), ws); err != nil {
		t.Fatal(err)
	}
	if !w.Workspaces.WorkspaceEdited().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: ws}) {
		t.Error("nothing wakes the SeamWorkspace")
	}
	var secret corev1.Secret
	w.Exists(&secret, "seam")
	secret.Finalizers = nil
	if err := w.Client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.Exists(&secret, "seam")
	if held := w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected); !held.InUse() || len(secret.Finalizers) != 1 {
		t.Errorf("SeamWorkspace %v, Secret %v", held.Finalizers, secret.Finalizers)
	}
}
