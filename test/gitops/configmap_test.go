// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/test/gitops"
)

func TestConfigMapIsWrittenAnew(t *testing.T) {
	t.Parallel()
	want, err := gitops.ConfigMap(scripts())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, readFile(t, filepath.Join(argocd, "argocd-cm.yaml"))); diff != "" {
		t.Errorf("argocd-cm.yaml is out of date, make it anew as its head says (-want +got):\n%s", diff)
	}
}

// resourceActions is the value of resource.customizations.actions.<group>_<Kind>, as Argo CD reads it.
type resourceActions struct {
	Discovery   string `json:"discovery.lua"`
	Definitions []struct {
		Name   string `json:"name"`
		Action string `json:"action.lua"`
	} `json:"definitions"`
}

// What is pasted is what is tested: each script comes out of the ConfigMap as it stands in its file.
func TestConfigMapHasTheScripts(t *testing.T) {
	t.Parallel()
	var config struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]any    `json:"metadata"`
		Data       map[string]string `json:"data"`
	}
	read(t, filepath.Join(argocd, "argocd-cm.yaml"), &config)
	want, got := map[string]string{}, map[string]string{}
	for _, kind := range gitops.Kinds() {
		folder := gitops.Folder(kind)
		want[kind] = script(t, path.Join(folder, "health.lua"))
		got[kind] = config.Data["resource.customizations.health.access-codes.io_"+kind]
		want[kind+" discovery"] = script(t, path.Join(folder, "actions", "discovery.lua"))
		for _, action := range gitops.Actions(kind) {
			want[kind+" "+action] = script(t, path.Join(folder, "actions", action, "action.lua"))
		}
		var parsed resourceActions
		if err := yaml.UnmarshalStrict([]byte(config.Data["resource.customizations.actions.access-codes.io_"+kind]), &parsed); err != nil {
			t.Fatal(err)
		}
		got[kind+" discovery"] = parsed.Discovery
		for _, action := range parsed.Definitions {
			got[kind+" "+action.Name] = action.Action
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("scripts (-files +argocd-cm):\n%s", diff)
	}
	if want := 2 * len(gitops.Kinds()); len(config.Data) != want {
		t.Errorf("data has %d keys, want %d", len(config.Data), want)
	}
}
