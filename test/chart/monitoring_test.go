// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	corev1 "k8s.io/api/core/v1"
)

// What the queries ask for is no matter of the chart: it hands on what config/prometheus has.

// TestServiceMonitor checks it against the types of the Prometheus operator, without unknown fields.
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

// TestAlerts holds them to the types of the Prometheus operator and to config/prometheus: every rule is handed on, with
// the templates of Prometheus in it as they are.
func TestAlerts(t *testing.T) {
	t.Parallel()
	rendered := render(t, readValues(t, "everything.yaml"))
	want := map[string]monitoringv1.PrometheusRuleSpec{}
	for _, text := range read(t, filepath.Join(config, "prometheus", "*.yaml")) {
		if !strings.Contains(text, "\nkind: PrometheusRule\n") {
			continue
		}
		for name, o := range parseObjects(t, text) {
			rule := get[monitoringv1.PrometheusRule](t, objects{name: o}, name)
			want["PrometheusRule "+home+"/access-code-operator-"+rule.Name] = rule.Spec
		}
	}
	if len(want) == 0 {
		t.Error("config/prometheus has no alerts")
	}
	got := map[string]monitoringv1.PrometheusRuleSpec{}
	for name, o := range rendered {
		if o.GetKind() != "PrometheusRule" {
			continue
		}
		rule := get[monitoringv1.PrometheusRule](t, rendered, name)
		if rule.Labels["release"] != "prometheus" {
			t.Errorf("%s has labels %v", name, rule.Labels)
		}
		got[name] = rule.Spec
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the alerts differ (-config/prometheus +helm):\n%s", diff)
	}
}

// TestDashboards are those of config/prometheus, letter by letter.
func TestDashboards(t *testing.T) {
	t.Parallel()
	c := get[corev1.ConfigMap](t, render(t, readValues(t, "everything.yaml")), "ConfigMap "+home+"/access-code-operator-dashboards")
	if c.Labels["grafana_dashboard"] != "1" || c.Annotations["grafana_folder"] != "Locks" {
		t.Errorf("got labels %v and annotations %v", c.Labels, c.Annotations)
	}
	if diff := cmp.Diff(read(t, filepath.Join(config, "prometheus", "*.json")), c.Data); diff != "" {
		t.Errorf("the dashboards differ (-config/prometheus +helm):\n%s", diff)
	}
}
