// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package seamworkspace_test

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
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// only limits the operator to the endpoints of a list, as after a restart with that flag.
func (w *world) only(list string) {
	w.T.Helper()
	endpoints, err := workspace.ParseEndpoints(list)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Restart()
	registry := workspace.NewRegistry(workspace.Options{Clock: w.Clock, Endpoints: endpoints})
	w.Workspaces.Registry, w.Codes.Registry, w.Feeds.Registry = registry, registry, registry
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
			w.Seam = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ })
			secrets := 0
			counting := interceptor.NewClient(w.Client, interceptor.Funcs{
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
					if _, ok := o.(*corev1.Secret); ok {
						secrets++
					}
					return c.Get(ctx, key, o, opts...)
				},
			})
			w.Workspaces.Client, w.Codes.Client = counting, counting
			w.Create(testworld.SecretNamed("seam", "apiKey", sim.SeedAPIKey))
			ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: test.endpoint(w.Endpoint), Auth: testworld.APIKeyAuth()}}
			ws.Name = v1alpha1.DefaultWorkspaceName
			w.Create(ws)
			w.Code("guest", nil)
			w.Settle("guest")

			refused := w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonEndpointNotAllowed)
			message := kube.ReadyMessage(refused.Status.Conditions)
			if !strings.Contains(message, test.message) || !strings.Contains(message, "--allowed-endpoints") || strings.Contains(message, "hunter2") {
				t.Errorf("message %q", message)
			}
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
			if requests != 0 || secrets != 0 {
				t.Errorf("%d requests, %d Secrets read", requests, secrets)
			}
		})
	}
}

// TestEndpointNoLongerAllowedIsCutOff: a restart with a narrower list disconnects what worked. A wider list connects it again.
func TestEndpointNoLongerAllowedIsCutOff(t *testing.T) {
	w := newWorld(t)
	w.only(w.Endpoint)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	w.only("connect.getseam.com")
	before := w.Sim.Requests().Total
	w.Settle("guest")
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonEndpointNotAllowed)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if message := kube.ReadyMessage(code.Status.Conditions); !strings.Contains(message, "Orphan") {
		t.Errorf("an AccessCode that can't go does not say how it can: %q", message)
	}
	if after := w.Sim.Requests().Total; after != before {
		t.Errorf("%d requests", after-before)
	}

	w.only("connect.getseam.com," + w.Endpoint)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("the code did not leave the lock once it could")
	}
}
