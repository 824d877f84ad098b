// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/test/gitops"
)

const namespace = "bookings"

// Each reason as kubectl wait sees it, from the same objects: Ready is met by what is ready, Stalled by what is stalled,
// and neither by what speaks of the spec before the last change.
func TestKubectlWait(t *testing.T) {
	t.Parallel()
	for _, kind := range gitops.Kinds() {
		for condition, verdict := range map[string]string{v1alpha1.ConditionReady: "ready", v1alpha1.ConditionStalled: "stalled"} {
			t.Run(kind+"/"+condition, func(t *testing.T) {
				t.Parallel()
				var want []string
				for _, c := range casesOf(kind) {
					if c.Reason != "" && !c.Passed && verdicts(t)[c.Reason] == verdict {
						want = append(want, c.File)
					}
				}
				slices.Sort(want)
				if diff := cmp.Diff(want, met(t, kind, condition)); diff != "" {
					t.Errorf("objects for which condition=%s is met (-want +got):\n%s", condition, diff)
				}
			})
		}
	}
}

func casesOf(kind string) []gitops.Case {
	return slices.DeleteFunc(gitops.Cases(), func(c gitops.Case) bool { return c.Kind != kind })
}

// met are the files of the cases for which kubectl, which asks once, says that the condition is met.
func met(t *testing.T, kind, condition string) []string {
	t.Helper()
	kubectl := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	if !filepath.IsAbs(kubectl) {
		t.Fatal("KUBEBUILDER_ASSETS must name the folder with kubectl: make test-gitops does")
	}
	server := httptest.NewServer(serve(t, kind))
	defer server.Close()
	command := exec.CommandContext(t.Context(), kubectl, "--server", server.URL, "--namespace", namespace, "--cache-dir", t.TempDir(),
		"wait", "--for=condition="+condition, resource(kind), "--all", "--timeout=0s")
	command.Env = []string{"HOME=" + t.TempDir()}
	out, err := command.CombinedOutput()
	if failed := (&exec.ExitError{}); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	said, files := 0, []string(nil)
	for line := range strings.Lines(string(out)) {
		name, isMet := strings.CutSuffix(strings.TrimSpace(line), " condition met")
		if isMet {
			files = append(files, path.Base(name))
		}
		if isMet || strings.Contains(line, "condition not met for ") {
			said++
		}
	}
	if said != len(casesOf(kind)) {
		t.Fatalf("kubectl speaks of %d objects, want %d:\n%s", said, len(casesOf(kind)), out)
	}
	slices.Sort(files)
	return files
}

// serve is as much of an API server as kubectl wait needs. It has the objects of the cases as they are, which no API
// server would let be written, each under the name of its file.
func serve(t *testing.T, kind string) http.Handler {
	t.Helper()
	version, at := v1alpha1.GroupVersion, "/apis/"+v1alpha1.GroupVersion.String()
	collection := at + "/namespaces/" + namespace + "/" + resource(kind)
	answers := map[string]any{
		"/api": map[string]any{"kind": "APIVersions", "versions": []string{}},
		"/apis": map[string]any{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{map[string]any{
			"name": version.Group, "versions": []any{map[string]any{"groupVersion": version.String(), "version": version.Version}},
		}}},
		at: map[string]any{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version.String(), "resources": []any{map[string]any{
			"name": resource(kind), "singularName": strings.ToLower(kind), "namespaced": true, "kind": kind, "verbs": []string{"get", "list", "watch"},
		}}},
	}
	var items []any
	for _, c := range casesOf(kind) {
		object := load(t, c.Path())
		metadata, _ := object["metadata"].(map[string]any)
		metadata["name"], metadata["namespace"] = c.File, namespace
		items = append(items, object)
		answers[collection+"/"+c.File] = object
	}
	answers[collection] = map[string]any{"apiVersion": version.String(), "kind": kind + "List", "metadata": map[string]any{}, "items": items}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
	})
}

func resource(kind string) string { return strings.ToLower(kind) + "s" }
