// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	if _, ok := registry.Get(key); ok {
		t.Error("connected before anything was done")
	}
	info, err := registry.Connect(t.Context(), key, fake.credentials("1"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&seam.Workspace{WorkspaceID: "ws-1", Name: "Bookings", IsSandbox: true}, info); diff != "" {
		t.Errorf("workspace (-want +got):\n%s", diff)
	}
	requests := fake.seen()
	if len(requests) != 1 || requests[0].path != pathWorkspace {
		t.Fatalf("requests %v, want one to %s", requests, pathWorkspace)
	}
	if got := requests[0].header.Get("Authorization"); got != "Bearer "+string(token) {
		t.Errorf("Authorization is %q", got)
	}
	if got := requests[0].header.Get("User-Agent"); got != "workspace-test" {
		t.Errorf("User-Agent is %q", got)
	}
	if _, ok := registry.Get(key); ok {
		t.Error("it is to be had before it has caught up")
	}
	caughtUp(t, registry)
	session, ok := registry.Get(key)
	if !ok || session.WorkspaceID() != "ws-1" {
		t.Errorf("connected is %t, workspace %q", ok, session.WorkspaceID())
	}
	other := key
	other.Namespace = "elsewhere"
	if _, ok := registry.Get(other); ok {
		t.Error("a workspace of the same name in another namespace is connected, too")
	}
}

// failure is a connection that must fail.
type failure struct {
	name     string
	answer   http.HandlerFunc
	auth     seam.Auth
	kind     seam.Kind
	requests int
}

func TestConnectFails(t *testing.T) {
	t.Parallel()
	unauthorized := `{"error":{"type":"unauthorized","message":"No such key ` + string(token) + `"},"ok":false}`
	tests := []failure{
		{"unauthorized", says(http.StatusUnauthorized, unauthorized), seam.APIKey(token), seam.Unauthorized, 1},
		{"a token of another kind", nil, seam.APIKey("seam_pk_90817"), seam.InvalidToken, 0},
		{"no token", nil, seam.APIKey(""), seam.InvalidToken, 0},
		{"no credentials", nil, nil, seam.InvalidToken, 0},
		{"down", says(http.StatusServiceUnavailable, `{"error":{"type":"internal_error","message":"oops"}}`), seam.APIKey(token), seam.Unavailable, 1},
		{"a page that is not Seam's", says(http.StatusOK, `<html>`), seam.APIKey(token), seam.Unavailable, 1},
		{"an answer without workspace", says(http.StatusOK, `{"ok":true}`), seam.APIKey(token), seam.Unavailable, 1},
		{"too many calls", says(http.StatusTooManyRequests, ``), seam.APIKey(token), seam.RateLimited, 1},
		{"cut", cut, seam.APIKey(token), seam.Unavailable, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := newSeam(t)
			test.check(t, fake, fake.registry())
		})
		t.Run(test.name+", after a good connection", func(t *testing.T) {
			fake := newSeam(t)
			registry := fake.registry()
			fake.connected(t, registry)
			test.check(t, fake, registry)
		})
	}
}

// cut answers, and ends the connection within the answer.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.WriteHeader(http.StatusOK)
}

func (f failure) check(t *testing.T, fake *fakeSeam, registry *workspace.Registry) {
	t.Helper()
	fake.answer(pathWorkspace, f.answer)
	credentials := fake.credentials("2")
	credentials.Auth = f.auth
	info, err := registry.Connect(t.Context(), key, credentials)
	if seam.KindOf(err) != f.kind || info != nil {
		t.Fatalf("the error is %v of kind %q, want %q", err, seam.KindOf(err), f.kind)
	}
	if !strings.Contains(err.Error(), `"bookings/default"`) || strings.Contains(err.Error(), "90817") {
		t.Errorf("the error does not name the workspace, or names the token: %v", err)
	}
	if _, ok := registry.Get(key); ok {
		t.Error("connected all the same")
	}
	if got := len(fake.seen()); got != f.requests {
		t.Errorf("%d requests, want %d", got, f.requests)
	}
}

