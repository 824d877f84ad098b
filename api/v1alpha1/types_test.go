// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// What a field means when it is left out is in code, because a spec has no defaults.
func TestAccessCodeDefaults(t *testing.T) {
	t.Parallel()
	type meaning struct {
		Workspace, Remote, Secret string
		Orphans                   bool
	}
	tests := []struct {
		name string
		spec v1alpha1.AccessCodeSpec
		want meaning
	}{
		{"all left out", v1alpha1.AccessCodeSpec{}, meaning{"default", "guest", "guest", false}},
		{
			"another workspace", v1alpha1.AccessCodeSpec{WorkspaceRef: &v1alpha1.WorkspaceReference{Name: "second"}},
			meaning{"second", "guest", "guest", false},
		},
		{"a name", v1alpha1.AccessCodeSpec{DisplayName: "Guest 12"}, meaning{"default", "Guest 12", "guest", false}},
		{"a Secret", v1alpha1.AccessCodeSpec{CodeSecretName: "pin"}, meaning{"default", "guest", "pin", false}},
		{"Delete", v1alpha1.AccessCodeSpec{DeletionPolicy: v1alpha1.DeletionDelete}, meaning{"default", "guest", "guest", false}},
		{"Orphan", v1alpha1.AccessCodeSpec{DeletionPolicy: v1alpha1.DeletionOrphan}, meaning{"default", "guest", "guest", true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code := &v1alpha1.AccessCode{ObjectMeta: metav1.ObjectMeta{Name: "guest"}, Spec: test.spec}
			got := meaning{code.WorkspaceName(), code.RemoteName(), code.CodeSecretName(), code.Orphans()}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("meaning (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthSecretKeyRef(t *testing.T) {
	t.Parallel()
	ref := v1alpha1.SecretKeyReference{Name: "seam", Key: "k"}
	tests := []struct {
		name string
		auth v1alpha1.Auth
		want *v1alpha1.SecretKeyReference
	}{
		{"none", v1alpha1.Auth{}, nil},
		{"apiKey", v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{SecretKeyRef: ref}}, &ref},
		{"personalAccessToken", v1alpha1.Auth{PersonalAccessToken: &v1alpha1.WorkspaceTokenAuth{SecretKeyRef: ref}}, &ref},
		{"clientSessionToken", v1alpha1.Auth{ClientSessionToken: &v1alpha1.SecretAuth{SecretKeyRef: ref}}, &ref},
		{"consoleSessionToken", v1alpha1.Auth{ConsoleSessionToken: &v1alpha1.WorkspaceTokenAuth{SecretKeyRef: ref}}, &ref},
		{"publishableKey", v1alpha1.Auth{PublishableKey: &v1alpha1.PublishableKeyAuth{SecretKeyRef: ref}}, &ref},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.auth.SecretKeyRef()); diff != "" {
				t.Errorf("SecretKeyRef (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGetConditions(t *testing.T) {
	t.Parallel()
	conditions := []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue}}
	code := &v1alpha1.AccessCode{Status: v1alpha1.AccessCodeStatus{Conditions: conditions}}
	workspace := &v1alpha1.SeamWorkspace{Status: v1alpha1.SeamWorkspaceStatus{Conditions: conditions}}
	for name, object := range map[string]interface{ GetConditions() []metav1.Condition }{"code": code, "workspace": workspace} {
		if diff := cmp.Diff(conditions, object.GetConditions()); diff != "" {
			t.Errorf("conditions of the %s (-want +got):\n%s", name, diff)
		}
	}
}
