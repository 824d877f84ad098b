// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"fmt"
	"io/fs"
	"path"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// The layout in which Argo CD keeps what it ships.
const (
	customizations = "resource_customizations"
	healthScript   = "health.lua"
	healthTests    = "health_test.yaml"
	actionsFolder  = "actions"
	actionTests    = "action_test.yaml"
	discovery      = "discovery.lua"
	actionScript   = "action.lua"
)

// Kinds are those with scripts.
func Kinds() []string { return []string{AccessCode, SeamWorkspace} }

// Folder is that of a kind, in the folder with resource_customizations.
func Folder(kind string) string { return path.Join(customizations, v1alpha1.GroupVersion.Group, kind) }

// ActionsFolder is that of the actions of a kind.
func ActionsFolder(kind string) string { return path.Join(Folder(kind), actionsFolder) }

// HealthTest is an entry of health_test.yaml. Its path is in the folder of the kind.
type HealthTest struct {
	HealthStatus map[string]any `json:"healthStatus"`
	InputPath    string         `json:"inputPath"`
}

// HealthTests reads health_test.yaml of a kind, in dir with resource_customizations.
func HealthTests(dir fs.FS, kind string) ([]HealthTest, error) {
	var file struct {
		Tests []HealthTest `json:"tests"`
	}
	err := read(dir, path.Join(Folder(kind), healthTests), &file)
	return file.Tests, err
}

// ActionTests is action_test.yaml. Its paths are in the folder of the actions of the kind.
type ActionTests struct {
	DiscoveryTests []DiscoveryTest `json:"discoveryTests"`
	ActionTests    []ActionTest    `json:"actionTests"`
}

// DiscoveryTest has the actions that are offered for an object.
type DiscoveryTest struct {
	InputPath string   `json:"inputPath"`
	Result    []Action `json:"result"`
}

// Action is how an action is offered.
type Action struct {
	Name        string `json:"name"`
	Disabled    bool   `json:"disabled"`
	IconClass   string `json:"iconClass"`
	DisplayName string `json:"displayName"`
}

// ActionTest has what an action makes of an object.
type ActionTest struct {
	Action             string `json:"action"`
	InputPath          string `json:"inputPath"`
	ExpectedOutputPath string `json:"expectedOutputPath"`
}

// ReadActionTests reads action_test.yaml of a kind, in dir with resource_customizations.
func ReadActionTests(dir fs.FS, kind string) (ActionTests, error) {
	var file ActionTests
	err := read(dir, path.Join(ActionsFolder(kind), actionTests), &file)
	return file, err
}

// Object reads an object from a file of dir, with whole numbers as a client of Kubernetes has them.
func Object(dir fs.FS, name string) (map[string]any, error) {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	object, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return object, nil
}

func decode(text []byte) (map[string]any, error) {
	encoded, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return nil, fmt.Errorf("decoding YAML: %w", err)
	}
	var object unstructured.Unstructured
	if err := object.UnmarshalJSON(encoded); err != nil {
		return nil, fmt.Errorf("decoding an object: %w", err)
	}
	return object.Object, nil
}

func read(dir fs.FS, name string, into any) error {
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("reading cases: %w", err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}
