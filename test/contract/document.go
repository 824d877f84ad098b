// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// EnvDocument is the environment variable that names the document.
const EnvDocument = "SEAM_OPENAPI"

// Document is the official OpenAPI document, put right by Deviations and closed to unknown
// fields.
type Document struct {
	paths    *openapi3.Paths
	statuses []int    // of errors, besides those that the document declares
	markers  []string // query parameters that are none
	empty    []string // paths that take an empty object although they declare no body
	envelope *openapi3.Schema
	options  []openapi3.SchemaValidationOption
}

// official is the document of EnvDocument. It is large, so a process reads it once.
var official = sync.OnceValues(func() (*Document, error) { return Open(os.Getenv(EnvDocument)) })

// Open reads a document. Deviations named in without are not put right.
func Open(file string, without ...string) (*Document, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the file that the caller names, in tests
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	apply := slices.DeleteFunc(Deviations(), func(d Deviation) bool { return slices.Contains(without, d.Name) })
	return parse(text, apply)
}

func parse(text []byte, deviations []Deviation) (*Document, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	narrow(loaded)
	d := &Document{paths: loaded.Paths, envelope: envelope(), options: []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(checkUUID)),
	}}
	for _, deviation := range deviations {
		if err := deviation.amend(d, loaded); err != nil {
			return nil, fmt.Errorf("deviation %q: %w", deviation.Name, err)
		}
	}
	return d, closeAll(loaded)
}

// narrow leaves the families of paths that the project speaks. The document has ten times as
// many, for doors, phones and thermostats.
func narrow(doc *openapi3.T) {
	families := []string{
		"/access_codes/", "/action_attempts/", "/client_sessions/", "/devices/", "/events/", "/webhooks/", "/workspaces/",
	}
	for _, path := range doc.Paths.InMatchingOrder() {
		if !slices.ContainsFunc(families, func(family string) bool { return strings.HasPrefix(path, family) }) {
			doc.Paths.Delete(path)
		}
	}
}

func checkUUID(text string) error {
	if len(text) != 36 || uuid.Validate(text) != nil {
		return errors.New("not a UUID")
	}
	return nil
}
