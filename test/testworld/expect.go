// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Expect checks the Ready condition.
func (w *World) Expect(name string, status metav1.ConditionStatus, reason string) *v1alpha1.AccessCode {
	w.T.Helper()
	code := w.Get(name)
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != status || ready.Reason != reason {
		w.T.Fatalf("AccessCode %q: Ready is %+v, want %s %s", name, ready, status, reason)
	}
	return code
}

// ExpectWorkspace checks the Ready condition of the default SeamWorkspace.
func (w *World) ExpectWorkspace(status metav1.ConditionStatus, reason string) *v1alpha1.SeamWorkspace {
	w.T.Helper()
	var ws v1alpha1.SeamWorkspace
	if !w.Exists(&ws, v1alpha1.DefaultWorkspaceName) {
		w.T.Fatal("no SeamWorkspace")
	}
	ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != status || ready.Reason != reason {
		w.T.Fatalf("SeamWorkspace: Ready is %+v, want %s %s", ready, status, reason)
	}
	return &ws
}

// Recorded drains the reasons of the Events recorded so far.
func (w *World) Recorded() []string {
	var reasons []string
	for {
		select {
		case line := <-w.Recorder.Events:
			if strings.Contains(line, PIN) {
				w.T.Errorf("an Event quotes the PIN: %s", line)
			}
			reasons = append(reasons, strings.Fields(line)[1])
		default:
			return reasons
		}
	}
}

// KubernetesWrites is how many writes there were, Events aside.
func (w *World) KubernetesWrites() int {
	total := 0
	for _, n := range w.Writes {
		total += n
	}
	return total
}

// BackupPIN is the PIN of the backup code in the Secret of the AccessCode "guest", "" when there is none.
func (w *World) BackupPIN() string {
	var secret corev1.Secret
	if !w.Exists(&secret, "guest") {
		return ""
	}
	return string(secret.Data[v1alpha1.BackupCodeSecretKey])
}
