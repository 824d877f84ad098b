// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// prefixTypes begins what the types of the official client say.
const prefixTypes = "types of the client: "

func (d *Document) prefix() string {
	if d.types {
		return prefixTypes
	}
	return ""
}

// undeclared is what is wrong with a path or verb that is missing. The types have the one verb that the client uses, and
// of the paths those that it speaks; of the rest the OpenAPI document tells.
func (d *Document) undeclared(missing string) []string {
	if d.types {
		return nil
	}
	return []string{missing}
}

// TypeDeviations lists the places where the types of the official client are not what is known of the service.
func TypeDeviations() []Deviation {
	return []Deviation{
		{
			Name:     "ok",
			Document: "name the one key of an answer that the client hands out",
			Service:  "sends ok beside it",
			Reason:   "the OpenAPI document requires it",
			amend:    amendOK,
		},
		{
			Name:     "action attempts",
			Document: "do not tell of the action attempt that create, update and delete answer",
			Service:  "sends it",
			Reason:   "the OpenAPI document requires it; the client drops it",
			amend:    amendAttempts,
		},
		{
			Name:     "backup_access_code",
			Document: "do not tell of the second name under which a pulled backup code stands in its answer",
			Service:  "sends both names",
			Reason:   "the OpenAPI document requires both; the client hands out access_code",
			amend:    amendPulled,
		},
		{
			Name:     "appearance",
			Document: "do not have access_code.appearance",
			Service:  "sends it, null until the code is programmed",
			Reason:   "the description of `name` in the types themselves and the guides tell of it",
			amend:    amendAppearanceOfTypes,
		},
		{
			Name:     "generated_code",
			Document: "give the answer of /access_codes/generate_code the type AccessCode, with all that a stored code needs",
			Service:  "answers device_id and code",
			Reason:   "nothing is stored, so there is no id, status or time to tell; the official fake answers these two",
			amend:    amendGeneratedCodeOfTypes,
		},
		{
			Name:     "status",
			Document: "require the status of a code",
			Service:  "may leave it out",
			Reason:   "the types call it deprecated",
			amend:    amendStatusOfTypes,
		},
		{
			Name:     "parameters",
			Document: "leave out parameters that the OpenAPI document has: sync, filters of devices, and of update what creates take",
			Service:  "takes them",
			Reason:   "npm has no document that is as new as the types; the service ignores what it does not know",
			amend:    amendParameters,
		},
		{
			Name:     "_strict",
			Document: "do not have the query parameter _strict",
			Service:  "takes it",
			Reason:   "the client itself adds it to every query; it says how the query is written",
			amend:    amendMarkers,
		},
	}
}

// answers calls f with the answer to each verb of each of the paths; without paths, of all.
func answers(doc *openapi3.T, f func(path string, answer *openapi3.Schema) error, paths ...string) error {
	for path, item := range doc.Paths.Map() {
		if len(paths) > 0 && !slices.Contains(paths, path) {
			continue
		}
		seen := map[*openapi3.Schema]bool{}
		for _, operation := range item.Operations() {
			answer := operation.Responses.Status(http.StatusOK).Value.Content.Get(mediaJSON).Schema.Value
			if seen[answer] {
				continue
			}
			seen[answer] = true
			if err := f(path, answer); err != nil {
				return err
			}
		}
	}
	return nil
}

// addToAnswers adds a field that no answer may have yet.
func addToAnswers(doc *openapi3.T, name string, field *openapi3.SchemaRef, required bool, paths ...string) error {
	return answers(doc, func(_ string, answer *openapi3.Schema) error {
		if answer.Properties[name] != nil {
			return errSettled
		}
		answer.Properties = maps.Clone(answer.Properties)
		if answer.Properties == nil {
			answer.Properties = openapi3.Schemas{}
		}
		answer.Properties[name] = field
		if required {
			answer.Required = append(slices.Clone(answer.Required), name)
		}
		return nil
	}, paths...)
}

func amendOK(_ *Document, doc *openapi3.T) error {
	return addToAnswers(doc, "ok", openapi3.NewSchemaRef("", openapi3.NewBoolSchema().WithEnum(true)), true)
}

func amendAttempts(_ *Document, doc *openapi3.T) error {
	return addToAnswers(doc, "action_attempt", doc.Components.Schemas["ActionAttempt"], false,
		"/access_codes/create", "/access_codes/update", "/access_codes/delete",
		"/access_codes/unmanaged/convert_to_managed", "/access_codes/unmanaged/delete")
}

func amendPulled(_ *Document, doc *openapi3.T) error {
	return addToAnswers(doc, "backup_access_code", doc.Components.Schemas["AccessCode"], true, "/access_codes/pull_backup_access_code")
}

func amendAppearanceOfTypes(_ *Document, doc *openapi3.T) error {
	return addAppearance(doc, "AccessCode")
}

func amendGeneratedCodeOfTypes(_ *Document, doc *openapi3.T) error {
	return replaceGeneratedCode(doc, "#/components/schemas/AccessCode")
}

func amendStatusOfTypes(_ *Document, doc *openapi3.T) error {
	for _, name := range []string{"AccessCode", "UnmanagedAccessCode"} {
		if err := freeStatus(doc, name); err != nil {
			return err
		}
	}
	return nil
}

// missingParameters are those of the OpenAPI document that the types do not have.
func missingParameters() map[string][]string {
	return map[string][]string{
		"/access_codes/create": {"sync"},
		"/access_codes/delete": {"sync"},
		"/access_codes/update": {
			"is_offline_access_code", "is_one_time_use", "max_time_rounding", "prefer_native_scheduling",
			"preferred_code_length", "sync", "use_backup_access_code_pool", "use_offline_access_code",
		},
		"/access_codes/unmanaged/convert_to_managed": {"sync"},
		"/access_codes/unmanaged/delete":             {"sync"},
		"/devices/list":                              {"exclude_if", "include_if"},
	}
}

func amendParameters(_ *Document, doc *openapi3.T) error {
	for path, names := range missingParameters() {
		item := doc.Paths.Value(path)
		if item == nil {
			return errors.New("the path is not declared")
		}
		body := item.Post.RequestBody.Value.Content.Get(mediaJSON).Schema.Value
		for _, name := range names {
			if body.Properties[name] != nil {
				return errSettled
			}
			anything := openapi3.NewSchemaRef("", openapi3.NewSchema())
			body.Properties[name] = anything
			for _, operation := range item.Operations() {
				if operation.RequestBody == nil {
					operation.AddParameter(&openapi3.Parameter{Name: name, In: openapi3.ParameterInQuery, Schema: anything})
				}
			}
		}
	}
	return nil
}
