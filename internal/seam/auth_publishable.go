// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seam

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/access-codes/access-code-operator/internal/redact"
)

// sessionMargin is how long before its end a session is replaced, so that it
// does not end during a call.
const sessionMargin = time.Minute

// publishable exchanges its key for a client session, which it keeps.
type publishable struct {
	key  redact.Secret
	user string

	// exchanging is a lock with a time-out: while one caller exchanges the key,
	// the others wait as long as their own context allows.
	exchanging chan struct{}
	session    session
}

// session is the client session in use. It belongs to one endpoint: the same
// Auth in two clients must not carry a token from one to the other.
type session struct {
	endpoint string
	token    redact.Secret
	expires  time.Time // zero when Seam does not say
}

// PublishableKey authenticates as the client session of a user, which the
// first call gets from POST /client_sessions/get_or_create. The session is
// kept, and renewed when it expires or when Seam refuses it (once a call).
func PublishableKey(key redact.Secret, userIdentifierKey string) Auth {
	return &publishable{key: key, user: userIdentifierKey, exchanging: make(chan struct{}, 1)}
}

func (p *publishable) check() error {
	const name = "publishable key"
	if err := checkToken(name, kindPublishable, p.key); err != nil {
		return err
	}
	if p.user == "" {
		return invalidToken(name + " without user identifier key")
	}
	return nil
}

func (p *publishable) authorize(ctx context.Context, c *Client, h http.Header) (redact.Secret, error) {
	if err := p.take(ctx); err != nil {
		return "", notSent(pathClientSession, err)
	}
	defer func() { <-p.exchanging }()
	if !p.session.usable(c) {
		fresh, err := p.exchange(ctx, c)
		if err != nil {
			return "", err
		}
		p.session = fresh
	}
	token := p.session.token
	h.Set("Authorization", "Bearer "+string(token))
	h.Set(headerClientSession, string(token))
	return token, nil
}

// renew forgets the session, unless another call has already replaced it.
func (p *publishable) renew(ctx context.Context, pass redact.Secret) bool {
	if pass == "" || p.take(ctx) != nil {
		return false
	}
	defer func() { <-p.exchanging }()
	if p.session.token == pass {
		p.session = session{}
	}
	return true
}

// take locks p. Receiving from exchanging unlocks it.
func (p *publishable) take(ctx context.Context) error {
	select {
	case p.exchanging <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *publishable) exchange(ctx context.Context, c *Client) (session, error) {
	h := c.headers.Clone()
	h.Set(headerPublishableKey, string(p.key))
	reply := clientSessionReply{}
	err := c.exchange(ctx, call{
		path: pathClientSession, body: map[string]string{"user_identifier_key": p.user},
		secrets: []redact.Secret{p.key}, reply: &reply,
	}, h)
	if e, ok := errors.AsType[*Error](err); ok {
		// Whatever became of the session, the caller's own request was not sent.
		e.InDoubt = false
		if e.Type == "workspace_not_found" {
			// No workspace has the key: whatever the status, it is the key that is wrong.
			e.Kind = Unauthorized
		}
	}
	if err != nil {
		return session{}, err
	}
	s := session{endpoint: c.endpoint, token: reply.ClientSession.Token}
	if at := reply.ClientSession.ExpiresAt; at != nil {
		s.expires = *at
	}
	return s, nil
}

func (s session) usable(c *Client) bool {
	if s.token == "" || s.endpoint != c.endpoint {
		return false
	}
	return s.expires.IsZero() || c.now().Add(sessionMargin).Before(s.expires)
}

// Format implements fmt.Formatter. It prints the kind of the credentials and
// nothing else of them.
func (*publishable) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "publishable key") }
