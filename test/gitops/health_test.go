// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/test/gitops"
)

// What upstream's tests do with health_test.yaml, in the sandbox of argocd-cm.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, kind := range gitops.Kinds() {
		folder := gitops.Folder(kind)
		health := script(t, path.Join(folder, "health.lua"))
		listed, err := gitops.HealthTests(scripts(), kind)
		if err != nil {
			t.Fatal(err)
		}
		var tested []string
		for _, test := range listed {
			tested = append(tested, strings.TrimSuffix(filepath.Base(test.InputPath), ".yaml"))
			t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
				t.Parallel()
				got, err := runLua(t.Context(), health, load(t, path.Join(folder, test.InputPath)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(any(test.HealthStatus), got); diff != "" {
					t.Errorf("health (-want +got):\n%s", diff)
				}
			})
		}
		slices.Sort(tested)
		if diff := cmp.Diff(names(t, filepath.Join(argocd, folder, "testdata")), tested); diff != "" {
			t.Errorf("%s: files of testdata and those in health_test.yaml differ (-files +tested):\n%s", kind, diff)
		}
	}
}

// Each reason as Argo CD and as kstatus see it, from the same objects.
func TestWaiting(t *testing.T) {
	t.Parallel()
	for _, c := range gitops.Cases() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			object := load(t, c.Path())
			got, err := runLua(t.Context(), script(t, path.Join(gitops.Folder(c.Kind), "health.lua")), object)
			if err != nil {
				t.Fatal(err)
			}
			if health, _ := got.(map[string]any); health["status"] != c.Health {
				t.Errorf("Argo CD: got %v, want %s", got, c.Health)
			}
			result, err := status.Compute(&unstructured.Unstructured{Object: object})
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != c.Kstatus {
				t.Errorf("kstatus: got %s (%s), want %s", result.Status, result.Message, c.Kstatus)
			}
		})
	}
}

// Whatever the operator may write, Argo CD and those who go by kstatus draw the same conclusion from it.
func TestBothAgree(t *testing.T) {
	t.Parallel()
	words := map[status.Status]string{
		status.CurrentStatus: gitops.Healthy, status.InProgressStatus: gitops.Progressing, status.FailedStatus: gitops.Degraded,
	}
	for kind, file := range map[string]string{gitops.AccessCode: "set", gitops.SeamWorkspace: "connected"} {
		says := script(t, path.Join(gitops.Folder(kind), "health.lua"))
		for _, written := range statuses() {
			object := written.on(load(t, gitops.Case{Kind: kind, File: file}.Path()))
			result, err := status.Compute(&unstructured.Unstructured{Object: object})
			if err != nil {
				t.Fatal(err)
			}
			got, err := runLua(t.Context(), says, object)
			if err != nil {
				t.Fatal(err)
			}
			if health, _ := got.(map[string]any); health["status"] != words[result.Status] {
				t.Errorf("%s, %+v: Argo CD says %v, kstatus %s (%s)", kind, written, got, result.Status, result.Message)
			}
		}
	}
}

// latest is the generation of the object on which a written status is.
const latest = 3

// written is a status: what stands beside Ready, of which generation the conditions speak, and of which the status.
type written struct {
	beside          string
	spoken, carried int64
}

// statuses are all that there may be. None speaks of a later generation than its conditions.
func statuses() []written {
	var all []written
	for _, beside := range []string{"", v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		for _, generations := range [][2]int64{{latest, latest}, {latest, latest - 1}, {latest, -1}, {latest - 1, latest - 1}, {latest - 1, -1}} {
			all = append(all, written{beside: beside, spoken: generations[0], carried: generations[1]})
		}
	}
	return all
}

func (w written) on(object map[string]any) map[string]any {
	condition := func(name, value string) any {
		return map[string]any{
			"type": name, "status": value, "reason": "Reason", "message": "message", "observedGeneration": w.spoken,
		}
	}
	conditions := []any{condition(v1alpha1.ConditionReady, "True")}
	if w.beside != "" {
		conditions = []any{condition(v1alpha1.ConditionReady, "False"), condition(w.beside, "True")}
	}
	object["metadata"] = map[string]any{"name": "any", "generation": int64(latest)}
	object["status"] = map[string]any{"observedGeneration": w.carried, "conditions": conditions}
	return object
}

