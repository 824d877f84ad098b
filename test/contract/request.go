// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const mediaJSON = "application/json"

// exchange is a request and what came back.
type exchange struct {
	method, path string
	query        url.Values
	sent         http.Header
	body         []byte

	status   int
	received http.Header
	answer   []byte
	lost     bool // the connection was cut before or within the answer
	ordered  bool // a fault was ordered for this path
}

func (d *Document) operation(x exchange) (*openapi3.Operation, string) {
	item := d.paths.Value(x.path)
	if item == nil {
		return nil, "the path is not declared"
	}
	operation := item.GetOperation(x.method)
	if operation == nil {
		return nil, "the verb is not declared"
	}
	return operation, ""
}

// checkRequest says what is wrong with a request.
func (d *Document) checkRequest(x exchange) []string {
	operation, missing := d.operation(x)
	if missing != "" {
		return d.undeclared(missing)
	}
	found := d.checkQuery(operation, x.query)
	if len(x.body) > 0 {
		return append(found, d.checkBody(operation, x)...)
	}
	if operation.RequestBody != nil {
		// No body is an object without fields: where none is required, it will do.
		found = append(found, d.checkFields(operation, map[string]any{})...)
	}
	return found
}

func (d *Document) checkBody(operation *openapi3.Operation, x exchange) []string {
	value, wrong := decode(x.sent, x.body)
	if wrong != "" {
		return []string{"body: " + wrong}
	}
	if operation.RequestBody == nil {
		if object, ok := value.(map[string]any); ok && len(object) == 0 && slices.Contains(d.empty, x.path) {
			return nil
		}
		return []string{"a body was sent and none is declared"}
	}
	return d.checkFields(operation, value)
}

func (d *Document) checkFields(operation *openapi3.Operation, body any) []string {
	return prefixed("body: ", d.validate(operation.RequestBody.Value.Content.Get(mediaJSON).Schema.Value, body))
}

// decode reads JSON that its header calls JSON.
func decode(header http.Header, text []byte) (any, string) {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || media != mediaJSON {
		return nil, fmt.Sprintf("Content-Type is %q", header.Get("Content-Type"))
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, "not JSON"
	}
	return value, ""
}

// checkQuery reads parameters as the official clients write them: a list is a repeated
// name, null an empty value, and a field of an object has its name after a dot.
func (d *Document) checkQuery(operation *openapi3.Operation, query url.Values) []string {
	declared := map[string]*openapi3.Parameter{}
	for _, p := range operation.Parameters {
		declared[p.Value.Name] = p.Value
	}
	var found []string
	given := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		base, field, nested := strings.Cut(name, ".")
		p := declared[base]
		switch {
		case slices.Contains(d.markers, name):
		case p == nil:
			found = append(found, fmt.Sprintf("query: parameter %q is not declared", name))
		case nested:
			object, _ := given[base].(map[string]any)
			if object == nil {
				object = map[string]any{}
			}
			object[field] = query.Get(name)
			given[base] = object
		default:
			given[base] = parameter(p.Schema.Value, query[name])
		}
	}
	for _, name := range sortedKeys(given) {
		found = append(found, prefixed("query: "+name+" ", d.validate(declared[name].Schema.Value, given[name]))...)
	}
	for _, name := range sortedKeys(declared) {
		if _, ok := given[name]; declared[name].Required && !ok {
			found = append(found, fmt.Sprintf("query: parameter %q is missing", name))
		}
	}
	return found
}

func parameter(s *openapi3.Schema, texts []string) any {
	if !s.Type.Is(openapi3.TypeArray) {
		return scalar(s, texts[0])
	}
	if len(texts) == 1 && texts[0] == "" {
		return []any{}
	}
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = scalar(s.Items.Value, text)
	}
	return list
}

func scalar(s *openapi3.Schema, text string) any {
	switch {
	case text == "" && s.Nullable:
		return nil
	case s.Type.Is(openapi3.TypeNumber), s.Type.Is(openapi3.TypeInteger):
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	case s.Type.Is(openapi3.TypeBoolean):
		if flag, err := strconv.ParseBool(text); err == nil {
			return flag
		}
	}
	return text
}

func prefixed(prefix string, list []string) []string {
	for i := range list {
		list[i] = prefix + list[i]
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
