// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestAuth makes a code with each way to authenticate.
func TestAuth(t *testing.T) {
	ref := v1alpha1.SecretKeyReference{Name: "seam", Key: "token"}
	tests := []struct {
		name  string
		token string
		auth  v1alpha1.Auth
		other string // a token of another kind
	}{
		{"API key", sim.SeedAPIKey, v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{SecretKeyRef: ref}}, sim.SeedPublishableKey},
		{"personal access token", sim.SeedAccessToken,
			v1alpha1.Auth{PersonalAccessToken: &v1alpha1.WorkspaceTokenAuth{SecretKeyRef: ref, WorkspaceID: sim.SeedWorkspaceID}}, sim.SeedAPIKey},
		{"console session token", sim.SeedConsoleToken,
			v1alpha1.Auth{ConsoleSessionToken: &v1alpha1.WorkspaceTokenAuth{SecretKeyRef: ref, WorkspaceID: sim.SeedWorkspaceID}}, sim.SeedAPIKey},
		{"client session token", sim.SeedClientSessionToken, v1alpha1.Auth{ClientSessionToken: &v1alpha1.SecretAuth{SecretKeyRef: ref}}, sim.SeedAPIKey},
		{"publishable key", sim.SeedPublishableKey,
			v1alpha1.Auth{PublishableKey: &v1alpha1.PublishableKeyAuth{SecretKeyRef: ref, UserIdentifierKey: sim.SeedUserIdentifierKey}}, sim.SeedAPIKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.create(secretNamed("seam", "token", test.other))
			ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: test.auth}}
			ws.Name = v1alpha1.DefaultWorkspaceName
			w.create(ws)
			w.code("guest", nil)
			w.settle("guest")
			w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonInvalidToken)
			if n := w.sim.Requests().Total; n != 0 {
				t.Errorf("%d requests with a token of another kind", n)
			}

			w.setSecret("seam", "token", test.token+"\n")
			w.settle("guest")
			connected := w.expectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
			if connected.Status.WorkspaceID != sim.SeedWorkspaceID {
				t.Errorf("status %+v", connected.Status)
			}
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.live(sim.SeedNativeLockID)
		})
	}
}

func TestSessionThatExpiresIsRenewed(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SessionLifetime = time.Hour })
	w.create(secretNamed("seam", "token", sim.SeedPublishableKey))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: v1alpha1.Auth{
		PublishableKey: &v1alpha1.PublishableKeyAuth{
			SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "token"}, UserIdentifierKey: sim.SeedUserIdentifierKey,
		},
	}}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.create(ws)
	w.code("guest", nil)
	w.settle("guest")
	sessions := w.calls("/client_sessions/get_or_create")
	w.step(2 * time.Hour)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "808080" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.calls("/client_sessions/get_or_create"); n <= sessions {
		t.Errorf("%d sessions after the first has expired", n)
	}
}

// TestUserWithoutDevices: nothing tells of the workspace of a user whose last lock is gone. That is not another workspace:
// AccessCodes go on, say what is wrong, and go when they are deleted, also after a restart.
func TestUserWithoutDevices(t *testing.T) {
	for name, auth := range map[string]v1alpha1.Auth{
		sim.SeedClientSessionToken: {ClientSessionToken: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "token"}}},
		sim.SeedPublishableKey: {PublishableKey: &v1alpha1.PublishableKeyAuth{
			SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "token"}, UserIdentifierKey: sim.SeedUserIdentifierKey,
		}},
	} {
		for _, restart := range []bool{false, true} {
			userWithoutDevices(t, name, auth, restart)
		}
	}
}

func userWithoutDevices(t *testing.T, token string, auth v1alpha1.Auth, restart bool) {
	w := newWorld(t)
	w.create(secretNamed("seam", "token", token))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: auth}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.create(ws)
	w.guests(2)
	for _, device := range w.sim.State().Devices {
		if err := w.sim.RemoveDevice(device.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.step(2 * defaultSyncInterval)
	if restart {
		w.restart()
	}
	if id := w.reconciled().Status.WorkspaceID; id != sim.SeedWorkspaceID {
		t.Errorf("the last known workspace is %q", id)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest-0")
	for range 2 {
		w.settle("guest-0")
		w.settle("guest-1")
		w.step(slowLook)
	}
	if w.exists(&v1alpha1.AccessCode{}, "guest-0") {
		t.Errorf("the deleted one stays: %+v", w.get("guest-0").Status.Conditions)
	}
	w.expect("guest-1", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
}

// reconciled is the default SeamWorkspace after a check that went well.
func (w *world) reconciled() *v1alpha1.SeamWorkspace {
	w.t.Helper()
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.t.Fatal(err)
	}
	return w.expectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
}
