// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// The release is called as the chart's README does.
const (
	chart            = "../../charts/access-code-operator"
	releaseName      = "access-code-operator"
	releaseNamespace = "access-code-operator-system"
)

// TestOperatorRunsAsTheInstallerHasIt installs dist/install.yaml with kubectl, on a control plane of its own, and runs the
// operator as the Deployment has it.
func TestOperatorRunsAsTheInstallerHasIt(t *testing.T) {
	t.Parallel()
	h := newInstalled(t, func(ctx context.Context, h *house) error {
		_, err := h.cluster.Kubectl(ctx, "apply", "-f", os.Getenv("INSTALLER"))
		return err
	})
	h.newTenant(t, "installed").liveAsDeployed()
}

// TestOperatorRunsAsTheChartHasIt installs the chart with Helm, on a control plane of its own, upgrades it to other values and
// uninstalls it. Each time it runs the operator as the Deployment has it.
func TestOperatorRunsAsTheChartHasIt(t *testing.T) {
	t.Parallel()
	h := newInstalled(t, func(ctx context.Context, h *house) error {
		return h.helm(ctx, "install", releaseName, chart, "--create-namespace")
	})
	h.newTenant(t, "charted").liveAsDeployed()
	for _, tc := range []struct{ name, values string }{
		{"one namespace", `watchNamespaces: [NAMESPACE]`},
		{"every flag", `
shardSelector: access-codes.io/shard!=east
allowedEndpoints: [ENDPOINT]
maxConcurrentReconciles: 8
logLevel: debug
extraArgs: [--zap-encoder=console]
extraEnv: [{name: GOMEMLIMIT, value: 230MiB}]
webhook: {enabled: true}
metrics: {secure: false}
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := h.newTenant(t, "charted")
			values := strings.NewReplacer("NAMESPACE", k.namespace, "ENDPOINT", k.endpoint).Replace(tc.values)
			file := filepath.Join(t.TempDir(), "values.yaml")
			if err := os.WriteFile(file, []byte(values), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := h.helm(t.Context(), "upgrade", releaseName, chart, "--values="+file); err != nil {
				t.Fatal(err)
			}
			k.liveAsDeployed()
		})
	}
	h.uninstall(t)
}

// uninstall does so: the Deployment goes, the kinds and their objects stay.
func (h *house) uninstall(t *testing.T) {
	t.Helper()
	k := h.newTenant(t, "charted")
	k.create(t, k.code("left", sim.SeedNativeLockID))
	if err := h.helm(t.Context(), "uninstall", releaseName); err != nil {
		t.Fatal(err)
	}
	var deployments appsv1.DeploymentList
	var codes v1alpha1.AccessCodeList
	if err := errors.Join(h.List(t.Context(), &deployments), h.List(t.Context(), &codes)); err != nil {
		t.Fatal(err)
	}
	if len(deployments.Items) > 0 || len(codes.Items) != 1 {
		t.Errorf("got %d Deployments and %d AccessCodes", len(deployments.Items), len(codes.Items))
	}
}

// newInstalled is a house in which the operator is installed as a user does.
func newInstalled(t *testing.T, install func(context.Context, *house) error) *house {
	t.Helper()
	h := newHouse(theHouse(t).program, t.TempDir(), func(err error) { t.Error(err) })
	t.Cleanup(func() {
		if err := h.cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := h.startWith(t.Context(), filepath.Join("..", ".."), func(ctx context.Context) error {
		if err := install(ctx, h); err != nil {
			return err
		}
		return h.cluster.Established(ctx)
	}); err != nil {
		t.Fatal(err)
	}
	return h
}

// helm runs the real one as administrator, with nothing of the person's who runs the test.
func (h *house) helm(ctx context.Context, args ...string) error {
	args = append(args, "--namespace="+releaseNamespace, "--kubeconfig="+h.cluster.Kubeconfig())
	cmd := exec.CommandContext(ctx, os.Getenv("HELM"), args...)
	own := filepath.Join(filepath.Dir(h.cluster.Kubeconfig()), "helm")
	cmd.Env = append(os.Environ(),
		"KUBECACHEDIR="+h.cluster.KubectlCache(), "HELM_CACHE_HOME="+own, "HELM_CONFIG_HOME="+own, "HELM_DATA_HOME="+own)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running helm %s: %w: %s", strings.Join(args, " "), err, output)
	}
	return nil
}
