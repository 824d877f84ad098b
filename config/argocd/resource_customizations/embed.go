// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package customizations has what Argo CD is told of AccessCodes and SeamWorkspaces in the form in which Argo CD builds
// its own customizations in, for test/argocd. The operator does not need it.
package customizations

import "embed"

// Embedded has the folders <group>/<Kind>.
//
//go:embed access-codes.io
var Embedded embed.FS
