// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// startOperator starts the operator as its ServiceAccount and waits until its caches are filled.
func (d *demo) startOperator(ctx context.Context) error {
	token, err := d.cluster.Authorize(ctx, d.parts.project)
	if err != nil {
		return err
	}
	kubeconfig := d.file("operator.kubeconfig")
	if err := d.cluster.WriteKubeconfig(kubeconfig, d.server(), operatorName, token, ""); err != nil {
		return err
	}
	var probes string
	_, err = d.cluster.Launch(ctx, localcluster.Plan{
		Name: operatorName, Path: d.parts.own(operatorName),
		Args: func() ([]string, error) {
			addresses, err := localcluster.FreeAddresses(ctx, 1)
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
		Ready: func(ctx context.Context) error { return localcluster.Answers(ctx, "http://"+probes+"/readyz") },
	})
	return err
}
