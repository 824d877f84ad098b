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

// The environment variables that name the documents.
const (
	// EnvDocument: the official OpenAPI document.
	EnvDocument = "SEAM_OPENAPI"
	// EnvTypes: the types of the official client, as a document (types.mjs).
	EnvTypes = "SEAM_TYPES"
)

// Document is what Seam publishes of its API, put right by deviations and closed to unknown fields.
type Document struct {
	types    bool // of the official client, not the OpenAPI document
	paths    *openapi3.Paths
	statuses []int    // of errors, besides those that the document declares
	markers  []string // query parameters that are none
	empty    []string // paths that take an empty object although they declare no body
	envelope *openapi3.Schema
	options  []openapi3.SchemaValidationOption
}

// official are the documents of EnvDocument and EnvTypes. They are large, so a process reads them once.
var official = sync.OnceValues(func() ([]*Document, error) {
	document, err := Open(os.Getenv(EnvDocument))
	if err != nil {
		return nil, err
	}
	types, err := OpenTypes(os.Getenv(EnvTypes))
	return []*Document{document, types}, err
})

// Open reads the official document. Deviations named in without are not put right.
func Open(file string, without ...string) (*Document, error) {
	return open(&Document{}, file, Deviations(), without)
}

// OpenTypes reads the types of the official client. Deviations named in without are not put right.
func OpenTypes(file string, without ...string) (*Document, error) {
	return open(&Document{types: true}, file, TypeDeviations(), without)
}

func open(d *Document, file string, deviations []Deviation, without []string) (*Document, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the file that the caller names, in tests
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	return d.parse(text, slices.DeleteFunc(deviations, func(d Deviation) bool { return slices.Contains(without, d.Name) }))
}

func (d *Document) parse(text []byte, deviations []Deviation) (*Document, error) {
	loaded, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("reading the OpenAPI document: %w", err)
	}
	narrow(loaded)
	d.paths, d.envelope, d.options = loaded.Paths, envelope(), []openapi3.SchemaValidationOption{
		openapi3.MultiErrors(),
		openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(checkUUID)),
	}
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
