// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package customizations embeds the scripts for Argo CD, in the layout of Argo CD's own customizations, for test/argocd. The
// operator does not need it.
package customizations

import "embed"

// Embedded has the folders <group>/<Kind>.
//
//go:embed access-codes.io
var Embedded embed.FS
