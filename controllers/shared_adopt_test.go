// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import "github.com/access-codes/access-code-operator/api/v1alpha1"

func all(edits ...func(*v1alpha1.AccessCode)) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) {
		for _, edit := range edits {
			edit(c)
		}
	}
}
