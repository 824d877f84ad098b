// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package workspace has a session for each SeamWorkspace: the client with its credentials, Seam's limits, merged reads, the
// event stream, and Seam's clock. No other package builds clients.
package workspace

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// Options are the parts that a Registry is built from.
type Options struct {
	// Clock is the operator's own clock.
	Clock clock.PassiveClock
	// HTTPClient makes the requests; the client's own default when nil.
	HTTPClient *http.Client
	// Timeout bounds each call; the client's own default when zero.
	Timeout time.Duration
	// UserAgent names the operator to Seam.
	UserAgent string
	// Endpoints are the endpoints that may be talked to; all when it is the zero value.
	Endpoints Endpoints
	// Metrics count requests and waits. When nil, they are made here and not served.
	Metrics *metrics.Instruments
}

// Registry holds the session of every SeamWorkspace. It is safe for concurrent use.
type Registry struct {
	options Options

	mu       sync.Mutex
	sessions map[v1alpha1.WorkspaceKey]*Session
}

// maxAnswer bounds one answer. The longest list that is asked for, the codes of a device, is far shorter. An answer for every
// worker at once still fits into the memory of the operator's Deployment.
const maxAnswer = 8 << 20

// NewRegistry returns an empty Registry.
func NewRegistry(options Options) *Registry {
	options.Metrics = cmp.Or(options.Metrics, metrics.New("", "", ""))
	return &Registry{options: options, sessions: map[v1alpha1.WorkspaceKey]*Session{}}
}

// Credentials are the address and the credentials with which a SeamWorkspace is reached.
type Credentials struct {
	// Version changes whenever any other field does.
	Version string
	// Endpoint is the address of the API; Seam's own when empty.
	Endpoint string
	// Auth is how requests are authenticated.
	Auth seam.Auth
	// UserScoped says that the credentials belong to one user and can't read the workspace.
	UserScoped bool
}

// Allows reports whether an endpoint may be talked to; "" is Seam's own. Connect checks that, too. A caller that asks first
// need not even read the credentials.
func (r *Registry) Allows(endpoint string) bool { return r.options.Endpoints.Allow(endpoint) }

// Get returns the session of a SeamWorkspace, and false while it is not connected or its codes have not been read once
// (CatchUp).
func (r *Registry) Get(key v1alpha1.WorkspaceKey) (*Session, bool) {
	session, ok := r.Connected(key)
	return session, ok && session.ready()
}

// Connected returns the session of a SeamWorkspace, also before CatchUp, and false while it is not connected.
func (r *Registry) Connected(key v1alpha1.WorkspaceKey) (*Session, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	session, ok := r.sessions[key]
	return session, ok && session.connected()
}

// Fresh reports whether the workspace is connected with this version of the credentials, and these were checked less than
// maxAge ago.
func (r *Registry) Fresh(key v1alpha1.WorkspaceKey, version string, maxAge time.Duration) bool {
	session, ok := r.Connected(key)
	return ok && session.fresh(version, maxAge)
}

// Connect checks credentials against Seam (POST /workspaces/get, for a single user POST /devices/list). When Seam accepts them,
// the workspace uses them from then on. When Seam refuses them, it is disconnected. When Seam does not answer, a workspace that
// uses this version of the credentials stays connected until Disconnect. For a single user, the result has only the id, and
// that only when the user has a device. Errors of Seam, or of the way to it, are of type *seam.Error.
func (r *Registry) Connect(ctx context.Context, key v1alpha1.WorkspaceKey, credentials Credentials) (*seam.Workspace, error) {
	session := r.session(key)
	info, err := r.connect(ctx, session, credentials)
	if err != nil {
		kind := seam.KindOf(err)
		if _, same := session.clientOf(credentials.Version); !same || kind != seam.Unavailable && kind != seam.RateLimited {
			session.disconnect()
		}
		return nil, fmt.Errorf("connecting workspace %q: %w", key, err)
	}
	return info, nil
}

func (r *Registry) connect(ctx context.Context, session *Session, credentials Credentials) (*seam.Workspace, error) {
	if !r.Allows(credentials.Endpoint) {
		return nil, ErrEndpointNotAllowed
	}
	// A client in use is checked again, not replaced: its connections are open.
	client, ok := session.clientOf(credentials.Version)
	if !ok {
		var err error
		if client, err = r.newClient(session, credentials); err != nil {
			return nil, err
		}
	}
	disconnectCount := session.disconnectCount()
	info, err := probe(ctx, client, credentials.UserScoped)
	if err != nil {
		return nil, err
	}
	session.connect(client, credentials, info.WorkspaceID, disconnectCount)
	return info, nil
}

func probe(ctx context.Context, client *seam.Client, userScoped bool) (*seam.Workspace, error) {
	if !userScoped {
		return client.Workspaces.Get(ctx)
	}
	device, err := client.Devices.First(ctx)
	if err != nil || device == nil {
		return &seam.Workspace{}, err
	}
	return &seam.Workspace{WorkspaceID: device.WorkspaceID}, nil
}

// Disconnect makes Get return false until the next Connect. What is known of limits and of Seam's clock stays.
func (r *Registry) Disconnect(key v1alpha1.WorkspaceKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if session, ok := r.sessions[key]; ok {
		session.disconnect()
	}
}

// Suspect disconnects a workspace because Seam has refused a call with its credentials, so that these are checked. It does
// nothing and returns false when the workspace is not connected, or in the quiet time after such a check has found them good.
func (r *Registry) Suspect(key v1alpha1.WorkspaceKey) bool {
	session, ok := r.Connected(key)
	return ok && session.suspect()
}

// Recheck marks the last check of a connected workspace's credentials as out of date, because calls go unanswered. It does
// nothing and returns false when that check is younger than age. The workspace stays connected.
func (r *Registry) Recheck(key v1alpha1.WorkspaceKey, age time.Duration) bool {
	session, ok := r.Connected(key)
	return ok && session.expireCheck(age)
}

// Serves reports whether any SeamWorkspace of a namespace is known.
func (r *Registry) Serves(namespace string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.sessions {
		if key.Namespace == namespace {
			return true
		}
	}
	return false
}

// Forget drops all that is known of a workspace that is gone.
func (r *Registry) Forget(key v1alpha1.WorkspaceKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if session, ok := r.sessions[key]; ok {
		session.disconnect()
		delete(r.sessions, key)
	}
}

func (r *Registry) session(key v1alpha1.WorkspaceKey) *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	session, ok := r.sessions[key]
	if !ok {
		session = newSession(r.options.Clock, r.options.Metrics)
		r.sessions[key] = session
	}
	return session
}

func (r *Registry) newClient(session *Session, credentials Credentials) (*seam.Client, error) {
	return seam.New(seam.Options{
		Endpoint:   credentials.Endpoint,
		Auth:       credentials.Auth,
		HTTPClient: r.options.HTTPClient,
		Timeout:    r.options.Timeout,
		UserAgent:  r.options.UserAgent,
		OnResponse: session.observe,
		Now:        r.options.Clock.Now,

		MaxResponseBytes: maxAnswer,
	})
}
