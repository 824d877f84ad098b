// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/webhook"
)

func TestDeliver(t *testing.T) {
	s := newStage(t).serve()
	s.want(signed(message, key('a'), body("e1")), http.StatusNoContent, 1)
	want := seam.Event{
		EventID: "e1", EventType: "access_code.set_on_device", WorkspaceID: "w1", AccessCodeID: "c1", DeviceID: "d1",
		CreatedAt: start().Add(-time.Minute), OccurredAt: start().Add(-time.Minute),
		AccessCode: &seam.AccessCodeEvent{Code: pin},
	}
	if diff := cmp.Diff([]seam.Event{want}, s.events()); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]v1alpha1.WorkspaceKey{home()}, s.at); diff != "" {
		t.Errorf("workspaces (-want +got)\n%s", diff)
	}
}

func TestNewNeedsFunctions(t *testing.T) {
	o := newStage(t).options()
	for _, edit := range []func(*webhook.Options){
		func(o *webhook.Options) { o.Secrets = nil },
		func(o *webhook.Options) { o.Deliver = nil },
	} {
		less := o
		edit(&less)
		if _, err := webhook.New(less); err == nil {
			t.Error("got no error")
		}
	}
}

func TestMethods(t *testing.T) {
	s := newStage(t).serve()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		r := signed(message, key('a'), body("e1"))
		r.method = method
		got := s.send(r)
		if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") != http.MethodPost {
			t.Errorf("%s: got %+v", method, got)
		}
		r.path = "/webhooks/hotel"
		s.want(r, http.StatusNotFound, 0)
	}
}

func TestPaths(t *testing.T) {
	s := newStage(t).serve()
	unknown := s.send(request{method: http.MethodPost, path: "/elsewhere"})
	if unknown.status != http.StatusNotFound {
		t.Fatalf("got %+v", unknown)
	}
	large := signed(message, key('a'), strings.Repeat("x", 2<<20))
	for name, path := range map[string]string{
		"root":              "/",
		"prefix":            "/webhooks/",
		"no name":           "/webhooks/hotel",
		"empty name":        "/webhooks/hotel/",
		"slash at the end":  "/webhooks/hotel/main/",
		"one more part":     "/webhooks/hotel/main/x",
		"escaped slash":     "/webhooks/hotel%2Fmain/x",
		"no possible name":  "/webhooks/hotel/Main",
		"upwards":           "/webhooks/hotel/..%2Fmain",
		"unknown name":      "/webhooks/hotel/other",
		"unknown namespace": "/webhooks/inn/main",
	} {
		t.Run(name, func(t *testing.T) {
			r := signed(message, key('a'), body("e1"))
			for _, r := range []request{{method: r.method, path: path}, {r.method, path, r.body, r.header}} {
				if diff := cmp.Diff(unknown, s.send(r), cmp.AllowUnexported(answer{})); diff != "" {
					t.Errorf("differs from an unknown path (-unknown +got)\n%s", diff)
				}
			}
		})
	}
	// Too large for a webhook, and still a path like any other.
	large.path = "/webhooks/hotel/other"
	if got := s.send(large); got.status != http.StatusNotFound {
		t.Errorf("got %+v", got)
	}
	s.want(signed(message, key('a'), body("e1")), http.StatusNoContent, 1)
}

func TestSize(t *testing.T) {
	s := newStage(t).serve()
	event := body("e1")
	padded := func(size int) string { return event + strings.Repeat(" ", size-len(event)) }
	s.want(signed("m1", key('a'), padded(1<<20+1)), http.StatusRequestEntityTooLarge, 0)
	s.want(signed("m1", key('a'), padded(1<<20)), http.StatusNoContent, 1)
}

func TestNoEvent(t *testing.T) {
	s := newStage(t).serve()
	for i, text := range []string{
		"", "no JSON " + pin, "null", "[]", "{}", `"` + pin + `"`, `{"event_id":"e1"}`, `{"event_type":"device.removed"}`,
		`{"event_id":"e1","event_type":"access_code.set_on_device","code":` + pin + `}`, body("e1") + "x",
	} {
		s.want(signed(fmt.Sprint("m", i), key('a'), text), http.StatusBadRequest, 0)
	}
	if !strings.Contains(s.log.String(), "the message is no event") {
		t.Errorf("the log says nothing:\n%s", s.log.String())
	}
	s.want(signed("other", key('a'), `{"event_id":"e1","event_type":"phone.deactivated","from":7}`), http.StatusNoContent, 1)
}

