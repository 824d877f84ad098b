// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"encoding/json"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
)

// allValues are those that the chart is tried with as a whole.
func allValues(t *testing.T) map[string]values {
	t.Helper()
	return map[string]values{
		"as it comes":     nil,
		"some namespaces": readValues(t, "namespaces.yaml"),
		"everything":      readValues(t, "everything.yaml"),
	}
}

// TestLint does what "helm lint" does. An icon is all that the chart may lack.
func TestLint(t *testing.T) {
	t.Parallel()
	for name, v := range allValues(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			linter := action.NewLint()
			linter.Strict, linter.Namespace, linter.KubeVersion = true, home, newTemplate(home).KubeVersion
			result := linter.Run([]string{charted}, v)
			for _, err := range result.Errors {
				t.Error(err)
			}
			for _, m := range result.Messages {
				if m.Severity > support.InfoSev || !strings.Contains(m.Error(), "icon is recommended") {
					t.Error(m)
				}
			}
			if result.TotalChartsLinted != 1 {
				t.Errorf("got %d charts", result.TotalChartsLinted)
			}
		})
	}
}

// valueSchema is as much of a JSON schema as is needed to follow values into it.
type valueSchema struct {
	Ref                  string                 `json:"$ref"`
	Properties           map[string]valueSchema `json:"properties"`
	AdditionalProperties any                    `json:"additionalProperties"`
}

// TestEveryValueIsInTheSchema compares values.yaml with values.schema.json, in both directions.
func TestEveryValueIsInTheSchema(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	var root valueSchema
	if err := json.Unmarshal(c.Schema, &root); err != nil {
		t.Fatal(err)
	}
	// For charts that depend on this one.
	delete(root.Properties, "global")
	delete(root.Properties, "enabled")
	match(t, "", c.Values, root)
}

func match(t *testing.T, where string, v map[string]any, s valueSchema) {
	t.Helper()
	if s.AdditionalProperties != false {
		t.Errorf("%q takes what is misspelt", where)
	}
	for name, child := range v {
		of, known := s.Properties[name]
		if !known {
			t.Errorf("%s%s is not in the schema", where, name)
			continue
		}
		if m, ok := child.(map[string]any); ok && of.Properties != nil && name != "resources" {
			match(t, where+name+".", m, of)
		}
	}
	for name := range s.Properties {
		if _, ok := v[name]; !ok {
			t.Errorf("%s%s is in the schema, and not in values.yaml", where, name)
		}
	}
}

// TestRefusedValues has mistakes that are refused, each with words by which one finds it.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ values, want string }{
		"misspelt":               {`watchNamespace: [a]`, "watchNamespace"},
		"misspelt below":         {`metrics: {serviceMonitor: {enable: true}}`, "enable"},
		"namespaces as text":     {`watchNamespaces: a,b`, "watchNamespaces"},
		"two namespaces in one":  {`watchNamespaces: ["a,b"]`, "watchNamespaces"},
		"a namespace twice":      {`watchNamespaces: [a, a]`, "watchNamespaces"},
		"no workers":             {`maxConcurrentReconciles: -1`, "maxConcurrentReconciles"},
		"digest":                 {`image: {digest: "sha256:12"}`, "digest"},
		"tag with a digest":      {`image: {tag: "v1@sha256:12"}`, "tag"},
		"pull policy":            {`image: {pullPolicy: Sometimes}`, "pullPolicy"},
		"log level":              {`logLevel: loud`, "logLevel"},
		"proxy without a scheme": {`proxy: {https: "proxy:3128"}`, "proxy"},
		"flag without dashes":    {`extraArgs: [zap-devel]`, "extraArgs"},
		"disruption budget":      {`podDisruptionBudget: {minAvailable: half}`, "minAvailable"},
		"two authorities":        {`ca: {secretName: a, configMapName: b}`, "can't both be given"},
		"account of nobody":      {`serviceAccount: {create: false}`, "serviceAccount.name must be given"},
		"alerts on nothing":      {"metrics: {enabled: false, prometheusRule: {enabled: true}}", "metrics.prometheusRule needs metrics"},
		"monitor of nothing":     {"watchNamespaces: [a]\nmetrics: {serviceMonitor: {enabled: true}}", "metrics.serviceMonitor needs metrics"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := template(loadChart(t), home, parseValues(t, tc.values))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one that says %q", err, tc.want)
			}
		})
	}
}
