// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// reading is what a Go type takes out of the answers of an API.
type reading struct {
	declared, undeclared map[string]bool // by Go type and field, for one type may stand for several objects
	deprecated           map[string]bool // by object and field
}

// compare looks for each field of t in any of the alternatives that a value may be.
func (r *reading) compare(at string, t reflect.Type, alternatives []*openapi3.Schema) {
	t = element(t)
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return
	}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		found := property(alternatives, name)
		if len(found) == 0 {
			r.undeclared[t.Name()+"."+name] = true
			continue
		}
		r.declared[t.Name()+"."+name] = true
		if !slices.ContainsFunc(found, func(s *openapi3.Schema) bool { return !s.Deprecated }) {
			r.deprecated[at+"."+name] = true
		}
		r.compare(at+"."+name, field.Type, found)
	}
}

// element is what a pointer points to or a list holds.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

// property is what the alternatives declare under a name; of a list, what it holds.
func property(alternatives []*openapi3.Schema, name string) []*openapi3.Schema {
	var found []*openapi3.Schema
	for _, s := range alternatives {
		if p := s.Properties[name]; p != nil {
			found = append(found, spread(p.Value)...)
		}
	}
	return found
}

// spread lists all that a value of a schema may be.
func spread(s *openapi3.Schema) []*openapi3.Schema {
	if s.Items != nil {
		return spread(s.Items.Value)
	}
	found := []*openapi3.Schema{s}
	for _, list := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf, s.AllOf} {
		for _, one := range list {
			found = append(found, spread(one.Value)...)
		}
	}
	return found
}

// answer is what a path answers under a key.
func (d *Document) answer(path, key string) []*openapi3.Schema {
	operation := d.paths.Value(path).Post
	return property(spread(operation.Responses.Status(http.StatusOK).Value.Content.Get(mediaJSON).Schema.Value), key)
}

// words are the single words that a field of a list in an object has, such as the error codes of a device.
func (d *Document) words(path, key, list, field string) []string {
	var found []string
	for _, s := range property(property(d.answer(path, key), list), field) {
		if word, single := singleWord(s); single {
			found = append(found, word)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
