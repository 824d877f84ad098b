// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package gitops holds config/argocd, and what docs/gitops.md and config/samples/gitops promise, to the reasons of the
// contract: what Argo CD makes of each by the Lua that is shipped, and what kstatus, by which Flux, Helm and others
// wait, makes of it.
//
// A module of its own: what it is tested with is no dependency of the operator.
package gitops
