// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/prometheus/promql/parser"
	corev1 "k8s.io/api/core/v1"
)

// TestServiceMonitor holds it to the types of the Prometheus operator, in which no field may be unknown.
func TestServiceMonitor(t *testing.T) {
	t.Parallel()
	const name = "ServiceMonitor " + home + "/access-code-operator-controller-manager-metrics"
	everything := get[monitoringv1.ServiceMonitor](t, render(t, readValues(t, "everything.yaml")), name)
	if got := everything.Spec.Endpoints[0]; got.Interval != "30s" || got.ScrapeTimeout != "10s" || got.Port != "https" {
		t.Errorf("got %+v", got)
	}
	if got := everything.Labels["release"]; got != "prometheus" {
		t.Errorf("got label %q", got)
	}
	open := get[monitoringv1.ServiceMonitor](t, render(t, parseValues(t,
		"watchNamespaces: [a]\nmetrics: {secure: false, serviceMonitor: {enabled: true}}")), name)
	want := []monitoringv1.Endpoint{{Port: "http", Path: "/metrics", HonorLabels: true}}
	if diff := cmp.Diff(want, open.Spec.Endpoints); diff != "" {
		t.Error(diff)
	}
}

// TestAlerts holds them to the types of the Prometheus operator, and each expression to the grammar of Prometheus.
func TestAlerts(t *testing.T) {
	t.Parallel()
	rule := get[monitoringv1.PrometheusRule](t, render(t, readValues(t, "everything.yaml")),
		"PrometheusRule "+home+"/access-code-operator")
	seen := map[string]bool{}
	for _, group := range rule.Spec.Groups {
		for _, r := range group.Rules {
			name := r.Alert + r.Record
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(r.Expr.String()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if r.Alert != "" && (r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "") {
				t.Errorf("%s has labels %v and annotations %v", name, r.Labels, r.Annotations)
			}
		}
	}
	if len(seen) == 0 {
		t.Error("there are no alerts")
	}
}

// TestDashboards has every expression parsed, with Grafana's variables filled in.
func TestDashboards(t *testing.T) {
	t.Parallel()
	c := get[corev1.ConfigMap](t, render(t, readValues(t, "everything.yaml")), "ConfigMap "+home+"/access-code-operator-dashboards")
	if c.Labels["grafana_dashboard"] != "1" || c.Annotations["grafana_folder"] != "Locks" {
		t.Errorf("got labels %v and annotations %v", c.Labels, c.Annotations)
	}
	if len(c.Data) == 0 {
		t.Error("there are no dashboards")
	}
	variables := strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h")
	for _, file := range slices.Sorted(maps.Keys(c.Data)) {
		var dashboard any
		if err := json.Unmarshal([]byte(c.Data[file]), &dashboard); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		found := expressions(dashboard)
		if len(found) == 0 {
			t.Errorf("%s asks for nothing", file)
		}
		for _, e := range found {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(variables.Replace(e)); err != nil {
				t.Errorf("%s: %s: %v", file, e, err)
			}
		}
	}
}

// expressions are those at any depth: panels may stand in rows.
func expressions(node any) []string {
	var found []string
	switch n := node.(type) {
	case map[string]any:
		if e, ok := n["expr"].(string); ok {
			found = append(found, e)
		}
		for _, k := range slices.Sorted(maps.Keys(n)) {
			found = append(found, expressions(n[k])...)
		}
	case []any:
		for _, child := range n {
			found = append(found, expressions(child)...)
		}
	}
	return found
}
