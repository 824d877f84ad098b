// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops_test

import (
	"encoding/json"
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
)

// healthTests is health_test.yaml, as Argo CD reads it.
type healthTests struct {
	Tests []struct {
		HealthStatus map[string]any `json:"healthStatus"`
		InputPath    string         `json:"inputPath"`
	} `json:"tests"`
}

// What upstream's tests do with health_test.yaml, in the sandbox of argocd-cm.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{accessCode, seamWorkspace} {
		folder := filepath.Join(group, kind)
		script := readFile(t, filepath.Join(folder, "health.lua"))
		var listed healthTests
		read(t, filepath.Join(folder, "health_test.yaml"), &listed)
		var tested []string
		for _, test := range listed.Tests {
			tested = append(tested, strings.TrimSuffix(filepath.Base(test.InputPath), ".yaml"))
			t.Run(kind+"/"+test.InputPath, func(t *testing.T) {
				t.Parallel()
				got, err := runLua(t.Context(), script, load(t, filepath.Join(folder, test.InputPath)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(any(test.HealthStatus), got); diff != "" {
					t.Errorf("health (-want +got):\n%s", diff)
				}
			})
		}
		slices.Sort(tested)
		if diff := cmp.Diff(names(t, filepath.Join(folder, "testdata")), tested); diff != "" {
			t.Errorf("%s: files of testdata and those in health_test.yaml differ (-files +tested):\n%s", kind, diff)
		}
	}
}

// Each reason as Argo CD and as kstatus see it, from the same objects.
func TestWaiting(t *testing.T) {
	t.Parallel()
	for _, c := range cases() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			object := load(t, c.path())
			got, err := runLua(t.Context(), readFile(t, filepath.Join(group, c.kind, "health.lua")), object)
			if err != nil {
				t.Fatal(err)
			}
			if health, _ := got.(map[string]any); health["status"] != c.health {
				t.Errorf("Argo CD: got %v, want %s", got, c.health)
			}
			result, err := status.Compute(&unstructured.Unstructured{Object: object})
			if err != nil {
				t.Fatal(err)
			}
			if result.Status != c.kstatus {
				t.Errorf("kstatus: got %s (%s), want %s", result.Status, result.Message, c.kstatus)
			}
		})
	}
}

// Whatever the operator may write, Argo CD and those who go by kstatus draw the same conclusion from it.
func TestBothAgree(t *testing.T) {
	t.Parallel()
	words := map[status.Status]string{
		status.CurrentStatus: healthy, status.InProgressStatus: progressing, status.FailedStatus: degraded,
	}
	for kind, file := range map[string]string{accessCode: "set", seamWorkspace: "connected"} {
		script := readFile(t, filepath.Join(group, kind, "health.lua"))
		for _, written := range statuses() {
			object := written.on(load(t, seen{kind: kind, file: file}.path()))
			result, err := status.Compute(&unstructured.Unstructured{Object: object})
			if err != nil {
				t.Fatal(err)
			}
			got, err := runLua(t.Context(), script, object)
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
	for _, kind := range []string{accessCode, seamWorkspace} {
		for _, name := range names(t, filepath.Join(group, kind, "testdata")) {
			files = append(files, kind+"/"+name)
		}
	}
	for _, c := range cases() {
		listed = append(listed, c.name())
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			object := load(t, c.path())
			var conditions []metav1.Condition
			if c.kind == accessCode {
				conditions = sameAs(t, object, &v1alpha1.AccessCode{}).GetConditions()
			} else {
				conditions = sameAs(t, object, &v1alpha1.SeamWorkspace{}).GetConditions()
			}
			generation, _, _ := unstructured.NestedInt64(object, "metadata", "generation")
			if diff := cmp.Diff(c.conditions(t, conditions, generation), conditions); diff != "" {
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

// conditions are those that the case must have: Ready, and with the same message the one that says why it is not.
func (s seen) conditions(t *testing.T, got []metav1.Condition, generation int64) []metav1.Condition {
	t.Helper()
	if s.reason == "" {
		return nil
	}
	if s.passed {
		generation--
	}
	ready := metav1.Condition{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: s.reason, ObservedGeneration: generation,
	}
	if len(got) > 0 {
		ready.Message, ready.LastTransitionTime = got[0].Message, got[0].LastTransitionTime
	}
	why := ready
	why.Status = metav1.ConditionTrue
	switch verdicts(t)[s.reason] {
	case "ready":
		ready.Status = metav1.ConditionTrue
		return []metav1.Condition{ready}
	case "stalled":
		why.Type = v1alpha1.ConditionStalled
	default:
		why.Type = v1alpha1.ConditionReconciling
	}
	return []metav1.Condition{ready, why}
}

// sameAs reads an object into a type, and holds what the type makes of it to what was read. It does not write a field
// that says false, such as suspend.
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
