// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package argocd_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/access-codes/access-code-operator/test/gitops"
)

// Each discovery test of action_test.yaml. Argo CD runs actions without open libraries wherever they come from.
func TestDiscovery(t *testing.T) {
	fromEach(t, func(t *testing.T, from overrides) {
		for _, kind := range gitops.Kinds() {
			for _, test := range actions(t, kind).DiscoveryTests {
				t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
					testDiscovery(t, lua.VM{ResourceOverrides: from}, gitops.ActionsFolder(kind), test)
				})
			}
		}
	})
}

func testDiscovery(t *testing.T, vm lua.VM, folder string, test gitops.DiscoveryTest) {
	t.Helper()
	object := load(t, folder, test.InputPath)
	discovery, err := vm.GetResourceActionDiscovery(object)
	if err != nil {
		t.Fatal(err)
	}
	offered, err := vm.ExecuteResourceActionDiscovery(object, discovery)
	if err != nil {
		t.Fatal(err)
	}
	var got []gitops.Action
	for _, a := range offered {
		got = append(got, gitops.Action{Name: a.Name, Disabled: a.Disabled, IconClass: a.IconClass, DisplayName: a.DisplayName})
	}
	inOrder := cmpopts.SortSlices(func(a, b gitops.Action) bool { return a.Name < b.Name })
	if diff := cmp.Diff(test.Result, got, inOrder); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

// Each action test of action_test.yaml.
func TestActions(t *testing.T) {
	fromEach(t, func(t *testing.T, from overrides) {
		for _, kind := range gitops.Kinds() {
			for _, test := range actions(t, kind).ActionTests {
				t.Run(fmt.Sprintf("%s/%s/%s", kind, test.Action, test.InputPath), func(t *testing.T) {
					testAction(t, lua.VM{ResourceOverrides: from}, gitops.ActionsFolder(kind), test)
				})
			}
		}
	})
}

// testAction compares the one patch that Argo CD makes of an action with the object that is wanted.
func testAction(t *testing.T, vm lua.VM, folder string, test gitops.ActionTest) {
	t.Helper()
	object, want := load(t, folder, test.InputPath), load(t, folder, test.ExpectedOutputPath).Object
	action, err := vm.GetResourceAction(object, test.Action)
	if err != nil {
		t.Fatal(err)
	}
	since := time.Now()
	changed, err := vm.ExecuteResourceAction(object, action.ActionLua, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(changed) != 1 || changed[0].K8SOperation != lua.PatchOperation {
		t.Fatalf("got %d objects, %+v, want one to patch", len(changed), changed)
	}
	got := changed[0].UnstructuredObj.Object
	if err := gitops.TakeTime(test.Action, got, want, since, time.Now()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
}

func actions(t *testing.T, kind string) gitops.ActionTests {
	t.Helper()
	listed, err := gitops.ReadActionTests(scripts(), kind)
	if err != nil {
		t.Fatal(err)
	}
	return listed
}
