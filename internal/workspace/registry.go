// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package workspace is the live side of the SeamWorkspaces: the client with the credentials of each, Seam's limits,
// and Seam's clock. It alone builds clients.
package workspace

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

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
	// Endpoints are those that may be talked to; every one when it is the zero value.
	Endpoints Endpoints
	// Metrics count requests and waits; some of its own, which nobody reads, when nil.
	Metrics *metrics.Instruments
}

// Registry holds the live side of every SeamWorkspace. It is safe for concurrent use.
type Registry struct {
	options Options

	mu    sync.Mutex
	lives map[types.NamespacedName]*Live
}

// maxAnswer bounds one answer. The codes of a device, the longest list that is asked for, are far below it, and an answer
// for every worker at once still fits into the memory of the operator's Deployment.
const maxAnswer = 8 << 20

// NewRegistry returns an empty Registry.
func NewRegistry(options Options) *Registry {
	options.Metrics = cmp.Or(options.Metrics, metrics.New("", ""))
	return &Registry{options: options, lives: map[types.NamespacedName]*Live{}}
}

// Credentials are what a SeamWorkspace says about reaching Seam.
type Credentials struct {
	// Version changes whenever any of the rest does.
	Version string
	// Endpoint is the address of the API; the client's own default when empty.
	Endpoint string
	// Auth is how requests are authenticated.
	Auth seam.Auth
	// UserScoped says that the credentials are those of one user, who may not ask about the workspace.
	UserScoped bool
}

// Allows says whether an endpoint may be talked to, "" being Seam's own. Connect holds to it, too; asked before, the
// credentials need not even be read.
func (r *Registry) Allows(endpoint string) bool { return r.options.Endpoints.Allow(endpoint) }

// Get returns the live side of a SeamWorkspace to work with, and false while it is not connected or has not caught up.
func (r *Registry) Get(key types.NamespacedName) (*Live, bool) {
	live, ok := r.Connected(key)
	return live, ok && live.ready()
}

// Connected returns the live side of a SeamWorkspace, also before it has caught up, and false while it is not connected.
func (r *Registry) Connected(key types.NamespacedName) (*Live, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, ok := r.lives[key]
	return live, ok && live.connected()
}

// Fresh says that the workspace is connected with this version of the credentials, and was so checked less than
// maxAge ago.
func (r *Registry) Fresh(key types.NamespacedName, version string, maxAge time.Duration) bool {
	live, ok := r.Connected(key)
	return ok && live.fresh(version, maxAge)
}

// Connect checks credentials against Seam (POST /workspaces/get, for a single user POST /devices/list) and, where they
// are good, makes them those that the workspace works with. Where they are not, the workspace is disconnected; where Seam
// does not answer, one that works with these very credentials stays connected, until Disconnect. Of the
// workspace of a single user no more is known than the id, and that only when the user has a device. Errors that
// Seam, or the way to it, is to blame for are of type *seam.Error.
func (r *Registry) Connect(ctx context.Context, key types.NamespacedName, credentials Credentials) (*seam.Workspace, error) {
	live := r.ensure(key)
	info, err := r.connect(ctx, live, credentials)
	if err != nil {
		kind := seam.KindOf(err)
		if _, same := live.clientOf(credentials.Version); !same || kind != seam.Unavailable && kind != seam.RateLimited {
			live.disconnect()
		}
		return nil, fmt.Errorf("connecting workspace %q: %w", key, err)
	}
	return info, nil
}

func (r *Registry) connect(ctx context.Context, live *Live, credentials Credentials) (*seam.Workspace, error) {
	if !r.Allows(credentials.Endpoint) {
		return nil, ErrEndpointNotAllowed
	}
	// A client in use is checked again, not replaced: its connections are open.
	client, ok := live.clientOf(credentials.Version)
	if !ok {
		var err error
		if client, err = r.newClient(live, credentials); err != nil {
			return nil, err
		}
	}
	doubts := live.doubts()
	info, err := probe(ctx, client, credentials.UserScoped)
	if err != nil {
		return nil, err
	}
	live.connect(client, credentials, info.WorkspaceID, doubts)
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

// Disconnect makes Get answer false until the next Connect. What is known of limits and of Seam's clock stays.
func (r *Registry) Disconnect(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if live, ok := r.lives[key]; ok {
		live.disconnect()
	}
}

// Suspect disconnects a workspace because a call was refused with its credentials, so that they are checked. It does not,
// and answers false, where it is not connected anyway, or where they were suspected lately and found good.
func (r *Registry) Suspect(key types.NamespacedName) bool {
	live, ok := r.Connected(key)
	return ok && live.suspect()
}

// Doubt says that the credentials of a connected workspace are to be checked, as calls go unanswered: not where that was
// done less than age ago. It stays connected.
func (r *Registry) Doubt(key types.NamespacedName, age time.Duration) bool {
	live, ok := r.Connected(key)
	return ok && live.doubt(age)
}

// Serves says whether any SeamWorkspace of a namespace is known.
func (r *Registry) Serves(namespace string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.lives {
		if key.Namespace == namespace {
			return true
		}
	}
	return false
}

// Forget drops all that is known of a workspace that is gone.
func (r *Registry) Forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if live, ok := r.lives[key]; ok {
		live.disconnect()
		delete(r.lives, key)
	}
}

func (r *Registry) ensure(key types.NamespacedName) *Live {
	r.mu.Lock()
	defer r.mu.Unlock()
	live, ok := r.lives[key]
	if !ok {
		live = newLive(r.options.Clock, r.options.Metrics)
		r.lives[key] = live
	}
	return live
}

func (r *Registry) newClient(live *Live, credentials Credentials) (*seam.Client, error) {
	return seam.New(seam.Options{
		Endpoint:   credentials.Endpoint,
		Auth:       credentials.Auth,
		HTTPClient: r.options.HTTPClient,
		Timeout:    r.options.Timeout,
		UserAgent:  r.options.UserAgent,
		OnResponse: live.observe,
		Now:        r.options.Clock.Now,

		MaxResponseBytes: maxAnswer,
	})
}
