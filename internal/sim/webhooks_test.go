// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/sim"
)

// mailbox is a receiver of webhooks that answers what it is told to.
type mailbox struct {
	*httptest.Server

	mu     sync.Mutex
	answer int
	got    []letter
}

// letter is one request that a mailbox got.
type letter struct {
	header http.Header
	body   string
	event  object
}

func newMailbox(t *testing.T) *mailbox {
	m := &mailbox{answer: http.StatusNoContent}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		l := letter{header: r.Header, body: string(body)}
		if err := json.Unmarshal(body, &l.event); err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.got = append(m.got, l)
		w.WriteHeader(m.answer)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *mailbox) answers(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = status
}

// take empties the mailbox.
func (m *mailbox) take() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := m.got
	m.got = nil
	return got
}

func types(letters []letter) []any {
	found := []any{}
	for _, l := range letters {
		found = append(found, l.event["event_type"])
	}
	return found
}

// deliver checks how many messages are taken, and whether one is given up.
func (a *api) deliver(want int, givenUp bool) {
	a.t.Helper()
	n, err := a.sim.DeliverWebhooks(a.t.Context())
	if n != want || (err != nil) != givenUp {
		a.t.Errorf("got %d delivered, error %v; want %d, given up: %t", n, err, want, givenUp)
	}
}

func (a *api) webhook(url string, eventTypes ...any) object {
	a.t.Helper()
	body := object{"url": url}
	if len(eventTypes) > 0 {
		body["event_types"] = eventTypes
	}
	return obj(a.ok("/webhooks/create", body)["webhook"])
}

func TestWebhookObjects(t *testing.T) {
	a := newAPI(t)
	const target = "http://127.0.0.1:1/webhooks/ns/name?x=1"
	all := a.webhook(target)
	some := a.webhook("http://localhost:1/", "access_code.created", "device.removed")
	a.equal("url", all["url"], any(target))
	a.equal("types by default", all["event_types"], any([]any{"*"}))
	a.equal("types", some["event_types"], any([]any{"access_code.created", "device.removed"}))
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(str(all["secret"]), "whsec_"))
	if err != nil || len(key) != 24 || all["secret"] == some["secret"] {
		t.Errorf("secrets %v and %v", all["secret"], some["secret"])
	}
	id := str(some["webhook_id"])
	a.equal("get", a.ok("/webhooks/get", object{"webhook_id": id})["webhook"], any(some))
	a.equal("list", a.get("/webhooks/list", nil).body["webhooks"], any([]any{all, some}))

	a.ok("/webhooks/update", object{"webhook_id": id, "event_types": []any{"lock.unlocked"}})
	a.equal("put", a.do(http.MethodPut, "/webhooks/update", object{"webhook_id": id, "event_types": []any{"*"}}).status, 200)
	got := a.get("/webhooks/get", url.Values{"webhook_id": {id}})
	a.equal("updated", obj(got.body["webhook"])["event_types"], any([]any{"*"}))

	a.ok("/webhooks/delete", object{"webhook_id": id})
	a.wantError(a.post("/webhooks/delete", object{"webhook_id": id}), 404, "webhook_not_found")
	a.equal("left", each(a.get("/webhooks/list", nil).body["webhooks"], "webhook_id"), []any{all["webhook_id"]})
	a.equal("delete by query", a.do(http.MethodDelete, "/webhooks/delete?webhook_id="+str(all["webhook_id"]), nil).status, 200)
}

func TestWebhookRefusals(t *testing.T) {
	a := newAPI(t)
	id := a.webhook("http://[::1]:1/")["webhook_id"]
	for name, tc := range map[string]struct {
		path, kind string
		status     int
		body       object
	}{
		"no url":            {"create", "invalid_input", 400, object{}},
		"another computer":  {"create", "invalid_input", 400, object{"url": "https://example.com/"}},
		"another address":   {"create", "invalid_input", 400, object{"url": "http://192.0.2.1/"}},
		"all addresses":     {"create", "invalid_input", 400, object{"url": "http://0.0.0.0/"}},
		"loopback as user":  {"create", "invalid_input", 400, object{"url": "http://127.0.0.1@example.com/"}},
		"loopback as start": {"create", "invalid_input", 400, object{"url": "http://127.0.0.1.example.com/"}},
		"another scheme":    {"create", "invalid_input", 400, object{"url": "ftp://127.0.0.1/"}},
		"no URL":            {"create", "invalid_input", 400, object{"url": "%"}},
		"types no list":     {"create", "invalid_input", 400, object{"url": "http://127.0.0.1/", "event_types": "*"}},
		"no type":           {"create", "invalid_event_types", 400, object{"url": "http://127.0.0.1/", "event_types": []any{"x"}}},
		"get no id":         {"get", "invalid_input", 400, object{}},
		"get unknown":       {"get", "webhook_not_found", 404, object{"webhook_id": unknownID}},
		"update no types":   {"update", "invalid_input", 400, object{"webhook_id": id}},
		"update no type":    {"update", "invalid_event_types", 400, object{"webhook_id": id, "event_types": []any{"*.*"}}},
		"update unknown":    {"update", "webhook_not_found", 404, object{"webhook_id": unknownID, "event_types": []any{"*"}}},
		"delete no id":      {"delete", "invalid_input", 400, object{}},
	} {
		t.Run(name, func(t *testing.T) {
			a := a.in(t)
			a.wantError(a.post("/webhooks/"+tc.path, tc.body), tc.status, tc.kind)
		})
	}
	other := a.in(t)
	other.key = sim.SeedOtherAPIKey
	other.wantError(other.post("/webhooks/get", object{"webhook_id": id}), 404, "webhook_not_found")
	other.equal("list", other.get("/webhooks/list", nil).body["webhooks"], any([]any{}))
	other.key = sim.SeedClientSessionToken
	other.wantError(other.get("/webhooks/list", nil), 401, "client_session_token_used_for_api_key")
}

