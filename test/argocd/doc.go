// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package argocd runs config/argocd by Argo CD's own code, with the cases to which test/gitops holds it: as if it were
// built in, and as argocd-cm has it.
//
// A module of its own, outside of what continuous integration runs: Argo CD takes long to compile, and needs a newer Go
// than the operator. "make test-argocd" runs it.
package argocd