// One check without an answer is no reason to stop working with the same credentials; with others it is.
func TestCheckThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"down": says(http.StatusServiceUnavailable, `{"error":{"type":"internal_error","message":"oops"}}`), "too many calls": says(http.StatusTooManyRequests, ``), "cut": cut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newSeam(t)
			registry := fake.registry()
			fake.connected(t, registry)
			fake.answer(pathWorkspace, answer)
			if _, err := registry.Connect(t.Context(), key, fake.credentials("1")); err == nil {
				t.Fatal("no error")
			}
			if _, ok := registry.Get(key); !ok {
				t.Error("not connected any more")
			}
			if _, err := registry.Connect(t.Context(), key, fake.credentials("2")); err == nil {
				t.Fatal("no error")
			}
			if _, ok := registry.Get(key); ok {
				t.Error("connected with credentials that are no longer the ones")
			}
		})
	}
}

// The workspace that the devices of a user named stays known with the same credentials when there are no devices any more.
func TestWorkspaceOfAUserWithoutDevices(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	check := func(version, devices, want string) {
		t.Helper()
		fake.answer("/devices/list", says(http.StatusOK, `{"devices":[`+devices+`],"ok":true}`))
		credentials := fake.credentials(version)
		credentials.Auth, credentials.UserScoped = seam.ClientSessionToken("seam_cst1_90817"), true
		if _, err := registry.Connect(t.Context(), key, credentials); err != nil {
			t.Fatal(err)
		}
		if session, _ := registry.Connected(key); session.WorkspaceID() != want {
			t.Errorf("the workspace is %q, want %q", session.WorkspaceID(), want)
		}
	}
	check("1", `{"device_id":"d","workspace_id":"ws-1"}`, "ws-1")
	check("1", ``, "ws-1")
	check("2", ``, "")
	check("2", `{"device_id":"d","workspace_id":"ws-2"}`, "ws-2")
}

// A server that takes a request and says nothing holds nobody up.
func TestConnectTimesOut(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	fake.answer(pathWorkspace, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	registry := workspace.NewRegistry(workspace.Options{Clock: fake.clock, Timeout: 20 * time.Millisecond})
	if _, err := registry.Connect(t.Context(), key, fake.credentials("1")); !seam.IsUnavailable(err) {
		t.Errorf("the error is %v, want one of kind %s", err, seam.Unavailable)
	}
}

func TestGivenHTTPClientIsUsed(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	through := &counting{}
	registry := workspace.NewRegistry(workspace.Options{Clock: fake.clock, HTTPClient: &http.Client{Transport: through}})
	fake.connected(t, registry)
	if through.requests != 1 {
		t.Errorf("%d requests went through the HTTP client, want 1", through.requests)
	}
}

type counting struct{ requests int }

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.requests++
	return http.DefaultTransport.RoundTrip(r)
}

func TestFresh(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	check := func(when, version string, want bool) {
		t.Helper()
		if got := registry.Fresh(key, version, 10*time.Minute); got != want {
			t.Errorf("%s: fresh is %t", when, got)
		}
	}
	check("before", "1", false)
	fake.connected(t, registry)
	check("connected", "1", true)
	check("connected with other credentials", "2", false)
	fake.clock.Step(10*time.Minute - time.Second)
	check("almost 10 minutes later", "1", true)
	fake.clock.Step(time.Second)
	check("10 minutes later", "1", false)
	fake.connected(t, registry)
	check("checked again", "1", true)
	registry.Disconnect(key)
	check("disconnected", "1", false)
	if got := fake.paths(); got != nil {
		t.Errorf("asking whether it is fresh made requests: %v", got)
	}
}

// TestCheckOlderThanASuspicionIsNotFresh: credentials that were refused during a check have to be checked again.
func TestCheckOlderThanASuspicionIsNotFresh(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	fake.connected(t, registry)
	fake.answer(pathWorkspace, func(w http.ResponseWriter, r *http.Request) {
		registry.Disconnect(key)
		says(http.StatusOK, good[pathWorkspace])(w, r)
	})
	fake.connected(t, registry)
	if registry.Fresh(key, "1", 10*time.Minute) {
		t.Error("a check that is older than a suspicion counts as fresh")
	}
	fake.answer(pathWorkspace, nil)
	fake.connected(t, registry)
	if !registry.Fresh(key, "1", 10*time.Minute) {
		t.Error("not fresh after another check")
	}
}

