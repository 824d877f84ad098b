// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import "syscall"

// Lifetime ties a program to this one: out of reach of the terminal's Ctrl-C, which this one answers for all, and killed
// by the system when this one ends without a chance to stop it.
func Lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
