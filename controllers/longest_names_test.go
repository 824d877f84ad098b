// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestNamesAsLongAsTheyGet: whatever is named after an object with the longest name (its Secret, its Events, its code) must
// fit, too.
func TestNamesAsLongAsTheyGet(t *testing.T) {
	t.Parallel()
	k := newCluster(t)
	longest := strings.Repeat("a", 253)
	key := k.credentials(sim.SeedAPIKey)
	key.Name = strings.Repeat("s", 253)
	key.StringData = map[string]string{strings.Repeat("k", 253): sim.SeedAPIKey}
	ws := k.workspace()
	ws.Name = strings.Repeat("w", 253)
	ws.Spec.Auth.APIKey.SecretKeyRef = v1alpha1.SecretKeyReference{Name: key.Name, Key: strings.Repeat("k", 253)}
	code := accessCode(longest)
	code.Spec.Code = ""
	code.Spec.DisplayName = strings.Repeat("ü", 128)
	code.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: ws.Name}
	code.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: strings.Repeat("at ", 1000)}
	k.apply(code)
	k.becomes(longest, v1alpha1.ReasonWorkspaceNotReady)
	k.apply(key, ws)
	status := k.becomes(longest, v1alpha1.ReasonSet).Status
	if status.CodeSecretRef == nil || status.CodeSecretRef.Name != longest || len([]rune(status.LastHandledReconcileAt)) != 256 {
		t.Errorf("status %+v", status)
	}
	if err := k.Get(t.Context(), client.ObjectKey{Namespace: k.namespace, Name: longest}, &corev1.Secret{}); err != nil {
		t.Error(err)
	}
	// Without a name of its own, the code is called as the object is.
	edit(k, &v1alpha1.AccessCode{}, longest, func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "" })
	k.becomes(longest, v1alpha1.ReasonSet)
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 || *codes[0].Name != longest {
		t.Errorf("at Seam: %+v", codes)
	}
	k.remove(&v1alpha1.AccessCode{}, longest)
	k.goes(&v1alpha1.AccessCode{}, longest)
}
