// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package localcluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// tokenLasts is how long a token is valid: longer than any of these clusters runs.
const tokenLasts = "8760h"

// Account is the operator's own ServiceAccount, as config/default names it.
type Account struct {
	Namespace  string `json:"namespace"`
	NamePrefix string `json:"namePrefix"`
}

// Name is that of the ServiceAccount in config/rbac, with the prefix of config/default.
func (a Account) Name() string { return a.NamePrefix + "controller-manager" }

// OperatorAccount takes namespace and prefix from config/default of a checkout.
func OperatorAccount(project string) (Account, error) {
	var a Account
	kustomization, err := os.ReadFile(filepath.Join(project, "config", "default", "kustomization.yaml"))
	if err == nil {
		err = yaml.Unmarshal(kustomization, &a)
	}
	if err == nil && a.Namespace == "" {
		err = errors.New("it names no namespace")
	}
	if err != nil {
		return a, fmt.Errorf("looking for the operator's ServiceAccount in config/default/kustomization.yaml: %w", err)
	}
	return a, nil
}

// Install applies the CRDs and roles of a checkout, waits until the API server serves the kinds and returns a token of
// the operator's ServiceAccount.
func (c *Cluster) Install(ctx context.Context, project string) (token string, err error) {
	crds, err := realPath(filepath.Join(project, "config", "crd"))
	if err != nil {
		return "", err
	}
	if _, err := c.Kubectl(ctx, "apply", "-k", crds); err != nil {
		return "", err
	}
	if err := c.Established(ctx); err != nil {
		return "", err
	}
	return c.Authorize(ctx, project)
}

// Established waits until the API server serves the kinds of all CRDs.
func (c *Cluster) Established(ctx context.Context) error {
	_, err := c.Kubectl(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
	return err
}

// Authorize applies config/rbac of a checkout as config/default would, and returns a token of the operator's ServiceAccount, so
// that the operator may do here exactly what it may do in a cluster. Roles of another version are brought to this one's, as by
// an upgrade.
func (c *Cluster) Authorize(ctx context.Context, project string) (token string, err error) {
	a, err := OperatorAccount(project)
	if err != nil {
		return "", err
	}
	overlay := c.file("rbac")
	if err := c.writeOverlay(overlay, filepath.Join(project, "config", "rbac"), a); err != nil {
		return "", err
	}
	namespace := c.file("namespace.yaml")
	if err := c.writePrivate(namespace, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+a.Namespace+"}\n"); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"apply", "-f", namespace},
		{"apply", "-k", overlay},
	} {
		if _, err := c.Kubectl(ctx, args...); err != nil {
			return "", err
		}
	}
	return c.Token(ctx, a.Namespace, a.Name())
}

// Token returns a long-lived token of a ServiceAccount.
func (c *Cluster) Token(ctx context.Context, namespace, account string) (string, error) {
	token, err := c.Kubectl(ctx, "-n", namespace, "create", "token", account, "--duration="+tokenLasts)
	return strings.TrimSpace(token), err
}

// writeOverlay writes a kustomization that puts the names of an account on the objects of a folder.
func (c *Cluster) writeOverlay(overlay, folder string, a Account) error {
	err := os.MkdirAll(overlay, 0o700)
	if err != nil {
		return fmt.Errorf("writing the operator's roles: %w", err)
	}
	from, err := realPath(overlay)
	if err != nil {
		return err
	}
	to, err := realPath(folder)
	if err != nil {
		return err
	}
	// kustomize takes relative paths only, and goes by where things really are.
	relative, err := filepath.Rel(from, to)
	if err != nil {
		return fmt.Errorf("finding %s: %w", folder, err)
	}
	text, err := yaml.Marshal(map[string]any{
		"namespace": a.Namespace, "namePrefix": a.NamePrefix, "resources": []string{relative},
	})
	if err != nil {
		return fmt.Errorf("writing the operator's roles: %w", err)
	}
	return c.writePrivate(filepath.Join(overlay, "kustomization.yaml"), string(text))
}

func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("finding where things are: %w", err)
	}
	return path, nil
}
