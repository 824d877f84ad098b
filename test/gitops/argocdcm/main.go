// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Command argocdcm prints argocd-cm.yaml, made of the scripts beside it.
//
//	argocdcm <folder with resource_customizations>
package main

import (
	"fmt"
	"os"

	"github.com/access-codes/access-code-operator/test/gitops"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "argocdcm:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("one argument wanted, the folder with resource_customizations; got %d", len(args))
	}
	text, err := gitops.ConfigMap(os.DirFS(args[0]))
	if err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(text); err != nil {
		return fmt.Errorf("printing the ConfigMap: %w", err)
	}
	return nil
}
