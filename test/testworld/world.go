// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

// Package testworld is where controllers are tested: all of them, between a Kubernetes API in memory and the simulator, with
// one clock. It is for tests only.
package testworld

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/schedule"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/contract"
)

const (
	// Namespace is where everything is.
	Namespace = "bookings"
	// PIN is the PIN of an AccessCode that nobody has edited.
	PIN = "482913"
)

// World is the operator's controllers between a Kubernetes API in memory and the simulator, with one clock for all.
// Nothing happens but what a test asks for.
type World struct {
	T          Tester
	Ctx        context.Context // of reconciles
	Clock      *testingclock.FakePassiveClock
	Sim        *sim.Server
	Seam       http.Handler // what answers at endpoint: the simulator, unless a test puts itself in between
	Endpoint   string
	Client     client.WithWatch
	Operators  client.WithWatch // the client that the operator works with, client itself unless a test puts something in between
	Metadata   client.Reader    // the cache that the operator asks for metadata, the client of the operator when nil
	APIReader  client.Reader    // what the operator reads from past the cache, client when nil
	HTTPClient *http.Client     // the operator's way to Seam, its own when nil
	Workers    int              // how many AccessCodes a manager has worked on at once
	Recorder   *events.FakeRecorder
	Codes      *accesscode.Reconciler
	Workspaces *seamworkspace.Reconciler
	Feeds      *eventfeed.Reconciler
	Listener   *accesscode.Listener
	counting   *sync.Mutex
	Writes     map[string]int // by kind and verb, Events aside
	metrics    *metrics.Instruments
	zones      *schedule.Zones
	Scrapes    *prometheus.Registry
}

// zones are read once: they are the same in every world.
var zones = sync.OnceValues(schedule.EmbeddedZones)

// New returns a world with nothing in it but what the simulator is seeded with.
func New(t Tester, options ...func(*sim.Options)) *World {
	t.Helper()
	w := &World{
		T: t, counting: &sync.Mutex{}, Writes: map[string]int{},
		Clock:    testingclock.NewFakePassiveClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)),
		Recorder: events.NewFakeRecorder(256),
	}
	simOptions := sim.Options{Seed: true, RateLimits: true, Clock: w.Clock}
	for _, option := range options {
		option(&simOptions)
	}
	w.Sim = sim.New(simOptions)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.Seam.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.Seam = contract.Wrap(t, w.Sim)
	w.Ctx = t.Context()
	w.Endpoint = server.URL
	w.Client = w.newClient()
	var err error
	if w.zones, err = zones(); err != nil {
		t.Fatal(err)
	}
	w.Restart()
	return w
}

// newClient is a Kubernetes API in memory that counts writes.
func (w *World) newClient() client.WithWatch {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, eventsv1.AddToScheme, metav1.AddMetaToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			w.T.Fatal(err)
		}
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithGlobalResourceVersionCounter().
		WithStatusSubresource(&v1alpha1.AccessCode{}, &v1alpha1.SeamWorkspace{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				w.wrote(KindOf(o) + " create")
				return c.Create(ctx, o, opts...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				w.wrote(KindOf(o) + " patch")
				return c.Patch(ctx, o, p, opts...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
				w.wrote(KindOf(o) + " " + sub)
				return c.SubResource(sub).Patch(ctx, o, p, opts...)
			},
		})
	if err := kube.AddIndexes(w.T.Context(), IndexerFunc(func(o client.Object, field string, keys client.IndexerFunc) {
		builder.WithIndex(o, field, keys)
	})); err != nil {
		w.T.Fatal(err)
	}
	return builder.Build()
}

// wrote counts a write. Events are written by several goroutines.
func (w *World) wrote(what string) {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.Writes[what]++
}

// KindOf is the kind of an object.
func KindOf(o client.Object) string {
	switch o := o.(type) {
	case *v1alpha1.AccessCode:
		return "AccessCode"
	case *v1alpha1.SeamWorkspace:
		return "SeamWorkspace"
	case *corev1.Secret:
		return "Secret"
	default:
		return o.GetObjectKind().GroupVersionKind().Kind
	}
}

// IndexerFunc is a function as a client.FieldIndexer.
type IndexerFunc func(client.Object, string, client.IndexerFunc)

// IndexField implements client.FieldIndexer.
func (f IndexerFunc) IndexField(_ context.Context, o client.Object, field string, keys client.IndexerFunc) error {
	f(o, field, keys)
	return nil
}

// Restart replaces the operator by a new one, which remembers nothing.
func (w *World) Restart() {
	w.metrics = metrics.New("", "", "")
	w.Scrapes = prometheus.NewPedanticRegistry()
	w.Scrapes.MustRegister(w.metrics)
	registry := workspace.NewRegistry(workspace.Options{Clock: w.Clock, Metrics: w.metrics, HTTPClient: w.HTTPClient})
	triggers := kube.NewTriggers()
	operators := w.Client
	if w.Operators != nil {
		operators = w.Operators
	}
	metadata, reader := w.Metadata, w.APIReader
	if metadata == nil {
		metadata = operators
	}
	if reader == nil {
		reader = w.Client
	}
	w.Codes = accesscode.NewReconciler(accesscode.Options{
		Client: operators, Metadata: metadata, APIReader: reader, Registry: registry, Triggers: triggers, Recorder: w.Recorder, Clock: w.Clock, Metrics: w.metrics,
		Zones: w.zones, MaxConcurrentReconciles: w.Workers,
	})
	hooks := &eventfeed.Webhooks{Client: operators, Metadata: metadata, Registry: registry, Triggers: triggers, Clock: w.Clock}
	w.Workspaces = &seamworkspace.Reconciler{
		Client: operators, Metadata: metadata, Registry: registry, Triggers: triggers, Clock: w.Clock, Metrics: w.metrics,
		HasOrphans: w.Codes.HasOrphans, WebhookFault: hooks.Fault,
	}
	w.Listener = &accesscode.Listener{Client: operators, Triggers: triggers}
	w.Feeds = &eventfeed.Reconciler{
		Client: operators, Registry: registry, Triggers: triggers, Clock: w.Clock, Listeners: []eventfeed.Listener{w.Listener},
	}
	w.metrics.Watch(registry.Limits, w.objects)
}

// Step moves the one clock.
func (w *World) Step(d time.Duration) { w.Clock.SetTime(w.Clock.Now().Add(d)) }

// Connected creates a SeamWorkspace with the seeded API key, and its Secret.
func (w *World) Connected() *v1alpha1.SeamWorkspace {
	w.T.Helper()
	w.Create(SecretNamed("seam", "apiKey", sim.SeedAPIKey))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: APIKeyAuth()}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.Create(ws)
	if _, err := w.ReconcileWorkspace(ws.Name); err != nil {
		w.T.Fatal(err)
	}
	return ws
}

// Settled returns a world with one code with a given PIN on the native lock.
func Settled(t *testing.T) *World {
	t.Helper()
	w := New(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Recorded()
	return w
}
