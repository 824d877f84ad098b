// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/webhook"
)

var (
	_ manager.Runnable               = (*webhook.Receiver)(nil)
	_ manager.LeaderElectionRunnable = (*webhook.Receiver)(nil)
)

func fixedClock() clock.PassiveClock { return testclock.NewFakePassiveClock(start()) }

// always is a Secrets for which every workspace has the same.
func (s *stage) always(secret string) func(context.Context, v1alpha1.WorkspaceKey) ([]redact.Secret, error) {
	return func(context.Context, v1alpha1.WorkspaceKey) ([]redact.Secret, error) {
		return []redact.Secret{redact.Secret(secret)}, nil
	}
}

// run starts a receiver as a manager does; stop ends its context, and ended has what Start returned.
func (s *stage) run(edit ...func(*webhook.Options)) (stop func(), ended <-chan error) {
	s.t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(s.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	o := s.options()
	o.Listener = listener
	for _, f := range edit {
		f(&o)
	}
	receiver, err := webhook.New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.url = "http://" + listener.Addr().String()
	ctx, cancel := context.WithCancel(logInto(s.t, context.Background(), s.log))
	s.t.Cleanup(cancel)
	result := make(chan error, 1)
	go func() { result <- receiver.Start(ctx) }()
	return cancel, result
}

func (s *stage) ends(ended <-chan error) {
	s.t.Helper()
	select {
	case err := <-ended:
		if err != nil {
			s.t.Errorf("Start returned %v", err)
		}
	case <-time.After(10 * time.Second):
		s.t.Fatal("Start goes on")
	}
}

func TestStart(t *testing.T) {
	s := newStage(t)
	stop, ended := s.run()
	s.want(signed(message, key('a'), body("e1")), http.StatusNoContent, 1)
	stop()
	s.ends(ended)
	address := strings.TrimPrefix(s.url, "http://")
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address); err == nil {
		_ = conn.Close()
		t.Error("it still listens")
	}
	if !strings.Contains(s.log.String(), address) {
		t.Errorf("the log does not name the address:\n%s", s.log.String())
	}
}

// What has begun is ended properly.
func TestGracefulShutdown(t *testing.T) {
	s := newStage(t)
	s.hold, s.began = make(chan struct{}), make(chan struct{}, 1)
	stop, ended := s.run(func(o *webhook.Options) { o.Timeout, o.ShutdownTimeout = time.Minute, time.Minute })
	status := make(chan int, 1)
	go func() { status <- s.send(signed(message, key('a'), body("e1"))).status }()
	<-s.began
	stop()
	select {
	case err := <-ended:
		t.Fatalf("Start did not wait for the request, and returned %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(s.hold)
	s.ends(ended)
	if got := <-status; got != http.StatusNoContent {
		t.Errorf("got status %d", got)
	}
}

// What does not end is cut.
func TestShutdownTimeout(t *testing.T) {
	s := newStage(t)
	s.hold, s.began = make(chan struct{}), make(chan struct{}, 1)
	stop, ended := s.run(func(o *webhook.Options) { o.Timeout, o.ShutdownTimeout = time.Minute, 10*time.Millisecond })
	over := make(chan struct{})
	go func() {
		defer close(over)
		r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url+path, strings.NewReader(body("e1")))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header = signed(message, key('a'), body("e1")).header
		if resp, err := http.DefaultClient.Do(r); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-s.began
	stop()
	s.ends(ended)
	<-over
	if n := len(s.events()); n > 0 {
		t.Errorf("%d events were delivered", n)
	}
}

// A manager that ends before it has begun must not hang.
func TestStartAfterTheEnd(t *testing.T) {
	s := newStage(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := s.options()
	o.Listener = listener
	receiver, err := webhook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := receiver.Start(ctx); err != nil {
		t.Errorf("Start returned %v", err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("it still listens")
	}
}

func TestStartFails(t *testing.T) {
	s := newStage(t)
	o := s.options()
	o.Address = "256.0.0.1:http-is-no-port"
	receiver, err := webhook.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := receiver.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "listening for webhooks") {
		t.Errorf("got error %v", err)
	}

	_, ended := s.run(func(o *webhook.Options) { _ = o.Listener.Close() })
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "serving webhooks") {
		t.Errorf("got error %v", err)
	}
}

func TestEveryReplicaAnswers(t *testing.T) {
	receiver, err := webhook.New(newStage(t).options())
	if err != nil || receiver.NeedLeaderElection() {
		t.Errorf("error %v, or it waits to be the leader", err)
	}
}

func TestHeaderIsBounded(t *testing.T) {
	s := newStage(t)
	stop, ended := s.run()
	r := signed(message, key('a'), body("e1"))
	r.header.Set("X-Long", strings.Repeat("x", 64<<10))
	if got := s.send(r); got.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got status %d", got.status)
	}
	stop()
	s.ends(ended)
}

// TestFromSimulator goes the whole way: an event of the simulator, signed by it, to Deliver.
func TestFromSimulator(t *testing.T) {
	s := newStage(t).serve()
	simulator := sim.New(sim.Options{Seed: true, Clock: s.clock})
	secret := subscribe(t, simulator, s.url+path)
	secrets, err := webhook.ParseSecrets([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.secrets[home()] = secrets })
	call(t, simulator, "/access_codes/create", fmt.Sprintf(`{"device_id":%q,"code":%q}`, sim.SeedNativeLockID, pin))
	s.clock.SetTime(start().Add(time.Minute))

	s.set(func() { s.refuse = errBroken })
	if n, err := simulator.DeliverWebhooks(t.Context()); n != 0 || err == nil || strings.Contains(err.Error(), pin) {
		t.Errorf("got %d delivered, error %v", n, err)
	}
	s.set(func() { s.refuse = nil })
	again := simulator.Redeliver()
	if n, err := simulator.DeliverWebhooks(t.Context()); n != 2 || again != 2 || err != nil {
		t.Errorf("got %d of %d delivered, error %v", n, again, err)
	}
	s.checkStory()
}

// checkStory looks at the two events of a code that was set.
func (s *stage) checkStory() {
	s.t.Helper()
	var got []string
	for _, event := range s.events() {
		got = append(got, event.EventType)
		if event.WorkspaceID != sim.SeedWorkspaceID || event.DeviceID != sim.SeedNativeLockID || event.OccurredAt.IsZero() {
			s.t.Errorf("got %+v", event)
		}
	}
	if diff := cmp.Diff([]string{"access_code.created", "access_code.set_on_device"}, got); diff != "" {
		s.t.Fatalf("events (-want +got)\n%s", diff)
	}
	if last := s.events()[len(got)-1]; string(last.AccessCode.Code) != pin {
		s.t.Error("the PIN is not the one that was set")
	}
}
