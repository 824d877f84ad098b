// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"fmt"
	"maps"

	"github.com/getkin/kin-openapi/openapi3"
)

// closer closes schemas: an object takes the fields that it declares and no others.
type closer map[*openapi3.Schema]bool

// closeAll closes the schemas of all bodies and answers. Schemas of components are reached
// through the operations that use them.
func closeAll(doc *openapi3.T) error {
	done := closer{}
	for path, item := range doc.Paths.Map() {
		for verb, operation := range item.Operations() {
			for _, schema := range schemas(operation) {
				if err := done.close(schema); err != nil {
					return fmt.Errorf("closing %s %s: %w", verb, path, err)
				}
			}
		}
	}
	return nil
}

// schemas are those of an operation's body and of its answers.
func schemas(operation *openapi3.Operation) []*openapi3.Schema {
	var found []*openapi3.Schema
	add := func(content openapi3.Content) {
		if media := content.Get(mediaJSON); media != nil && media.Schema != nil {
			found = append(found, media.Schema.Value)
		}
	}
	if operation.RequestBody != nil {
		add(operation.RequestBody.Value.Content)
	}
	for _, response := range operation.Responses.Map() {
		add(response.Value.Content)
	}
	return found
}

func (c closer) close(s *openapi3.Schema) error {
	if s == nil || c[s] {
		return nil
	}
	c[s] = true
	if s.IsEmpty() {
		s.Nullable = true // no schema at all takes null as well
	}
	if err := merge(s); err != nil {
		return err
	}
	open := s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil
	if s.Properties != nil && open {
		s.AdditionalProperties.Has = new(bool)
	}
	for _, child := range children(s) {
		if err := c.close(child); err != nil {
			return err
		}
	}
	return nil
}

func children(s *openapi3.Schema) []*openapi3.Schema {
	var found []*openapi3.Schema
	for _, property := range s.Properties {
		found = append(found, property.Value)
	}
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		for _, one := range list {
			found = append(found, one.Value)
		}
	}
	for _, one := range []*openapi3.SchemaRef{s.Items, s.AdditionalProperties.Schema} {
		if one != nil {
			found = append(found, one.Value)
		}
	}
	return found
}

// merge flattens what is an allOf of objects, and leaves one of other things alone.
func merge(s *openapi3.Schema) error {
	switch objects := countObjects(s.AllOf); {
	case objects == 0:
		return nil
	case objects < len(s.AllOf), len(s.OneOf)+len(s.AnyOf) > 0:
		return errors.New("allOf of objects and something else is not expected")
	}
	return flatten(s)
}

// countObjects tells how many of several schemas are objects with fields.
func countObjects(parts openapi3.SchemaRefs) int {
	n := 0
	for _, part := range parts {
		if part.Value.Properties != nil || countObjects(part.Value.AllOf) > 0 {
			n++
		}
	}
	return n
}

// flatten makes one object of several that must all hold, for no part of an allOf could be
// closed by itself.
func flatten(s *openapi3.Schema) error {
	parts := s.AllOf
	s.AllOf = nil
	s.Properties = maps.Clone(s.Properties)
	if s.Properties == nil {
		s.Properties = openapi3.Schemas{}
	}
	for _, part := range parts {
		p := *part.Value
		if err := flatten(&p); err != nil {
			return err
		}
		if p.AdditionalProperties.Has != nil || p.AdditionalProperties.Schema != nil || p.Nullable || len(p.OneOf)+len(p.AnyOf) > 0 {
			return errors.New("allOf of something else than plain objects is not expected")
		}
		for name, property := range p.Properties {
			// A name in two parts must satisfy both.
			if other := s.Properties[name]; other != nil && other.Value != property.Value {
				property = openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: openapi3.SchemaRefs{other, property}})
			}
			s.Properties[name] = property
		}
		s.Required = append(s.Required, p.Required...)
	}
	return nil
}
