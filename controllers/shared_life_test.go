// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

func (w *world) kubernetesWrites() int {
	total := 0
	for _, n := range w.writes {
		total += n
	}
	return total
}