// The cases are what the operator would write: they read back as they are, and their conditions keep its rules.
func TestCases(t *testing.T) {
	t.Parallel()
	var files, listed []string
	for _, kind := range gitops.Kinds() {
		for _, name := range names(t, filepath.Join(argocd, gitops.Folder(kind), "testdata")) {
			files = append(files, kind+"/"+name)
		}
	}
	for _, c := range gitops.Cases() {
		listed = append(listed, c.Name())
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			object := load(t, c.Path())
			var conditions []metav1.Condition
			if c.Kind == gitops.AccessCode {
				conditions = sameAs(t, object, &v1alpha1.AccessCode{}).GetConditions()
			} else {
				conditions = sameAs(t, object, &v1alpha1.SeamWorkspace{}).GetConditions()
			}
			generation, _, _ := unstructured.NestedInt64(object, "metadata", "generation")
			conditions, paused := suspendedAt(conditions, generation)
			if wanted := c.Kind == gitops.AccessCode && c.Health == gitops.Suspended; paused != wanted {
				t.Errorf("Suspended of generation %d: %t, want %t", generation, paused, wanted)
			}
			if diff := cmp.Diff(expected(t, c, conditions, generation), conditions); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
			observed, found, err := unstructured.NestedInt64(object, "status", "observedGeneration")
			if err != nil || !found || observed > generation {
				t.Errorf("status.observedGeneration is %d, %t, %v; the generation is %d", observed, found, err, generation)
			}
		})
	}
	slices.Sort(files)
	slices.Sort(listed)
	if diff := cmp.Diff(files, listed); diff != "" {
		t.Errorf("files of testdata and cases differ (-files +cases):\n%s", diff)
	}
}

// suspendedAt says whether Suspended is true of a generation, and returns the conditions beside it.
func suspendedAt(conditions []metav1.Condition, generation int64) (rest []metav1.Condition, paused bool) {
	for _, c := range conditions {
		if c.Type != v1alpha1.ConditionSuspended {
			rest = append(rest, c)
			continue
		}
		paused = c.Status == metav1.ConditionTrue && c.Reason == v1alpha1.ReasonSuspended && c.ObservedGeneration == generation
	}
	return rest, paused
}

// expected are the conditions that the case must have: Ready, and with the same message the one that says why it is not.
func expected(t *testing.T, c gitops.Case, got []metav1.Condition, generation int64) []metav1.Condition {
	t.Helper()
	if c.Reason == "" {
		return nil
	}
	if c.Passed {
		generation--
	}
	ready := metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: c.Reason, ObservedGeneration: generation,
	}
	if len(got) > 0 {
		ready.Message, ready.LastTransitionTime = got[0].Message, got[0].LastTransitionTime
	}
	why := ready
	why.Status = metav1.ConditionTrue
	switch verdicts(t)[c.Reason] {
	case "ready":
		ready.Status = metav1.ConditionTrue
		return []metav1.Condition{ready}
	case "idle":
		return []metav1.Condition{ready}
	case "stalled":
		why.Type = v1alpha1.ConditionStalled
	default:
		why.Type = v1alpha1.ConditionReconciling
	}
	return []metav1.Condition{ready, why}
}

// sameAs reads an object into a type, and compares what the type makes of it with what was read. It does not write a field that
// says false, such as suspend.
func sameAs[T any](t *testing.T, object map[string]any, into T) T {
	t.Helper()
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
	back, err := json.Marshal(into)
	if err != nil {
		t.Fatal(err)
	}
	var again map[string]any
	if err := json.Unmarshal(back, &again); err != nil {
		t.Fatal(err)
	}
	leftOut := cmpopts.IgnoreMapEntries(func(_ string, value any) bool { return value == false })
	if diff := cmp.Diff(any(object), integers(again), leftOut); diff != "" {
		t.Errorf("the type does not read it as it stands (-file +read):\n%s", diff)
	}
	return into
}
