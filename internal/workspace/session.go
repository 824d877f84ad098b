// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"errors"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// ErrNotConnected is returned by calls of a Session whose workspace is no longer connected.
var ErrNotConnected = errors.New("the workspace is not connected")

// Session is one connected workspace. Its calls keep Seam's limits: a call that would exceed them is not made, and fails with
// an error of kind RateLimited that says how long to wait. It is safe for concurrent use.
type Session struct {
	clock   clock.PassiveClock
	metrics *metrics.Instruments
	limiter *limiter
	server  serverClock
	devices devices
	codes   *codeReader
	feed    feed
	pushed  pushed

	mu        sync.Mutex
	client    *seam.Client // nil while disconnected
	version   string
	checkedAt time.Time
	// disconnects counts how often the workspace was disconnected.
	disconnects int
	suspicion   credentialBackoff
	// workspaceID is Seam's id, "" while it is not known. knownBy is the version of the credentials with which it was read.
	workspaceID, knownBy string
	// ofUser says that the credentials belong to one user and can't read the workspace.
	ofUser bool
	// sweptAt is when all codes were last read since the workspace was connected; zero before.
	sweptAt time.Time
	// blocked is the time before which Seam wants no call at all for this workspace.
	blocked time.Time
}

func newSession(c clock.PassiveClock, m *metrics.Instruments) *Session {
	l := &Session{
		clock: c, metrics: m, limiter: newLimiter(), devices: newDevices(c), codes: newCodeReader(c),
		suspicion: newCredentialBackoff(c),
	}
	l.codes.fetch, l.codes.confirm = l.fetchCodes, l.Find
	l.devices.batch = newBatcher(l.fetchDevices)
	return l
}

// Now is Seam's time. Windows open and close by Seam's clock, so decisions are made by it.
func (s *Session) Now() time.Time { return s.server.at(s.clock.Now()) }

// Jumped reports whether the difference of Seam's clock has changed since the last call of Jumped. Whatever waits for a moment
// must then be reconciled again.
func (s *Session) Jumped() bool { return s.server.jumped() }

// WorkspaceID is Seam's id of the workspace, "" while it is not known. With the credentials of a user, it can be read only
// while that user has a device. It stays known until the credentials change.
func (s *Session) WorkspaceID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.workspaceID
}

func (s *Session) connection() (*seam.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil, ErrNotConnected
	}
	if wait := s.blocked.Sub(s.clock.Now()); wait > 0 {
		return nil, &seam.Error{Kind: seam.RateLimited, RetryAfter: wait, Message: "held back because Seam has asked to wait"}
	}
	return s.client, nil
}

// block holds back all calls for the workspace until a time.
func (s *Session) block(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.blocked) {
		s.blocked = until
	}
}

func (s *Session) connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil
}

func (s *Session) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil && !s.sweptAt.IsZero()
}

func (s *Session) userScoped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ofUser
}

// CatchUp records that all codes of the workspace were read, or that this was tried. Before the first time, Registry.Get does
// not return the session.
func (s *Session) CatchUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		s.sweptAt = s.clock.Now()
	}
}

// SweptAt is when all codes were last read since the workspace was connected, by the operator's clock; zero before.
func (s *Session) SweptAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sweptAt
}

// clientOf returns the client in use, and whether it works with this version of the credentials.
func (s *Session) clientOf(version string) (*seam.Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client, s.client != nil && s.version == version
}

// disconnectCount is read before a check of the credentials, and passed to connect after it.
func (s *Session) disconnectCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.disconnects
}

// connect makes a client the one in use. When the workspace was disconnected during the check, the check may have been the
// earlier of the two, and does not count as fresh.
func (s *Session) connect(client *seam.Client, credentials Credentials, workspaceID string, disconnectCount int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil || s.ofUser != credentials.UserScoped {
		s.feed.restart(s.Now())
	}
	s.suspicion.checked(credentials.Version, s.clock.Now())
	s.client, s.version, s.ofUser = client, credentials.Version, credentials.UserScoped
	if workspaceID != "" || s.knownBy != credentials.Version {
		s.workspaceID, s.knownBy = workspaceID, credentials.Version
	}
	s.checkedAt = time.Time{}
	if s.disconnects == disconnectCount {
		s.checkedAt = s.clock.Now()
	}
}

func (s *Session) disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
}

func (s *Session) drop() {
	s.client, s.version, s.sweptAt = nil, "", time.Time{}
	s.disconnects++
}

// suspect disconnects the workspace, except in the quiet time after suspected credentials were found good.
func (s *Session) suspect() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil || !s.suspicion.suspect(s.version, s.clock.Now()) {
		return false
	}
	s.drop()
	return true
}

// expireCheck marks the last check of the credentials as out of date when it is older than age.
func (s *Session) expireCheck(age time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.checkedAt.IsZero() || s.clock.Now().Sub(s.checkedAt).Abs() < age {
		return false
	}
	s.checkedAt = time.Time{}
	return true
}

func (s *Session) fresh(version string, maxAge time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.client != nil && s.version == version && s.clock.Now().Sub(s.checkedAt) < maxAge
}

// observe counts a request, and learns Seam's time from its answer.
func (s *Session) observe(info seam.Info) {
	s.metrics.Request(info)
	s.server.learn(info.Date, s.clock.Now())
}
