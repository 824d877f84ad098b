// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

const samples = root + "/config/samples/gitops"

// kinds that a sample may have, besides ours.
func foreignKinds() map[string][]string {
	return map[string][]string{
		"argoproj.io/v1alpha1":                    {"Application"},
		"external-secrets.io/v1":                  {"ExternalSecret"},
		"generators.external-secrets.io/v1alpha1": {"Password"},
		"kustomize.toolkit.fluxcd.io/v1":          {"Kustomization"},
		"source.toolkit.fluxcd.io/v1":             {"GitRepository"},
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for _, name := range names(t, samples) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := readFile(t, filepath.Join(samples, name+".yaml"))
			if name == "flux_sops-config" {
				testSOPSConfig(t, text)
				return
			}
			objects := documents(t, text)
			for _, object := range objects {
				checkObject(t, object)
			}
			checkReferences(t, objects)
			checkWaves(t, objects)
		})
	}
}

// Every block of YAML in the page is one or more objects, too, and every sample is named there.
func TestPage(t *testing.T) {
	t.Parallel()
	page := readFile(t, filepath.Join(root, "docs", "gitops.md"))
	blocks := strings.Split(page, "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("the page has no YAML")
	}
	for _, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		for _, object := range documents(t, text) {
			checkObject(t, object)
		}
	}
	for _, name := range names(t, samples) {
		if !strings.Contains(page, "/samples/gitops/"+name+".yaml") {
			t.Errorf("the page does not name %s.yaml", name)
		}
	}
	for kind, actions := range kindsWithActions() {
		for _, action := range actions {
			if !strings.Contains(page, "`"+action+"`") {
				t.Errorf("the page does not name the action %q of %s", action, kind)
			}
		}
	}
}

func documents(t *testing.T, text string) []map[string]any {
	t.Helper()
	var objects []map[string]any
	for document := range strings.SplitSeq(text, "\n---\n") {
		var object map[string]any
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%v:\n%s", err, document)
		}
		whole, _ := integers(object).(map[string]any)
		objects = append(objects, whole)
	}
	return objects
}

func checkObject(t *testing.T, object map[string]any) {
	t.Helper()
	u := unstructured.Unstructured{Object: object}
	if u.GetName() == "" {
		t.Errorf("a %s has no name", u.GetKind())
	}
	switch {
	case u.GetAPIVersion() != v1alpha1.GroupVersion.String():
		if !slices.Contains(foreignKinds()[u.GetAPIVersion()], u.GetKind()) {
			t.Errorf("%s: a kind that this test does not know: %s %s", u.GetName(), u.GetAPIVersion(), u.GetKind())
		}
	case u.GetKind() == accessCode:
		if sameAs(t, object, &v1alpha1.AccessCode{}).Spec.DeviceID == "" {
			t.Errorf("%s: no device", u.GetName())
		}
	case u.GetKind() == seamWorkspace:
		auth := sameAs(t, object, &v1alpha1.SeamWorkspace{}).Spec.Auth
		if auth.SecretKeyRef() == nil {
			t.Errorf("%s: no credentials", u.GetName())
		}
	default:
		t.Errorf("%s: no kind of ours: %s", u.GetName(), u.GetKind())
	}
}

// checkReferences holds the Secrets and keys that External Secrets writes, where a sample has any, to those that are
// read.
func checkReferences(t *testing.T, objects []map[string]any) {
	t.Helper()
	offered, wanted := map[string]bool{}, map[string]bool{}
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		switch u.GetKind() {
		case "ExternalSecret":
			maps.Copy(offered, writtenBy(t, object))
		case accessCode:
			if from := sameAs(t, object, &v1alpha1.AccessCode{}).Spec.CodeFrom; from != nil {
				wanted[from.SecretKeyRef.Name+"/"+from.SecretKeyRef.Key] = true
			}
		case seamWorkspace:
			ref := sameAs(t, object, &v1alpha1.SeamWorkspace{}).Spec.Auth.SecretKeyRef()
			wanted[ref.Name+"/"+ref.Key] = true
		}
	}
	if len(offered) > 0 && !maps.Equal(offered, wanted) {
		t.Errorf("External Secrets writes %v, the others read %v", offered, wanted)
	}
}

// writtenBy are the Secret and the keys that an ExternalSecret leads to, as name/key.
func writtenBy(t *testing.T, object map[string]any) map[string]bool {
	t.Helper()
	written := map[string]bool{}
	target, _, _ := unstructured.NestedString(object, "spec", "target", "name")
	data, _, _ := unstructured.NestedSlice(object, "spec", "data")
	for _, entry := range data {
		fields, _ := entry.(map[string]any)
		key, _, _ := unstructured.NestedString(fields, "secretKey")
		written[target+"/"+key] = true
	}
	from, _, _ := unstructured.NestedSlice(object, "spec", "dataFrom")
	for _, entry := range from {
		fields, _ := entry.(map[string]any)
		if kind, _, _ := unstructured.NestedString(fields, "sourceRef", "generatorRef", "kind"); kind != "Password" {
			t.Errorf("%s: a generator that this test does not know: %q", target, kind)
		}
		written[target+"/password"] = true
	}
	return written
}

// checkWaves has workspaces come before codes, in samples with waves.
func checkWaves(t *testing.T, objects []map[string]any) {
	t.Helper()
	waves := map[string]map[string]bool{}
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		if waves[u.GetKind()] == nil {
			waves[u.GetKind()] = map[string]bool{}
		}
		waves[u.GetKind()][u.GetAnnotations()["argocd.argoproj.io/sync-wave"]] = true
	}
	for workspace := range waves[seamWorkspace] {
		for code := range waves[accessCode] {
			if workspace != "" && workspace >= code {
				t.Errorf("a SeamWorkspace is in wave %s, an AccessCode in wave %q", workspace, code)
			}
		}
	}
}

func testSOPSConfig(t *testing.T, text string) {
	t.Helper()
	var config struct {
		Rules []struct {
			PathRegex      string `json:"path_regex"`
			EncryptedRegex string `json:"encrypted_regex"`
			Age            string `json:"age"`
		} `json:"creation_rules"`
	}
	if err := yaml.UnmarshalStrict([]byte(text), &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Rules) != 1 || config.Rules[0].EncryptedRegex != "^(data|stringData)$" {
		t.Errorf("rules are %+v", config.Rules)
	}
}
