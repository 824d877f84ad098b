// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// The answer to a body that is no JSON: it comes from before the part of the service that
// knows of envelopes.
const plainInvalidJSON = "Invalid JSON"

// envelopeSchema is what an error looks like; the document has no schema for it.
const envelopeSchema = `{
	"type": "object", "required": ["error", "ok"], "additionalProperties": false,
	"properties": {
		"ok": {"type": "boolean", "enum": [false]},
		"error": {
			"type": "object", "required": ["type", "message", "request_id"], "additionalProperties": false,
			"properties": {
				"type": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
				"message": {"type": "string", "minLength": 1},
				"request_id": {"type": "string", "format": "uuid"},
				"data": {"type": "object"},
				"validation_errors": {
					"type": "object", "required": ["_errors"],
					"properties": {"_errors": {"type": "array", "items": {"type": "string"}}},
					"additionalProperties": {"type": "object"}
				}
			}
		}
	}
}`

func envelope() *openapi3.Schema {
	s := &openapi3.Schema{}
	if err := json.Unmarshal([]byte(envelopeSchema), s); err != nil {
		// The text is a constant; a test reads it.
		return openapi3.NewObjectSchema()
	}
	return s
}

// checkResponse says what is wrong with the answer to a request.
func (d *Document) checkResponse(x exchange) []string {
	if x.status >= http.StatusBadRequest {
		return d.checkError(x)
	}
	operation, missing := d.operation(x)
	switch {
	case missing != "":
		return d.undeclared(missing + ", and still the answer is no error")
	case x.status != http.StatusOK:
		return []string{fmt.Sprintf("status %d is not declared", x.status)}
	}
	var found []string
	if scheme := scheme(x.sent); !accepts(operation, scheme) {
		found = append(found, fmt.Sprintf("authentication by %s is not declared, and was accepted", scheme))
	}
	value, wrong := decode(x.received, x.answer)
	if wrong != "" {
		return append(found, "answer: "+wrong)
	}
	declared := operation.Responses.Status(x.status).Value.Content.Get(mediaJSON).Schema.Value
	return append(found, prefixed("answer: ", d.validate(declared, value))...)
}

// checkError checks an answer other than 200 against the envelope. Which errors a path may give is not documented.
func (d *Document) checkError(x exchange) []string {
	if d.types {
		return nil // they know of none
	}
	if !slices.Contains(append([]int{http.StatusBadRequest, http.StatusUnauthorized}, d.statuses...), x.status) {
		return []string{fmt.Sprintf("status %d is none that Seam uses", x.status)}
	}
	if x.status == http.StatusBadRequest && string(x.answer) == plainInvalidJSON {
		return nil
	}
	value, wrong := decode(x.received, x.answer)
	if wrong != "" {
		return []string{"error: " + wrong}
	}
	found := prefixed("error: ", d.validate(d.envelope, value))
	if len(found) == 0 {
		found = checkEnvelope(value, x.received.Get("Seam-Request-Id"))
	}
	return found
}

// checkEnvelope is about what no schema can say.
func checkEnvelope(value any, requestID string) []string {
	object, _ := value.(map[string]any)
	failure, _ := object["error"].(map[string]any)
	var found []string
	if failure["request_id"] != requestID {
		found = append(found, "error: request_id is not that of the header")
	}
	if failure["validation_errors"] != nil && failure["type"] != "invalid_input" {
		found = append(found, fmt.Sprintf("error: validation_errors with type %q", failure["type"]))
	}
	return found
}

// scheme is the way to authenticate, in the words of the document.
func scheme(h http.Header) string {
	bearer, _ := strings.CutPrefix(h.Get("Authorization"), "Bearer ")
	workspace := "_without_workspace"
	if h.Get("Seam-Workspace") != "" {
		workspace = "_with_workspace"
	}
	switch {
	case h.Get("Seam-Publishable-Key") != "":
		return "publishable_key"
	case h.Get("Client-Session-Token") != "", h.Get("Seam-Client-Session-Token") != "", strings.HasPrefix(bearer, "seam_cst"):
		return "client_session"
	case strings.HasPrefix(bearer, "seam_at"):
		return "pat" + workspace
	case strings.HasPrefix(bearer, "ey"):
		return "console_session" + workspace
	case bearer != "":
		return "api_key"
	}
	return "nothing"
}

func accepts(operation *openapi3.Operation, scheme string) bool {
	if operation.Security == nil {
		return true
	}
	return slices.ContainsFunc(*operation.Security, func(r openapi3.SecurityRequirement) bool {
		_, ok := r[scheme]
		return ok
	})
}
