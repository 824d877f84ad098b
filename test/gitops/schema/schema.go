// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package schema checks objects of other projects' kinds against the schemas of these projects.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
	"sigs.k8s.io/controller-tools/pkg/crd"
	"sigs.k8s.io/controller-tools/pkg/loader"
	"sigs.k8s.io/controller-tools/pkg/markers"
)

// Schema is that of a kind.
type Schema struct {
	props apiextensionsv1.JSONSchemaProps
}

// Of reads the schema of a kind from the package with its Go type, with the tool that makes the kind's CRD of it. The
// package must be required by the module in whose folder this runs; it is not compiled.
func Of(pkg, kind string) (*Schema, error) {
	roots, err := loader.LoadRoots(pkg)
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", pkg, err)
	}
	if len(roots) != 1 || len(roots[0].GoFiles) == 0 {
		return nil, fmt.Errorf("loading %s: no such package: %v", pkg, roots)
	}
	registry := &markers.Registry{}
	if err := (crd.Generator{}).RegisterMarkers(registry); err != nil {
		return nil, fmt.Errorf("registering markers: %w", err)
	}
	parser := &crd.Parser{
		Collector:           &markers.Collector{Registry: registry},
		Checker:             &loader.TypeChecker{NodeFilters: []loader.NodeFilter{(crd.Generator{}).CheckFilter()}},
		AllowDangerousTypes: true,
	}
	crd.AddKnownTypes(parser)
	parser.NeedPackage(roots[0])
	ident := crd.TypeIdent{Package: roots[0], Name: kind}
	if parser.LookupType(roots[0], kind) == nil {
		return nil, fmt.Errorf("%s has no type %s", pkg, kind)
	}
	parser.NeedFlattenedSchemaFor(ident)
	return &Schema{props: parser.FlattenedSchemata[ident]}, nil
}

// Check checks an object against the schema as a strict apply does: fields that the kind does not have are errors, too. Rules
// in CEL are not evaluated.
func (s *Schema) Check(object map[string]any) error {
	encoded, err := json.Marshal(s.props)
	if err != nil {
		return fmt.Errorf("encoding the schema: %w", err)
	}
	var openAPI spec.Schema
	if err := json.Unmarshal(encoded, &openAPI); err != nil {
		return fmt.Errorf("decoding the schema: %w", err)
	}
	result := validate.NewSchemaValidator(&openAPI, nil, "", strfmt.Default).Validate(object)
	return errors.Join(append(unknown("", object, &s.props, true), result.Errors...)...)
}

// unknown are the fields of a value for which the schema has no place. Metadata is the API server's own.
func unknown(at string, value any, props *apiextensionsv1.JSONSchemaProps, top bool) []error {
	if props.XPreserveUnknownFields != nil && *props.XPreserveUnknownFields {
		return nil
	}
	switch v := value.(type) {
	case []any:
		if props.Items == nil || props.Items.Schema == nil {
			return []error{fmt.Errorf("%s: the schema has no list there", at)}
		}
		var found []error
		for i, item := range v {
			found = append(found, unknown(fmt.Sprintf("%s[%d]", at, i), item, props.Items.Schema, false)...)
		}
		return found
	case map[string]any:
		return unknownFields(at, v, props, top)
	}
	return nil
}

func unknownFields(at string, fields map[string]any, props *apiextensionsv1.JSONSchemaProps, top bool) []error {
	var found []error
	for name, field := range fields {
		of, ok := props.Properties[name]
		switch {
		case top && name == "metadata":
		case ok:
			found = append(found, unknown(at+"."+name, field, &of, false)...)
		case props.AdditionalProperties != nil && props.AdditionalProperties.Schema != nil:
			found = append(found, unknown(at+"."+name, field, props.AdditionalProperties.Schema, false)...)
		default:
			found = append(found, fmt.Errorf("%s.%s: no such field", at, name))
		}
	}
	return found
}
