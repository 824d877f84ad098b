// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Simulator is the name of the simulator's program and of its log.
const Simulator = "seamsim"

// simulatorListens is how the simulator's first line begins.
const simulatorListens = Simulator + ": listening on "

// ErrNotFound is returned by CallSimulator for what does not exist, or no longer exists.
var ErrNotFound = errors.New("404 Not Found")

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

// CallSimulator calls a control endpoint of the simulator, at its URL, and decodes the answer, unless answer is nil.
func CallSimulator(ctx context.Context, c *http.Client, method, url string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	response, err := c.Do(request)
	if err != nil {
		return fmt.Errorf("asking the simulator: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	path := request.URL.Path
	switch {
	case err != nil:
		return fmt.Errorf("asking the simulator: %w", err)
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("asking the simulator: %s %s: %w: %s", method, path, ErrNotFound, bytes.TrimSpace(data))
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("asking the simulator: %s %s: %s: %s", method, path, response.Status, bytes.TrimSpace(data))
	case answer == nil:
		return nil
	}
	if err := json.Unmarshal(data, answer); err != nil {
		return fmt.Errorf("reading the simulator's answer to %s %s: %w", method, path, err)
	}
	return nil
}
