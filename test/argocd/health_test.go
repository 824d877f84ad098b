// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package argocd_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/argoproj/argo-cd/gitops-engine/v3/pkg/health"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/gitops"
)

// Each entry of health_test.yaml: what the script says, and what Argo CD makes of it for the user and for a sync.
func TestHealth(t *testing.T) {
	fromEach(t, func(t *testing.T, from overrides) {
		for _, kind := range gitops.Kinds() {
			listed, err := gitops.HealthTests(scripts(), kind)
			if err != nil {
				t.Fatal(err)
			}
			for _, test := range listed {
				t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
					testHealth(t, from, kind, test)
				})
			}
		}
	})
}

func testHealth(t *testing.T, from overrides, kind string, test gitops.HealthTest) {
	t.Helper()
	object := load(t, gitops.Folder(kind), test.InputPath)
	vm := lua.VM{ResourceOverrides: from}
	script, open, err := vm.GetHealthScript(object)
	if err != nil {
		t.Fatal(err)
	}
	if builtIn := from == nil; open != builtIn {
		t.Errorf("open libraries: got %t, want %t", open, builtIn)
	}
	vm.UseOpenLibs = open
	said, err := vm.ExecuteHealthLua(object, script)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(test.HealthStatus, asRead(t, said)); diff != "" {
		t.Errorf("what the script says (-want +got):\n%s", diff)
	}
	shown, err := health.GetResourceHealth(object, lua.ResourceHealthOverrides(from))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(forUsers(test.HealthStatus), asRead(t, shown)); diff != "" {
		t.Errorf("what is made of it (-want +got):\n%s", diff)
	}
}

// Each reason of the contract, and the states without a reason, as a sync with waves sees them.
func TestWaiting(t *testing.T) {
	fromEach(t, func(t *testing.T, from overrides) {
		for _, c := range gitops.Cases() {
			t.Run(c.Name(), func(t *testing.T) {
				got, err := health.GetResourceHealth(load(t, "", c.Path()), lua.ResourceHealthOverrides(from))
				if err != nil {
					t.Fatal(err)
				}
				if string(got.Status) != c.Health {
					t.Errorf("got %+v, want %s", got, c.Health)
				}
			})
		}
	})
}

// Argo CD offers to scripts of argocd-cm what the sandbox of test/gitops offers, and no more.
func TestSandbox(t *testing.T) {
	object := load(t, "", gitops.Cases()[0].Path())
	for _, script := range gitops.Refused() {
		if got, err := (lua.VM{}).ExecuteHealthLua(object, script); err == nil {
			t.Errorf("%s: got %+v, want an error", script, got)
		}
	}
	got, err := lua.VM{}.ExecuteHealthLua(object, gitops.Clock)
	if err != nil || got.Status != gitops.Healthy || got.Message == "" {
		t.Errorf("%s: got %+v and %v", gitops.Clock, got, err)
	}
}

// forUsers is what a script says less what it says to Argo CD alone.
func forUsers(said map[string]any) map[string]any {
	shown := maps.Clone(said)
	delete(shown, "deletionMessage")
	return shown
}

func asRead(t *testing.T, status *health.HealthStatus) map[string]any {
	t.Helper()
	var read map[string]any
	if err := json.Unmarshal(encode(t, status), &read); err != nil {
		t.Fatal(err)
	}
	return read
}
