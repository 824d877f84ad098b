// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/test/contract"
)

// small is a document with what is hard to close.
const small = `{
	"openapi": "3.0.0", "info": {"title": "small", "version": "1"},
	"paths": {
		"/elsewhere/get": {},
		"/devices/get": {"post": {"responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {
			"type": "object", "required": ["thing"],
			"properties": {"thing": {"allOf": [
				{"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "format": "uuid"}}}]},
				{"type": "object", "properties": {"any": {"type": "object", "additionalProperties": {}}, "a": {"maxLength": 40}}}
			]}}
		}}}}}}}
	}
}`

// TestSmallDocument needs no document from outside.
func TestSmallDocument(t *testing.T) {
	d, err := contract.Parse(small)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, answer string
		want         []string
	}{
		{name: "right", answer: `{"thing":{"a":"` + nobody + `","any":{"b":null,"c":[1]}}}`},
		{name: "part of an allOf", answer: `{"thing":{"a":"x"}}`, want: []string{
			`answer: thing.a: doesn't match all schemas from "allOf"`,
		}},
		{name: "required by a part", answer: `{"thing":{}}`, want: []string{`answer: thing.a: property "a" is missing`}},
		{name: "unknown to all parts", answer: `{"thing":{"a":"` + nobody + `","b":1}}`, want: []string{`answer: thing: property "b" is unsupported`}},
		{name: "unknown at the top", answer: `{"thing":{"a":"` + nobody + `"},"b":1}`, want: []string{`answer: property "b" is unsupported`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &suspect{}
			server := httptest.NewServer(d.Wrap(s, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(test.answer))
			})))
			sendTo(t, server.URL, "POST /devices/get", "")
			sendTo(t, server.URL, "POST /_sim/anything", "")
			server.Close()
			s.finish()
			for i := range s.findings {
				s.findings[i] = strings.TrimPrefix(s.findings[i], "contract: POST /devices/get, status 200: ")
			}
			if diff := cmp.Diff(test.want, s.findings); diff != "" {
				t.Errorf("findings (-want +got)\n%s", diff)
			}
		})
	}
}

// TestSettledDeviations: a document that no longer says what an entry puts right is refused.
func TestSettledDeviations(t *testing.T) {
	var all []string
	for _, d := range contract.Deviations() {
		all = append(all, d.Name)
	}
	file := filepath.Join(t.TempDir(), "small.json")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := contract.Open(file, all...); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"appearance", "generated_code", "bodies of calls without parameters", "between"} {
		var others []string
		for _, other := range all {
			if other != name {
				others = append(others, other)
			}
		}
		if _, err := contract.Open(file, others...); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}

// TestSettledTypeDeviations: the same of the types of the official client.
func TestSettledTypeDeviations(t *testing.T) {
	file := filepath.Join(t.TempDir(), "small.json")
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, deviation := range contract.TypeDeviations() {
		var others []string
		for _, other := range contract.TypeDeviations() {
			if other.Name != deviation.Name {
				others = append(others, other.Name)
			}
		}
		switch deviation.Name {
		case "appearance", "generated_code", "status", "parameters":
			if _, err := contract.OpenTypes(file, others...); err == nil || !strings.Contains(err.Error(), deviation.Name) {
				t.Errorf("%s: got error %v", deviation.Name, err)
			}
		}
	}
}

// TestWithoutDocument: the handler stays as it is, and a wrong name fails the test.
func TestWithoutDocument(t *testing.T) {
	t.Setenv(contract.EnvDocument, "")
	s, mux := &suspect{}, http.NewServeMux()
	if got := contract.Wrap(s, mux); got != http.Handler(mux) || len(s.findings) > 0 {
		t.Errorf("got handler %v and %q", got, s.findings)
	}
	if _, err := contract.Open(filepath.Join(t.TempDir(), "none.json")); err == nil {
		t.Error("got no error for a file that is not there")
	}
}
