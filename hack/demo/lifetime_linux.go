// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import "syscall"

// lifetime ties a child to the demo: out of reach of the terminal's Ctrl-C, which the demo answers for all, and killed
// by the system when the demo ends without a chance to stop it.
func lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
