// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// permission is one verb on one resource.
type permission struct{ group, resource, verb string }

// String names it as messages of the API server do.
func (p permission) String() string {
	if p.group == "" {
		return p.verb + " " + p.resource
	}
	return p.verb + " " + p.resource + "." + p.group
}

func (p permission) rule() rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{p.group}, Resources: []string{p.resource}, Verbs: []string{p.verb}}
}

// roles are the permissions of the operator, by the file that grants them.
type roles struct {
	manager  []permission // config/rbac/role.yaml, everywhere or in the namespaces that are served
	election []permission // config/rbac/leader_election_role.yaml, in the operator's own namespace
	metrics  []permission // config/rbac/metrics_auth_role.yaml, everywhere
}

func readRoles(t *testing.T) roles {
	t.Helper()
	return roles{
		manager:  readPermissions(t, "role.yaml"),
		election: readPermissions(t, "leader_election_role.yaml"),
		metrics:  readPermissions(t, "metrics_auth_role.yaml"),
	}
}

// readPermissions takes the rules of a role apart.
func readPermissions(t *testing.T, file string) []permission {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "config", "rbac", file))
	if err != nil {
		t.Fatal(err)
	}
	var role struct {
		Rules []rbacv1.PolicyRule `json:"rules"`
	}
	if err := yaml.Unmarshal(data, &role); err != nil {
		t.Fatal(err)
	}
	var all []permission
	for _, rule := range role.Rules {
		if len(rule.ResourceNames)+len(rule.NonResourceURLs) > 0 {
			t.Fatalf("%s: a rule that can't be taken apart here: %v", file, rule)
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					all = append(all, permission{group, resource, verb})
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s grants nothing", file)
	}
	return all
}

// without are the roles less one permission.
func (r roles) without(p permission) roles {
	less := func(from []permission) []permission {
		return slices.DeleteFunc(slices.Clone(from), func(q permission) bool { return p == q })
	}
	return roles{manager: less(r.manager), election: less(r.election), metrics: less(r.metrics)}
}

func rules(permissions []permission) []rbacv1.PolicyRule {
	var list []rbacv1.PolicyRule
	for _, p := range permissions {
		list = append(list, p.rule())
	}
	return list
}

// grantEverywhere gives an account permissions in the whole cluster.
func (h *house) grantEverywhere(t *testing.T, who account, role string, permissions []permission) {
	t.Helper()
	meta := metav1.ObjectMeta{Name: "e2e-" + who.namespace + "-" + role}
	h.create(t,
		&rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules(permissions)},
		&rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: roleRef("ClusterRole", meta.Name), Subjects: who.subjects()},
	)
}

// grantIn gives an account permissions in one namespace.
func (h *house) grantIn(t *testing.T, who account, namespace, role string, permissions []permission) {
	t.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: role}
	h.create(t,
		&rbacv1.Role{ObjectMeta: meta, Rules: rules(permissions)},
		&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: roleRef("Role", meta.Name), Subjects: who.subjects()},
	)
}

// mayRead lets an account read the metrics, by the ClusterRole of config/rbac.
func (h *house) mayRead(t *testing.T, who account) {
	t.Helper()
	h.create(t, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "e2e-" + who.namespace + "-" + who.name},
		RoleRef:    roleRef("ClusterRole", h.account.NamePrefix+"metrics-reader"), Subjects: who.subjects(),
	})
}

func roleRef(kind, name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
}

func (a account) subjects() []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: a.namespace, Name: a.name}}
}

// allowed says whether the API server lets an account do something in a namespace. A role that was granted a moment
// ago may not be known yet.
func (h *house) allowed(ctx context.Context, who account, namespace string, p permission) (bool, error) {
	resource, subresource, _ := strings.Cut(p.resource, "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:   who.user(),
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + who.namespace, "system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: p.verb, Group: p.group, Resource: resource, Subresource: subresource,
		},
	}}
	if err := h.Create(ctx, review); err != nil {
		return false, fmt.Errorf("asking whether %s may %s: %w", who.user(), p, err)
	}
	return review.Status.Allowed, nil
}
