// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// machine is where and with what was measured.
type machine struct {
	CPU               string  `json:"cpu"`
	Cores             int     `json:"cores"`
	MemoryGiB         float64 `json:"memory_gib"`
	System            string  `json:"system"`
	Go                string  `json:"go"`
	Kubernetes        string  `json:"kubernetes"`
	ControllerRuntime string  `json:"controller_runtime"`
	JavaScriptClient  string  `json:"javascript_client"` // empty: not installed
}

// conditions are what was asked for.
type conditions struct {
	Latency     string `json:"latency"`
	SetDelay    string `json:"set_delay"`
	RemoveDelay string `json:"remove_delay"`
	Concurrency int    `json:"concurrency"`
	Idle        string `json:"idle"`
	Patience    string `json:"patience"`
}

func describeSettings(s settings) conditions {
	return conditions{
		Latency: s.latency.String(), SetDelay: setDelay.String(), RemoveDelay: removeDelay.String(),
		Concurrency: s.concurrency, Idle: s.idle.String(), Patience: s.patience.String(),
	}
}

func describeMachine(p parts) machine {
	m := machine{
		CPU: "unknown", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Kubernetes: p.kubernetes, JavaScriptClient: installedVersion(interopDir(p.project), clientPackage),
	}
	if model := systemField("/proc/cpuinfo", "model name"); model != "" {
		m.CPU = model
	}
	if kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(systemField("/proc/meminfo", "MemTotal"), " kB"), 64); err == nil {
		m.MemoryGiB = kilobytes / (1 << 20)
	}
	if os.Getenv("KUBEBUILDER_ASSETS") != "" {
		m.Kubernetes = "of KUBEBUILDER_ASSETS"
	}
	version, err := localcluster.PinnedVersion(filepath.Join(p.project, "go.mod"), "sigs.k8s.io/controller-runtime")
	if err != nil {
		version = "unknown"
	}
	m.ControllerRuntime = version
	return m
}

// systemField is the first "name: value" of a file that the system makes up; empty when there is none.
func systemField(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
