// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"errors"
	"fmt"
	"maps"
	"os"

	"sigs.k8s.io/yaml"
)

// Target is how Prometheus finds the operator: which labels it adds, and which stand where both have one.
type Target struct {
	Labels      map[string]string
	HonorLabels bool
}

// pod is the target with the name of another Pod: an operator that an upgrade restarts is another Pod, and has series of its
// own.
func (t Target) pod(number int) Target {
	if name, found := t.Labels["pod"]; found {
		t.Labels = maps.Clone(t.Labels)
		t.Labels["pod"] = fmt.Sprintf("%s-%d", name, number)
	}
	return t
}

// TargetOf is the operator in its namespace, as a ServiceMonitor has it found.
func TargetOf(path string) (Target, error) {
	var monitor struct {
		Spec struct {
			Endpoints []struct {
				Port        string `json:"port"`
				HonorLabels bool   `json:"honorLabels"`
			} `json:"endpoints"`
		} `json:"spec"`
	}
	data, err := os.ReadFile(path) //nolint:gosec // the caller's own file
	if err == nil {
		err = yaml.Unmarshal(data, &monitor)
	}
	if err == nil && len(monitor.Spec.Endpoints) != 1 {
		err = errors.New("it has no endpoint, or more than one")
	}
	if err != nil {
		return Target{}, fmt.Errorf("reading ServiceMonitor %s: %w", path, err)
	}
	endpoint := monitor.Spec.Endpoints[0]
	// Those that the Prometheus operator gives what a ServiceMonitor finds.
	return Target{HonorLabels: endpoint.HonorLabels, Labels: map[string]string{
		"namespace": "access-code-operator-system",
		"job":       "access-code-operator-controller-manager-metrics",
		"service":   "access-code-operator-controller-manager-metrics",
		"pod":       "access-code-operator-controller-manager",
		"container": "manager",
		"endpoint":  endpoint.Port,
		"instance":  "10.0.0.1:8443",
	}}, nil
}
