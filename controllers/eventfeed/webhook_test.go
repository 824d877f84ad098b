// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package eventfeed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/webhook"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// receiver serves the webhooks of a world and returns its address.
func (w *world) receiver(t *testing.T) string {
	t.Helper()
	hooks := &eventfeed.Webhooks{
		Client: w.Client, Metadata: w.Client, Registry: w.Codes.Registry, Triggers: w.Codes.Triggers, Clock: w.Clock,
	}
	receiver, err := webhook.New(webhook.Options{Secrets: hooks.Secrets, Deliver: hooks.Deliver, Clock: w.Clock})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(receiver)
	t.Cleanup(server.Close)
	return server.URL
}

// registerWebhook makes the simulator send its events to an address, and returns the signing secret.
func (w *world) registerWebhook(t *testing.T, url string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"url": url})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/webhooks/create", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+sim.SeedAPIKey)
	recorder := httptest.NewRecorder()
	w.Sim.ServeHTTP(recorder, request)
	var answer struct {
		Webhook struct {
			Secret string `json:"secret"`
		} `json:"webhook"`
	}
	if err := json.NewDecoder(recorder.Body).Decode(&answer); err != nil || answer.Webhook.Secret == "" {
		t.Fatalf("no webhook: %d, %v", recorder.Code, err)
	}
	return answer.Webhook.Secret
}

// TestRequestsOfAnybodyReadNoSecret: a signing secret that is missing or wrong is read once, and again when it, or the
// SeamWorkspace, has changed. A read that failed is tried again after a while.
func TestRequestsOfAnybodyReadNoSecret(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.editWorkspace(withWebhook)
	reads, down := 0, error(nil)
	counting := interceptor.NewClient(w.Client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if _, ok := o.(*corev1.Secret); ok {
				reads++
				if err := errors.Join(ctx.Err(), down); err != nil {
					return err
				}
			}
			return c.Get(ctx, key, o, opts...)
		},
	})
	hooks := &eventfeed.Webhooks{
		Client: counting, Metadata: w.Client, Registry: w.Codes.Registry, Triggers: w.Codes.Triggers, Clock: w.Clock,
	}
	key := testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName)
	expect := func(want int, good bool) {
		t.Helper()
		reads = 0
		hungUp, hangUp := context.WithCancel(t.Context())
		hangUp()
		for _, ctx := range []context.Context{hungUp, t.Context(), t.Context()} {
			if secrets, err := hooks.Secrets(ctx, key); good != (err == nil && len(secrets) > 0) {
				t.Errorf("%d secrets, %v", len(secrets), err)
			}
		}
		if reads != want {
			t.Errorf("%d reads, want %d", reads, want)
		}
	}
	expect(1, false)
	w.SetSecret("hook", "secret", "not a secret")
	expect(1, false)
	w.SetSecret("hook", "other", "whsec_"+strings.Repeat("A", 32))
	expect(1, false)
	w.editWorkspace(func(ws *v1alpha1.SeamWorkspace) { ws.Spec.Events.Webhook.SecretKeyRef.Key = "other" })
	expect(1, true)
	w.Delete(&corev1.Secret{}, "hook")
	expect(1, false)
	w.SetSecret("hook", "other", "whsec_"+strings.Repeat("B", 32))
	down = errors.New("the API server does not answer")
	expect(1, false)
	w.Step(eventfeed.FailedRead)
	expect(1, false)
	down = nil
	w.Step(eventfeed.FailedRead)
	expect(1, true)
	expect(0, true)
}

func (w *world) editWorkspace(change func(*v1alpha1.SeamWorkspace)) {
	w.T.Helper()
	var ws v1alpha1.SeamWorkspace
	w.Exists(&ws, v1alpha1.DefaultWorkspaceName)
	change(&ws)
	ws.Generation++
	if err := w.Client.Update(w.T.Context(), &ws); err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.ReconcileWorkspace(ws.Name); err != nil {
		w.T.Fatal(err)
	}
}

func withWebhook(ws *v1alpha1.SeamWorkspace) {
	ws.Spec.Events = &v1alpha1.Events{Webhook: &v1alpha1.Webhook{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "hook", Key: "secret"}}}
}

