// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
)

// Deviation is a place where the document differs from what is known of the service.
type Deviation struct {
	Name string
	// Document is what the document says, Service what is taken for right, and Reason why.
	Document, Service, Reason string

	// amend corrects it, and fails when there is nothing left to correct.
	amend func(*Document, *openapi3.T) error
}

// Deviations lists all.
func Deviations() []Deviation {
	return []Deviation{
		{
			Name:     "error statuses",
			Document: "declares 200, 400 and 401",
			Service:  "answers 403, 404, 405, 409, 413 and 429 as well",
			Reason:   "unknown objects, duplicates and rate limits are documented in prose, and the official clients tell them apart",
			amend:    amendStatuses,
		},
		{
			Name:     "appearance",
			Document: "does not declare access_code.appearance",
			Service:  "sends it, null until the code is programmed",
			Reason:   "the description of `name` in the document itself and the guides tell of it",
			amend:    amendAppearance,
		},
		{
			Name:     "generated_code",
			Document: "gives the answer of /access_codes/generate_code the type access_code, with all that a stored code needs",
			Service:  "answers device_id and code",
			Reason:   "nothing is stored, so there is no id, status or time to tell; the official fake answers these two",
			amend:    amendGeneratedCode,
		},
		{
			Name:     "bodies of calls without parameters",
			Document: "declares no body for POST /workspaces/get",
			Service:  "takes an empty object",
			Reason:   "the official clients send one with every POST",
			amend:    amendEmptyBodies,
		},
		{
			Name:     "between",
			Document: "wants each end of the interval of /events/list to be just one of a string and a string that is a time",
			Service:  "takes a time",
			Reason:   "a time is both, so the document refuses every time; its description asks for timestamps",
			amend:    amendBetween,
		},
		{
			Name:     "_strict",
			Document: "does not declare the query parameter _strict",
			Service:  "takes it",
			Reason:   "the official clients add it to every query; it says how the query is written",
			amend:    amendMarkers,
		},
		{
			Name:     "display_status",
			Document: "does not declare display_status",
			Service:  "sends it with each code, managed or not",
			Reason:   "the types that the official client ships since 2.27 require it, as a label for people",
			amend:    amendDisplayStatus,
		},
		{
			Name:     "status",
			Document: "requires the status of a code",
			Service:  "may leave it out",
			Reason:   "the types that the official client ships since 2.27 call it deprecated",
			amend:    amendStatus,
		},
		{
			Name:     "newer errors and warnings",
			Document: "does not declare code_constraints_violated, failed_to_issue, failed_to_update, failed_to_remove and delay_in_issuing",
			Service:  "sends them",
			Reason:   "the types that the official client ships since 2.27 have them",
			amend:    amendIssues,
		},
	}
}

var errSettled = errors.New("the document no longer says this: take the entry out")

func amendStatuses(d *Document, doc *openapi3.T) error {
	d.statuses = []int{
		http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict,
		http.StatusRequestEntityTooLarge, http.StatusTooManyRequests,
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, status := range d.statuses {
				if operation.Responses.Status(status) != nil {
					return errSettled
				}
			}
		}
	}
	return nil
}

func amendAppearance(_ *Document, doc *openapi3.T) error { return addAppearance(doc, "access_code") }

func addAppearance(doc *openapi3.T, object string) error {
	code, err := component(doc, object)
	if err != nil {
		return err
	}
	if code.Properties["appearance"] != nil {
		return errSettled
	}
	name := openapi3.NewStringSchema().WithNullable()
	shown := openapi3.NewObjectSchema().WithNullable().WithProperties(map[string]*openapi3.Schema{
		"name": name, "first_name": name, "last_name": name,
	})
	shown.Required = []string{"name"}
	code.Properties["appearance"] = openapi3.NewSchemaRef("", shown)
	return nil
}

func amendGeneratedCode(_ *Document, doc *openapi3.T) error {
	return replaceGeneratedCode(doc, "#/components/schemas/access_code")
}

// replaceGeneratedCode takes the reference to an object that is stored out of the answer.
func replaceGeneratedCode(doc *openapi3.T, stored string) error {
	item := doc.Paths.Value("/access_codes/generate_code")
	if item == nil {
		return errors.New("the path is not declared")
	}
	for _, operation := range item.Operations() {
		answer := operation.Responses.Status(http.StatusOK).Value.Content.Get(mediaJSON).Schema.Value
		if answer.Properties["generated_code"].Ref != stored {
			return errSettled
		}
		code := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
			"device_id": openapi3.NewStringSchema().WithFormat("uuid"), "code": openapi3.NewStringSchema().WithPattern(`^\d+$`),
		})
		code.Required = []string{"device_id", "code"}
		answer.Properties["generated_code"] = openapi3.NewSchemaRef("", code)
	}
	return nil
}

func amendEmptyBodies(d *Document, doc *openapi3.T) error {
	d.empty = []string{"/workspaces/get"}
	for _, path := range d.empty {
		if item := doc.Paths.Value(path); item == nil || item.Post == nil || item.Post.RequestBody != nil {
			return errSettled
		}
	}
	return nil
}

func amendBetween(_ *Document, doc *openapi3.T) error {
	item := doc.Paths.Value("/events/list")
	if item == nil || item.Get == nil || item.Post == nil {
		return errSettled
	}
	body := item.Post.RequestBody.Value.Content.Get(mediaJSON).Schema.Value.Properties["between"]
	query := item.Get.Parameters.GetByInAndName(openapi3.ParameterInQuery, "between")
	for _, list := range []*openapi3.SchemaRef{body, query.Schema} {
		end := list.Value.Items.Value
		if len(end.OneOf) != 2 || end.OneOf[0].Value.Type == nil || !end.OneOf[0].Value.Type.Is(openapi3.TypeString) {
			return errSettled
		}
		list.Value.Items = end.OneOf[1]
	}
	return nil
}

func amendMarkers(d *Document, doc *openapi3.T) error {
	d.markers = []string{"_strict"}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, "_strict") != nil {
				return errSettled
			}
		}
	}
	return nil
}

func component(doc *openapi3.T, name string) (*openapi3.Schema, error) {
	if doc.Components == nil || doc.Components.Schemas[name] == nil {
		return nil, fmt.Errorf("schema %q is not declared", name)
	}
	return doc.Components.Schemas[name].Value, nil
}