func TestOncePerMessage(t *testing.T) {
	s := newStage(t).serve()
	second := workspaceNamed("second")
	s.set(func() { s.secrets[second] = s.secrets[home()] })
	r := signed(message, key('a'), body("e1"))
	s.want(r, http.StatusNoContent, 1)
	s.want(r, http.StatusNoContent, 1)
	s.want(signed("another", key('a'), body("e1")), http.StatusNoContent, 2)
	// The id was heard of another workspace, whose owner could otherwise keep messages away from this one.
	r.path = "/webhooks/hotel/second"
	s.want(r, http.StatusNoContent, 3)

	resigned := func() request {
		r, at := signed(message, key('a'), body("e1")), unix(s.clock.Now())
		r.header.Set("Svix-Timestamp", at)
		r.header.Set("Svix-Signature", sign(key('a'), message, at, r.body))
		return r
	}
	s.clock.SetTime(start().Add(10 * time.Minute))
	s.want(resigned(), http.StatusNoContent, 3)
	s.clock.SetTime(start().Add(10*time.Minute + time.Second))
	s.want(resigned(), http.StatusNoContent, 4)
	s.want(resigned(), http.StatusNoContent, 4)
}

// A message from the future can be repeated for ten minutes; it is known all that time.
func TestReplay(t *testing.T) {
	s := newStage(t).serve()
	s.clock.SetTime(start().Add(-5 * time.Minute))
	r := signed(message, key('a'), body("e1"))
	s.want(r, http.StatusNoContent, 1)
	for s.clock.Now().Before(start().Add(5 * time.Minute)) {
		s.clock.SetTime(s.clock.Now().Add(time.Minute))
		s.want(r, http.StatusNoContent, 1)
	}
	s.clock.SetTime(s.clock.Now().Add(time.Second))
	s.want(r, http.StatusUnauthorized, 1)
}

func TestMemoryIsBounded(t *testing.T) {
	s := newStage(t).serve()
	text := `{"event_id":"e1","event_type":"device.removed"}`
	const size = 4096
	for i := range size + 1 {
		if got := s.send(signed(fmt.Sprint("m", i), key('a'), text)); got.status != http.StatusNoContent {
			t.Fatalf("got %+v", got)
		}
	}
	s.want(signed("m1", key('a'), text), http.StatusNoContent, size+1)
	s.want(signed("m0", key('a'), text), http.StatusNoContent, size+2)
}

func TestFailureThenRedelivery(t *testing.T) {
	s := newStage(t).serve()
	r := signed(message, key('a'), body("e1"))
	s.set(func() { s.refuse = errBroken })
	s.want(r, http.StatusServiceUnavailable, 0)
	s.want(r, http.StatusServiceUnavailable, 0)
	s.set(func() { s.refuse = nil })
	s.want(r, http.StatusNoContent, 1)
}

func TestDeliverTakesTooLong(t *testing.T) {
	s := newStage(t)
	s.hold, s.began = make(chan struct{}), make(chan struct{}, 1)
	s.serve(func(o *webhook.Options) { o.Timeout = 10 * time.Millisecond })
	s.want(signed(message, key('a'), body("e1")), http.StatusServiceUnavailable, 0)
}

func TestUnreadableSecretsMakeSeamTryAgain(t *testing.T) {
	s := newStage(t).serve()
	r := signed(message, key('a'), body("e1"))
	s.set(func() { s.failing = errBroken })
	s.want(r, http.StatusServiceUnavailable, 0)
	s.set(func() { s.failing, s.secrets[home()] = nil, []redact.Secret{"whsec_" + pin} })
	s.want(r, http.StatusServiceUnavailable, 0)
	s.set(func() { s.secrets[home()] = []redact.Secret{redact.Secret(secret('a'))} })
	s.want(r, http.StatusNoContent, 1)
}

func TestReplicaThatDoesNotLeadMakesSeamTryAgain(t *testing.T) {
	s := newStage(t).serve()
	r := signed(message, key('a'), body("e1"))
	s.set(func() { s.leading = false })
	s.want(r, http.StatusServiceUnavailable, 0)
	s.set(func() { s.leading = true })
	s.want(r, http.StatusNoContent, 1)

	always := newStage(t).serve(func(o *webhook.Options) { o.Leading = nil })
	always.want(r, http.StatusNoContent, 1)
}

func TestConcurrency(t *testing.T) {
	s := newStage(t)
	s.hold, s.began = make(chan struct{}), make(chan struct{}, 2)
	s.serve(func(o *webhook.Options) { o.Concurrency, o.Timeout = 2, time.Minute })
	statuses := make(chan int)
	for _, id := range []string{"m1", "m2"} {
		go func() { statuses <- s.send(signed(id, key('a'), body(id))).status }()
	}
	<-s.began
	<-s.began
	s.want(signed("m3", key('a'), body("m3")), http.StatusServiceUnavailable, 0)
	close(s.hold)
	for range 2 {
		if status := <-statuses; status != http.StatusNoContent {
			t.Errorf("got status %d", status)
		}
	}
	s.want(signed("m3", key('a'), body("m3")), http.StatusNoContent, 3)
}
