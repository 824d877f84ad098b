// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Client calls Seam. It is safe for concurrent use. Make one with New.
type Client struct {
	// AccessCodes are the codes that this workspace manages.
	AccessCodes *AccessCodesService
	// UnmanagedAccessCodes are the codes that somebody else put on a device.
	UnmanagedAccessCodes *UnmanagedAccessCodesService
	// Devices are the locks.
	Devices *DevicesService
	// Workspaces tells which workspace the credentials belong to.
	Workspaces *WorkspacesService
	// ActionAttempts tells how an asynchronous action ended.
	ActionAttempts *ActionAttemptsService
	// Events is the feed of what happened.
	Events *EventsService
	// ClientSessions makes tokens for a single user.
	ClientSessions *ClientSessionsService
	// Simulate works in sandbox workspaces only.
	Simulate *SimulateService

	endpoint   string
	http       *http.Client
	timeout    time.Duration
	headers    http.Header
	maxBytes   int64
	onResponse func(Info)
	now        func() time.Time
	after      func(time.Duration) <-chan time.Time

	// auth is replaced while calls are under way; each call reads it once.
	auth atomic.Pointer[Auth]
}

// New returns a client. It makes no request. A token of the wrong form is an
// *Error of kind InvalidToken.
func New(o Options) (*Client, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, err
	}
	c := &Client{
		endpoint:   strings.TrimRight(o.Endpoint, "/"),
		http:       withoutRedirects(o.HTTPClient),
		timeout:    o.Timeout,
		headers:    o.Headers.Clone(),
		maxBytes:   o.MaxResponseBytes,
		onResponse: o.OnResponse,
		now:        o.Now,
		after:      o.After,
	}
	if c.headers == nil {
		c.headers = http.Header{}
	}
	c.headers.Set("User-Agent", o.UserAgent)
	if err := c.SetAuth(o.Auth); err != nil {
		return nil, err
	}
	c.AccessCodes = &AccessCodesService{c}
	c.UnmanagedAccessCodes = &UnmanagedAccessCodesService{c}
	c.Devices = &DevicesService{c}
	c.Workspaces = &WorkspacesService{c}
	c.ActionAttempts = &ActionAttemptsService{c}
	c.Events = &EventsService{c}
	c.ClientSessions = &ClientSessionsService{c}
	c.Simulate = &SimulateService{c}
	return c, nil
}

// SetAuth replaces the credentials from the next call on; calls under way
// keep theirs. Credentials of the wrong form are refused with an *Error of
// kind InvalidToken, and the old ones stay.
func (c *Client) SetAuth(auth Auth) error {
	if err := CheckAuth(auth); err != nil {
		return err
	}
	c.auth.Store(&auth)
	return nil
}

// CloseIdleConnections closes the connections that no call is using. Call it
// when the client is no longer needed.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

func withoutRedirects(h *http.Client) *http.Client {
	own := *h
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}
