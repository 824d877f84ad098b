// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// validate checks a decoded JSON value against a schema and says what is wrong, each with the path of its field. Values are not
// repeated: they may be PINs.
func (d *Document) validate(s *openapi3.Schema, value any) []string {
	return d.explain("", s.VisitJSON(value, d.options...))
}

func (d *Document) explain(at string, err error) []string {
	//nolint:errorlint // what is wrapped in these errors is what they themselves explain better
	switch err := err.(type) {
	case nil:
		return nil
	case openapi3.MultiError:
		var found []string
		for _, one := range err {
			found = append(found, d.explain(at, one)...)
		}
		return found
	case *openapi3.SchemaError:
		at += pointer(err.JSONPointer())
		if err.SchemaField == "oneOf" {
			return d.explainChoice(at, err)
		}
		return []string{place(at) + err.Reason}
	default:
		return []string{place(at) + err.Error()}
	}
}

// explainChoice says what is wrong with a value that is none of several objects. The fields that have a single value in each
// object, such as event_type or error_code, tell which of them was meant.
func (d *Document) explainChoice(at string, failure *openapi3.SchemaError) []string {
	object, ok := failure.Value.(map[string]any)
	if !ok {
		return []string{place(at) + failure.Reason}
	}
	var meant []*openapi3.Schema
	marks := map[string]bool{}
	for _, choice := range failure.Schema.OneOf {
		if fits(choice.Value, object, marks) {
			meant = append(meant, choice.Value)
		}
	}
	if len(meant) == 1 {
		return d.explain(at, meant[0].VisitJSON(object, d.options...))
	}
	said := make([]string, 0, len(marks))
	for _, name := range sortedKeys(marks) {
		said = append(said, fmt.Sprintf("%s %q", name, fmt.Sprint(object[name])))
	}
	return []string{fmt.Sprintf("%s%d of %d alternatives have %s",
		place(at), len(meant), len(failure.Schema.OneOf), strings.Join(said, " and "))}
}

// fits reports whether an object has the single values of a schema, and notes their names.
func fits(s *openapi3.Schema, object map[string]any, marks map[string]bool) bool {
	fit := true
	for name, property := range s.Properties {
		if word, single := singleWord(property.Value); single {
			marks[name] = true
			fit = fit && object[name] == word
		}
	}
	return fit
}

func singleWord(s *openapi3.Schema) (string, bool) {
	if len(s.Enum) != 1 {
		return "", false
	}
	word, ok := s.Enum[0].(string)
	return word, ok
}

func pointer(keys []string) string {
	var b strings.Builder
	for _, key := range keys {
		if _, err := strconv.Atoi(key); err == nil {
			b.WriteString("[" + key + "]")
		} else {
			b.WriteString("." + key)
		}
	}
	return b.String()
}

func place(at string) string {
	if at == "" {
		return ""
	}
	return strings.TrimPrefix(at, ".") + ": "
}
