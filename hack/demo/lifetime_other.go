//go:build unix && !linux

// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "syscall"

// lifetime keeps a child out of reach of the terminal's Ctrl-C, which the demo answers for all. These systems do not
// end a child with its parent.
func lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
