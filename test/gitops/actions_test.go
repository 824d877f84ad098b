// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// actionTests is action_test.yaml, as Argo CD reads it.
type actionTests struct {
	DiscoveryTests []struct {
		InputPath string   `json:"inputPath"`
		Result    []action `json:"result"`
	} `json:"discoveryTests"`
	ActionTests []actionTest `json:"actionTests"`
}

type action struct {
	Name        string `json:"name"`
	Disabled    bool   `json:"disabled"`
	IconClass   string `json:"iconClass"`
	DisplayName string `json:"displayName"`
}

type actionTest struct {
	Action             string `json:"action"`
	InputPath          string `json:"inputPath"`
	ExpectedOutputPath string `json:"expectedOutputPath"`
}

// kindsWithActions are the actions of each kind.
func kindsWithActions() map[string][]string {
	return map[string][]string{
		accessCode:    {"pull-backup", "resume", "suspend", "sync"},
		seamWorkspace: {"resume", "suspend"},
	}
}

// timestamps are the annotations to which an action gives the time as a value.
func timestamps() map[string]string {
	return map[string]string{
		"sync":        v1alpha1.ReconcileRequestedAtAnnotation,
		"pull-backup": v1alpha1.PullBackupAnnotation,
	}
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	for kind, wanted := range kindsWithActions() {
		folder, listed := actions(t, kind)
		script := readFile(t, filepath.Join(folder, "discovery.lua"))
		for _, test := range listed.DiscoveryTests {
			t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
				t.Parallel()
				got, err := runLua(t.Context(), script, load(t, filepath.Join(folder, test.InputPath)))
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
				if diff := cmp.Diff(wanted, offered); diff != "" {
					t.Errorf("names of actions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	for kind, wanted := range kindsWithActions() {
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
		if diff := cmp.Diff(wanted, slices.Compact(tested)); diff != "" {
			t.Errorf("%s: tested actions (-want +got):\n%s", kind, diff)
		}
	}
}

func testAction(t *testing.T, folder string, test actionTest) {
	t.Helper()
	before := time.Now().Truncate(time.Second)
	got, err := runLua(t.Context(), readFile(t, filepath.Join(folder, test.Action, "action.lua")), load(t, filepath.Join(folder, test.InputPath)))
	if err != nil {
		t.Fatal(err)
	}
	object, ok := got.(map[string]any)
	if !ok {
		t.Fatalf("the action gives back %v", got)
	}
	want := load(t, filepath.Join(folder, test.ExpectedOutputPath))
	if name, ok := timestamps()[test.Action]; ok {
		written, _, _ := unstructured.NestedString(object, "metadata", "annotations", name)
		at, err := time.Parse(time.RFC3339, written)
		if err != nil || at.Before(before) || at.After(time.Now()) {
			t.Errorf("annotation %s: got %q, want the time", name, written)
		}
		expected, _, _ := unstructured.NestedString(want, "metadata", "annotations", name)
		if err := unstructured.SetNestedField(object, expected, "metadata", "annotations", name); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, object); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
}

// actions reads action_test.yaml of a kind, and holds its objects to the type.
func actions(t *testing.T, kind string) (string, actionTests) {
	t.Helper()
	folder := filepath.Join(group, kind, "actions")
	var listed actionTests
	read(t, filepath.Join(folder, "action_test.yaml"), &listed)
	for _, name := range names(t, filepath.Join(folder, "testdata")) {
		object := load(t, filepath.Join(folder, "testdata", name+".yaml"))
		if kind == accessCode {
			sameAs(t, object, &v1alpha1.AccessCode{})
		} else {
			sameAs(t, object, &v1alpha1.SeamWorkspace{})
		}
	}
	return folder, listed
}
