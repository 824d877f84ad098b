// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// kustomize does what "kustomize build config/default" does, with these components as well.
func kustomize(t *testing.T, components ...string) objects {
	t.Helper()
	files := filesys.MakeFsInMemory()
	err := filepath.WalkDir(config, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(config, name)
		if err != nil {
			return err
		}
		return files.WriteFile(path.Join("/config", filepath.ToSlash(relative)), text)
	})
	if err != nil {
		t.Fatal(err)
	}
	const file = "/config/default/kustomization.yaml"
	text, err := files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range components {
		before := string(text)
		// As the file itself says that one does.
		if text = []byte(strings.Replace(before, "#- ../"+c, "- ../"+c, 1)); string(text) == before {
			t.Fatalf("%s has no component %s", file, c)
		}
	}
	if err := files.WriteFile(file, text); err != nil {
		t.Fatal(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, path.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := built.AsYaml()
	if err != nil {
		t.Fatal(err)
	}
	return parseObjects(t, string(manifest))
}

// normalised takes out what rightly differs: labels that say by whom and as which release an object was installed, the
// annotation that keeps CRDs, and the tag of the image.
func normalised(all objects) objects {
	result := objects{}
	for name, o := range all {
		o = o.DeepCopy()
		strip(o.Object)
		result[name] = o
	}
	return result
}

func strip(node any) {
	switch n := node.(type) {
	case map[string]any:
		for _, k := range []string{
			"app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart",
			"helm.sh/resource-policy",
		} {
			delete(n, k)
		}
		if image, ok := n["image"].(string); ok {
			n["image"], _, _ = strings.Cut(image, ":")
		}
		for k, child := range n {
			strip(child)
			if m, ok := child.(map[string]any); ok && len(m) == 0 {
				delete(n, k)
			}
		}
	case []any:
		for _, child := range n {
			strip(child)
		}
	}
}

// difference is what a chart does not render as config/default does, empty when there is nothing.
func difference(t *testing.T, rendered objects) string {
	t.Helper()
	want := kustomize(t)
	// A chart is installed into a namespace that is there, or that Helm makes.
	namespace := "Namespace /" + home
	if want[namespace] == nil {
		t.Fatal("config/default has no Namespace any more: have the chart's README say so")
	}
	delete(want, namespace)
	return cmp.Diff(contents(normalised(want)), contents(normalised(rendered)))
}

// contents are for cmp, which follows the methods of a pointer otherwise.
func contents(all objects) map[string]map[string]any {
	result := map[string]map[string]any{}
	for name, o := range all {
		result[name] = o.Object
	}
	return result
}

// TestSameAsKustomize compares the chart, with its default values, with config/default.
func TestSameAsKustomize(t *testing.T) {
	t.Parallel()
	if diff := difference(t, render(t, nil)); diff != "" {
		t.Errorf("the chart differs from config/default (-kustomize +helm):\n%s", diff)
	}
}

// TestComponentsAreSame compares what config/default offers, and does not install by default, with the chart.
func TestComponentsAreSame(t *testing.T) {
	t.Parallel()
	rendered := normalised(render(t, parseValues(t, `
networkPolicy: {enabled: true}
metrics: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboard: {enabled: true}}
`)))
	var found int
	for name, o := range added(t, "network-policy", "prometheus") {
		found++
		if rendered[name] == nil {
			t.Errorf("the chart has no %s", name)
			continue
		}
		if diff := cmp.Diff(o.Object, rendered[name].Object); diff != "" {
			t.Errorf("%s (-kustomize +helm):\n%s", name, diff)
		}
	}
	if found < 2 {
		t.Errorf("the components have %d objects", found)
	}
}

// added are the objects that components add to config/default.
func added(t *testing.T, components ...string) objects {
	t.Helper()
	result := normalised(kustomize(t, components...))
	for name := range kustomize(t) {
		delete(result, name)
	}
	return result
}

// TestComparisonSeesEachDifference breaks the chart in one place at a time: the comparison must say so.
func TestComparisonSeesEachDifference(t *testing.T) {
	t.Parallel()
	const deployment = "templates/deployment.yaml"
	for name, broken := range map[string]struct{ file, from, to string }{
		"flag":                {deployment, "--leader-elect\n", "--leader-elect=false\n"},
		"flag too many":       {deployment, "- --leader-elect\n", "- --leader-elect\n        - --zap-devel\n"},
		"port":                {deployment, "containerPort: 8443", "containerPort: 8444"},
		"liveness":            {deployment, "path: /healthz", "path: /readyz"},
		"readiness":           {deployment, "periodSeconds: 10", "periodSeconds: 11"},
		"grace":               {deployment, "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 30"},
		"image":               {"templates/_helpers.tpl", "{{ .repository }}:", "mirror/{{ .repository }}:"},
		"rule of the manager": {"files/rbac/role.yaml", "  - secrets\n", "  - secrets\n  - configmaps\n"},
		"verb of the lease":   {"files/rbac/leader_election_role.yaml", "  - create\n", "  - delete\n"},
		"rule of people":      {"files/rbac/accesscode_viewer_role.yaml", "  - watch\n", ""},
		"aggregation":         {"files/rbac/accesscode_viewer_role.yaml", "aggregate-to-view", "aggregate-to-edit"},
		"subject":             {"templates/_helpers.tpl", "namespace: {{ .Release.Namespace }}", "namespace: default"},
		"service":             {"templates/metrics-service.yaml", "port: 8443", "port: 443"},
		"selector":            {"templates/metrics-service.yaml", `include "access-code-operator.selectorLabels"`, `include "access-code-operator.labels"`},
		"CRD":                 {"files/crds/access-codes.io_accesscodes.yaml", "scope: Namespaced", "scope: Cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := loadChart(t)
			change(t, c, broken.file, broken.from, broken.to)
			r, err := template(c, home, nil)
			if err != nil {
				t.Fatal(err)
			}
			if difference(t, parseObjects(t, r.Manifest)) == "" {
				t.Errorf("%q in place of %q in %s is not seen", broken.to, broken.from, broken.file)
			}
		})
	}
	for name, v := range map[string]string{
		"security of the Pod":       `podSecurityContext: {runAsNonRoot: false}`,
		"security of the container": `securityContext: {readOnlyRootFilesystem: false}`,
		"resources":                 `resources: {limits: {memory: 512Mi}}`,
		"replicas":                  `replicaCount: 2`,
		"no CRDs":                   `crds: {install: false}`,
		"no roles for people":       `rbac: {aggregate: false}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if difference(t, render(t, parseValues(t, v))) == "" {
				t.Errorf("%s is not seen", v)
			}
		})
	}
}

// read is what files hold, by name without folder.
func read(t *testing.T, pattern string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	found := map[string]string{}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(name)] = string(text)
	}
	return found
}

// keepers are the annotations by which those who install a thing leave it when they remove the rest.
func keepers() map[string]string {
	return map[string]string{
		"helm.sh/resource-policy":           "keep",
		"kustomize.toolkit.fluxcd.io/prune": "disabled",
		"argocd.argoproj.io/sync-options":   "Prune=false,Delete=false",
	}
}

// TestNothingButCRDsIsKept says which objects stay behind when the release goes, whoever installed it, and that it may be
// otherwise.
func TestNothingButCRDsIsKept(t *testing.T) {
	t.Parallel()
	for by, how := range keepers() {
		kept := func(o *unstructured.Unstructured) bool { return o.GetAnnotations()[by] == how }
		for name, o := range render(t, nil) {
			if want := o.GetKind() == "CustomResourceDefinition"; kept(o) != want {
				t.Errorf("%s: kept by %s is %t, want %t", name, by, kept(o), want)
			}
		}
		for name, o := range render(t, parseValues(t, `crds: {keep: false}`)) {
			if kept(o) {
				t.Errorf("%s is kept by %s", name, by)
			}
		}
		for name, o := range kustomize(t) {
			if want := o.GetKind() == "CustomResourceDefinition" && !strings.HasPrefix(by, "helm."); kept(o) != want {
				t.Errorf("config/default: %s: kept by %s is %t, want %t", name, by, kept(o), want)
			}
		}
	}
}
