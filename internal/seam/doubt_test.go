// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/access-codes/access-code-operator/internal/seam"
)

// TestNotSent: when nothing left, nothing can have happened.
func TestNotSent(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelLate()
	untraced := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
	})
	unresolved := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "x"}
	})
	unknown := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("broke stream 4711") })
	slowDial := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	tests := []struct {
		name    string
		ctx     context.Context
		via     http.RoundTripper
		text    string
		inDoubt bool
		cause   error
	}{
		{name: "refused", ctx: t.Context(), text: "calling /access_codes/create: unavailable: dial: connection refused"},
		{name: "canceled before", ctx: over, text: "calling /access_codes/create: unavailable: not sent: context canceled", cause: context.Canceled},
		{name: "late before", ctx: late, text: "calling /access_codes/create: unavailable: not sent: context deadline exceeded", cause: context.DeadlineExceeded},
		{name: "dial without trace", ctx: t.Context(), via: untraced, text: "calling /access_codes/create: unavailable: dial: no route"},
		{name: "lookup without trace", ctx: t.Context(), via: unresolved, text: "calling /access_codes/create: unavailable: looking up host: no such host"},
		{name: "time-out in dial", ctx: t.Context(), via: slowDial, text: "calling /access_codes/create: unavailable: context deadline exceeded", cause: context.DeadlineExceeded},
		{name: "unknown without trace", ctx: t.Context(), via: unknown, text: "calling /access_codes/create: unavailable: broke stream [redacted]", inDoubt: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := client(t, closed.URL, func(o *seam.Options) {
				o.HTTPClient = &http.Client{Transport: tt.via}
				o.Timeout = 500 * time.Millisecond
			})
			_, err := c.AccessCodes.Create(tt.ctx, seam.CreateAccessCodeRequest{DeviceID: "d1"})
			checkText(t, err, tt.text)
			if !seam.IsUnavailable(err) || seam.InDoubt(err) != tt.inDoubt {
				t.Errorf("kind %q, in doubt %t", seam.KindOf(err), seam.InDoubt(err))
			}
			if tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("cause is not %v", tt.cause)
			}
		})
	}
}

// frozen is the context of a process that is frozen: its deadline passes, and its timer has not fired yet.
type frozen struct {
	context.Context

	past atomic.Bool
}

func (f *frozen) Deadline() (time.Time, bool) {
	if f.past.Load() {
		return time.Unix(0, 0), true
	}
	return time.Now().Add(time.Minute), true
}

// TestFrozenWhileConnecting: a call whose time is over when it has its connection does not leave, so nothing can have
// happened, whatever the timer of its context says.
func TestFrozenWhileConnecting(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) {
			var served atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); len(body) > 0 {
					served.Add(1)
				}
				_, _ = io.WriteString(w, `{"access_code": {"access_code_id": "a1", "device_id": "d1"}}`)
			}))
			s.EnableHTTP2 = http2
			s.StartTLS()
			defer s.Close()
			ctx := &frozen{Context: t.Context()}
			via := s.Client()
			transport, ok := via.Transport.(*http.Transport)
			if !ok {
				t.Fatalf("%T", via.Transport)
			}
			var freeze sync.Once
			transport.DialContext = func(dial context.Context, network, _ string) (net.Conn, error) {
				freeze.Do(func() { ctx.past.Store(true) })
				return new(net.Dialer).DialContext(dial, network, s.Listener.Addr().String())
			}
			c := client(t, s.URL, func(o *seam.Options) { o.HTTPClient, o.Timeout = via, time.Hour })
			_, err := c.AccessCodes.Create(ctx, seam.CreateAccessCodeRequest{DeviceID: "d1"})
			checkText(t, err, "calling /access_codes/create: unavailable: context deadline exceeded")
			if seam.InDoubt(err) || served.Load() != 0 {
				t.Errorf("in doubt %t, served %d times", seam.InDoubt(err), served.Load())
			}
			ctx.past.Store(false)
			if _, err := c.AccessCodes.Create(ctx, seam.CreateAccessCodeRequest{DeviceID: "d1"}); err != nil || served.Load() != 1 {
				t.Errorf("error %v, served %d times", err, served.Load())
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestCanceledOnTheWay: the request was there, so it may have been heard.
func TestCanceledOnTheWay(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := client(t, s.URL).AccessCodes.Create(ctx, seam.CreateAccessCodeRequest{DeviceID: "d1"})
	if !errors.Is(err, context.Canceled) || !seam.InDoubt(err) {
		t.Errorf("error %v, in doubt %t", err, seam.InDoubt(err))
	}
}
