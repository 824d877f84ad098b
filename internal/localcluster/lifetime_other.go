//go:build unix && !linux

// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import "syscall"

// Lifetime returns attributes with which the terminal's Ctrl-C does not reach a program, because this program stops it then.
// These systems do not end a child with its parent.
func Lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
