// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/webhook"
)

const (
	pin     = "480915"
	path    = "/webhooks/hotel/main"
	message = "msg_p5jXN8AQM9LWM0D4loKWxJek"
)

// errBroken quotes what must not be quoted, as a careless function would.
var errBroken = errors.New("broken: " + pin + " " + secret('a'))

func home() v1alpha1.WorkspaceKey { return workspaceNamed("main") }

func workspaceNamed(name string) v1alpha1.WorkspaceKey {
	return v1alpha1.SeamWorkspaceKey(types.NamespacedName{Namespace: "hotel", Name: name})
}

func start() time.Time { return time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC) }

// key is 24 bytes that look like one.
func key(letter byte) []byte { return bytes.Repeat([]byte{letter}, 24) }

func secret(letter byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(key(letter)) }

func body(id string) string {
	return fmt.Sprintf(`{"event_id":%q,"event_type":"access_code.set_on_device","workspace_id":"w1","access_code_id":"c1",`+
		`"device_id":"d1","created_at":"2030-01-07T08:59:00.000Z","occurred_at":"2030-01-07T08:59:00.000Z","code":%q}`, id, pin)
}

// sign is written from the description of the format and shares nothing with the package.
func sign(key []byte, id, timestamp, body string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + body))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// stage is a receiver behind HTTP, with everything around it.
type stage struct {
	t     *testing.T
	url   string
	clock *testclock.FakePassiveClock
	log   *lockedBuffer

	mu      sync.Mutex
	secrets map[v1alpha1.WorkspaceKey][]redact.Secret
	failing error // of Secrets
	refuse  error // of Deliver
	hold    chan struct{}
	began   chan struct{}
	leading bool
	got     []seam.Event
	at      []v1alpha1.WorkspaceKey
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// logInto returns a context whose logger writes all there is into b.
func logInto(t *testing.T, ctx context.Context, b io.Writer) context.Context { //nolint:revive // the test comes first, as everywhere here
	t.Helper()
	var o zap.Options
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	o.BindFlags(flags)
	if err := flags.Set("zap-log-level", "9"); err != nil {
		t.Fatal(err)
	}
	return logf.IntoContext(ctx, zap.New(zap.UseFlagOptions(&o), zap.WriteTo(b)))
}

func (s *stage) options() webhook.Options {
	return webhook.Options{
		Clock: s.clock,
		Secrets: func(_ context.Context, workspace v1alpha1.WorkspaceKey) ([]redact.Secret, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.secrets[workspace], s.failing
		},
		Deliver: func(ctx context.Context, workspace v1alpha1.WorkspaceKey, event seam.Event) error {
			if s.hold != nil {
				s.began <- struct{}{}
				select {
				case <-s.hold:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.refuse != nil {
				return s.refuse
			}
			s.got, s.at = append(s.got, event), append(s.at, workspace)
			return nil
		},
		Leading: func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.leading
		},
	}
}

// newStage knows one workspace with one secret. No test of it may leave a PIN or a secret in the log.
func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{
		t: t, clock: testclock.NewFakePassiveClock(start()), log: &lockedBuffer{}, leading: true,
		secrets: map[v1alpha1.WorkspaceKey][]redact.Secret{home(): {redact.Secret(secret('a'))}},
	}
	t.Cleanup(func() {
		for _, word := range []string{pin, "whsec", strings.TrimPrefix(secret('a'), "whsec_"), "v1,"} {
			if strings.Contains(s.log.String(), word) {
				t.Errorf("the log has %q:\n%s", word, s.log.String())
			}
		}
	})
	return s
}

// serve opens a receiver with options that edit changed.
func (s *stage) serve(edit ...func(*webhook.Options)) *stage {
	s.t.Helper()
	o := s.options()
	for _, f := range edit {
		f(&o)
	}
	receiver, err := webhook.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(receiver)
	ctx := logInto(s.t, context.Background(), s.log)
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Start()
	s.t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *stage) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *stage) events() []seam.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seam.Event(nil), s.got...)
}

// request is a message as it should be; tests change it.
type request struct {
	method, path, body string
	header             http.Header
}

func signed(id string, key []byte, body string) request {
	timestamp := unix(start())
	return request{method: http.MethodPost, path: path, body: body, header: http.Header{
		"Svix-Id": {id}, "Svix-Timestamp": {timestamp}, "Svix-Signature": {sign(key, id, timestamp, body)},
	}}
}

// answer is all that a sender can tell answers apart by.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *stage) send(r request) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), r.method, s.url+r.path, strings.NewReader(r.body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Header.Del("Date")
	return answer{resp.StatusCode, resp.Header, string(data)}
}

// want sends a message and checks the status, and how many events have been delivered by then.
func (s *stage) want(r request, status, delivered int) {
	s.t.Helper()
	got := s.send(r)
	if got.status != status {
		s.t.Errorf("got status %d, want %d", got.status, status)
	}
	if got.body != "" {
		s.t.Errorf("the answer says %q", got.body)
	}
	if n := len(s.events()); n != delivered {
		s.t.Errorf("%d events were delivered, want %d", n, delivered)
	}
}

// call asks the simulator as a client would.
func call(t *testing.T, simulator http.Handler, path, body string) []byte {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+sim.SeedAPIKey)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	simulator.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got status %d", path, w.Code)
	}
	return w.Body.Bytes()
}

// subscribe creates a webhook and returns its secret.
func subscribe(t *testing.T, simulator http.Handler, url string) string {
	t.Helper()
	var answer struct {
		Webhook struct{ Secret string }
	}
	if err := json.Unmarshal(call(t, simulator, "/webhooks/create", fmt.Sprintf(`{"url":%q}`, url)), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Webhook.Secret
}
