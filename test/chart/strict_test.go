// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package chart_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// TestAPIServerAcceptsEveryObject has the API server take every object and the Pod of the Deployment, without storing them. It
// refuses unknown fields, and the namespace demands restricted Pods. That goes further than schemas do: defaults,
// validation and admission are those of a real cluster.
func TestAPIServerAcceptsEveryObject(t *testing.T) {
	k := theCluster(t)
	for _, namespace := range []string{home, "bookings", "cleaning"} {
		k.makeNamespace(namespace)
	}
	for name, v := range allValues(t) {
		t.Run(name, func(t *testing.T) {
			all := render(t, v)
			for name, o := range all {
				if o.GroupVersionKind().Group == "monitoring.coreos.com" {
					continue // held to their types in monitoring_test.go
				}
				if err := k.try(t, o); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if err := k.try(t, podOf(t, all)); err != nil {
				t.Errorf("the Pod: %v", err)
			}
		})
	}
}

// TestAPIServerRefusesWrongObjects shows that the API server would say so: an unknown field, and a Pod that is not restricted.
func TestAPIServerRefusesWrongObjects(t *testing.T) {
	k := theCluster(t)
	k.makeNamespace(home)
	all := render(t, nil)
	spec, _, err := unstructured.NestedMap(all[theDeployment].Object, "spec")
	if err != nil {
		t.Fatal(err)
	}
	spec["replica"] = int64(1)
	all[theDeployment].Object["spec"] = spec
	if err := k.try(t, all[theDeployment]); err == nil || !strings.Contains(err.Error(), `unknown field "spec.replica"`) {
		t.Errorf("an unknown field: got error %v", err)
	}
	unrestricted := podOf(t, render(t, parseValues(t, `securityContext: {allowPrivilegeEscalation: true}`)))
	if err := k.try(t, unrestricted); err == nil || !strings.Contains(err.Error(), "violates PodSecurity") {
		t.Errorf("an unrestricted Pod: got error %v", err)
	}
}

// try has the API server do everything with an object but store it.
func (k *cluster) try(t *testing.T, o client.Object) error {
	t.Helper()
	return client.WithFieldValidation(k.Client, metav1.FieldValidationStrict).Create(t.Context(), o, client.DryRunAll)
}

func podOf(t *testing.T, all objects) *corev1.Pod {
	t.Helper()
	template := get[appsv1.Deployment](t, all, theDeployment).Spec.Template
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Namespace, pod.Name = home, "pod"
	return pod
}

// TestAccountMayDoWhatConfigSays asks the API server what the account of an installed operator may do: what config/rbac says,
// in the namespaces that are served, and not elsewhere.
func TestAccountMayDoWhatConfigSays(t *testing.T) {
	for name, tc := range map[string]struct {
		values         values
		served, others []string
	}{
		"all namespaces":  {nil, []string{"bookings", "cleaning", "default"}, nil},
		"some namespaces": {readValues(t, "namespaces.yaml"), []string{"bookings", "cleaning"}, []string{"default", home}},
	} {
		t.Run(name, func(t *testing.T) {
			k := theCluster(t)
			for _, namespace := range slices.Concat(tc.served, tc.others) {
				k.makeNamespace(namespace)
			}
			k.mustInstall(loadChart(t), home, tc.values)
			asked := rules(t, "role.yaml")
			for _, namespace := range tc.served {
				k.may(asked, namespace, true)
			}
			for _, namespace := range tc.others {
				k.may(asked, namespace, false)
			}
			k.may(rules(t, "leader_election_role.yaml"), home, true)
			k.may(rules(t, "metrics_auth_role.yaml"), "", len(tc.others) == 0)
		})
	}
}

// rules are those of a role in config/rbac.
func rules(t *testing.T, file string) []rbacv1.PolicyRule {
	t.Helper()
	var role rbacv1.ClusterRole
	for _, text := range read(t, filepath.Join(config, "rbac", file)) {
		if err := yaml.Unmarshal([]byte(text), &role); err != nil || len(role.Rules) == 0 {
			t.Fatalf("%s has rules %v: %v", file, role.Rules, err)
		}
	}
	return role.Rules
}

// may compares what the account of the operator may do with what it should be able to do, verb by verb.
func (k *cluster) may(all []rbacv1.PolicyRule, namespace string, want bool) {
	k.t.Helper()
	for _, rule := range all {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					resource, subresource, _ := strings.Cut(resource, "/")
					review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
						User: "system:serviceaccount:" + home + ":access-code-operator-controller-manager",
						ResourceAttributes: &authorizationv1.ResourceAttributes{
							Namespace: namespace, Group: group, Resource: resource, Subresource: subresource, Verb: verb,
						},
					}}
					if err := k.Create(k.t.Context(), review); err != nil {
						k.t.Fatal(err)
					}
					if review.Status.Allowed != want {
						k.t.Errorf("%s %s/%s in %q: got %t", verb, resource, subresource, namespace, review.Status.Allowed)
					}
				}
			}
		}
	}
}
