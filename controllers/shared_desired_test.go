// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

func fromSecret(c *v1alpha1.AccessCode) {
	c.Spec.Code = ""
	c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "guest-pin", Key: "pin"}}
}

func chosen(c *v1alpha1.AccessCode) { c.Spec.Code = "" }

func scheduled(start, end time.Time) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		starts := metav1.NewTime(start)
		c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &starts, EndsAt: metav1.NewTime(end)}
	}
}
