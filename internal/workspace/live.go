// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// ErrNotConnected is returned by calls of a Live whose workspace has been disconnected meanwhile.
var ErrNotConnected = errors.New("the workspace is not connected")

// defaultRetryAfter is how long a 429 without a Retry-After is obeyed: the length of Seam's window.
const defaultRetryAfter = time.Minute

// Live is one connected workspace. Its calls keep to Seam's limits: a call that would be one too many is not made,
// and fails with an error of kind RateLimited that says how long to wait. It is safe for concurrent use.
type Live struct {
	clock   clock.PassiveClock
	limiter *limiter
	server  serverClock
	devices devices

	mu        sync.Mutex
	client    *seam.Client // nil while disconnected
	version   string
	checkedAt time.Time
	// disconnects counts how often the workspace was disconnected.
	disconnects int
	workspaceID string
}

func newLive(c clock.PassiveClock) *Live {
	return &Live{clock: c, limiter: newLimiter()}
}

// Now is Seam's time. Windows open and close by Seam's clock, so that is the one to decide by.
func (l *Live) Now() time.Time { return l.server.at(l.clock.Now()) }

// WorkspaceID is Seam's id of the workspace.
func (l *Live) WorkspaceID() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.workspaceID
}

// Get returns a code by its id (POST /access_codes/get).
func (l *Live) Get(ctx context.Context, id string) (*seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	return client.AccessCodes.Get(ctx, id)
}

// List returns the managed codes of a device (POST /access_codes/list).
func (l *Live) List(ctx context.Context, deviceID string) ([]seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	return client.AccessCodes.List(ctx, seam.ListAccessCodesRequest{DeviceID: deviceID})
}

// GenerateCode asks for a PIN that suits a device and is free on it (POST /access_codes/generate_code).
func (l *Live) GenerateCode(ctx context.Context, deviceID string) (redact.Secret, error) {
	client, err := l.connection()
	if err != nil {
		return "", err
	}
	return client.AccessCodes.GenerateCode(ctx, deviceID)
}

// Reserve books a Create on a device with the limits. It comes first, so that nothing is prepared for a call that
// has to wait.
func (l *Live) Reserve(deviceID string) error {
	_, err := l.admit(deviceID, VerbCreate)
	return err
}

// Create creates a code (POST /access_codes/create), after Reserve.
func (l *Live) Create(ctx context.Context, request seam.CreateAccessCodeRequest) (*seam.AccessCode, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	code, err := client.AccessCodes.Create(ctx, request)
	return code, l.learn(request.DeviceID, VerbCreate, err)
}

// Update changes a code of a device (POST /access_codes/update).
func (l *Live) Update(ctx context.Context, deviceID string, request seam.UpdateAccessCodeRequest) error {
	client, err := l.admit(deviceID, VerbUpdate)
	if err != nil {
		return err
	}
	_, err = client.AccessCodes.Update(ctx, request)
	return l.learn(deviceID, VerbUpdate, err)
}

// Delete takes a code off a device (POST /access_codes/delete).
func (l *Live) Delete(ctx context.Context, deviceID, id string) error {
	client, err := l.admit(deviceID, VerbDelete)
	if err != nil {
		return err
	}
	_, err = client.AccessCodes.Delete(ctx, seam.DeleteAccessCodeRequest{AccessCodeID: id})
	return l.learn(deviceID, VerbDelete, err)
}

// admit returns the client when the limits allow the call now.
func (l *Live) admit(deviceID string, verb Verb) (*seam.Client, error) {
	client, err := l.connection()
	if err != nil {
		return nil, err
	}
	if wait := l.limiter.take(deviceID, verb, l.clock.Now()); wait > 0 {
		return nil, &seam.Error{
			Kind:       seam.RateLimited,
			Path:       "/access_codes/" + string(verb),
			RetryAfter: wait,
			Message:    "held back to keep within Seam's limit for each device and minute",
		}
	}
	return client, nil
}

// learn makes a 429 hold back every call of its kind for the device.
func (l *Live) learn(deviceID string, verb Verb, err error) error {
	if seam.KindOf(err) != seam.RateLimited {
		return err
	}
	wait := seam.RetryAfter(err)
	if wait <= 0 {
		wait = defaultRetryAfter
	}
	now := l.clock.Now()
	l.limiter.block(deviceID, verb, now.Add(wait), now)
	return err
}

func (l *Live) connection() (*seam.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		return nil, ErrNotConnected
	}
	return l.client, nil
}

func (l *Live) connected() bool {
	_, err := l.connection()
	return err == nil
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
func (l *Live) connect(client *seam.Client, version, workspaceID string, doubts int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client, l.version, l.workspaceID = client, version, workspaceID
	l.checkedAt = time.Time{}
	if l.disconnects == doubts {
		l.checkedAt = l.clock.Now()
	}
}

func (l *Live) disconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.client, l.version = nil, ""
	l.disconnects++
}

func (l *Live) fresh(version string, maxAge time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client != nil && l.version == version && l.clock.Now().Sub(l.checkedAt) < maxAge
}

// observe learns Seam's time from each answer.
func (l *Live) observe(info seam.Info) { l.server.learn(info.Date, l.clock.Now()) }
