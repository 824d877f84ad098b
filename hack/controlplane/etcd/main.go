// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command etcd is the etcd server, from its module.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
