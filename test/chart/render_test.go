// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// The release is called so that its names are those of config/default.
const (
	releaseName = "access-code-operator"
	home        = "access-code-operator-system"
)

// values are what a user sets, nil for what the chart comes with.
type values map[string]any

// parseValues reads them as from a file.
func parseValues(t *testing.T, text string) values {
	t.Helper()
	var v values
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// readValues reads a file of testdata.
func readValues(t *testing.T, file string) values {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return parseValues(t, string(text))
}

// loadChart reads it anew: Helm changes what it renders.
func loadChart(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(charted)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// template does what "helm template" does.
func template(c *chart.Chart, namespace string, v values) (*release.Release, error) {
	if v == nil {
		v = values{}
	}
	rendered, err := newTemplate(namespace).Run(c, v)
	if err != nil {
		return nil, err
	}
	r, ok := rendered.(*release.Release)
	if !ok {
		return nil, errors.New("not a release of this version")
	}
	return r, nil
}

// newTemplate renders for a cluster of today; left to itself, Helm takes a test for one from years ago.
func newTemplate(namespace string) *action.Install {
	install := action.NewInstall(action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler)))
	install.DryRunStrategy = action.DryRunClient
	install.ReleaseName, install.Namespace = releaseName, namespace
	install.KubeVersion = &common.KubeVersion{Version: "v1.37.2", Major: "1", Minor: "37"}
	return install
}

// objects are by kind, namespace and name, as key says it.
type objects map[string]*unstructured.Unstructured

func key(o *unstructured.Unstructured) string {
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

func render(t *testing.T, v values) objects {
	t.Helper()
	r, err := template(loadChart(t), home, v)
	if err != nil {
		t.Fatal(err)
	}
	return parseObjects(t, r.Manifest)
}

func parseObjects(t *testing.T, manifest string) objects {
	t.Helper()
	found := objects{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		// Strict: a key that is there twice is an error, and not the last one of them.
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			t.Fatalf("%v in:\n%s", err, document)
		}
		if string(text) == "null" { // comments only
			continue
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(text); err != nil {
			t.Fatalf("%v in:\n%s", err, document)
		}
		if found[key(o)] != nil {
			t.Errorf("%s is there twice", key(o))
		}
		found[key(o)] = o
	}
}

// get is one of them, as its type.
func get[T any](t *testing.T, all objects, name string) *T {
	t.Helper()
	object := new(T)
	if all[name] == nil {
		t.Fatalf("there is no %s", name)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(all[name].Object, object, true); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return object
}

// change puts text in place of another in a file of a chart, where it must be.
func change(t *testing.T, c *chart.Chart, file, from, to string) {
	t.Helper()
	for _, f := range slices.Concat(c.Templates, c.Files) {
		if f.Name != file {
			continue
		}
		if !bytes.Contains(f.Data, []byte(from)) {
			t.Fatalf("%s has no %q", file, from)
		}
		f.Data = []byte(strings.ReplaceAll(string(f.Data), from, to))
		return
	}
	t.Fatalf("there is no %s", file)
}
