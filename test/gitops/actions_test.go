// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/test/gitops"
)

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for _, kind := range gitops.Kinds() {
		folder, listed := actions(t, kind)
		offers := script(t, path.Join(folder, "discovery.lua"))
		for _, test := range listed.DiscoveryTests {
			t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
				t.Parallel()
				got, err := runLua(t.Context(), offers, load(t, path.Join(folder, test.InputPath)))
				if err != nil {
					t.Fatal(err)
				}
				want, offered := map[string]any{}, []string{}
				for _, a := range test.Result {
					want[a.Name] = map[string]any{"disabled": a.Disabled, "iconClass": a.IconClass, "displayName": a.DisplayName}
					offered = append(offered, a.Name)
				}
				if diff := cmp.Diff(any(want), got); diff != "" {
					t.Errorf("actions (-want +got):\n%s", diff)
				}
				slices.Sort(offered)
				if diff := cmp.Diff(gitops.Actions(kind), offered); diff != "" {
					t.Errorf("names of actions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, kind := range gitops.Kinds() {
		folder, listed := actions(t, kind)
		var tested []string
		for _, test := range listed.ActionTests {
			tested = append(tested, test.Action)
			t.Run(fmt.Sprintf("%s/%s/%s", kind, test.Action, test.InputPath), func(t *testing.T) {
				t.Parallel()
				testAction(t, folder, test)
			})
		}
		slices.Sort(tested)
		if diff := cmp.Diff(gitops.Actions(kind), slices.Compact(tested)); diff != "" {
			t.Errorf("%s: tested actions (-want +got):\n%s", kind, diff)
		}
	}
}

func testAction(t *testing.T, folder string, test gitops.ActionTest) {
	t.Helper()
	since := time.Now()
	got, err := runLua(t.Context(), script(t, path.Join(folder, test.Action, "action.lua")), load(t, path.Join(folder, test.InputPath)))
	if err != nil {
		t.Fatal(err)
	}
	object, ok := got.(map[string]any)
	if !ok {
		t.Fatalf("the action gives back %v", got)
	}
	want := load(t, path.Join(folder, test.ExpectedOutputPath))
	if err := gitops.TakeTime(test.Action, object, want, since, time.Now()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
}

// actions reads action_test.yaml of a kind, and checks its objects against the type.
func actions(t *testing.T, kind string) (string, gitops.ActionTests) {
	t.Helper()
	folder := gitops.ActionsFolder(kind)
	listed, err := gitops.ReadActionTests(scripts(), kind)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t, filepath.Join(argocd, folder, "testdata")) {
		object := load(t, path.Join(folder, "testdata", name+".yaml"))
		if kind == gitops.AccessCode {
			sameAs(t, object, &v1alpha1.AccessCode{})
		} else {
			sameAs(t, object, &v1alpha1.SeamWorkspace{})
		}
	}
	return folder, listed
}
