// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/test/gitops"
)

const samples = root + "/config/samples/gitops"

// foreign are the kinds that a sample may have, besides ours, and the packages with their Go types. test/argocd has that
// of Application.
func foreign() map[string]string {
	return map[string]string{
		"argoproj.io/v1alpha1 Application":                 "",
		"external-secrets.io/v1 ExternalSecret":            "github.com/external-secrets/external-secrets/apis/externalsecrets/v1",
		"generators.external-secrets.io/v1alpha1 Password": "github.com/external-secrets/external-secrets/apis/generators/v1alpha1",
		"kustomize.toolkit.fluxcd.io/v1 Kustomization":     "github.com/fluxcd/kustomize-controller/api/v1",
		"source.toolkit.fluxcd.io/v1 GitRepository":        "github.com/fluxcd/source-controller/api/v1",
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
			checkGenerators(t, objects)
		})
	}
}

// Every block of YAML in the page is one or more objects, too, and every sample is named there.
func TestPage(t *testing.T) {
	t.Parallel()
	page := readFile(t, filepath.Join(root, "docs", "gitops.md"))
	objects, err := gitops.PageObjects(os.DirFS(root))
	if err != nil || len(objects) == 0 {
		t.Fatalf("the page has %d objects: %v", len(objects), err)
	}
	for _, object := range objects {
		checkObject(t, object)
	}
	for _, name := range names(t, samples) {
		if !strings.Contains(page, "/samples/gitops/"+name+".yaml") {
			t.Errorf("the page does not name %s.yaml", name)
		}
	}
	for _, kind := range gitops.Kinds() {
		for _, action := range gitops.Actions(kind) {
			if !strings.Contains(page, "`"+action+"`") {
				t.Errorf("the page does not name the action %q of %s", action, kind)
			}
		}
	}
}

func documents(t *testing.T, text string) []map[string]any {
	t.Helper()
	objects, err := gitops.Objects(text)
	if err != nil {
		t.Fatal(err)
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
		if _, ok := foreign()[u.GetAPIVersion()+" "+u.GetKind()]; !ok {
			t.Errorf("%s: a kind that this test does not know: %s %s", u.GetName(), u.GetAPIVersion(), u.GetKind())
		}
	case u.GetKind() == gitops.AccessCode:
		if sameAs(t, object, &v1alpha1.AccessCode{}).Spec.DeviceID == "" {
			t.Errorf("%s: no device", u.GetName())
		}
	case u.GetKind() == gitops.SeamWorkspace:
		auth := sameAs(t, object, &v1alpha1.SeamWorkspace{}).Spec.Auth
		if auth.SecretKeyRef() == nil {
			t.Errorf("%s: no credentials", u.GetName())
		}
	default:
		t.Errorf("%s: no kind of ours: %s", u.GetName(), u.GetKind())
	}
}

// checkReferences compares the Secrets and keys that External Secrets writes, where a sample has any, with those that are read.
func checkReferences(t *testing.T, objects []map[string]any) {
	t.Helper()
	offered, wanted := map[string]bool{}, map[string]bool{}
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		switch u.GetKind() {
		case "ExternalSecret":
			maps.Copy(offered, writtenBy(t, object))
		case gitops.AccessCode:
			if from := sameAs(t, object, &v1alpha1.AccessCode{}).Spec.CodeFrom; from != nil {
				wanted[from.SecretKeyRef.Name+"/"+from.SecretKeyRef.Key] = true
			}
		case gitops.SeamWorkspace:
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
	for workspace := range waves[gitops.SeamWorkspace] {
		for code := range waves[gitops.AccessCode] {
			if workspace != "" && workspace >= code {
				t.Errorf("a SeamWorkspace is in wave %s, an AccessCode in wave %q", workspace, code)
			}
		}
	}
}

// checkGenerators has what a Password generator draws be a PIN: 4 to 12 characters, all of them digits, each of them any.
func checkGenerators(t *testing.T, objects []map[string]any) {
	t.Helper()
	for _, object := range objects {
		u := unstructured.Unstructured{Object: object}
		if u.GetKind() != "Password" {
			continue
		}
		drawn, _, _ := unstructured.NestedMap(object, "spec")
		length, _ := drawn["length"].(int64)
		if length < 4 || length > 12 {
			t.Errorf("%s: the PIN has %d digits", u.GetName(), length)
		}
		want := map[string]any{"length": length, "digits": length, "symbols": int64(0), "noUpper": true, "allowRepeat": true}
		if diff := cmp.Diff(want, drawn); diff != "" {
			t.Errorf("%s draws no PIN (-want +got):\n%s", u.GetName(), diff)
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
		t.Fatalf("rules are %+v", config.Rules)
	}
	page := readFile(t, filepath.Join(root, "docs", "gitops.md"))
	encrypted := regexp.MustCompile(`sops encrypt --in-place (\S+)`).FindStringSubmatch(page)
	rule, err := regexp.Compile(config.Rules[0].PathRegex)
	if err != nil || encrypted == nil || !rule.MatchString(encrypted[1]) {
		t.Errorf("the file that the page encrypts, %q, is not one of the rule %q: %v", encrypted, config.Rules[0].PathRegex, err)
	}
}
