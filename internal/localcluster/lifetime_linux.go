// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import "syscall"

// Lifetime returns attributes that tie a program to this one: the terminal's Ctrl-C does not reach it, because this program
// stops it then, and the system kills it when this program ends without stopping it.
func Lifetime() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
