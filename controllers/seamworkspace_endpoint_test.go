// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// only has the operator talk to the endpoints of a list, as after a restart with that flag.
func (w *world) only(list string) {
	w.t.Helper()
	endpoints, err := workspace.ParseEndpoints(list)
	if err != nil {
		w.t.Fatal(err)
	}
	w.restart()
	registry := workspace.NewRegistry(workspace.Options{Clock: w.clock, Endpoints: endpoints})
	w.workspaces.Registry, w.codes.Registry, w.feeds.Registry = registry, registry, registry
}

func TestEndpointThatIsNotAllowed(t *testing.T) {
	tests := []struct {
		name     string
		endpoint func(ours string) string
		message  string
	}{
		{"another host", func(ours string) string { return ours }, "spec.endpoint is none of the endpoints"},
		{"no endpoint named", func(string) string { return "" }, "spec.endpoint is left out, and https://connect.getseam.com is none"},
		{"a password", func(ours string) string { return strings.Replace(ours, "://", "://me:hunter2@", 1) }, "spec.endpoint is none of the endpoints"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.only("https://seam.example")
			requests := 0
			w.seam = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ })
			secrets := 0
			counting := interceptor.NewClient(w.client, interceptor.Funcs{
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
					if _, ok := o.(*corev1.Secret); ok {
						secrets++
					}
					return c.Get(ctx, key, o, opts...)
				},
			})
			w.workspaces.Client, w.codes.Client = counting, counting
			w.create(secretNamed("seam", "apiKey", sim.SeedAPIKey))
			ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: test.endpoint(w.endpoint), Auth: apiKeyAuth()}}
			ws.Name = v1alpha1.DefaultWorkspaceName
			w.create(ws)
			w.code("guest", nil)
			w.settle("guest")

			refused := w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonEndpointNotAllowed)
			message := readyMessage(refused.Status.Conditions)
			if !strings.Contains(message, test.message) || !strings.Contains(message, "--allowed-endpoints") || strings.Contains(message, "hunter2") {
				t.Errorf("message %q", message)
			}
			w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
			if requests != 0 || secrets != 0 {
				t.Errorf("%d requests, %d Secrets read", requests, secrets)
			}
		})
	}
}

// TestEndpointIsNoLongerAllowed: a restart with a narrower list cuts off what worked, and the way back is to widen it.
func TestEndpointIsNoLongerAllowed(t *testing.T) {
	w := newWorld(t)
	w.only(w.endpoint)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	w.only("connect.getseam.com")
	before := w.sim.Requests().Total
	w.settle("guest")
	w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonEndpointNotAllowed)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if message := readyMessage(code.Status.Conditions); !strings.Contains(message, "Orphan") {
		t.Errorf("an AccessCode that can't go does not say how it can: %q", message)
	}
	if after := w.sim.Requests().Total; after != before {
		t.Errorf("%d requests", after-before)
	}

	w.only("connect.getseam.com," + w.endpoint)
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("the code did not leave the lock once it could")
	}
}