func TestWebhookDelivery(t *testing.T) {
	a := newAPI(t)
	all, some, foreign := newMailbox(t), newMailbox(t), newMailbox(t)
	secret := str(a.webhook(all.URL)["secret"])
	a.webhook(some.URL, "access_code.set_on_device")
	other := a.in(t)
	other.key = sim.SeedOtherAPIKey
	other.webhook(foreign.URL)

	a.create(sim.SeedNativeLockID, object{"code": "1234"})
	a.deliver(1, false)
	a.deliver(0, false)
	a.pass(setDelay) // what falls due is sent without another request
	a.deliver(2, false)

	letters := all.take()
	a.equal("all types", types(letters), []any{"access_code.created", "access_code.set_on_device"})
	a.equal("one type", types(some.take()), []any{"access_code.set_on_device"})
	a.equal("another workspace", types(foreign.take()), []any{})
	events := list(a.ok("/events/list", object{"since": "2000-01-01"})["events"])
	a.equal("body", any(letters[1].event), events[0])

	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	h := letters[1].header
	a.equal("time", h.Get("Svix-Timestamp"), strconv.FormatInt(a.clock.Now().Unix(), 10))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("svix-id") + "." + h.Get("svix-timestamp") + "." + letters[1].body))
	a.equal("signature", h.Get("svix-signature"), "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	if h.Get("svix-id") == letters[0].header.Get("svix-id") {
		t.Error("two messages have one id")
	}
}

// The receiver's clock is not the simulator's: it must not find messages too old after an Advance.
func TestWebhookTimeAfterAdvance(t *testing.T) {
	a := newAPI(t)
	box := newMailbox(t)
	a.webhook(box.URL)
	a.sim.Advance(72 * time.Hour)
	a.create(sim.SeedNativeLockID, nil)
	a.deliver(1, false)
	a.equal("time", box.take()[0].header.Get("Svix-Timestamp"), strconv.FormatInt(a.clock.Now().Unix(), 10))
}

func TestWebhookRedelivery(t *testing.T) {
	a := newAPI(t)
	box := newMailbox(t)
	id := a.webhook(box.URL, "access_code.created")["webhook_id"]
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusFound} {
		box.answers(status)
		a.create(sim.SeedNativeLockID, nil)
		a.deliver(0, true)
	}
	failed := box.take()
	a.equal("tries", len(failed), 6)
	a.equal("same id", failed[2].header.Get("svix-id"), failed[0].header.Get("svix-id"))
	a.deliver(0, false)

	box.answers(http.StatusOK)
	a.equal("queued again", a.sim.Redeliver(), 2)
	a.deliver(2, false)
	again := box.take()
	a.equal("id again", again[0].header.Get("svix-id"), failed[0].header.Get("svix-id"))
	a.equal("order", again[1].header.Get("svix-id"), failed[5].header.Get("svix-id"))
	a.equal("nothing left", a.sim.Redeliver(), 0)

	box.answers(http.StatusServiceUnavailable)
	a.create(sim.SeedNativeLockID, nil)
	a.deliver(0, true)
	a.create(sim.SeedNativeLockID, nil)
	a.ok("/webhooks/delete", object{"webhook_id": id})
	a.deliver(0, false)
	a.equal("deleted webhook", a.sim.Redeliver(), 0)
}

// What could not be sent because the caller had no more time is sent by the next call.
func TestWebhookDeliveryInterrupted(t *testing.T) {
	a := newAPI(t)
	box := newMailbox(t)
	a.webhook(box.URL, "access_code.created")
	a.create(sim.SeedNativeLockID, nil)
	a.create(sim.SeedNativeLockID, nil)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := a.sim.DeliverWebhooks(over); n != 0 || err == nil {
		t.Errorf("got %d, error %v", n, err)
	}
	a.deliver(2, false)
}

// Nothing listens there: the failure is kept like any other.
func TestWebhookUnreachable(t *testing.T) {
	a := newAPI(t)
	box := newMailbox(t)
	a.webhook(box.URL, "access_code.created")
	box.Close()
	a.create(sim.SeedNativeLockID, nil)
	a.deliver(0, true)
	a.equal("kept", a.sim.Redeliver(), 1)
}

func TestWebhookQueueIsBounded(t *testing.T) {
	a := newAPI(t, func(o *sim.Options) { o.EventLimit = 8 })
	box := newMailbox(t)
	a.webhook(box.URL, "access_code.created")
	bounded := func(n int) {
		t.Helper()
		if n < 8 || n > 10 { // forgets in blocks of a quarter, as the log does
			t.Errorf("%d messages were kept", n)
		}
	}
	var newest any
	for range 30 {
		newest = a.create(sim.SeedNativeLockID, nil)["access_code_id"]
	}
	n, err := a.sim.DeliverWebhooks(t.Context())
	letters := box.take()
	bounded(n)
	if err != nil || n != len(letters) {
		t.Fatalf("%d delivered, %d arrived, error %v", n, len(letters), err)
	}
	a.equal("newest", letters[n-1].event["access_code_id"], newest)

	box.answers(http.StatusServiceUnavailable)
	for range 6 {
		for range 4 {
			a.create(sim.SeedNativeLockID, nil)
		}
		a.deliver(0, true)
	}
	bounded(a.sim.Redeliver())
}
