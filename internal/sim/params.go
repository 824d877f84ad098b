// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// fieldFault is one parameter of the wrong form.
type fieldFault struct {
	field  string
	reason string // for validation_errors
	said   string // for the message
}

func (in *input) has(name string) bool {
	_, ok := in.values[name]
	return ok
}

// note keeps a fault of one field; all of them are reported together.
func (in *input) note(field, reason string) {
	in.faults = append(in.faults, fieldFault{field, reason, fmt.Sprintf("%s for %q", reason, field)})
}

// reject notes a fault that belongs to no single field; the first one counts.
func (in *input) reject(message string) {
	if in.general == "" {
		in.general = message
	}
}

// require notes a missing field. null is not missing: reading it finds the wrong type.
func (in *input) require(name string) {
	if !in.has(name) {
		in.faults = append(in.faults, fieldFault{name, "Required", name + " is required"})
	}
}

// invalid is the 400 for everything noted so far, or nil.
func (in *input) invalid() *apiError {
	if len(in.faults) == 0 {
		if in.general != "" {
			return invalidInput("%s", in.general)
		}
		return nil
	}
	fields := map[string]any{"_errors": []string{}}
	said := make([]string, len(in.faults))
	for i, f := range in.faults {
		fields[f.field] = map[string]any{"_errors": []string{f.reason}}
		said[i] = f.said
	}
	message := strings.Join(said, ", ")
	if len(said) > 1 {
		message = fmt.Sprintf("%d Input Errors: %s", len(said), message)
	}
	err := fail(http.StatusBadRequest, "invalid_input", "%s", message)
	err.validation = fields
	return err
}

// text is an optional string; nil when absent.
func (in *input) text(name string) *string {
	value, ok := in.values[name]
	if !ok {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		in.note(name, "Expected string, received "+jsonType(value))
		return nil
	}
	return &text
}

// nullableText is text where null equals absent.
func (in *input) nullableText(name string) *string {
	if value, ok := in.values[name]; ok && value == nil {
		return nil
	}
	return in.text(name)
}

// id is an optional UUID; empty when absent.
func (in *input) id(name string) string {
	text := in.text(name)
	if text == nil {
		return ""
	}
	if !isUUID(*text) {
		in.note(name, "Invalid uuid")
		return ""
	}
	return *text
}

// requiredID is the UUID of a field that must be there.
func (in *input) requiredID(name string) string {
	in.require(name)
	return in.id(name)
}

// isUUID accepts the canonical form only; uuid.Parse alone also takes braces and URNs.
func isUUID(text string) bool {
	return len(text) == 36 && uuid.Validate(text) == nil
}

// flag is an optional boolean.
func (in *input) flag(name string) *bool {
	value, ok := in.values[name]
	if !ok {
		return nil
	}
	// Text is a boolean only where everything is text.
	if text, isText := value.(string); isText && in.query[name] {
		if parsed, err := strconv.ParseBool(text); err == nil {
			return &parsed
		}
	}
	parsed, ok := value.(bool)
	if !ok {
		in.note(name, "Expected boolean, received "+jsonType(value))
		return nil
	}
	return &parsed
}

// isTrue reads a flag whose default is false.
func (in *input) isTrue(name string) bool {
	set := in.flag(name)
	return set != nil && *set
}

// number is an optional whole number, zero when absent; negative ones are refused.
func (in *input) number(name string) int {
	value, ok := in.values[name]
	if !ok {
		return 0
	}
	if text, isText := value.(string); isText && in.query[name] {
		if parsed, err := strconv.ParseFloat(text, 64); err == nil {
			value = parsed
		}
	}
	parsed, ok := value.(float64)
	switch {
	case !ok:
		in.note(name, "Expected number, received "+jsonType(value))
		return 0
	case parsed < 0:
		in.note(name, "Number must be greater than or equal to 0")
		return 0
	}
	return int(parsed)
}

// texts is an optional list; a single query value is a list of one.
func (in *input) texts(name string) []string {
	value, ok := in.values[name]
	if !ok {
		return nil
	}
	if in.query[name] {
		switch text := value.(type) {
		case string:
			return []string{text}
		case nil: // a query has no other way to write a list of nothing
			return []string{}
		}
	}
	list, ok := value.([]any)
	if !ok {
		in.note(name, "Expected array, received "+jsonType(value))
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			in.note(name, "Expected string, received "+jsonType(item))
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

// ids is a list of UUIDs.
func (in *input) ids(name string) []string {
	list := in.texts(name)
	for _, text := range list {
		if !isUUID(text) {
			in.note(name, "Invalid uuid")
			return nil
		}
	}
	return list
}

// when is an optional time. One without a zone is UTC, as on the service.
func (in *input) when(name string) *time.Time {
	text := in.text(name)
	if text == nil {
		return nil
	}
	at, err := parseTime(*text)
	if err != nil {
		in.note(name, "Must be parsable date string if defined")
		return nil
	}
	return &at
}

// pin is an optional PIN of 4 to 12 digits, the bounds of the OpenAPI document. The
// message never repeats the value.
func (in *input) pin(name string) *string {
	text := in.text(name)
	if text == nil {
		return nil
	}
	if len(*text) < minPIN || len(*text) > maxPIN || strings.Trim(*text, "0123456789") != "" {
		in.note(name, "Must be 4 to 12 digits")
		return nil
	}
	return text
}

// jsonType names a decoded value in the words of the service's own messages.
func jsonType(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
