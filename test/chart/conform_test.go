// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/yannh/kubeconform/pkg/resource"
	"github.com/yannh/kubeconform/pkg/validator"
	"k8s.io/client-go/discovery"
)

// TestKubeconform runs kubeconform, strict, on what the chart renders. Its schemas are made from the OpenAPI document of
// the API server, as the published ones are.
func TestKubeconform(t *testing.T) {
	conform := newConformer(t)
	for name, v := range allValues(t) {
		t.Run(name, func(t *testing.T) {
			conforms(t, conform, render(t, v))
		})
	}
	for name, broken := range map[string][2]string{ // in place of the first, the second
		"unknown field":      {`"replicas":1`, `"replica":1`},
		"unknown field deep": {`"httpGet":{`, `"httpGet":{"paths":"/",`},
		"wrong type":         {`"replicas":1`, `"replicas":"one"`},
	} {
		text, err := render(t, nil)[theDeployment].MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(text), broken[0], broken[1], 1)
		result := conform.ValidateResource(resource.Resource{Bytes: []byte(changed)})
		if changed == string(text) || result.Status != validator.Invalid {
			t.Errorf("%s: got status %d, error %v", name, result.Status, result.Err)
		}
	}
}

func conforms(t *testing.T, conform validator.Validator, all objects) {
	t.Helper()
	for name, o := range all {
		if o.GroupVersionKind().Group == "monitoring.coreos.com" {
			continue // the API server doesn't know them; held to their types in monitoring_test.go
		}
		text, err := o.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if result := conform.ValidateResource(resource.Resource{Bytes: text}); result.Status != validator.Valid {
			t.Errorf("%s: %v", name, result.Err)
		}
	}
}

// definition is a schema of an OpenAPI document.
type definition map[string]any

// newConformer writes a schema for each kind of the API server.
func newConformer(t *testing.T) validator.Validator {
	t.Helper()
	theCluster(t)
	client, err := discovery.NewDiscoveryClientForConfig(apiServer)
	if err != nil {
		t.Fatal(err)
	}
	text, err := client.RESTClient().Get().AbsPath("/openapi/v2").SetHeader("Accept", "application/json").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Definitions map[string]definition `json:"definitions"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for _, d := range document.Definitions {
		d.tighten()
	}
	folder := t.TempDir()
	for name, d := range document.Definitions {
		for _, file := range d.files() {
			needed := map[string]definition{}
			collect(document.Definitions, name, needed)
			writeJSON(t, filepath.Join(folder, file), map[string]any{"$ref": "#/definitions/" + name, "definitions": needed})
		}
	}
	conform, err := validator.New(
		[]string{filepath.Join(folder, "{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json")},
		validator.Opts{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	return conform
}

// tighten refuses fields that a kind has not, and takes numbers where the document says less than the API server does.
func (d definition) tighten() {
	if _, open := d["additionalProperties"]; d["properties"] != nil && !open {
		d["additionalProperties"] = false
	}
	if d["format"] == "int-or-string" {
		delete(d, "format")
		d["type"] = []string{"integer", "string"}
	}
}

// files are those in which kubeconform looks for the kinds that a schema is of.
func (d definition) files() []string {
	kinds, _ := d["x-kubernetes-group-version-kind"].([]any)
	// Those that there are in all groups, such as DeleteOptions, are no objects.
	if len(kinds) != 1 {
		return nil
	}
	kind, _ := kinds[0].(map[string]any)
	var part [3]string
	for i, k := range []string{"kind", "group", "version"} {
		part[i], _ = kind[k].(string)
	}
	if part[1] == "" { // of the core group the version stands in its place
		part[1] = part[2]
	}
	return []string{strings.ToLower(part[0]) + "-" + part[1] + "-" + part[2] + ".json"}
}

// collect adds to needed the schema of that name and all that it refers to.
func collect(all map[string]definition, name string, needed map[string]definition) {
	if needed[name] != nil {
		return
	}
	needed[name] = all[name]
	for _, other := range references(map[string]any(all[name])) {
		collect(all, other, needed)
	}
}

func references(node any) []string {
	var found []string
	switch n := node.(type) {
	case map[string]any:
		if r, ok := n["$ref"].(string); ok {
			found = append(found, strings.TrimPrefix(r, "#/definitions/"))
		}
		for _, child := range n {
			found = append(found, references(child)...)
		}
	case []any:
		for _, child := range n {
			found = append(found, references(child)...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func writeJSON(t *testing.T, path string, content any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
