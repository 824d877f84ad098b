// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/clock"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

const (
	// pathPrefix comes before <namespace>/<name> of a SeamWorkspace.
	pathPrefix = "/webhooks/"
	// maxBody bounds a request, in bytes; it is far above the size of any event.
	maxBody = 1 << 20

	defaultConcurrency     = 64
	defaultTimeout         = 5 * time.Second
	defaultShutdownTimeout = 5 * time.Second
)

// Options are the parts that a Receiver is built from. Secrets and Deliver are required.
type Options struct {
	// Address is where Start listens, as host:port.
	Address string
	// Listener, where given, is used instead of Address. Start closes it.
	Listener net.Listener

	// Secrets returns the signing secrets that are valid for a SeamWorkspace, each as ParseSecrets returns them. None
	// means that there is no such SeamWorkspace, or that it takes no webhooks. Anybody's request leads to a call, but only
	// with names that Kubernetes allows.
	Secrets func(ctx context.Context, workspace v1alpha1.WorkspaceKey) ([]redact.Secret, error)
	// Deliver gets each event whose signature is right, with the SeamWorkspace at whose path it came. It has to check that
	// the WorkspaceID of the event is the right one. After an error Seam sends the event again.
	Deliver func(ctx context.Context, workspace v1alpha1.WorkspaceKey, event seam.Event) error
	// Leading reports whether this replica is the leader; always when nil. Another replica answers so that Seam sends the event
	// again.
	Leading func() bool

	// Clock tells how old a message is; the real one when nil.
	Clock clock.PassiveClock
	// Concurrency is how many requests are served at once; 64 when zero.
	Concurrency int
	// Timeout bounds each call of Secrets and of Deliver; 5 s when zero. Svix waits no longer than 15 s for an answer.
	Timeout time.Duration
	// ShutdownTimeout is how long Start waits for requests under way when it is told to end; 5 s when zero.
	ShutdownTimeout time.Duration
}

// Receiver receives the webhooks of all SeamWorkspaces, each at /webhooks/<namespace>/<name>. It is safe for concurrent use.
type Receiver struct {
	options   Options
	slots     chan struct{}
	delivered deliveredMessages
}

// New returns a Receiver; nothing is started.
func New(o Options) (*Receiver, error) {
	if o.Secrets == nil || o.Deliver == nil {
		return nil, errors.New("building the webhook receiver: Secrets and Deliver are required")
	}
	if o.Leading == nil {
		o.Leading = func() bool { return true }
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.Concurrency <= 0 {
		o.Concurrency = defaultConcurrency
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.ShutdownTimeout <= 0 {
		o.ShutdownTimeout = defaultShutdownTimeout
	}
	return &Receiver{options: o, slots: make(chan struct{}, o.Concurrency), delivered: newDeliveredMessages(o.Clock)}, nil
}

// ServeHTTP answers one message. See the package's documentation for the answers.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	// Refused rather than queued: the sender keeps the message better than this process does.
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(r.handle(w, req))
}

func (r *Receiver) handle(w http.ResponseWriter, req *http.Request) int {
	workspace, ok := workspaceOf(req.URL.Path)
	switch {
	case !ok:
		return http.StatusNotFound
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	case !r.options.Leading():
		return http.StatusServiceUnavailable
	}
	keys, err := r.keys(req.Context(), workspace)
	switch {
	case err != nil:
		return refused(req.Context(), workspace, http.StatusServiceUnavailable, "the signing secrets can't be read")
	case len(keys) == 0:
		// The answer comes before anything of the request is read, as for an unknown path: the two must look the same.
		return http.StatusNotFound
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return refused(req.Context(), workspace, http.StatusRequestEntityTooLarge, "the message is too large")
	}
	if err != nil {
		return refused(req.Context(), workspace, http.StatusBadRequest, "the message ended early")
	}
	id, ok := verify(keys, req.Header, body, r.options.Clock.Now())
	if !ok {
		return refused(req.Context(), workspace, http.StatusUnauthorized, "the signature or its time is wrong")
	}
	return r.deliver(req.Context(), messageKey{workspace, id}, body)
}

// keys returns the keys with which messages for a workspace may be signed.
func (r *Receiver) keys(ctx context.Context, workspace v1alpha1.WorkspaceKey) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	secrets, err := r.options.Secrets(ctx, workspace)
	if err != nil {
		return nil, err
	}
	keys := make([][]byte, 0, len(secrets))
	for _, secret := range secrets {
		key, err := decodeSecret(string(secret))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// deliver passes a verified message on. Only delivered messages are remembered: any other has to be sent again.
func (r *Receiver) deliver(ctx context.Context, key messageKey, body []byte) int {
	if r.delivered.has(key) {
		return http.StatusNoContent
	}
	var event seam.Event
	// The error may quote the message, which may hold a PIN.
	if json.Unmarshal(body, &event) != nil || event.EventID == "" || event.EventType == "" {
		return refused(ctx, key.workspace, http.StatusBadRequest, "the message is no event")
	}
	bounded, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	if r.options.Deliver(bounded, key.workspace, event) != nil {
		return refused(ctx, key.workspace, http.StatusServiceUnavailable, "the event could not be passed on")
	}
	r.delivered.add(key)
	return http.StatusNoContent
}

// refused logs the reason, which is a constant, and returns the status. The answer does not have the reason: the sender may be
// anybody.
func refused(ctx context.Context, workspace v1alpha1.WorkspaceKey, status int, reason string) int {
	logf.FromContext(ctx).V(1).Info("Refused webhook", "workspace", workspace.String(), "status", status, "reason", reason)
	return status
}

// workspaceOf reads the workspace from a path. It returns false for a name that no object can have, so that Secrets is not
// called for it.
func workspaceOf(path string) (v1alpha1.WorkspaceKey, bool) {
	rest, ok := strings.CutPrefix(path, pathPrefix)
	if !ok {
		return v1alpha1.WorkspaceKey{}, false
	}
	namespace, name, _ := strings.Cut(rest, "/")
	if len(validation.IsDNS1123Label(namespace)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return v1alpha1.WorkspaceKey{}, false
	}
	return v1alpha1.SeamWorkspaceKey(types.NamespacedName{Namespace: namespace, Name: name}), true
}
