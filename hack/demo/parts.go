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

// parts say where what the demo is made of lies.
type parts struct {
	project string // the checkout, for config/
	bin     string // the programs of this project
	k8s     string // those of Kubernetes
}

// findParts looks for all programs and says what is missing and which target of make builds it.
func findParts(project string) (parts, error) {
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
	p := parts{project: project, bin: filepath.Join(project, "bin"), k8s: os.Getenv("KUBEBUILDER_ASSETS")}
	if p.k8s == "" {
		version, err := localcluster.PinnedVersion(filepath.Join(project, "hack", "controlplane", "go.mod"), "k8s.io/kubernetes")
		if err != nil {
			return parts{}, fmt.Errorf("%w; is --project the checkout?", err)
		}
		p.k8s = filepath.Join(p.bin, "k8s", version)
	}
	return p, p.check()
}

// check names every program that is not there.
func (p parts) check() error {
	remedy, summary := `run "make control-plane-full"`, `"make demo" does all of that`
	if os.Getenv("KUBEBUILDER_ASSETS") != "" {
		summary = `"make demo" builds what is this project's own`
		remedy = `put it into KUBEBUILDER_ASSETS, or unset that and run "make control-plane-full"`
	}
	var missing []error
	for _, program := range []struct{ path, remedy string }{
		{p.of(localcluster.Etcd), remedy},
		{p.of(localcluster.APIServer), remedy},
		{p.of(localcluster.ControllerManager), remedy},
		{p.of(localcluster.Kubectl), remedy},
		{p.own(localcluster.Simulator), `run "make build-seamsim"`},
		{p.own(operatorName), `run "make build"`},
	} {
		if info, err := os.Stat(program.path); err != nil || info.IsDir() {
			missing = append(missing, fmt.Errorf("%s is missing: %s", program.path, program.remedy))
		}
	}
	if len(missing) > 0 {
		missing = append(missing, errors.New(summary))
	}
	return errors.Join(missing...)
}

// own is the path of a program of this project.
func (p parts) own(program string) string { return filepath.Join(p.bin, program) }

// of is the path of a program of Kubernetes.
func (p parts) of(program string) string { return filepath.Join(p.k8s, program) }

// config is the path of a folder or file below config/.
func (p parts) config(names ...string) string {
	return filepath.Join(append([]string{p.project, "config"}, names...)...)
}
