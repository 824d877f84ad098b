// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const head = `# What Argo CD is told of AccessCodes and SeamWorkspaces: health and actions. See docs/gitops.md for how to install it.
#
# Made from resource_customizations beside this file: make argocd-cm
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  labels:
    app.kubernetes.io/name: argocd-cm
    app.kubernetes.io/part-of: argocd
data:
`

// ConfigMap returns the ConfigMap argocd-cm, as YAML, with all scripts below resource_customizations in dir.
func ConfigMap(dir fs.FS) (string, error) {
	scripts, err := fs.Glob(dir, path.Join(customizations, "*", "*", healthScript))
	if err != nil {
		return "", fmt.Errorf("looking for scripts: %w", err)
	}
	if len(scripts) == 0 {
		return "", fmt.Errorf("no %s below %s", healthScript, customizations)
	}
	var b strings.Builder
	b.WriteString(head)
	for _, script := range scripts {
		if err := addKind(&b, dir, path.Dir(script)); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// addKind adds health and actions of the kind in folder, resource_customizations/<group>/<Kind>.
func addKind(b *strings.Builder, dir fs.FS, folder string) error {
	key := path.Base(path.Dir(folder)) + "_" + path.Base(folder)
	if err := addScript(b, dir, path.Join(folder, healthScript), "  ", "resource.customizations.health."+key); err != nil {
		return err
	}
	actions, err := fs.Glob(dir, path.Join(folder, actionsFolder, "*", actionScript))
	if err != nil {
		return fmt.Errorf("looking for actions: %w", err)
	}
	if len(actions) == 0 {
		return nil
	}
	b.WriteString("  resource.customizations.actions." + key + ": |\n")
	if err := addScript(b, dir, path.Join(folder, actionsFolder, discovery), "    ", discovery); err != nil {
		return err
	}
	b.WriteString("    definitions:\n")
	for _, action := range actions {
		b.WriteString("    - name: " + path.Base(path.Dir(action)) + "\n")
		if err := addScript(b, dir, action, "      ", actionScript); err != nil {
			return err
		}
	}
	return nil
}

// addScript adds a script as a block of text under a key.
func addScript(b *strings.Builder, dir fs.FS, name, indent, key string) error {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("reading a script: %w", err)
	}
	b.WriteString(indent + key + ": |\n")
	for line := range strings.Lines(string(text)) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(indent + "  ")
		}
		b.WriteString(line)
	}
	return nil
}
