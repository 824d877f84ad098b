// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/test/gitops"
)

const nameReferences = root + "/config/kustomize/name-references.yaml"

// renamed is a place whose objects are all called otherwise in the end: the Secrets get a hash, all get a prefix. The
// literals are of a test and belong to no lock.
const renamed = `configurations: [name-references.yaml]
namePrefix: prod-
nameSuffix: -east
namespace: bookings
resources: [objects.yaml]
secretGenerator:
- {name: guest-pin, literals: [code=0815]}
- {name: seam, literals: [token=seam_none]}
- {name: hook, literals: [secret=whsec_none]}
`

const objectsToRename = `apiVersion: access-codes.io/v1alpha1
kind: SeamWorkspace
metadata: {name: seaside}
spec:
  auth: {AUTH: {secretKeyRef: {name: seam, key: token}}}
  events: {webhook: {secretKeyRef: {name: hook, key: secret}}}
---
apiVersion: access-codes.io/v1alpha1
kind: AccessCode
metadata: {name: guest}
spec:
  deviceID: 11111111-1111-4111-8111-111111111111
  workspaceRef: {name: seaside}
  codeFrom: {secretKeyRef: {name: guest-pin, key: code}}
`

// Every name that an object of ours gives of another is the one that kustomize has given it.
func TestKustomizeFindsOurReferences(t *testing.T) {
	t.Parallel()
	for _, auth := range []string{"apiKey", "personalAccessToken", "clientSessionToken", "publishableKey", "consoleSessionToken"} {
		t.Run(auth, func(t *testing.T) {
			t.Parallel()
			built := kustomized(t, renamed, strings.ReplaceAll(objectsToRename, "AUTH", auth))
			secrets, workspace, code := named(built, "Secret"), one(t, built, gitops.SeamWorkspace), one(t, built, gitops.AccessCode)
			if len(secrets) != 3 || workspace.GetName() != "prod-seaside-east" {
				t.Fatalf("got Secrets %q and SeamWorkspace %q", secrets, workspace.GetName())
			}
			for what, found := range map[string]struct {
				object *unstructured.Unstructured
				path   string
				among  []string
			}{
				"credentials": {workspace, "spec.auth." + auth + ".secretKeyRef.name", secrets},
				"webhook":     {workspace, "spec.events.webhook.secretKeyRef.name", secrets},
				"PIN":         {code, "spec.codeFrom.secretKeyRef.name", secrets},
				"workspace":   {code, "spec.workspaceRef.name", []string{workspace.GetName()}},
			} {
				name, _, _ := unstructured.NestedString(found.object.Object, strings.Split(found.path, ".")...)
				if !strings.HasPrefix(name, "prod-") || !slices.Contains(found.among, name) {
					t.Errorf("%s: %s is %q, want one of %q", what, found.path, name, found.among)
				}
			}
		})
	}
}

// Another literal is a Secret of another name, and the AccessCode names that one.
func TestKustomizeHandsOnAnotherPIN(t *testing.T) {
	t.Parallel()
	objects := strings.ReplaceAll(objectsToRename, "AUTH", "apiKey")
	before := one(t, kustomized(t, renamed, objects), gitops.AccessCode)
	after := one(t, kustomized(t, strings.Replace(renamed, "0815", "4711", 1), objects), gitops.AccessCode)
	var names [2]string
	for i, code := range []*unstructured.Unstructured{before, after} {
		names[i], _, _ = unstructured.NestedString(code.Object, "spec", "codeFrom", "secretKeyRef", "name")
	}
	if names[0] == names[1] || before.GetName() != after.GetName() {
		t.Errorf("%s reads %q, and %s then %q", before.GetName(), names[0], after.GetName(), names[1])
	}
}

