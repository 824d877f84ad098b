// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"os"
	"path/filepath"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// crds is where the CRDs of this version are.
var crds = filepath.Join("..", "config", "crd", "bases")

// lax writes the CRDs without what refuses a value: rules, formats and enumerations, and for the spec of an AccessCode even the
// types.
func lax(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(crds, "*.yaml"))
	if err != nil || len(files) != 2 {
		t.Fatalf("CRDs are %q: %v", files, err)
	}
	folder := t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd map[string]any
		if err := yaml.Unmarshal(text, &crd); err != nil {
			t.Fatal(err)
		}
		loosen(crd)
		if text, err = yaml.Marshal(crd); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func loosen(schema any) {
	switch schema := schema.(type) {
	case map[string]any:
		for _, word := range []string{"x-kubernetes-validations", "format", "enum", "selectableFields"} {
			delete(schema, word)
		}
		properties, ok := schema["properties"].(map[string]any)
		if spec, isObject := properties["spec"].(map[string]any); ok && isObject {
			if fields, ok := spec["properties"].(map[string]any); ok && fields["deviceID"] != nil {
				properties["spec"] = map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
			}
		}
		for _, value := range schema {
			loosen(value)
		}
	case []any:
		for _, value := range schema {
			loosen(value)
		}
	}
}

func (k *cluster) applyRaw(kind, name, spec string) {
	k.t.Helper()
	object := &unstructured.Unstructured{}
	fields := map[string]any{}
	if err := yaml.Unmarshal([]byte(spec), &fields); err != nil {
		k.t.Fatal(err)
	}
	object.Object = map[string]any{"spec": fields}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetName(name)
	k.apply(object)
}

// admitted are AccessCodes that such a CRD admits.
var admitted = map[string]struct {
	spec, unreadable string
	field            string
	cure             any
}{
	"date": {`schedule: {endsAt: "2099-01-01t00:00:00z"}`, "spec.schedule.endsAt",
		"spec.schedule", map[string]any{"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}},
	"offset": {`schedule: {startsAt: "2020-01-01T00:00:00+25:00", endsAt: "2099-01-02T00:00:00Z"}`, "spec.schedule.startsAt",
		"spec.schedule", map[string]any{"startsAt": "2020-01-01T00:00:00+14:00"}},
	"length": {`codeLength: six`, "spec.codeLength", "spec.codeLength", 6},
	"switch": {`suspend: "yes"`, "spec.suspend", "spec.suspend", nil},
}

// TestObjectsThatAnOlderCRDAdmits: Helm, for one, leaves an old CRD as it is. When the CRD is replaced later, what it admitted
// is still there.
func TestObjectsThatAnOlderCRDAdmits(t *testing.T) {
	t.Parallel()
	environment := &envtest.Environment{CRDDirectoryPaths: []string{lax(t)}, ErrorIfCRDPathMissing: true}
	config, err := environment.Start()
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	k := newClusterOn(t, config)
	k.applyRaw("SeamWorkspace", "weekly", `{syncInterval: 1w, auth: {apiKey: {secretKeyRef: {name: seam, key: apiKey}}}}`)
	k.applyRaw("AccessCode", "lockless", `{}`)
	for name, a := range admitted {
		k.applyRaw("AccessCode", name, "deviceID: "+sim.SeedNativeLockID+"\n"+a.spec)
	}
	k.apply(k.credentials(sim.SeedAPIKey), k.workspace(), accessCode("good"))
	k.becomes("good", v1alpha1.ReasonSet)
	k.becomes("lockless", v1alpha1.ReasonInvalidSpec)
	for name, a := range admitted {
		code := k.becomes(name, v1alpha1.ReasonInvalidSpec)
		if ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady); !tells(ready.Reason, ready.Message, a.unreadable) {
			t.Errorf("%s: message %q", name, ready.Message)
		}
	}

	k.stop() // what watches is cut off by the replacement, and takes its time to come back
	if _, err := envtest.InstallCRDs(config, envtest.CRDInstallOptions{Paths: []string{crds}, ErrorIfPathMissing: true}); err != nil {
		t.Fatal(err)
	}
	k.start()
	k.admittedAreMended()
	if codes := k.sim.Codes(sim.SeedNativeLockID); len(codes) != 2 {
		t.Errorf("%d codes on the lock, want those of the good ones: %+v", len(codes), codes)
	}
}

// admittedAreMended corrects the objects that were admitted, and deletes them.
func (k *cluster) admittedAreMended() {
	k.t.Helper()
	k.apply(other("late", "246810"))
	k.becomes("late", v1alpha1.ReasonSet)
	for name, a := range admitted {
		k.mend(&v1alpha1.AccessCode{}, name, a.field, a.cure)
	}
	for name := range admitted {
		k.becomes(name, v1alpha1.ReasonSet)
	}
	for name := range admitted {
		k.remove(&v1alpha1.AccessCode{}, name)
	}
	k.remove(&v1alpha1.AccessCode{}, "lockless")
	k.goes(&v1alpha1.AccessCode{}, "lockless")
	for name := range admitted {
		k.goes(&v1alpha1.AccessCode{}, name)
	}
}
