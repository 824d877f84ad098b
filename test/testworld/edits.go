// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package testworld

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// All makes several edits one.
func All(edits ...func(*v1alpha1.AccessCode)) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		for _, edit := range edits {
			edit(c)
		}
	}
}

// WithBackup asks for a backup code.
func WithBackup(pull v1alpha1.BackupPullPolicy) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Backup = &v1alpha1.Backup{Pull: pull} }
}

// Today returns a schedule that begins now and lasts for a day.
func (w *World) Today() func(*v1alpha1.AccessCode) {
	return Scheduled(w.Clock.Now(), w.Clock.Now().Add(24*time.Hour))
}

// FromSecret takes the PIN from key "pin" of the Secret "guest-pin".
func FromSecret(c *v1alpha1.AccessCode) {
	c.Spec.Code = ""
	c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "guest-pin", Key: "pin"}}
}

// Chosen leaves the PIN to the operator.
func Chosen(c *v1alpha1.AccessCode) { c.Spec.Code = "" }

// Scheduled sets a window.
func Scheduled(start, end time.Time) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		starts := metav1.NewTime(start)
		c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &starts, EndsAt: metav1.NewTime(end)}
	}
}
