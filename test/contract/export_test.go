// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// Exchange is a request and what came back.
type Exchange exchange

// Observed hands every exchange to f as well.
func Observed(f func(Exchange)) Option {
	return func(w *watch) { w.observe = func(x exchange) { f(Exchange(x)) } }
}

// Path is the path of the request.
func (x Exchange) Path() string { return x.path }

// Fields are the names in the body of the request.
func (x Exchange) Fields() []string {
	var body map[string]any
	_ = json.Unmarshal(x.body, &body) // not every request has a body
	return slices.Collect(maps.Keys(body))
}

// Check is what is wrong with an exchange.
func (d *Document) Check(x Exchange) []string {
	return append(d.checkRequest(exchange(x)), d.checkResponse(exchange(x))...)
}

// Declared are the fields of the body of POST by path.
func (d *Document) Declared() map[string][]string {
	declared := map[string][]string{}
	for path, item := range d.paths.Map() {
		declared[path] = nil
		if item.Post != nil && item.Post.RequestBody != nil {
			body := item.Post.RequestBody.Value.Content.Get(mediaJSON).Schema.Value
			declared[path] = slices.Sorted(maps.Keys(body.Properties))
		}
	}
	return declared
}

// Parse reads a document without deviations.
func Parse(text string) (*Document, error) { return (&Document{}).parse([]byte(text), nil) }

// Reader is a Go type that is read from what a path answers under a key.
type Reader struct {
	Path, Key string
	Type      reflect.Type
}

// Read says which fields of the types no answer declares, and which are deprecated.
func (d *Document) Read(readers []Reader) (undeclared, deprecated []string) {
	r := reading{declared: map[string]bool{}, undeclared: map[string]bool{}, deprecated: map[string]bool{}}
	for _, reader := range readers {
		r.compare(reader.Key, reader.Type, d.answer(reader.Path, reader.Key))
	}
	maps.DeleteFunc(r.undeclared, func(name string, _ bool) bool { return r.declared[name] })
	return sortedKeys(r.undeclared), sortedKeys(r.deprecated)
}

// Words are the words that a field of a list in an object may have, such as the error codes of a device.
func (d *Document) Words(path, key, list, field string) []string {
	return d.words(path, key, list, field)
}
