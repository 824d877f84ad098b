// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package gitops checks config/argocd, and what docs/gitops.md and config/samples/gitops promise, with every reason of the
// contract: what Argo CD makes of it by the Lua that is shipped, and what kstatus, by which Flux, Helm and others wait, makes
// of it.
//
// A module of its own: what it is tested with is no dependency of the operator.
package gitops
