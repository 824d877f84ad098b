// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// specSchema is what the API server holds the spec of an AccessCode to.
type specSchema struct {
	props  *apiextensionsv1.JSONSchemaProps
	fields validation.SchemaValidator
	whole  *structuralschema.Structural
	rules  *cel.Validator
}

// readSpecSchema reads it from the CRD, once.
var readSpecSchema = sync.OnceValues(func() (*specSchema, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", "config", "crd", "bases", "access-codes.io_accesscodes.yaml"))
	if err != nil {
		return nil, err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		return nil, err
	}
	spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	var internal apiextensions.JSONSchemaProps
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&spec, &internal, nil); err != nil {
		return nil, err
	}
	fields, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	return &specSchema{props: &spec, fields: fields, whole: structural, rules: cel.NewValidator(structural, false, celconfig.PerCallLimit)}, nil
})

// admits says whether the API server takes a spec in the place of another.
func (s *specSchema) admits(h *history, before, after map[string]any) bool {
	path := field.NewPath("spec")
	if len(validation.ValidateCustomResourceUpdate(path, after, before, s.fields)) > 0 {
		return false
	}
	faults, _ := s.rules.Validate(h.T.Context(), path, s.whole, after, before, celconfig.RuntimeCELCostBudget)
	return len(faults) == 0
}

// editAnything sets, changes or unsets some fields of a spec, whichever the schema has, as far as the API server takes it.
func (h *history) editAnything(rt *rapid.T) {
	schema, err := readSpecSchema()
	if err != nil {
		rt.Fatal(err)
	}
	name := h.pick(rt)
	before := specOf(h.object(name))
	after := specOf(h.object(name))
	for range rapid.IntRange(1, 3).Draw(rt, "fields") {
		h.changeField(rt, schema.props, after, "")
	}
	if !schema.admits(h, before, after) {
		return
	}
	text, err := json.Marshal(after)
	if err != nil {
		rt.Fatal(err)
	}
	rt.Logf("spec of %s is %s", name, text)
	h.Edit(name, func(c *v1alpha1.AccessCode) {
		c.Spec = v1alpha1.AccessCodeSpec{}
		if err := json.Unmarshal(text, &c.Spec); err != nil {
			rt.Fatal(err)
		}
		h.edited[c.UID] = true
		delete(h.told, c.UID)
	})
	h.wake(name)
}

func specOf(code *v1alpha1.AccessCode) map[string]any {
	var spec map[string]any
	if text, err := json.Marshal(code.Spec); err == nil {
		_ = json.Unmarshal(text, &spec) // what was JSON a moment ago
	}
	return spec
}

// changeField sets or unsets one field of an object, or one below it.
func (h *history) changeField(rt *rapid.T, schema *apiextensionsv1.JSONSchemaProps, object map[string]any, path string) {
	name := rapid.SampledFrom(fieldsOf(schema, path)).Draw(rt, "field")
	property := schema.Properties[name]
	below, is := object[name].(map[string]any)
	switch {
	case is && rapid.Bool().Draw(rt, "below"):
		h.changeField(rt, &property, below, path+"."+name)
	case rapid.IntRange(0, 2).Draw(rt, "unset") == 0:
		delete(object, name)
	default:
		object[name] = h.drawValue(rt, &property, path+"."+name)
	}
}

// fieldsOf are the fields of an object, in order, but for those that windows in wall clocks and renewals are made of: only few values of
// them mean anything, and weekly_test.go and renewal_test.go have those.
func fieldsOf(schema *apiextensionsv1.JSONSchemaProps, path string) []string {
	together := []string{
		".rotation", ".ttlAfterExpired", ".schedule.local", ".schedule.weekly", ".schedule.timeZone", ".schedule.before", ".schedule.after",
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(schema.Properties)), func(name string) bool {
		return slices.Contains(together, path+"."+name)
	})
}

// drawValue draws a value that a schema may take.
func (h *history) drawValue(rt *rapid.T, schema *apiextensionsv1.JSONSchemaProps, path string) any {
	switch {
	case len(schema.Enum) > 0:
		var value any
		_ = json.Unmarshal(rapid.SampledFrom(schema.Enum).Draw(rt, path).Raw, &value)
		return value
	case schema.XIntOrString:
		return rapid.SampledFrom([]any{historyPIN(0), historyPIN(1), historyPIN(5), "9000000099", "12", int64(7)}).Draw(rt, path)
	case schema.Type == "boolean":
		return rapid.Bool().Draw(rt, path)
	case schema.Type == "integer":
		return int64(rapid.IntRange(3, 13).Draw(rt, path))
	case schema.Format == "date-time":
		minutes := rapid.SampledFrom([]int{-60, 5, 90, 600, 3000}).Draw(rt, path)
		return h.Clock.Now().Add(time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)
	case schema.Type == "object":
		object := map[string]any{}
		for _, name := range fieldsOf(schema, path) {
			property := schema.Properties[name]
			if slices.Contains(schema.Required, name) || path+"."+name == ".schedule.endsAt" || rapid.Bool().Draw(rt, "with "+name) {
				object[name] = h.drawValue(rt, &property, path+"."+name)
			}
		}
		return object
	case path == ".displayName": // of one name, codes can't be told apart: a known limitation
		h.names++
		return fmt.Sprintf("Guest %d", h.names)
	}
	return rapid.SampledFrom([]string{
		"default", "pin-0", "pin-1", "pin", "code", "seam", "apiKey", "a", "b", "missing", "No Name", strings.Repeat("x", int(*schema.MaxLength)),
	}).Draw(rt, path)
}

// restOfEdited says what is wrong with an AccessCode any field of which was edited, "" when nothing is: it is as wanted, or
// it waits for a person, or for what isn't there. While it waits, its spec is neither carried out nor found impossible.
func (h *history) restOfEdited(code *v1alpha1.AccessCode, own, codes []sim.AccessCode, reason string) string {
	switch reason {
	case v1alpha1.ReasonSet, v1alpha1.ReasonScheduled:
		if code.Spec.AllowExternalModification != nil && *code.Spec.AllowExternalModification || code.Spec.Offline != nil {
			return unless(len(own) == 1 && own[0].IsManaged, "is Ready without a managed code at Seam")
		}
		return h.readyFault(code, own, reason)
	case v1alpha1.ReasonWorkspaceNotReady:
		return unless(code.WorkspaceName() != v1alpha1.DefaultWorkspaceName, "is "+reason+" without need")
	case v1alpha1.ReasonSecretNotFound:
		return unless(h.wantedPIN(code) == "", "is "+reason+" without need")
	case v1alpha1.ReasonWaitingForPIN:
		return unless(h.reasons(code, own, codes)[reason], "is "+reason+" without need")
	}
	switch {
	case code.Status.ObservedGeneration != code.Generation:
		return "is " + reason + " for an earlier generation"
	case kube.VerdictOf(reason) == kube.Stalled:
		return ""
	}
	return unless(h.reasons(code, own, codes)[reason], "is "+reason+" without need")
}

// looksAtNothing says that an AccessCode waits for its PIN, its workspace or a better spec before it looks at its code.
func (h *history) looksAtNothing(code *v1alpha1.AccessCode) bool {
	switch kube.ReadyReason(code.Status.Conditions) {
	case v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonWorkspaceNotReady, v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonSecretConflict:
		return h.edited[code.UID]
	}
	return false
}

// waitsToLook says that an AccessCode came back without its status, and waits for its PIN or for a better spec before it looks
// for its code. The code is found then, or without a PIN when the window is over.
func (h *history) waitsToLook(owner types.UID) bool {
	return h.lost[owner] && h.edited[owner]
}
