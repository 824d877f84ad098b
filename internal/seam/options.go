// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// DefaultEndpoint is Seam's own service.
	DefaultEndpoint = "https://connect.getseam.com"
	// DefaultTimeout bounds one call, from the first byte sent to the last read.
	DefaultTimeout = 30 * time.Second
	// DefaultMaxResponseBytes bounds one answer. A full page of
	// /access_codes/list (55000 codes) stays below it.
	DefaultMaxResponseBytes = 32 << 20

	defaultUserAgent = "access-code-operator"
)

// Options say how a Client reaches Seam. Only Auth is required.
type Options struct {
	// Endpoint is an absolute http or https URL without user, query and
	// fragment. Default: DefaultEndpoint.
	Endpoint string
	// Auth says who calls; see APIKey and the other constructors.
	Auth Auth
	// HTTPClient replaces the default client and its transport. The client
	// is copied, and the copy follows no redirect: a redirect could carry the
	// token to another host.
	HTTPClient *http.Client
	// Timeout bounds each call. Default: DefaultTimeout.
	Timeout time.Duration
	// UserAgent is sent with each call. Default: access-code-operator.
	UserAgent string
	// Headers are sent with each call. Headers that carry credentials or
	// describe the body are refused, and so is Idempotency-Key, with which
	// net/http would repeat a POST by itself.
	Headers http.Header
	// MaxResponseBytes bounds an answer after decompression; a longer one is
	// an error. Default: DefaultMaxResponseBytes.
	MaxResponseBytes int64
	// OnResponse is called after every exchange. It is called on the goroutine
	// of the call, so it must be fast and safe for concurrent use.
	OnResponse func(Info)
	// Now is the clock. Default: the system's.
	Now func() time.Time
	// After is the timer that waiting for an action attempt uses.
	// Default: time.After.
	After func(time.Duration) <-chan time.Time
}

// Info describes one exchange, for metrics and for knowing the server's clock.
type Info struct {
	// Path is the API path, such as /access_codes/get.
	Path string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Duration is the time from before sending until the answer was read.
	Duration time.Duration
	// RequestID is Seam's name for the request, "" when unknown.
	RequestID string
	// Date is the server's clock from the Date header, zero when unknown.
	Date time.Time
	// Kind is the kind of failure, "" after success.
	Kind Kind
	// Canceled says that the caller gave the call up before its answer came.
	Canceled bool
}

func (o Options) withDefaults() Options {
	if o.Endpoint == "" {
		o.Endpoint = DefaultEndpoint
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{Transport: newTransport()}
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.UserAgent == "" {
		o.UserAgent = defaultUserAgent
	}
	if o.MaxResponseBytes == 0 {
		o.MaxResponseBytes = DefaultMaxResponseBytes
	}
	if o.OnResponse == nil {
		o.OnResponse = func(Info) {}
	}
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the one place where the system's clock enters; tests give their own
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// newTransport is not http.DefaultTransport: that one is shared with the whole
// process, and closing its idle connections would hit others.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// validate checks everything but Auth. Its errors never quote the endpoint,
// in which a user may have put a password.
func (o Options) validate() error {
	if err := checkEndpoint(o.Endpoint); err != nil {
		return err
	}
	if o.Timeout < 0 {
		return fmt.Errorf("checking timeout: %s is negative", o.Timeout)
	}
	if o.MaxResponseBytes < 0 {
		return fmt.Errorf("checking maximum of response bytes: %d is negative", o.MaxResponseBytes)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Headers)) {
		if reservedHeader(name) {
			return fmt.Errorf("checking headers: %q is set by the client itself", http.CanonicalHeaderKey(name))
		}
	}
	return nil
}

func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return errors.New("checking endpoint: not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("checking endpoint: scheme is neither http nor https")
	case u.Hostname() == "":
		return errors.New("checking endpoint: no host")
	case u.User != nil:
		return errors.New("checking endpoint: user information is not allowed")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("checking endpoint: query and fragment are not allowed")
	}
	return nil
}

func reservedHeader(name string) bool {
	switch strings.ToLower(name) {
	case "authorization", "proxy-authorization", "cookie", "host",
		headerWorkspace, headerClientSession, "seam-client-session-token", headerPublishableKey,
		"content-type", "content-length", "content-encoding", "transfer-encoding", "accept-encoding", "user-agent",
		"idempotency-key", "x-idempotency-key":
		return true
	}
	return false
}
