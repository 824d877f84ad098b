// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package foreign pins, in go.mod, the packages with kinds that are not ours, whose schemas are read and which are never
// compiled. A package of its own: who imports another of this module requires none of them.
package foreign
