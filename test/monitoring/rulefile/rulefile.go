// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package rulefile reads PrometheusRules as the Prometheus operator hands them to Prometheus.
package rulefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// Loader is a source of rules for the manager of Prometheus.
type Loader struct{}

// Load reads the groups of a PrometheusRule and checks them as Prometheus does.
func (Loader) Load(path string, ignoreUnknownFields bool, names model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	data, err := os.ReadFile(path) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, []error{fmt.Errorf("reading rules: %w", err)}
	}
	var object struct {
		Kind string          `json:"kind"`
		Spec json.RawMessage `json:"spec"`
	}
	if err := yaml.Unmarshal(data, &object); err != nil {
		return nil, []error{fmt.Errorf("reading %s: %w", path, err)}
	}
	if object.Kind != "PrometheusRule" {
		return nil, []error{fmt.Errorf("%s is a %q", path, object.Kind)}
	}
	// JSON is YAML.
	groups, errs := rulefmt.Parse(object.Spec, ignoreUnknownFields, names, newParser(), promslog.NewNopLogger())
	if len(errs) > 0 {
		return nil, []error{fmt.Errorf("reading %s: %w", path, errors.Join(errs...))}
	}
	return groups, nil
}

// Parse reads an expression.
func (Loader) Parse(query string) (parser.Expr, error) { return newParser().ParseExpr(query) }

func newParser() parser.Parser { return parser.NewParser(parser.Options{}) }
