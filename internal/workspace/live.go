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

// ErrNotConnected is returned by calls of a Live whose workspace has been disconnected meanwhile.
var ErrNotConnected = errors.New("the workspace is not connected")

// Live is one connected workspace. Its calls keep to Seam's limits: a call that would be one too many is not made,
// and fails with an error of kind RateLimited that says how long to wait. It is safe for concurrent use.
type Live struct {
	clock   clock.PassiveClock
	metrics *metrics.Instruments
	limiter *limiter
	server  serverClock
	devices devices
	looks   *looks
	feed    feed
	pushed  pushed

	mu        sync.Mutex
	client    *seam.Client // nil while disconnected
	version   string
	checkedAt time.Time
	// disconnects counts how often the workspace was disconnected.
	disconnects int
	suspicion   credentialBackoff
	// workspaceID is "" while it is not known; knownBy is the version of the credentials that it is known by.
	workspaceID, knownBy string
	// ofUser says that the credentials are those of one user, who may not ask about all of the workspace.
	ofUser bool
	// sweptAt is when all codes were last looked at since the workspace was connected; zero until then.
	sweptAt time.Time
	// blocked is until when Seam wants no call at all for this workspace.
	blocked time.Time
}

func newLive(c clock.PassiveClock, m *metrics.Instruments) *Live {
	l := &Live{
		clock: c, metrics: m, limiter: newLimiter(), devices: newDevices(c), looks: newLooks(c),
		suspicion: newCredentialBackoff(c),
	}
	l.looks.fetch, l.looks.confirm = l.fetchCodes, l.Find
	l.devices.batch = newBatcher(l.fetchDevices)
	return l
}

// Now is Seam's time. Windows open and close by Seam's clock, so that is the one to decide by.
func (l *Live) Now() time.Time { return l.server.at(l.clock.Now()) }

// Jumped says whether Seam's time has jumped since the last time that it was asked, so that what waits for a time must be
// looked at again.
func (l *Live) Jumped() bool { return l.server.jumped() }

// WorkspaceID is Seam's id of the workspace, "" while that is not known: nothing tells of it where the credentials are
// those of a user without devices, unless the same credentials told of it before.
func (l *Live) WorkspaceID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.workspaceID
}

func (l *Live) connection() (*seam.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		return nil, ErrNotConnected
	}
	if wait := l.blocked.Sub(l.clock.Now()); wait > 0 {
		return nil, &seam.Error{Kind: seam.RateLimited, RetryAfter: wait, Message: "held back because Seam has asked to wait"}
	}
	return l.client, nil
}

// block holds back every call for the workspace until then.
func (l *Live) block(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.blocked) {
		l.blocked = until
	}
}

func (l *Live) connected() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client != nil
}

func (l *Live) ready() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client != nil && !l.sweptAt.IsZero()
}

func (l *Live) userScoped() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ofUser
}

// CatchUp says that all codes of the workspace were looked at: from the first time on the Registry hands it out.
func (l *Live) CatchUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client != nil {
		l.sweptAt = l.clock.Now()
	}
}

// SweptAt is when all codes were last looked at since the workspace was connected, by the operator's clock; zero until
// then.
func (l *Live) SweptAt() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sweptAt
}

// clientOf returns the client that works with this version of the credentials, if that is the one in use.
func (l *Live) clientOf(version string) (*seam.Client, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client, l.client != nil && l.version == version
}

// doubts is to be asked before a check, and handed to connect after it.
func (l *Live) doubts() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.disconnects
}

// connect makes a client the one to work with. Where the workspace was disconnected while the client was checked, the
// check may be the older of the two: it does not count as fresh.
func (l *Live) connect(client *seam.Client, credentials Credentials, workspaceID string, doubts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil || l.ofUser != credentials.UserScoped {
		l.feed.restart(l.Now())
	}
	l.suspicion.checked(credentials.Version, l.clock.Now())
	l.client, l.version, l.ofUser = client, credentials.Version, credentials.UserScoped
	if workspaceID != "" || l.knownBy != credentials.Version {
		l.workspaceID, l.knownBy = workspaceID, credentials.Version
	}
	l.checkedAt = time.Time{}
	if l.disconnects == doubts {
		l.checkedAt = l.clock.Now()
	}
}

func (l *Live) disconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop()
}

func (l *Live) drop() {
	l.client, l.version, l.sweptAt = nil, "", time.Time{}
	l.disconnects++
}

// suspect disconnects the workspace, unless its credentials were suspected lately and found good.
func (l *Live) suspect() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil || !l.suspicion.suspect(l.version, l.clock.Now()) {
		return false
	}
	l.drop()
	return true
}

// doubt makes a check that is older count no more.
func (l *Live) doubt(age time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.checkedAt.IsZero() || l.clock.Now().Sub(l.checkedAt).Abs() < age {
		return false
	}
	l.checkedAt = time.Time{}
	return true
}

func (l *Live) fresh(version string, maxAge time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client != nil && l.version == version && l.clock.Now().Sub(l.checkedAt) < maxAge
}

// observe counts each exchange, and learns Seam's time from its answer.
func (l *Live) observe(info seam.Info) {
	l.metrics.Request(info)
	l.server.learn(info.Date, l.clock.Now())
}
