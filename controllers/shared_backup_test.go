// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

func withBackup(pull v1alpha1.BackupPullPolicy) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Backup = &v1alpha1.Backup{Pull: pull} }
}

// today returns a schedule that begins now and lasts for a day.
func (w *world) today() func(*v1alpha1.AccessCode) {
	return scheduled(w.clock.Now(), w.clock.Now().Add(24*time.Hour))
}

// backupPIN is the PIN of the backup code in the Secret of the AccessCode "guest", "" when there is none.
func (w *world) backupPIN() string {
	var secret corev1.Secret
	if !w.exists(&secret, "guest") {
		return ""
	}
	return string(secret.Data[v1alpha1.BackupCodeSecretKey])
}

// look reconciles an AccessCode once, after some time.
func (w *world) look(name string, after time.Duration) *v1alpha1.AccessCode {
	w.t.Helper()
	w.step(after)
	if _, err := w.reconcile(name); err != nil {
		w.t.Fatal(err)
	}
	return w.get(name)
}
