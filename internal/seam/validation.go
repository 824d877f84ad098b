// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/access-codes/access-code-operator/internal/redact"
)

const (
	maxFieldErrors = 50
	maxFieldDepth  = 8
)

// fieldErrors flattens Seam's tree of validation errors,
// {"_errors":[…],"starts_at":{"_errors":[…]}}. It only serves to explain, so
// whatever has another shape is left out.
func fieldErrors(tree json.RawMessage, secrets []redact.Secret) []FieldError {
	w := fieldWalk{secrets: secrets}
	w.walk("", tree, 0)
	return w.found
}

type fieldWalk struct {
	secrets []redact.Secret
	found   []FieldError
}

func (w *fieldWalk) walk(field string, tree json.RawMessage, depth int) {
	var node map[string]json.RawMessage
	if depth > maxFieldDepth || json.Unmarshal(tree, &node) != nil {
		return
	}
	w.add(field, node["_errors"])
	for _, name := range slices.Sorted(maps.Keys(node)) {
		if name == "_errors" {
			continue
		}
		child := name
		if field != "" {
			child = field + "." + name
		}
		w.walk(child, node[name], depth+1)
	}
}

func (w *fieldWalk) add(field string, raw json.RawMessage) {
	var messages []string
	if json.Unmarshal(raw, &messages) != nil || len(messages) == 0 || len(w.found) >= maxFieldErrors {
		return
	}
	messages = messages[:min(len(messages), maxFieldErrors)]
	for i := range messages {
		messages[i] = clean(messages[i], maxMessage, w.secrets)
	}
	w.found = append(w.found, FieldError{Field: clean(field, maxMessage, w.secrets), Messages: messages})
}
