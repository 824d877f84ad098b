// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"

	"github.com/access-codes/access-code-operator/test/monitoring/rulefile"
)

const pageAddress = "https://github.com/access-codes/access-code-operator/blob/main/docs/monitoring.md"

// allRules are those of the file, checked as Prometheus checks them.
func allRules(t *testing.T) []rulefmt.Rule {
	t.Helper()
	groups, errs := rulefile.Loader{}.Load(alertsFile, false, model.LegacyValidation)
	for _, err := range errs {
		t.Fatal(err)
	}
	var rules []rulefmt.Rule
	for _, group := range groups.Groups {
		rules = append(rules, group.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("there are no rules")
	}
	return rules
}

// TestRules checks that each alert has what its reader needs.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, rule := range allRules(t) {
		if !strings.HasPrefix(rule.Alert, "AccessCode") {
			t.Errorf("%q is a bad name for an alert", rule.Alert)
		}
		if severity := rule.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s has severity %q", rule.Alert, severity)
		}
		for _, text := range []string{rule.Annotations["summary"], rule.Annotations["description"]} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s says %q, which is no sentence", rule.Alert, text)
			}
		}
		if got, want := rule.Annotations["runbook_url"], pageAddress+"#"+strings.ToLower(rule.Alert); got != want {
			t.Errorf("%s leads to %q, want %q", rule.Alert, got, want)
		}
	}
}

// TestPage has each alert in a chapter of its own on the page, and no chapter without one.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	var chapters, alerts []string
	for line := range strings.Lines(string(page)) {
		if name, found := strings.CutPrefix(strings.TrimSpace(line), "### "); found {
			chapters = append(chapters, name)
		}
	}
	for _, rule := range allRules(t) {
		alerts = append(alerts, rule.Alert)
	}
	if diff := cmp.Diff(alerts, chapters); diff != "" {
		t.Errorf("in their order (-alerts +chapters):\n%s", diff)
	}
}

// TestLoader has what is no PrometheusRule, or none that Prometheus takes, refused.
func TestLoader(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"another kind":          "kind: ServiceMonitor\nspec: {groups: []}",
		"an unknown function":   "kind: PrometheusRule\nspec: {groups: [{name: a, rules: [{alert: A, expr: 'summ(x)'}]}]}",
		"an unknown field":      "kind: PrometheusRule\nspec: {groups: [{name: a, rules: [{alert: A, expr: x, fore: 5m}]}]}",
		"an unknown variable":   "kind: PrometheusRule\nspec: {groups: [{name: a, rules: [{alert: A, expr: x, annotations: {summary: '{{ $lables.a }}'}}]}]}",
		"a group that is twice": "kind: PrometheusRule\nspec: {groups: [{name: a}, {name: a}]}",
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/rules.yaml"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, errs := (rulefile.Loader{}).Load(path, false, model.LegacyValidation); len(errs) == 0 {
				t.Error("it was taken")
			}
		})
	}
}