// The same version keeps its client, with its open connections; another version gets another one at once.
func TestClientIsKeptForAVersion(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	fake.connected(t, registry)
	tests := []struct {
		version string
		token   string
	}{
		{"1", string(token)}, // the token below was not even looked at
		{"2", "seam_second"},
		{"1", "seam_second"}, // known once, but not kept
	}
	for _, test := range tests {
		credentials := fake.credentials(test.version)
		credentials.Auth = seam.APIKey("seam_second")
		if _, err := registry.Connect(t.Context(), key, credentials); err != nil {
			t.Fatal(err)
		}
		for _, request := range fake.seen() {
			if got := request.header.Get("Authorization"); got != "Bearer "+test.token {
				t.Errorf("version %s: Authorization is %q, want that of %s", test.version, got, test.token)
			}
		}
	}
}

func TestDisconnectAndForget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		leave func(*workspace.Registry)
		again bool // the limits still hold after connecting again
	}{
		{"disconnect", func(r *workspace.Registry) { r.Disconnect(key) }, true},
		{"forget", func(r *workspace.Registry) { r.Forget(key) }, false},
		{"disconnect and forget", func(r *workspace.Registry) { r.Disconnect(key); r.Forget(key) }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake := newSeam(t)
			registry := fake.registry()
			test.leave(registry) // of what is not known: nothing
			session := fake.connected(t, registry)
			reserve(t, session, 10)
			test.leave(registry)
			if _, ok := registry.Get(key); ok {
				t.Error("still connected")
			}
			if _, err := session.Reserve("lock", "guest"); err != workspace.ErrNotConnected { //nolint:errorlint // this very one
				t.Errorf("who still holds it gets %v, want %v", err, workspace.ErrNotConnected)
			}
			session = fake.connected(t, registry)
			if _, err := session.Reserve("lock", "guest"); seam.IsRateLimited(err) != test.again {
				t.Errorf("after connecting again, the next reservation gets %v", err)
			}
		})
	}
}

// Who holds a Session from before goes on with it after the workspace has been connected again.
func TestSessionOutlivesACredentialsChange(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	session := fake.connected(t, registry)
	registry.Disconnect(key)
	credentials := fake.credentials("2")
	credentials.Auth = seam.APIKey("seam_second")
	if _, err := registry.Connect(t.Context(), key, credentials); err != nil {
		t.Fatal(err)
	}
	fake.seen()
	if _, err := session.Get(t.Context(), "code-1"); err != nil {
		t.Fatal(err)
	}
	if got := fake.seen()[0].header.Get("Authorization"); got != "Bearer seam_second" {
		t.Errorf("Authorization is %q, want the new one", got)
	}
}

// TestSuspicion: credentials that Seam refuses one call, and takes when checked, are checked ever less often because of it.
// Those that have changed since are no false alarm.
func TestSuspicion(t *testing.T) {
	t.Parallel()
	fake := newSeam(t)
	registry := fake.registry()
	if registry.Suspect(key) {
		t.Error("suspects what is not connected")
	}
	connect := func(version string) {
		t.Helper()
		if _, err := registry.Connect(t.Context(), key, workspace.Credentials{Version: version, Endpoint: fake.url, Auth: seam.APIKey(token)}); err != nil {
			t.Fatal(err)
		}
	}
	connect("1")
	for _, quiet := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		if !registry.Suspect(key) {
			t.Fatalf("not suspected, before %s", quiet)
		}
		if _, ok := registry.Connected(key); ok {
			t.Fatal("still connected")
		}
		connect("1")
		fake.clock.Step(quiet - time.Second)
		if registry.Suspect(key) {
			t.Fatalf("suspected within %s", quiet)
		}
		fake.clock.Step(time.Second)
	}
	fake.clock.Step(time.Hour)
	for range 2 {
		if !registry.Suspect(key) {
			t.Fatal("not suspected after a long time, or with other credentials")
		}
		connect("2")
	}
	if registry.Suspect(key) {
		t.Error("suspected again at once")
	}
}
