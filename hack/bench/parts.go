// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/access-codes/access-code-operator/internal/localcluster"
)

// operatorName is what the operator's program is called.
const operatorName = "access-code-operator"

// parts say where what is measured lies.
type parts struct {
	project   string // the checkout, for config/
	k8s       string // the programs of Kubernetes
	operator  string
	simulator string
	// kubernetes is the version that the checkout pins.
	kubernetes string
}

// findParts looks for all programs and says what is missing.
func findParts(s settings) (parts, error) {
	project := s.project
	if project == "" {
		self, err := os.Executable()
		if err != nil {
			return parts{}, fmt.Errorf("finding this program: %w", err)
		}
		project = filepath.Dir(filepath.Dir(self))
	}
	project, err := filepath.Abs(project)
	if err == nil {
		project, err = filepath.EvalSymlinks(project)
	}
	if err != nil {
		return parts{}, fmt.Errorf("finding the checkout: %w", err)
	}
	version, err := localcluster.PinnedVersion(filepath.Join(project, "hack", "controlplane", "go.mod"), "k8s.io/kubernetes")
	if err != nil {
		return parts{}, fmt.Errorf("%w; is -project the checkout?", err)
	}
	p := parts{
		project: project, kubernetes: version, k8s: os.Getenv("KUBEBUILDER_ASSETS"),
		simulator: s.simulator, operator: s.operator,
	}
	if p.simulator == "" {
		p.simulator = filepath.Join(project, "bin", localcluster.Simulator)
	}
	if p.k8s == "" {
		p.k8s = filepath.Join(project, "bin", "k8s", version)
	}
	if p.operator == "" {
		p.operator = filepath.Join(project, "bin", operatorName)
	}
	return p, p.check()
}

// check names every program that is not there.
func (p parts) check() error {
	var missing []error
	for _, path := range []string{
		filepath.Join(p.k8s, localcluster.Etcd), filepath.Join(p.k8s, localcluster.APIServer),
		filepath.Join(p.k8s, localcluster.ControllerManager), filepath.Join(p.k8s, localcluster.Kubectl),
		p.simulator, p.operator,
	} {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			missing = append(missing, fmt.Errorf("%s is missing", path))
		}
	}
	if len(missing) > 0 {
		missing = append(missing, errors.New(`"make bench" builds what it needs`))
	}
	return errors.Join(missing...)
}