// TestWebhookEnqueuesWhomItConcerns: an event that Seam sends is followed up at once.
func TestWebhookEnqueuesWhomItConcerns(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(2)
	address := w.receiver(t)
	w.SetSecret("hook", "secret", w.registerWebhook(t, address+"/webhooks/"+testworld.Namespace+"/"+v1alpha1.DefaultWorkspaceName))
	w.editWorkspace(withWebhook)
	pin := "606060"
	if err := w.Sim.ChangeAtLock(w.remoteOf("guest-1"), sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	// So that it isn't by asking that it is heard.
	w.Order(sim.Fault{Path: "/events/list", Kind: sim.FaultStatus, Status: http.StatusOK, Body: `{"events":[],"ok":true}`, Times: 1})
	if delivered, err := w.Sim.DeliverWebhooks(t.Context()); err != nil || delivered == 0 {
		t.Fatalf("%d delivered, %v", delivered, err)
	}
	if !testworld.Drain(w.Codes.Triggers.Feeds) {
		t.Fatal("the feed is not woken")
	}
	w.Hears("guest-1")

	// One that is signed with another secret is not accepted.
	w.SetSecret("hook", "secret", "whsec_"+strings.Repeat("A", 32))
	if err := w.Sim.TakeOffLock(w.remoteOf("guest-0")); err != nil {
		t.Fatal(err)
	}
	if delivered, err := w.Sim.DeliverWebhooks(t.Context()); err == nil || delivered != 0 {
		t.Errorf("%d delivered, %v", delivered, err)
	}
	if testworld.Drain(w.Codes.Triggers.Feeds) {
		t.Error("the feed is woken by a forgery")
	}
}

// TestWebhookWithoutValidSecretIsReported: the SeamWorkspace says what to correct, and works all the same.
func TestWebhookWithoutValidSecretIsReported(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.editWorkspace(withWebhook)
	expect := func(words string) {
		t.Helper()
		ws := w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
		if message := kube.ReadyMessage(ws.Status.Conditions); !strings.Contains(message, words) {
			t.Errorf("message %q, want %q", message, words)
		}
	}
	expect(`Secret "hook" does not exist in this namespace: create it`)
	for value, words := range map[string]string{
		"":                                 ``,
		"not a secret":                     `as Seam shows it`,
		"whsec_" + strings.Repeat("A", 32): `Seam takes the credentials`,
	} {
		w.SetSecret("hook", "secret", value)
		if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
			t.Fatal(err)
		}
		expect(words)
		if value != "" && strings.Contains(kube.ReadyMessage(w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected).Status.Conditions), value) {
			t.Error("the message quotes the secret")
		}
	}
}

// TestWebhookThatConcernsNobodyIsIgnored: a SeamWorkspace that does not exist, or takes no webhooks, has no secrets, and an
// event of another Seam workspace enqueues no feed.
func TestWebhookThatConcernsNobodyIsIgnored(t *testing.T) {
	w := newWorld(t)
	hooks := &eventfeed.Webhooks{
		Client: w.Client, Metadata: w.Client, Registry: w.Codes.Registry, Triggers: w.Codes.Triggers, Clock: w.Clock,
	}
	key := testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName)
	if secrets, err := hooks.Secrets(t.Context(), key); err != nil || len(secrets) != 0 {
		t.Errorf("no SeamWorkspace: %d secrets, %v", len(secrets), err)
	}
	if err := hooks.Deliver(t.Context(), key, seam.Event{}); !errors.Is(err, workspace.ErrNotConnected) {
		t.Errorf("no SeamWorkspace: %v", err)
	}
	ws := w.Connected()
	if secrets, err := hooks.Secrets(t.Context(), key); err != nil || len(secrets) != 0 {
		t.Errorf("no webhook: %d secrets, %v", len(secrets), err)
	}
	if fault := hooks.Fault(t.Context(), ws); fault != "" {
		t.Errorf("no webhook: %s", fault)
	}
	testworld.Drain(w.Codes.Triggers.Feeds)
	if err := hooks.Deliver(t.Context(), key, seam.Event{WorkspaceID: "another"}); err != nil || testworld.Drain(w.Codes.Triggers.Feeds) {
		t.Errorf("an event of another Seam workspace is followed up, %v", err)
	}
	if err := hooks.Deliver(t.Context(), key, seam.Event{}); err != nil || !testworld.Drain(w.Codes.Triggers.Feeds) {
		t.Errorf("an event of the SeamWorkspace is not followed up, %v", err)
	}
}
