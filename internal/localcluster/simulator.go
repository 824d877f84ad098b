// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"fmt"
	"os"
)

// Simulator is the name of the simulator's program and of its log.
const Simulator = "seamsim"

// simulatorListens is how the simulator's first line begins.
const simulatorListens = Simulator + ": listening on "

// LaunchSimulator starts the simulator of Seam's API on a port of its own choice and returns its URL.
func (f *Family) LaunchSimulator(ctx context.Context, path string, flags ...string) (url string, err error) {
	_, err = f.Launch(ctx, Plan{
		Name: Simulator, Path: path,
		Args: func() ([]string, error) {
			return append([]string{"--listen=127.0.0.1:0", "--exit-with-stdin"}, flags...), nil
		},
		Ready: func(context.Context) error {
			output, err := os.ReadFile(f.Log(Simulator))
			if err != nil {
				return fmt.Errorf("reading what the simulator says: %w", err)
			}
			url, err = Announced(string(output), simulatorListens)
			return err
		},
	})
	return url, err
}
