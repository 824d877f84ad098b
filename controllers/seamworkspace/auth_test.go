// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
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
			w.Create(testworld.SecretNamed("seam", "token", test.other))
			ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: test.auth}}
			ws.Name = v1alpha1.DefaultWorkspaceName
			w.Create(ws)
			w.Code("guest", nil)
			w.Settle("guest")
			w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonInvalidToken)
			if n := w.Sim.Requests().Total; n != 0 {
				t.Errorf("%d requests with a token of another kind", n)
			}

			w.SetSecret("seam", "token", test.token+"\n")
			w.Settle("guest")
			connected := w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
			if connected.Status.WorkspaceID != sim.SeedWorkspaceID {
				t.Errorf("status %+v", connected.Status)
			}
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Live(sim.SeedNativeLockID)
		})
	}
}

func TestSessionThatExpiresIsRenewed(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SessionLifetime = time.Hour })
	w.Create(testworld.SecretNamed("seam", "token", sim.SeedPublishableKey))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: v1alpha1.Auth{
		PublishableKey: &v1alpha1.PublishableKeyAuth{
			SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "token"}, UserIdentifierKey: sim.SeedUserIdentifierKey,
		},
	}}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.Create(ws)
	w.Code("guest", nil)
	w.Settle("guest")
	sessions := w.Calls("/client_sessions/get_or_create")
	w.Step(2 * time.Hour)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "808080" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/client_sessions/get_or_create"); n <= sessions {
		t.Errorf("%d sessions after the first has expired", n)
	}
}

// TestUserWithoutDevices: when the last lock of a user is gone, Seam no longer tells the workspace. It is not taken for another
// one: AccessCodes go on, say what is wrong, and go when they are deleted, also after a restart.
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
	w.Create(testworld.SecretNamed("seam", "token", token))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: auth}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.Create(ws)
	w.Guests(2)
	for _, device := range w.Sim.State().Devices {
		if err := w.Sim.RemoveDevice(device.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.Step(2 * v1alpha1.DefaultSyncInterval)
	if restart {
		w.Restart()
	}
	if id := w.reconciled().Status.WorkspaceID; id != sim.SeedWorkspaceID {
		t.Errorf("the last known workspace is %q", id)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest-0")
	for range 2 {
		w.Settle("guest-0")
		w.Settle("guest-1")
		w.Step(kube.SlowLook)
	}
	if w.Exists(&v1alpha1.AccessCode{}, "guest-0") {
		t.Errorf("the deleted one stays: %+v", w.Get("guest-0").Status.Conditions)
	}
	w.Expect("guest-1", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
}

// reconciled is the default SeamWorkspace after a check that went well.
func (w *world) reconciled() *v1alpha1.SeamWorkspace {
	w.T.Helper()
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.T.Fatal(err)
	}
	return w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// TestTokenIsReadAsPeopleStoreIt: a newline at its end does not count. Any other mistake is named, and the token is neither
// sent nor shown.
func TestTokenIsReadAsPeopleStoreIt(t *testing.T) {
	key := sim.SeedAPIKey
	once := base64.StdEncoding.EncodeToString([]byte(key + "\n"))
	tests := map[string]struct {
		value  string
		reason string
		words  string
	}{
		"plain":                   {key, v1alpha1.ReasonConnected, "takes the credentials"},
		"newline":                 {key + "\n", v1alpha1.ReasonConnected, "takes the credentials"},
		"newline of Windows":      {key + "\r\n", v1alpha1.ReasonConnected, "takes the credentials"},
		"empty":                   {"", v1alpha1.ReasonInvalidToken, `Key "apiKey" of Secret "seam" is there, but empty`},
		"newline alone":           {"\n", v1alpha1.ReasonInvalidToken, "is there, but empty"},
		"byte order mark":         {"\ufeff" + key, v1alpha1.ReasonInvalidToken, "byte order mark"},
		"byte order mark, line":   {"\ufeff" + key + "\r\n", v1alpha1.ReasonInvalidToken, "byte order mark"},
		"UTF-16":                  {"\xff\xfes\x00e\x00a\x00m\x00", v1alpha1.ReasonInvalidToken, "UTF-16"},
		"base64 twice":            {once, v1alpha1.ReasonInvalidToken, "base64 twice"},
		"base64 twice, in lines":  {once[:12] + "\n" + once[12:] + "\n", v1alpha1.ReasonInvalidToken, "base64 twice"},
		"base64 thrice":           {base64.StdEncoding.EncodeToString([]byte(once)), v1alpha1.ReasonInvalidToken, "base64 twice"},
		"base64 with no padding":  {strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(key)), "="), v1alpha1.ReasonInvalidToken, "base64 twice"},
		"quotes":                  {`"` + key + `"`, v1alpha1.ReasonInvalidToken, "quotes"},
		"single quotes, newline":  {"'" + key + "'\n", v1alpha1.ReasonInvalidToken, "quotes"},
		"quote at one end":        {key + `"`, v1alpha1.ReasonInvalidToken, "quotes"},
		"newline within":          {key[:9] + "\n" + key[9:], v1alpha1.ReasonInvalidToken, "line break"},
		"line of an env file":     {"SEAM_API_KEY=" + key, v1alpha1.ReasonInvalidToken, "store the token alone"},
		"header":                  {"Bearer " + key, v1alpha1.ReasonInvalidToken, "Bearer"},
		"variable, not filled in": {"${SEAM_API_KEY}", v1alpha1.ReasonInvalidToken, "placeholder"},
		"another kind":            {sim.SeedPublishableKey, v1alpha1.ReasonInvalidToken, "publishable key"},
		"anything":                {"hunter2hunter2", v1alpha1.ReasonInvalidToken, "does not begin with seam_"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Create(testworld.SecretNamed("seam", "apiKey", test.value))
			ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: testworld.APIKeyAuth()}}
			ws.Name = v1alpha1.DefaultWorkspaceName
			w.Create(ws)
			if _, err := w.ReconcileWorkspace(ws.Name); err != nil {
				t.Fatal(err)
			}
			status := metav1.ConditionFalse
			if test.reason == v1alpha1.ReasonConnected {
				status = metav1.ConditionTrue
			}
			message := kube.ReadyMessage(w.ExpectWorkspace(status, test.reason).Status.Conditions)
			bare := strings.TrimSpace(test.value)
			if !strings.Contains(message, test.words) || bare != "" && strings.Contains(message, bare) || strings.Contains(message, key) {
				t.Errorf("message %q, want %q and not the value", message, test.words)
			}
			if n := w.Sim.Requests().Total; status == metav1.ConditionFalse && n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
	// A key that is missing is another matter.
	w := newWorld(t)
	w.Connected()
	w.SetSecret("seam", "other", key)
	w.Step(2 * v1alpha1.DefaultSyncInterval)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	message := kube.ReadyMessage(w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound).Status.Conditions)
	if message != `Secret "seam" has no key "apiKey": add it` {
		t.Errorf("message %q", message)
	}
}
