// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const workspaceOK = `{"ok":true,"workspace":{"workspace_id":"w1"}}`

// credentials picks the headers that say who calls.
func credentials(h http.Header) map[string]string {
	got := map[string]string{}
	for _, name := range []string{"Authorization", "Seam-Workspace", "Client-Session-Token", "Seam-Client-Session-Token", "Seam-Publishable-Key"} {
		if values := h.Values(name); len(values) > 0 {
			got[name] = strings.Join(values, "|")
		}
	}
	return got
}

func TestCredentials(t *testing.T) {
	tests := []struct {
		name string
		auth seam.Auth
		want map[string]string
	}{
		{name: "API key", auth: seam.APIKey("seam_k"), want: map[string]string{"Authorization": "Bearer seam_k"}},
		{
			name: "personal access token", auth: seam.PersonalAccessToken("seam_at1_t", "w1"),
			want: map[string]string{"Authorization": "Bearer seam_at1_t", "Seam-Workspace": "w1"},
		},
		{
			name: "client session", auth: seam.ClientSessionToken("seam_cst1_t"),
			want: map[string]string{"Authorization": "Bearer seam_cst1_t", "Client-Session-Token": "seam_cst1_t"},
		},
		{
			name: "console session", auth: seam.ConsoleSessionToken("eyJ.t", "w1"),
			want: map[string]string{"Authorization": "Bearer eyJ.t", "Seam-Workspace": "w1"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, ok(workspaceOK))
			c := client(t, s.URL, func(o *seam.Options) {
				o.Auth = tt.auth
				o.UserAgent = "tester"
				o.Headers = http.Header{"X-Extra": {"1"}}
			})
			if _, err := c.Workspaces.Get(t.Context()); err != nil {
				t.Fatal(err)
			}
			h := s.seen()[0].Header
			if diff := cmp.Diff(tt.want, credentials(h)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			got := []string{h.Get("Content-Type"), h.Get("Accept"), h.Get("User-Agent"), h.Get("X-Extra")}
			if diff := cmp.Diff([]string{"application/json", "application/json", "tester", "1"}, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestInvalidTokens(t *testing.T) {
	tests := []struct {
		name, want string
		auth       seam.Auth
	}{
		{name: "none", want: "invalid token: no credentials"},
		{name: "empty", auth: seam.APIKey(""), want: "invalid token: API key is empty"},
		{name: "line break", auth: seam.APIKey("seam_secret\n"), want: "invalid token: API key contains white space, a line break or another character that no token has"},
		{name: "umlaut", auth: seam.APIKey("seam_secretö"), want: "invalid token: API key contains white space, a line break or another character that no token has"},
		{name: "other prefix", auth: seam.APIKey("secret"), want: "invalid token: API key does not begin with seam_"},
		{name: "session as key", auth: seam.APIKey("seam_cst_secret"), want: "invalid token: API key expected, but this is a client session token"},
		{name: "access token as key", auth: seam.APIKey("seam_at_secret"), want: "invalid token: API key expected, but this is a personal access token"},
		{name: "publishable as key", auth: seam.APIKey("seam_pk_secret"), want: "invalid token: API key expected, but this is a publishable key"},
		{name: "web token as key", auth: seam.APIKey("eysecret"), want: "invalid token: API key expected, but this is a console session token"},
		{name: "key as access token", auth: seam.PersonalAccessToken("seam_secret", "w"), want: "invalid token: personal access token expected, but this is an API key"},
		{name: "no access token", auth: seam.PersonalAccessToken("secret", "w"), want: "invalid token: personal access token does not begin with seam_at"},
		{name: "no session", auth: seam.ClientSessionToken("secret"), want: "invalid token: client session token does not begin with seam_cst"},
		{name: "no console session", auth: seam.ConsoleSessionToken("secret", "w"), want: "invalid token: console session token does not begin with ey"},
		{name: "no publishable key", auth: seam.PublishableKey("secret", "u"), want: "invalid token: publishable key does not begin with seam_pk"},
		{name: "no workspace", auth: seam.PersonalAccessToken("seam_at_secret", ""), want: "invalid token: personal access token without workspace id"},
		{name: "bad workspace", auth: seam.ConsoleSessionToken("ey_secret", "w\r\nx"), want: "invalid token: console session token with a workspace id that contains white space or a character that no id has"},
		{name: "no user", auth: seam.PublishableKey("seam_pk_secret", ""), want: "invalid token: publishable key without user identifier key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := seam.New(seam.Options{Auth: tt.auth})
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v\nwant  %s", err, tt.want)
			}
			if !seam.IsInvalidToken(err) || seam.InDoubt(err) || strings.Contains(fmt.Sprintf("%+v", err), "secret") {
				t.Errorf("error %+v", err)
			}
			c := client(t, "http://127.0.0.1:1")
			if err := c.SetAuth(tt.auth); !seam.IsInvalidToken(err) {
				t.Errorf("SetAuth: %v", err)
			}
		})
	}
}

// TestSetAuth replaces the token while calls are under way. Each call carries
// one of the tokens, and after a refused replacement the last good one.
func TestSetAuth(t *testing.T) {
	s := serve(t, ok(workspaceOK))
	c := client(t, s.URL)
	var calls sync.WaitGroup
	for i := range 8 {
		calls.Go(func() {
			if err := c.SetAuth(seam.APIKey(redact.Secret(fmt.Sprintf("seam_k%d", i)))); err != nil {
				t.Error(err)
			}
			if _, err := c.Workspaces.Get(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	for _, r := range s.seen() {
		if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer seam_k") {
			t.Errorf("call with %q", got)
		}
	}
	if err := c.SetAuth(seam.APIKey("seam_last")); err != nil {
		t.Fatal(err)
	}
	if err := c.SetAuth(seam.APIKey("bad")); err == nil {
		t.Error("a bad token is accepted")
	}
	if _, err := c.Workspaces.Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := s.seen()
	if got := seen[len(seen)-1].Header.Get("Authorization"); got != "Bearer seam_last" {
		t.Errorf("last call with %q", got)
	}
}

// sessionTrail is each request's path with what it carried.
func sessionTrail(t *testing.T, requests []request) []string {
	t.Helper()
	var got []string
	for _, r := range requests {
		h := credentials(r.Header)
		token := strings.TrimPrefix(h["Authorization"], "Bearer ")
		if token != h["Client-Session-Token"] {
			t.Errorf("headers %v", h)
		}
		if r.Path == "/client_sessions/get_or_create" && r.Body["user_identifier_key"] != "user" {
			t.Errorf("body %v", r.Body)
		}
		got = append(got, r.Path+" "+token+h["Seam-Publishable-Key"])
	}
	return got
}

func sessionAnswer(n int, expires string) http.HandlerFunc {
	return ok(fmt.Sprintf(`{"ok":true,"client_session":{"client_session_id":"s","token":"seam_cst_%d","expires_at":%s}}`, n, expires))
}

func TestPublishableKey(t *testing.T) {
	const never = `"2099-01-01T00:00:00.000Z"`
	refused := says(401, envelope("unauthorized", "m"))
	unknown := says(401, envelope("client_session_not_found", "m"))
	exchange := "/client_sessions/get_or_create seam_pk_k"
	tests := []struct {
		name   string
		script []http.HandlerFunc
		calls  int
		want   []string
		kinds  []seam.Kind
	}{
		{
			name: "session is kept", calls: 2, kinds: []seam.Kind{"", ""},
			script: []http.HandlerFunc{sessionAnswer(1, never), ok(workspaceOK)},
			want:   []string{exchange, "/workspaces/get seam_cst_1", "/workspaces/get seam_cst_1"},
		},
		{
			name: "without an end it is kept, too", calls: 2, kinds: []seam.Kind{"", ""},
			script: []http.HandlerFunc{sessionAnswer(1, "null"), ok(workspaceOK)},
			want:   []string{exchange, "/workspaces/get seam_cst_1", "/workspaces/get seam_cst_1"},
		},
		{
			name: "renewed shortly before its end", calls: 2, kinds: []seam.Kind{"", ""},
			script: []http.HandlerFunc{sessionAnswer(1, `"2030-01-01T00:00:59Z"`), ok(workspaceOK), sessionAnswer(2, never), ok(workspaceOK)},
			want:   []string{exchange, "/workspaces/get seam_cst_1", exchange, "/workspaces/get seam_cst_2"},
		},
		{
			name: "renewed after a refusal", calls: 1, kinds: []seam.Kind{""},
			script: []http.HandlerFunc{sessionAnswer(1, never), refused, sessionAnswer(2, never), ok(workspaceOK)},
			want:   []string{exchange, "/workspaces/get seam_cst_1", exchange, "/workspaces/get seam_cst_2"},
		},
		{
			name: "renewed when it is not found", calls: 1, kinds: []seam.Kind{""},
			script: []http.HandlerFunc{sessionAnswer(1, never), unknown, sessionAnswer(2, never), ok(workspaceOK)},
			want:   []string{exchange, "/workspaces/get seam_cst_1", exchange, "/workspaces/get seam_cst_2"},
		},
		{
			name: "renewed once", calls: 1, kinds: []seam.Kind{seam.Unauthorized},
			script: []http.HandlerFunc{sessionAnswer(1, never), refused, sessionAnswer(2, never), refused},
			want:   []string{exchange, "/workspaces/get seam_cst_1", exchange, "/workspaces/get seam_cst_2"},
		},
		{
			name: "key refused", calls: 1, kinds: []seam.Kind{seam.Unauthorized},
			script: []http.HandlerFunc{refused}, want: []string{exchange},
		},
		{
			name: "key of no workspace", calls: 1, kinds: []seam.Kind{seam.Unauthorized},
			script: []http.HandlerFunc{says(400, envelope("workspace_not_found", "m"))}, want: []string{exchange},
		},
		{
			name: "exchange fails, next call tries again", calls: 2, kinds: []seam.Kind{seam.Unavailable, ""},
			script: []http.HandlerFunc{says(503, ""), sessionAnswer(1, never), ok(workspaceOK)},
			want:   []string{exchange, exchange, "/workspaces/get seam_cst_1"},
		},
		{
			name: "session without token", calls: 1, kinds: []seam.Kind{seam.Unavailable},
			script: []http.HandlerFunc{ok(`{"client_session":{"token":"seam_pk_bad"}}`)}, want: []string{exchange},
		},
		{
			name: "no session", calls: 1, kinds: []seam.Kind{seam.Unavailable},
			script: []http.HandlerFunc{ok(`{}`)}, want: []string{exchange},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.script...)
			c := client(t, s.URL, func(o *seam.Options) {
				o.Auth = seam.PublishableKey("seam_pk_k", "user")
				o.Now = func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }
			})
			for i := range tt.calls {
				_, err := c.Workspaces.Get(t.Context())
				if seam.KindOf(err) != tt.kinds[i] || seam.InDoubt(err) {
					t.Errorf("call %d: %v, in doubt %t", i, err, seam.InDoubt(err))
				}
			}
			got := sessionTrail(t, s.seen())
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
		})
	}
}

// TestPublishableKeyShared: many callers share one exchange, and none waits
// longer than it wants to.
func TestPublishableKeyShared(t *testing.T) {
	var exchanges atomic.Int32
	arrived, release := make(chan struct{}), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/client_sessions/get_or_create" {
			ok(workspaceOK)(w, r)
			return
		}
		exchanges.Add(1)
		close(arrived)
		<-release
		sessionAnswer(1, "null")(w, r)
	})
	c := client(t, s.URL, func(o *seam.Options) { o.Auth = seam.PublishableKey("seam_pk_k", "user") })
	var calls sync.WaitGroup
	for range 5 {
		calls.Go(func() {
			if _, err := c.Workspaces.Get(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	<-arrived
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Workspaces.Get(over); !errors.Is(err, context.Canceled) || seam.InDoubt(err) {
		t.Errorf("error %v", err)
	}
	close(release)
	calls.Wait()
	if n := exchanges.Load(); n != 1 {
		t.Errorf("%d exchanges", n)
	}
}

// TestPublishableKeyOfTwoEndpoints: a session goes to nobody but its maker.
func TestPublishableKeyOfTwoEndpoints(t *testing.T) {
	auth := seam.PublishableKey("seam_pk_k", "user")
	for n := range 2 {
		s := serve(t, sessionAnswer(n, "null"), ok(workspaceOK))
		c := client(t, s.URL, func(o *seam.Options) { o.Auth = auth })
		if _, err := c.Workspaces.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := s.seen()[1].Header.Get("Client-Session-Token"), fmt.Sprintf("seam_cst_%d", n); got != want {
			t.Errorf("endpoint %d got %s", n, got)
		}
	}
}
