// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
)

const (
	// webhookTries is how often a message is sent before it waits for Redeliver. The service spreads more tries over
	// a day; nobody who tests would wait for them.
	webhookTries = 3
	// webhookTimeout is how long one answer is waited for.
	webhookTimeout = 15 * time.Second
)

// webhookBook has all webhooks with the messages that wait for them. The zero value is empty. As many messages are kept as the
// log has events; the oldest are lost first.
type webhookBook struct {
	list   []*webhook
	queue  []message // in the order of the events
	failed []message // given up until Redeliver
}

// message is an event on its way to one webhook. Its id stays the same however often it is sent.
type message struct {
	id   string
	to   *webhook
	body map[string]any // shared with the event log, and never changed
}

// offer queues an event for the webhooks that want it.
func (b *webhookBook) offer(e event, limit int) {
	for _, h := range b.list {
		if h.wants(e) {
			id := "msg_" + strings.ReplaceAll(uuid.NewString(), "-", "")
			b.queue = bounded(append(b.queue, message{id, h, e.body}), limit)
		}
	}
}

// bounded forgets in blocks, as the event log does.
func bounded(list []message, limit int) []message {
	if len(list) > limit+limit/4 {
		return slices.Clone(list[len(list)-limit:])
	}
	return list
}

// drop takes a webhook out, with what it was still to get.
func (b *webhookBook) drop(h *webhook) {
	its := func(m message) bool { return m.to == h }
	b.list = slices.DeleteFunc(b.list, func(other *webhook) bool { return other == h })
	b.queue = slices.DeleteFunc(b.queue, its)
	b.failed = slices.DeleteFunc(b.failed, its)
}

// requeue puts messages before those that wait already.
func (b *webhookBook) requeue(list []message, limit int) {
	alive := slices.DeleteFunc(list, func(m message) bool { return !slices.Contains(b.list, m.to) })
	b.queue = bounded(append(alive, b.queue...), limit)
}

// DeliverWebhooks sends the waiting events to the webhooks that want them, one after the other, and returns how many were
// answered with 2xx. Each message is tried three times at once. One that is given up waits for Redeliver, and makes an error;
// what is left when ctx ends waits for the next call. Nothing else sends: the simulator has no goroutine, and a test decides
// when events arrive.
func (s *Server) DeliverWebhooks(ctx context.Context) (int, error) {
	var due []message
	s.do(func(w *world) { due, w.webhooks.queue = w.webhooks.queue, nil })
	client := webhookClient()
	defer client.CloseIdleConnections()
	delivered := 0
	var failed []message
	var first error
	for i, m := range due {
		err := s.deliver(ctx, client, m)
		if ctx.Err() != nil && err != nil {
			s.do(func(w *world) { w.webhooks.requeue(due[i:], w.events.limit) })
			first = ctx.Err()
			break
		}
		if err != nil {
			failed = append(failed, m)
			if first == nil {
				first = err
			}
			continue
		}
		delivered++
	}
	s.do(func(w *world) { w.webhooks.keep(failed, w.events.limit) })
	if first != nil {
		return delivered, fmt.Errorf("delivering webhooks, %d given up: %w", len(failed), first)
	}
	return delivered, nil
}

// keep holds messages until Redeliver, unless their webhooks have gone meanwhile.
func (b *webhookBook) keep(failed []message, limit int) {
	alive := slices.DeleteFunc(failed, func(m message) bool { return !slices.Contains(b.list, m.to) })
	b.failed = bounded(append(b.failed, alive...), limit)
}

// Redeliver queues the messages that were given up, with the ids that they had, and says how many. DeliverWebhooks
// sends them.
func (s *Server) Redeliver() int {
	n := 0
	s.do(func(w *world) {
		n = len(w.webhooks.failed)
		w.webhooks.requeue(w.webhooks.failed, w.events.limit)
		w.webhooks.failed = nil
	})
	return n
}

// deliver tries a message as often as it is tried at once, and returns the last failure.
func (s *Server) deliver(ctx context.Context, client *http.Client, m message) error {
	body, err := json.Marshal(m.body)
	if err != nil {
		return fmt.Errorf("encoding event: %w", err)
	}
	for range webhookTries {
		if err = s.try(ctx, client, m, body); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (s *Server) try(ctx context.Context, client *http.Client, m message, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.to.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("making request: %w", err)
	}
	// The clock that the receiver has as well: Advance moves the locks, and not the receiver.
	timestamp := strconv.FormatInt(s.base.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Svix-Id", m.id)
	r.Header.Set("Svix-Timestamp", timestamp)
	r.Header.Set("Svix-Signature", "v1,"+m.signature(timestamp, body))
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxBody)) // so that the connection serves again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answered %d", answer.StatusCode)
	}
	return nil
}

func (m message) signature(timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, m.to.key)
	fmt.Fprintf(mac, "%s.%s.%s", m.id, timestamp, body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// webhookClient reaches this computer and nothing else: a name may have been given another address meanwhile, and a redirect or
// a proxy may lead elsewhere.
func webhookClient() *http.Client {
	dialer := &net.Dialer{Timeout: webhookTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !target.Addr().Unmap().IsLoopback() {
			return errors.New("not an address of this computer")
		}
		return nil
	}}
	return &http.Client{
		Timeout:       webhookTimeout,
		Transport:     &http.Transport{DialContext: dialer.DialContext},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