// Without the file nothing of this happens: the test above would see it if kustomize no longer read it.
func TestKustomizeNeedsTheReferences(t *testing.T) {
	t.Parallel()
	without := strings.Replace(renamed, "configurations: [name-references.yaml]\n", "", 1)
	code := one(t, kustomized(t, without, strings.ReplaceAll(objectsToRename, "AUTH", "apiKey")), gitops.AccessCode)
	name, _, _ := unstructured.NestedString(code.Object, "spec", "codeFrom", "secretKeyRef", "name")
	if name != "guest-pin" {
		t.Errorf("kustomize knows spec.codeFrom by itself: it names %q", name)
	}
}

// Every field of the kinds that names a Secret or a SeamWorkspace is in the file.
func TestEveryReferenceIsListed(t *testing.T) {
	t.Parallel()
	var file struct {
		NameReference []struct {
			FieldSpecs []struct{ Kind, Path string } `json:"fieldSpecs"`
		} `json:"nameReference"`
	}
	if err := yaml.Unmarshal([]byte(readFile(t, nameReferences)), &file); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, reference := range file.NameReference {
		for _, spec := range reference.FieldSpecs {
			listed[spec.Kind+" "+spec.Path] = true
		}
	}
	crds, err := filepath.Glob(root + "/config/crd/bases/*.yaml")
	if err != nil || len(crds) != 2 {
		t.Fatalf("got CRDs %q: %v", crds, err)
	}
	var found int
	for _, path := range crds {
		var crd map[string]any
		if err := yaml.Unmarshal([]byte(readFile(t, path)), &crd); err != nil {
			t.Fatal(err)
		}
		kind, _, _ := unstructured.NestedString(crd, "spec", "names", "kind")
		versions, _, _ := unstructured.NestedSlice(crd, "spec", "versions")
		for _, version := range versions {
			properties, _ := version.(map[string]any)
			spec, _, _ := unstructured.NestedMap(properties, "schema", "openAPIV3Schema", "properties", "spec")
			for _, reference := range referencesOf(spec, "spec") {
				found++
				if !listed[kind+" "+reference] {
					t.Errorf("%s does not list %s of %s", nameReferences, reference, kind)
				}
			}
		}
	}
	if found != len(listed) {
		t.Errorf("the CRDs have %d references, the file lists %d", found, len(listed))
	}
}

// referencesOf are the names within what is called …Ref, by their paths.
func referencesOf(schema map[string]any, at string) []string {
	var found []string
	properties, _, _ := unstructured.NestedMap(schema, "properties")
	for name, property := range properties {
		inner, _ := property.(map[string]any)
		path := at + "/" + name
		if strings.HasSuffix(name, "Ref") {
			found = append(found, path+"/name")
			continue
		}
		found = append(found, referencesOf(inner, path)...)
	}
	return found
}

// kustomized are the objects that "kustomize build" leads to.
func kustomized(t *testing.T, kustomization, objects string) []*unstructured.Unstructured {
	t.Helper()
	files := filesys.MakeFsInMemory()
	for name, text := range map[string]string{
		"kustomization.yaml": kustomization, "objects.yaml": objects, "name-references.yaml": readFile(t, nameReferences),
	} {
		if err := files.WriteFile("/place/"+name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "/place")
	if err != nil {
		t.Fatal(err)
	}
	var all []*unstructured.Unstructured
	for _, resource := range built.Resources() {
		object, err := resource.Map()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &unstructured.Unstructured{Object: object})
	}
	return all
}

func named(all []*unstructured.Unstructured, kind string) []string {
	var names []string
	for _, object := range all {
		if object.GetKind() == kind {
			names = append(names, object.GetName())
		}
	}
	return names
}

func one(t *testing.T, all []*unstructured.Unstructured, kind string) *unstructured.Unstructured {
	t.Helper()
	of := slices.DeleteFunc(slices.Clone(all), func(o *unstructured.Unstructured) bool { return o.GetKind() != kind })
	if len(of) != 1 || of[0].GetAPIVersion() != v1alpha1.GroupVersion.String() {
		t.Fatalf("got %d objects of kind %s, want one of %s", len(of), kind, v1alpha1.GroupVersion)
	}
	return of[0]
}
