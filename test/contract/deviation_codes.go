// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// codeSchemas are the objects that are an access code.
func codeSchemas() []string { return []string{"access_code", "unmanaged_access_code"} }

// eachCode amends both kinds of access code.
func eachCode(doc *openapi3.T, amend func(code *openapi3.Schema) error) error {
	for _, name := range codeSchemas() {
		code, err := component(doc, name)
		if err != nil {
			return err
		}
		if err := amend(code); err != nil {
			return err
		}
	}
	return nil
}

func amendDisplayStatus(_ *Document, doc *openapi3.T) error {
	return eachCode(doc, func(code *openapi3.Schema) error {
		if code.Properties["display_status"] != nil {
			return errSettled
		}
		code.Properties["display_status"] = openapi3.NewSchemaRef("", openapi3.NewStringSchema())
		code.Required = append(code.Required, "display_status")
		return nil
	})
}

func amendStatus(_ *Document, doc *openapi3.T) error {
	for _, name := range codeSchemas() {
		if err := freeStatus(doc, name); err != nil {
			return err
		}
	}
	return nil
}

// freeStatus lets an object go without its status.
func freeStatus(doc *openapi3.T, object string) error {
	code, err := component(doc, object)
	if err != nil {
		return err
	}
	at := slices.Index(code.Required, "status")
	if at < 0 {
		return errSettled
	}
	code.Required = slices.Delete(slices.Clone(code.Required), at, at+1)
	return nil
}

// amendIssues adds the words as copies of one that the document has: they differ in nothing
// but the word.
func amendIssues(_ *Document, doc *openapi3.T) error {
	return eachCode(doc, func(code *openapi3.Schema) error {
		newer := []string{"code_constraints_violated", "failed_to_issue", "failed_to_update", "failed_to_remove"}
		return errors.Join(
			addAlternatives(code.Properties["errors"], "error_code", "failed_to_set_on_device", newer),
			addAlternatives(code.Properties["warnings"], "warning_code", "delay_in_setting_on_device", []string{"delay_in_issuing"}),
		)
	})
}

func addAlternatives(list *openapi3.SchemaRef, mark, like string, words []string) error {
	if list == nil || list.Value.Items == nil {
		return errSettled
	}
	items := list.Value.Items.Value
	var model *openapi3.Schema
	for _, one := range items.OneOf {
		word, _ := singleWord(one.Value.Properties[mark].Value)
		switch {
		case slices.Contains(words, word):
			return errSettled
		case word == like:
			model = one.Value
		}
	}
	if model == nil {
		return errors.New("the document does not declare " + like)
	}
	for _, word := range words {
		copied := openapi3.NewObjectSchema()
		copied.Required = slices.Clone(model.Required)
		copied.Properties = openapi3.Schemas{}
		for name, property := range model.Properties {
			copied.Properties[name] = property
		}
		copied.Properties[mark] = openapi3.NewSchemaRef("", openapi3.NewStringSchema().WithEnum(word))
		items.OneOf = append(items.OneOf, openapi3.NewSchemaRef("", copied))
	}
	return nil
}
