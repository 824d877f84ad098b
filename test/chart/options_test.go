// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const theDeployment = "Deployment " + home + "/access-code-operator-controller-manager"

func deploymentWith(t *testing.T, v string) *appsv1.Deployment {
	t.Helper()
	return get[appsv1.Deployment](t, render(t, parseValues(t, v)), theDeployment)
}

func TestFlags(t *testing.T) {
	t.Parallel()
	always := []string{"--leader-elect", "--health-probe-bind-address=:8081"}
	metrics := "--metrics-bind-address=:8443"
	for v, want := range map[string][]string{
		`{}`:                          {metrics},
		`metrics: {enabled: false}`:   {},
		`metrics: {secure: false}`:    {metrics, "--metrics-secure=false"},
		`watchNamespaces: [a, b]`:     {"--watch-namespaces=a,b"},
		`shardSelector: "!east, x=1"`: {metrics, "--shard-selector=!east, x=1"},
		`allowedEndpoints: [https://a.example.com, "https://b.example.com:8443"]`: {
			metrics, "--allowed-endpoints=https://a.example.com,https://b.example.com:8443",
		},
		`maxConcurrentReconciles: 1000000`: {metrics, "--max-concurrent-reconciles=1000000"},
		`webhook: {enabled: true}`:         {metrics, "--webhook-bind-address=:8082"},
		`logLevel: 3`:                      {metrics, "--zap-log-level=3"},
		`extraArgs: ["--zap-devel"]`:       {metrics, "--zap-devel"},
	} {
		t.Run(v, func(t *testing.T) {
			t.Parallel()
			got := deploymentWith(t, v).Spec.Template.Spec.Containers[0].Args
			if diff := cmp.Diff(slices.Concat(always, want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestImage(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0a", 32)
	for v, want := range map[string]string{
		`{}`:                                "access-code-operator:" + loadChart(t).AppVersion(),
		`image: {repository: r.io/a}`:       "r.io/a:" + loadChart(t).AppVersion(),
		`image: {tag: dev}`:                 "access-code-operator:dev",
		`image: {digest: "` + digest + `"}`: "access-code-operator@" + digest,
		`image: {tag: dev, digest: "` + digest + `"}`: "access-code-operator@" + digest,
	} {
		if got := deploymentWith(t, v).Spec.Template.Spec.Containers[0].Image; got != want {
			t.Errorf("%s: got %s, want %s", v, got, want)
		}
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	const proxy = "http://proxy.example.com:3128"
	for v, want := range map[string]map[string]string{
		`{}`: {},
		// Nothing goes through a proxy, so there is nothing to leave out.
		`proxy: {noProxy: [.example.com]}`: {},
		`proxy: {https: "` + proxy + `"}`:  {"HTTPS_PROXY": proxy, "NO_PROXY": "$(KUBERNETES_SERVICE_HOST)"},
		`proxy: {http: "` + proxy + `", noProxy: [.example.com, 10.0.0.0/8]}`: {
			"HTTP_PROXY": proxy, "NO_PROXY": "$(KUBERNETES_SERVICE_HOST),.example.com,10.0.0.0/8",
		},
		`extraEnv: [{name: GOGC, value: "50"}]`: {"GOGC": "50"},
	} {
		got := map[string]string{}
		for _, e := range deploymentWith(t, v).Spec.Template.Spec.Containers[0].Env {
			got[e.Name] = e.Value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", v, diff)
		}
	}
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	items := []corev1.KeyToPath{{Key: "root.pem", Path: "ca.crt"}}
	for v, want := range map[string]corev1.VolumeSource{
		`ca: {secretName: own, key: root.pem}`: {Secret: &corev1.SecretVolumeSource{SecretName: "own", Items: items}},
		`ca: {configMapName: own, key: root.pem}`: {ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "own"}, Items: items,
		}},
	} {
		pod := deploymentWith(t, v).Spec.Template.Spec
		if diff := cmp.Diff([]corev1.Volume{{Name: "ca", VolumeSource: want}}, pod.Volumes); diff != "" {
			t.Errorf("%s:\n%s", v, diff)
		}
		mount := corev1.VolumeMount{Name: "ca", MountPath: authorities, ReadOnly: true}
		if diff := cmp.Diff([]corev1.VolumeMount{mount}, pod.Containers[0].VolumeMounts); diff != "" {
			t.Errorf("%s:\n%s", v, diff)
		}
		folders := corev1.EnvVar{Name: "SSL_CERT_DIR", Value: "/etc/ssl/certs:" + authorities}
		if diff := cmp.Diff([]corev1.EnvVar{folders}, pod.Containers[0].Env); diff != "" {
			t.Errorf("%s:\n%s", v, diff)
		}
	}
}

// TestSelectors compares what selects the Pods with the labels that they have, whatever other labels are set. Another release
// is not selected.
func TestSelectors(t *testing.T) {
	t.Parallel()
	for name, v := range allValues(t) {
		all := render(t, v)
		pod := labels.Set(get[appsv1.Deployment](t, all, theDeployment).Spec.Template.Labels)
		other := labels.Merge(pod, labels.Set{"app.kubernetes.io/instance": "another"})
		for where, selector := range podSelectors(t, all) {
			if selector.Empty() || !selector.Matches(pod) || selector.Matches(other) {
				t.Errorf("%s: %s selects %q, and the Pods are %v", name, where, selector, pod)
			}
		}
	}
	all := render(t, readValues(t, "everything.yaml"))
	monitor := get[monitoringv1.ServiceMonitor](t, all, "ServiceMonitor "+home+"/access-code-operator-controller-manager-metrics")
	selector := labels.SelectorFromSet(monitor.Spec.Selector.MatchLabels)
	for name, o := range all {
		if want := name == "Service "+home+"/access-code-operator-controller-manager-metrics"; o.GetKind() == "Service" &&
			selector.Matches(labels.Set(o.GetLabels())) != want {
			t.Errorf("the ServiceMonitor selects %q, %s has %v", selector, name, o.GetLabels())
		}
	}
}

// podSelectors are by the name of the object that has them.
func podSelectors(t *testing.T, all objects) map[string]labels.Selector {
	t.Helper()
	found := map[string]labels.Selector{}
	for name, o := range all {
		var selector *metav1.LabelSelector
		switch o.GetKind() {
		case "Deployment":
			selector = get[appsv1.Deployment](t, all, name).Spec.Selector
		case "Service":
			selector = &metav1.LabelSelector{MatchLabels: get[corev1.Service](t, all, name).Spec.Selector}
		case "NetworkPolicy":
			selector = &get[networkingv1.NetworkPolicy](t, all, name).Spec.PodSelector
		case "PodDisruptionBudget":
			selector = get[policyv1.PodDisruptionBudget](t, all, name).Spec.Selector
		default:
			continue
		}
		var err error
		if found[name], err = metav1.LabelSelectorAsSelector(selector); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return found
}

// TestCommonLabels finds them on every object, and selectors untouched by them.
func TestCommonLabels(t *testing.T) {
	t.Parallel()
	all := render(t, parseValues(t, "commonLabels: {team: locks, control-plane: mine, app.kubernetes.io/name: mine}\n"+
		"commonAnnotations: {example.com/owner: locks}"))
	for name, o := range all {
		if o.GetLabels()["team"] != "locks" || o.GetAnnotations()["example.com/owner"] != "locks" {
			t.Errorf("%s has labels %v and annotations %v", name, o.GetLabels(), o.GetAnnotations())
		}
		if got := o.GetLabels()["app.kubernetes.io/name"]; got != "access-code-operator" {
			t.Errorf("%s calls itself %q", name, got)
		}
	}
	// A ServiceMonitor finds it by that.
	if got := all["Service "+home+"/access-code-operator-controller-manager-metrics"].GetLabels()["control-plane"]; got != "controller-manager" {
		t.Errorf("the Service of the metrics has control-plane %q", got)
	}
	for where, selector := range podSelectors(t, all) {
		if !selector.Matches(labels.Set(get[appsv1.Deployment](t, all, theDeployment).Spec.Template.Labels)) {
			t.Errorf("%s selects %q", where, selector)
		}
	}
}

// TestNames are short enough for a Service, whatever the release is called.
func TestNames(t *testing.T) {
	t.Parallel()
	long := "a" + strings.Repeat("long-", 10) + "name"
	for v, want := range map[string]string{
		`nameOverride: locks`:       "access-code-operator-locks-controller-manager",
		`fullnameOverride: locks`:   "locks-controller-manager",
		`fullnameOverride: ` + long: long[:36-1] + "-controller-manager", // without the hyphen at the cut
		`nameOverride: operator`:    "access-code-operator-controller-manager",
	} {
		all := render(t, parseValues(t, v+"\nwebhook: {enabled: true}"))
		if all["Deployment "+home+"/"+want] == nil {
			t.Errorf("%s: there is no Deployment %s", v, want)
		}
		for name, o := range all {
			if o.GetKind() == "Service" && len(o.GetName()) > 63 {
				t.Errorf("%s: %s is too long", v, name)
			}
		}
	}
}

// TestBudget takes numbers and shares, a nought included.
func TestBudget(t *testing.T) {
	t.Parallel()
	for v, want := range map[string][2]string{
		`{enabled: true}`:                      {"", "1"},
		`{enabled: true, maxUnavailable: 0}`:   {"", "0"},
		`{enabled: true, maxUnavailable: 25%}`: {"", "25%"},
		`{enabled: true, minAvailable: 0}`:     {"0", ""},
		`{enabled: true, minAvailable: 50%}`:   {"50%", ""},
	} {
		budget := get[policyv1.PodDisruptionBudget](t, render(t, parseValues(t, "podDisruptionBudget: "+v)),
			"PodDisruptionBudget "+home+"/access-code-operator-controller-manager")
		var got [2]string
		if m := budget.Spec.MinAvailable; m != nil {
			got[0] = m.String()
		}
		if m := budget.Spec.MaxUnavailable; m != nil {
			got[1] = m.String()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", v, got, want)
		}
	}
}

// TestInstallForNamespacesNeedsNothingOfTheCluster installs for some namespaces: all that is not in a namespace are the CRDs.
func TestInstallForNamespacesNeedsNothingOfTheCluster(t *testing.T) {
	t.Parallel()
	var rest []string
	for name, o := range render(t, readValues(t, "namespaces.yaml")) {
		if o.GetNamespace() == "" && o.GetKind() != "CustomResourceDefinition" {
			rest = append(rest, name)
		}
		if strings.HasPrefix(o.GetKind(), "Cluster") {
			t.Errorf("got %s", name)
		}
	}
	if len(rest) > 0 {
		t.Errorf("of the cluster: %q", rest)
	}
}

// TestNotes say what differs from install to install.
func TestNotes(t *testing.T) {
	t.Parallel()
	for v, want := range map[string][2]string{ // what is in them, and what is not
		`{}`:                        {"serves all namespaces", "Metrics are off"},
		`watchNamespaces: [a, b]`:   {"serves a, b", "metrics-reader"},
		`watchNamespaces: [b, a]`:   {"Metrics are off", "webhooks."},
		`metrics: {enabled: false}`: {"kubectl explain", "etrics"},
		`webhook: {enabled: true}`:  {"access-code-operator-webhooks.", "Metrics are off"},
		`metrics: {secure: true}`:   {"access-code-operator-metrics-reader", "Metrics are off"},
		`crds: {keep: false}`:       {"delete the AccessCodes", "CRDs stay"},
	} {
		r, err := template(loadChart(t), home, parseValues(t, v))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Info.Notes, want[0]) || strings.Contains(r.Info.Notes, want[1]) {
			t.Errorf("%s: want %q, and no %q, in:\n%s", v, want[0], want[1], r.Info.Notes)
		}
	}
}
