// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// account is the operator's own ServiceAccount, as config/default names it.
type account struct {
	Namespace  string `json:"namespace"`
	NamePrefix string `json:"namePrefix"`
}

// name is that of the ServiceAccount in config/rbac, with the prefix of config/default.
func (a account) name() string { return a.NamePrefix + "controller-manager" }

// readAccount takes namespace and prefix from the kustomization of config/default.
func readAccount(kustomization []byte) (account, error) {
	var a account
	if err := yaml.Unmarshal(kustomization, &a); err != nil {
		return a, fmt.Errorf("reading config/default/kustomization.yaml: %w", err)
	}
	if a.Namespace == "" {
		return a, fmt.Errorf("reading config/default/kustomization.yaml: it names no namespace")
	}
	return a, nil
}

// authorize applies config/rbac as config/default would and returns a token of the operator's ServiceAccount, so that
// the operator may do here what it may do in a cluster, and nothing else.
func (d *demo) authorize(ctx context.Context) (string, error) {
	kustomization, err := os.ReadFile(d.parts.config("default", "kustomization.yaml"))
	if err != nil {
		return "", fmt.Errorf("looking for the operator's ServiceAccount: %w", err)
	}
	a, err := readAccount(kustomization)
	if err != nil {
		return "", err
	}
	if err := d.writeOverlay("rbac", a); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"create", "namespace", a.Namespace},
		{"apply", "-k", d.file("rbac")},
	} {
		if _, err := d.kubectl.output(ctx, args...); err != nil {
			return "", err
		}
	}
	// Longer than anybody leaves the demo up.
	token, err := d.kubectl.output(ctx, "-n", a.Namespace, "create", "token", a.name(), "--duration=8760h")
	return strings.TrimSpace(token), err
}

// writeOverlay writes a kustomization for config/rbac alone.
func (d *demo) writeOverlay(name string, a account) error {
	overlay, err := yaml.Marshal(map[string]any{
		"namespace": a.Namespace, "namePrefix": a.NamePrefix, "resources": []string{"../config/rbac"},
	})
	if err != nil {
		return fmt.Errorf("writing the operator's roles: %w", err)
	}
	if err := os.Mkdir(d.file(name), 0o700); err != nil {
		return fmt.Errorf("writing the operator's roles: %w", err)
	}
	return d.writePrivate(filepath.Join(name, "kustomization.yaml"), string(overlay))
}

// startOperator starts the operator as its ServiceAccount and waits until its caches are filled.
func (d *demo) startOperator(ctx context.Context) error {
	token, err := d.authorize(ctx)
	if err != nil {
		return err
	}
	kubeconfig := d.file("operator.kubeconfig")
	if err := d.writeKubeconfig(kubeconfig, d.apiServer, operatorName, token, ""); err != nil {
		return err
	}
	var probes string
	return d.family.launch(ctx, plan{
		name: operatorName, path: d.parts.own(operatorName),
		args: func() ([]string, error) {
			addresses, err := freeAddresses(ctx, 1)
			if err != nil {
				return nil, err
			}
			probes = addresses[0]
			return []string{
				"--kubeconfig=" + kubeconfig,
				"--metrics-bind-address=0",
				"--health-probe-bind-address=" + probes,
				"--zap-encoder=console",
				"--zap-time-encoding=rfc3339",
			}, nil
		},
		ready: func(ctx context.Context) error { return answers(ctx, "http://"+probes+"/readyz") },
	})
}
