//go:build unix && !linux

// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import "syscall"

// Lifetime keeps a program out of reach of the terminal's Ctrl-C, which this one answers for all. These systems do not
// end a child with its parent.
func Lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
