// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody bounds what is read of a request, in bytes.
const maxBody = 1 << 20

// input has the parameters of one request, from query and body alike: which of them the official SDKs use depends on their age.
// A parameter of the wrong form is recorded when it is read, and invalid returns all that were recorded.
type input struct {
	values  map[string]any
	query   map[string]bool // came in the query, where everything is text
	failure *apiError       // the body could not be read; reported after the verb
	faults  []fieldFault
	general string
}

// readInput never fails by itself: authentication and verb are checked first.
func readInput(r *http.Request) *input {
	in := &input{values: map[string]any{}, query: map[string]bool{}}
	in.addQuery(r.URL.Query())
	in.failure = in.addBody(r)
	return in
}

// addQuery takes arrays as repeated keys, null as an empty value, and the fields of a
// record each by itself, with a dot between: `record.field=…`. `_strict` says how an SDK
// wrote the query and is no parameter.
func (in *input) addQuery(query url.Values) {
	// In order, so that a record goes before an empty value of its name, whatever the map says.
	for _, key := range slices.Sorted(maps.Keys(query)) {
		texts := query[key]
		if key == "_strict" {
			continue
		}
		record, field, dotted := strings.Cut(key, ".")
		if !dotted {
			in.query[key] = true
			in.values[key] = queryValue(texts)
			continue
		}
		in.query[record] = true
		fields, ok := in.values[record].(map[string]any)
		if !ok {
			fields = map[string]any{}
			in.values[record] = fields
		}
		fields[field] = queryValue(texts)
	}
}

func queryValue(texts []string) any {
	switch {
	case len(texts) == 1 && texts[0] == "":
		return nil
	case len(texts) == 1:
		return texts[0]
	}
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}

func (in *input) addBody(r *http.Request) *apiError {
	data, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return fail(http.StatusBadRequest, "invalid_input", "body could not be read")
	case len(data) > maxBody:
		return fail(http.StatusRequestEntityTooLarge, "invalid_input", "body too large")
	case len(data) == 0:
		return nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return fail(http.StatusBadRequest, "invalid_content_type", "%s requests must have Content-Type header with \"application/json\"", r.Method)
	}
	var body map[string]any
	if err := json.Unmarshal(data, &body); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			return invalidInput("Expected object, received %s", wrongType.Value)
		}
		return &apiError{status: http.StatusBadRequest, plain: "Invalid JSON"}
	}
	for key, value := range body {
		in.values[key] = value
		delete(in.query, key)
	}
	return nil
}
