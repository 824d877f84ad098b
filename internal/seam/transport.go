// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// call is one request and the place for its answer.
type call struct {
	path string
	// body is sent as JSON. It holds plaintext and is never printed.
	body any
	// secrets are the PINs in the body; no error may repeat them.
	secrets []redact.Secret
	reply   reply
}

// do makes the call. Credentials that are sessions are renewed once when Seam
// refuses them; a refusal is definite, so nothing is done twice.
func (c *Client) do(ctx context.Context, k call) error {
	auth := *c.auth.Load()
	pass, err := c.attempt(ctx, k, auth)
	if IsUnauthorized(err) && auth.renew(ctx, pass) {
		_, err = c.attempt(ctx, k, auth)
	}
	return err
}

func (c *Client) attempt(ctx context.Context, k call, auth Auth) (redact.Secret, error) {
	header := c.headers.Clone()
	pass, err := auth.authorize(ctx, c, header)
	if err != nil {
		return "", err
	}
	k.secrets = append(k.secrets[:len(k.secrets):len(k.secrets)], pass)
	return pass, c.exchange(ctx, k, header)
}

// exchange sends one request, decodes its answer, and tells OnResponse.
func (c *Client) exchange(ctx context.Context, k call, header http.Header) error {
	body, err := json.Marshal(k.body)
	if err != nil {
		// Only a time outside the years 0 to 9999 cannot be encoded.
		return invalidRequest(k.path, "request cannot be encoded")
	}
	if err := over(ctx); err != nil {
		return notSent(k.path, err)
	}
	start := c.now()
	a, err := c.send(ctx, k, header, body)
	info := Info{Path: k.path}
	if a != nil {
		info.Status, info.RequestID, info.Date = a.status, a.requestID, a.date
	}
	if err == nil {
		err = c.judge(a, k)
	}
	info.Duration = c.now().Sub(start)
	info.Kind, info.Canceled = KindOf(err), errors.Is(err, context.Canceled)
	c.onResponse(info)
	return err
}

func (c *Client) judge(a *answer, k call) error {
	if a.status < 200 || a.status > 299 {
		return a.failure(k.secrets)
	}
	return a.decode(k.reply, k.secrets)
}

// send returns the answer, and with it an error when it could not be read.
func (c *Client) send(ctx context.Context, k call, header http.Header, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var w wire
	ctx = httptrace.WithClientTrace(ctx, w.trace())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint+k.path, w.outgoing(ctx, body))
	if err != nil {
		return nil, invalidRequest(k.path, "request cannot be made")
	}
	req.ContentLength = int64(len(body))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(w.outgoing(ctx, body)), nil }
	req.Header = header
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		text, cause := describe(err, k.secrets)
		return nil, &Error{Kind: Unavailable, Path: k.path, Message: text, InDoubt: w.maySent(err), cause: cause}
	}
	defer func() { _ = res.Body.Close() }() // the answer is read; nothing can be done about it
	a := newAnswer(k.path, res, c.now(), k.secrets)
	return a, a.read(res, c.maxBytes, k.secrets)
}

// read reads the body to its end, so that the connection can be used again, or
// up to the limit.
func (a *answer) read(res *http.Response, limit int64, secrets []redact.Secret) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if int64(len(body)) > limit {
		return a.broken("answer is longer than %d bytes", limit)
	}
	if err != nil {
		text, cause := describe(err, secrets)
		e := a.broken("answer is cut: %s", text)
		e.cause = cause
		return e
	}
	a.body = body
	return nil
}

// broken is the error for an answer of which only the head is known. The status
// alone can say that the call was refused and had no effect.
func (a *answer) broken(format string, args ...any) *Error {
	kind := kindWithoutEnvelope(a.status)
	e := a.errorf(kind, format, args...)
	e.RetryAfter = a.retryAfter()
	return e
}

// over is ctx.Err, but asks the clock, too: when a frozen process goes on, the
// timer of a context fires a moment later, and in that moment the call would
// still be sent. It asks both clocks: the monotonic one stands still while the
// machine sleeps.
func over(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now() //nolint:forbidigo // what deadlines of contexts go by
	if deadline, ok := ctx.Deadline(); ok && (now.After(deadline) || now.Round(0).After(deadline.Round(0))) {
		return context.DeadlineExceeded
	}
	return nil
}

// wire records how far a request came.
type wire struct {
	asked, connected, withheld atomic.Bool
}

func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	}
}

// outgoing returns the body for a connection to send. It is withheld when the
// context has ended by then: connecting may have taken long.
func (w *wire) outgoing(ctx context.Context, body []byte) io.Reader {
	return &outgoing{ctx: ctx, body: bytes.NewReader(body), wire: w}
}

// outgoing is a body that is withheld once its context is over.
type outgoing struct {
	ctx  context.Context
	body *bytes.Reader
	wire *wire
}

func (o *outgoing) Read(p []byte) (int, error) {
	if o.body.Len() == int(o.body.Size()) {
		if err := over(o.ctx); err != nil {
			o.wire.withheld.Store(true)
			return 0, err
		}
	}
	return o.body.Read(p)
}

// maySent reports whether Seam may have received the request. It can't have
// without a connection, or without the body. Where the transport does not
// report its steps, only an error that plainly happened while dialing counts as
// not sent.
func (w *wire) maySent(err error) bool {
	switch {
	case w.withheld.Load():
		return false
	case w.connected.Load():
		return true
	}
	return !w.asked.Load() && !isDialError(err)
}
