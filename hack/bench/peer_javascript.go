// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// clientPackage is the official JavaScript client, which test/interop pins.
const clientPackage = "@seamapi/http"

// javaScriptOrder is what peer.mjs reads.
type javaScriptOrder struct {
	Packages    string           `json:"packages"`
	Endpoint    string           `json:"endpoint"`
	Key         string           `json:"key"`
	Concurrency int              `json:"concurrency"`
	Codes       []javaScriptCode `json:"codes"`
}

type javaScriptCode struct {
	Name     string `json:"name"`
	DeviceID string `json:"device_id"`
	Code     string `json:"code"`
}

// javaScript runs the loop in Node.js. It times itself: the start of Node.js does not count.
func (r *round) javaScript(ctx context.Context, t tenant, result *peerResult) error {
	packages := interopDir(r.parts.project)
	node, err := findNode(packages)
	if err != nil {
		return err
	}
	devices, err := t.devices(ctx, devicesNeeded(r.size, freePerDevice))
	if err != nil {
		return err
	}
	order := javaScriptOrder{Packages: packages, Endpoint: t.sim.url, Key: t.key, Concurrency: result.Concurrency}
	for _, c := range codesFor(devices, r.size, false) {
		order.Codes = append(order.Codes, javaScriptCode{Name: c.name, DeviceID: c.deviceID, Code: c.pin})
	}
	input, err := json.Marshal(order)
	if err != nil {
		return fmt.Errorf("running the JavaScript client: %w", err)
	}
	output, err := r.runNode(ctx, node, input)
	if err != nil {
		return err
	}
	var outcome struct {
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(output, &outcome); err != nil {
		return fmt.Errorf("running the JavaScript client: %w: %s", err, bytes.TrimSpace(output))
	}
	result.Seconds = outcome.Seconds
	return nil
}

// runNode runs peer.mjs as a program that lives no longer than this one, and returns its output.
func (r *round) runNode(ctx context.Context, node string, order []byte) ([]byte, error) {
	input, output := filepath.Join(r.dir, "order.json"), filepath.Join(r.dir, "peer.log")
	err := errors.Join(os.WriteFile(input, order, 0o600), os.RemoveAll(output))
	if err != nil {
		return nil, fmt.Errorf("running the JavaScript client: %w", err)
	}
	script := filepath.Join(r.parts.project, "hack", "bench", "peer.mjs")
	process, err := localcluster.Start("peer.mjs", output, exec.CommandContext(context.WithoutCancel(ctx), node, script, input))
	if err != nil {
		return nil, err
	}
	select {
	case <-process.Ended():
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), process.Kill())
	}
	text, err := os.ReadFile(output)
	if err != nil {
		return nil, fmt.Errorf("running the JavaScript client: %w", err)
	}
	return text, nil
}

func interopDir(project string) string { return filepath.Join(project, "test", "interop") }

// findNode prefers the Node.js that npm has installed there, as hack/test-interop.sh does.
func findNode(packages string) (string, error) {
	if version := installedVersion(packages, clientPackage); version == "" {
		return "", errors.New(`the official client is not installed: run "npm ci" in test/interop`)
	}
	matches, err := filepath.Glob(filepath.Join(packages, "node_modules", "node-*", "bin", "node"))
	if err == nil && len(matches) > 0 {
		return matches[0], nil
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("finding Node.js: %w", err)
	}
	return node, nil
}

// installedVersion is that of an npm package, empty when it is not there.
func installedVersion(packages, name string) string {
	text, err := os.ReadFile(filepath.Join(packages, "node_modules", name, "package.json"))
	var manifest struct {
		Version string `json:"version"`
	}
	if err != nil || json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	return manifest.Version
}
