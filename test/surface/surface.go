// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package surface lists what internal/seam offers, by reflection, so that a method added
// there makes a test fail until it is driven.
package surface

import (
	"reflect"
	"slices"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// Methods lists the methods of all services of a client, such as "AccessCodes.Create",
// sorted.
func Methods() []string {
	var found []string
	client := reflect.TypeFor[seam.Client]()
	for field := range client.Fields() {
		if !field.IsExported() {
			continue
		}
		for method := range field.Type.Methods() {
			found = append(found, field.Name+"."+method.Name)
		}
	}
	slices.Sort(found)
	return found
}

// Missing lists the methods that are not driven, and what is driven and is no method.
func Missing(driven []string) (missing, unknown []string) {
	methods := Methods()
	for _, method := range methods {
		if !slices.Contains(driven, method) {
			missing = append(missing, method)
		}
	}
	for _, name := range driven {
		if !slices.Contains(methods, name) {
			unknown = append(unknown, name)
		}
	}
	return missing, unknown
}
