// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package eventfeed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/webhook"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// Webhooks connects the receiver of Seam's webhooks with the SeamWorkspaces: it reads their signing secrets and accepts events.
type Webhooks struct {
	client.Client

	// Metadata is the cache, asked for the metadata of Secrets only.
	Metadata client.Reader
	// Registry holds the sessions of the SeamWorkspaces.
	Registry *workspace.Registry
	// Triggers connects the receiver with the feed.
	Triggers *kube.Triggers
	// Clock is the operator's own.
	Clock clock.PassiveClock

	mu    sync.Mutex
	known map[v1alpha1.WorkspaceKey]signingSecrets
}

// signingSecrets are the cached signing secrets of a SeamWorkspace, or the reason why there are none. The cache keeps requests
// from anybody from causing reads of the Secret.
type signingSecrets struct {
	version string
	secrets []redact.Secret
	err     error
	// until is when a failed read may be tried again; zero where the entry holds until the version changes.
	until time.Time
}

// failedRead bounds one read of the Secret. It is also how long after a failed read no other is tried.
const failedRead = 5 * time.Second

// AddReceiver makes a manager receive webhooks at an address. leading says whether this replica is the leader.
func (w *Webhooks) AddReceiver(mgr ctrl.Manager, address string, leading func() bool) error {
	receiver, err := webhook.New(webhook.Options{
		Address: address, Clock: w.Clock, Secrets: w.Secrets, Deliver: w.Deliver, Leading: leading,
	})
	if err != nil {
		return err
	}
	if err := mgr.Add(receiver); err != nil {
		return fmt.Errorf("adding the receiver of webhooks: %w", err)
	}
	return nil
}

// Fault is the message that says why webhooks are not accepted although the spec asks for them; "" where they are accepted, or
// where that is not known.
func (w *Webhooks) Fault(ctx context.Context, ws *v1alpha1.SeamWorkspace) string {
	if ws.Spec.Events == nil || ws.Spec.Events.Webhook == nil {
		return ""
	}
	_, fault, err := readSigningSecrets(ctx, w.Client, ws)
	if err != nil {
		return ""
	}
	return fault
}

// Secrets returns the signing secrets of a SeamWorkspace, none when it takes no webhooks.
func (w *Webhooks) Secrets(ctx context.Context, key v1alpha1.WorkspaceKey) ([]redact.Secret, error) {
	var ws v1alpha1.SeamWorkspace
	if err := w.Get(ctx, key.NamespacedName(), &ws); err != nil {
		if client.IgnoreNotFound(err) == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.known, key)
			return nil, nil
		}
		return nil, fmt.Errorf("reading SeamWorkspace %q: %w", key, err)
	}
	if ws.Spec.Events == nil || ws.Spec.Events.Webhook == nil {
		return nil, nil
	}
	secret, err := kube.SecretVersion(ctx, w.Metadata, key.Namespace, ws.Spec.Events.Webhook.SecretKeyRef.Name)
	if err != nil {
		return nil, err
	}
	version := fmt.Sprintf("%d %s", ws.Generation, secret)
	w.mu.Lock()
	known, ok := w.known[key]
	w.mu.Unlock()
	if ok && known.version == version && (known.until.IsZero() || w.Clock.Now().Before(known.until)) {
		return known.secrets, known.err
	}
	// A client that hangs up must not make the read fail.
	reading, cancel := context.WithTimeout(context.WithoutCancel(ctx), failedRead)
	defer cancel()
	secrets, fault, err := readSigningSecrets(reading, w.Client, &ws)
	known = signingSecrets{version: version, secrets: secrets, err: err}
	switch {
	case err != nil:
		known.until = w.Clock.Now().Add(failedRead)
	case fault != "":
		known.err = errors.New(fault)
	}
	w.keep(key, known)
	return known.secrets, known.err
}

func (w *Webhooks) keep(key v1alpha1.WorkspaceKey, secrets signingSecrets) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known == nil {
		w.known = map[v1alpha1.WorkspaceKey]signingSecrets{}
	}
	w.known[key] = secrets
}

// readSigningSecrets reads the Secret. fault says what is wrong with it and what to do.
func readSigningSecrets(ctx context.Context, reader client.Reader, ws *v1alpha1.SeamWorkspace) (secrets []redact.Secret, fault string, err error) {
	ref := ws.Spec.Events.Webhook.SecretKeyRef
	secret, err := kube.ReadSecret(ctx, reader, types.NamespacedName{Namespace: ws.Namespace, Name: ref.Name})
	switch {
	case err != nil:
		return nil, "", err
	case secret == nil:
		return nil, "spec.events.webhook: " + kube.NoSuchSecret(ref.Name), nil
	}
	data, ok := secret.Data[ref.Key]
	if !ok {
		return nil, fmt.Sprintf("spec.events.webhook: Secret %q has no key %q: add it", ref.Name, ref.Key), nil
	}
	secrets, err = webhook.ParseSecrets(data)
	if err != nil {
		return nil, fmt.Sprintf("spec.events.webhook: key %q of Secret %q: %s", ref.Key, ref.Name, err), nil
	}
	return secrets, "", nil
}

// Deliver accepts an event. An event is only a hint: it leads to a read of the code that it is about.
func (w *Webhooks) Deliver(_ context.Context, key v1alpha1.WorkspaceKey, e seam.Event) error {
	session, ok := w.Registry.Connected(key)
	if !ok {
		return workspace.ErrNotConnected
	}
	if own := session.WorkspaceID(); e.WorkspaceID != "" && own != "" && e.WorkspaceID != own {
		return nil // of another Seam workspace, which has the same webhook
	}
	session.Push(e)
	w.Triggers.EnqueueFeed(key)
	return nil
}
