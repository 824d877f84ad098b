// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	testingclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/contract"
)

const (
	testNamespace = "bookings"
	testPIN       = "482913"
)

// world is the operator's controllers between a Kubernetes API in memory and the simulator, with one clock for all.
// Nothing happens but what a test asks for.
type world struct {
	t          tester
	ctx        context.Context // of reconciles
	clock      *testingclock.FakePassiveClock
	sim        *sim.Server
	seam       http.Handler // what answers at endpoint: the simulator, unless a test puts itself in between
	endpoint   string
	client     client.WithWatch
	operators  client.WithWatch // the client that the operator works with, client itself unless a test puts something in between
	recorder   *events.FakeRecorder
	codes      *AccessCodeReconciler
	workspaces *SeamWorkspaceReconciler
	feeds      *FeedReconciler
	counting   *sync.Mutex
	writes     map[string]int // by kind and verb, Events aside
	metrics    *metrics.Instruments
	scrapes    *prometheus.Registry
}

func newWorld(t tester, options ...func(*sim.Options)) *world {
	t.Helper()
	w := &world{
		t: t, counting: &sync.Mutex{}, writes: map[string]int{},
		clock:    testingclock.NewFakePassiveClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)),
		recorder: events.NewFakeRecorder(256),
	}
	simOptions := sim.Options{Seed: true, RateLimits: true, Clock: w.clock}
	for _, option := range options {
		option(&simOptions)
	}
	w.sim = sim.New(simOptions)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.seam.ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.seam = contract.Wrap(t, w.sim)
	w.ctx = t.Context()
	w.endpoint = server.URL
	w.client = w.newClient()
	w.restart()
	return w
}

// newClient is a Kubernetes API in memory that counts writes.
func (w *world) newClient() client.WithWatch {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, eventsv1.AddToScheme, metav1.AddMetaToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			w.t.Fatal(err)
		}
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithGlobalResourceVersionCounter().
		WithStatusSubresource(&v1alpha1.AccessCode{}, &v1alpha1.SeamWorkspace{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				w.wrote(kindOf(o) + " create")
				return c.Create(ctx, o, opts...)
			},
			Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
				w.wrote(kindOf(o) + " patch")
				return c.Patch(ctx, o, p, opts...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
				w.wrote(kindOf(o) + " " + sub)
				return c.SubResource(sub).Patch(ctx, o, p, opts...)
			},
		})
	if err := addIndexes(w.t.Context(), indexerFunc(func(o client.Object, field string, keys client.IndexerFunc) {
		builder.WithIndex(o, field, keys)
	})); err != nil {
		w.t.Fatal(err)
	}
	return builder.Build()
}

// wrote counts a write. Events are written by several goroutines.
func (w *world) wrote(what string) {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.writes[what]++
}

func kindOf(o client.Object) string {
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

type indexerFunc func(client.Object, string, client.IndexerFunc)

func (f indexerFunc) IndexField(_ context.Context, o client.Object, field string, keys client.IndexerFunc) error {
	f(o, field, keys)
	return nil
}

// restart forgets all that the operator keeps in memory.
func (w *world) restart() {
	w.metrics = metrics.New("", "")
	w.scrapes = prometheus.NewPedanticRegistry()
	w.scrapes.MustRegister(w.metrics)
	registry := workspace.NewRegistry(workspace.Options{Clock: w.clock, Metrics: w.metrics})
	wakes := newWakes()
	operators := w.client
	if w.operators != nil {
		operators = w.operators
	}
	w.codes = NewAccessCodeReconciler(AccessCodeOptions{
		Client: operators, Metadata: operators, Live: w.client, Registry: registry, Wakes: wakes, Recorder: w.recorder, Clock: w.clock, Metrics: w.metrics,
	})
	hooks := &Webhooks{Client: operators, Metadata: operators, Registry: registry, Wakes: wakes, Clock: w.clock}
	w.workspaces = &SeamWorkspaceReconciler{
		Client: operators, Metadata: operators, Registry: registry, Wakes: wakes, Clock: w.clock, Metrics: w.metrics,
		HasOrphans: w.codes.HasOrphans, WebhookFault: hooks.Fault,
	}
	w.feeds = &FeedReconciler{Client: operators, Registry: registry, Wakes: wakes, Clock: w.clock}
	w.metrics.Watch(registry.Limits, w.census)
}

// step moves the one clock.
func (w *world) step(d time.Duration) { w.clock.SetTime(w.clock.Now().Add(d)) }

// connected creates a SeamWorkspace with the seeded API key, and its Secret.
func (w *world) connected() *v1alpha1.SeamWorkspace {
	w.t.Helper()
	w.create(secretNamed("seam", "apiKey", sim.SeedAPIKey))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: apiKeyAuth()}}
	ws.Name = v1alpha1.DefaultWorkspaceName
	w.create(ws)
	if _, err := w.reconcileWorkspace(ws.Name); err != nil {
		w.t.Fatal(err)
	}
	return ws
}

func apiKeyAuth() v1alpha1.Auth {
	return v1alpha1.Auth{APIKey: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "apiKey"}}}
}

func secretNamed(name, key, value string) *corev1.Secret {
	secret := &corev1.Secret{Data: map[string][]byte{key: []byte(value)}}
	secret.Name = name
	return secret
}

// create stores an object with what an API server adds.
func (w *world) create(o client.Object) {
	w.t.Helper()
	o.SetNamespace(testNamespace)
	o.SetUID(types.UID(uuid.NewString()))
	o.SetGeneration(1)
	o.SetCreationTimestamp(metav1.NewTime(w.clock.Now()))
	if err := w.client.Create(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
	switch o := o.(type) {
	case *v1alpha1.AccessCode:
		o.Status.ObservedGeneration = -1
	case *v1alpha1.SeamWorkspace:
		o.Status.ObservedGeneration = -1
	default:
		return
	}
	if err := w.client.Status().Update(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
}

// code creates an AccessCode with a given PIN on the native lock, after edit.
func (w *world) code(name string, edit func(*v1alpha1.AccessCode)) {
	w.t.Helper()
	code := &v1alpha1.AccessCode{Spec: v1alpha1.AccessCodeSpec{DeviceID: sim.SeedNativeLockID, Code: testPIN}}
	code.Name = name
	if edit != nil {
		edit(code)
	}
	w.create(code)
}

// edit changes an AccessCode as a user does.
func (w *world) edit(name string, change func(*v1alpha1.AccessCode)) {
	w.t.Helper()
	code := w.get(name)
	before := code.DeepCopy()
	change(code)
	if cmp.Diff(before.Spec, code.Spec) != "" {
		code.Generation++
	}
	if err := w.client.Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(name string) *v1alpha1.AccessCode {
	w.t.Helper()
	var code v1alpha1.AccessCode
	if err := w.client.Get(w.t.Context(), client.ObjectKey{Namespace: testNamespace, Name: name}, &code); err != nil {
		w.t.Fatal(err)
	}
	return &code
}

func (w *world) exists(o client.Object, name string) bool {
	w.t.Helper()
	err := w.client.Get(w.t.Context(), client.ObjectKey{Namespace: testNamespace, Name: name}, o)
	if client.IgnoreNotFound(err) != nil {
		w.t.Fatal(err)
	}
	return err == nil
}

func (w *world) delete(o client.Object, name string) {
	w.t.Helper()
	if !w.exists(o, name) {
		w.t.Fatalf("deleting %q: not there", name)
	}
	if err := w.client.Delete(w.t.Context(), o); err != nil {
		w.t.Fatal(err)
	}
}

// setSecret changes, or creates, a Secret as a user does.
func (w *world) setSecret(name, key, value string) {
	w.t.Helper()
	var secret corev1.Secret
	if !w.exists(&secret, name) {
		w.create(secretNamed(name, key, value))
		return
	}
	secret.Data = map[string][]byte{key: []byte(value)}
	if err := w.client.Update(w.t.Context(), &secret); err != nil {
		w.t.Fatal(err)
	}
}

// reconcileWorkspace reconciles a SeamWorkspace once and checks its conditions.
func (w *world) reconcileWorkspace(name string) (ctrl.Result, error) {
	w.t.Helper()
	key := types.NamespacedName{Namespace: testNamespace, Name: name}
	result, err := w.workspaces.Reconcile(w.ctx, ctrl.Request{NamespacedName: key})
	var ws v1alpha1.SeamWorkspace
	if w.exists(&ws, name) && len(ws.Status.Conditions) > 0 {
		checkConditions(w.t, ws.Generation, ws.Status.ObservedGeneration, ws.Status.Conditions)
	}
	if drain(w.codes.Wakes.feeds) {
		w.listen(name)
	}
	drain(w.codes.Wakes.codes)
	return result, err
}

// listen reconciles the feed of a SeamWorkspace once and returns the AccessCodes that it wakes.
func (w *world) listen(name string) (woken []string, result ctrl.Result) {
	w.t.Helper()
	key := types.NamespacedName{Namespace: testNamespace, Name: name}
	result, err := w.feeds.Reconcile(w.ctx, ctrl.Request{NamespacedName: key})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, code := range w.codes.Wakes.code.take() {
		woken = append(woken, code.Name)
	}
	return woken, result
}

// reconcile reconciles an AccessCode once, its workspace before it, and after it when the AccessCode asks for that,
// and checks conditions.
func (w *world) reconcile(name string) (ctrl.Result, error) {
	w.t.Helper()
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.t.Log(err)
	}
	key := types.NamespacedName{Namespace: testNamespace, Name: name}
	result, err := w.codes.Reconcile(w.ctx, ctrl.Request{NamespacedName: key})
	if drain(w.codes.Wakes.workspaces) {
		if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
			w.t.Log(err)
		}
	}
	var code v1alpha1.AccessCode
	if w.exists(&code, name) && len(code.Status.Conditions) > 0 {
		checkConditions(w.t, code.Generation, code.Status.ObservedGeneration, code.Status.Conditions)
	}
	if apierrors.IsConflict(err) {
		w.t.Errorf("a conflict is to be a silent requeue, got %v", err)
	}
	return result, err
}

// drain takes in wake-ups and says whether there were any.
func drain(wakes *wakeUps) bool { return len(wakes.take()) > 0 }

// settle reconciles an AccessCode, moving the clock as the operator asks, until it asks for no look within two
// minutes.
func (w *world) settle(name string) {
	w.t.Helper()
	const patience = 2 * time.Minute
	for range 40 {
		result, err := w.reconcile(name)
		switch {
		case err != nil:
			w.step(time.Minute)
		case result.RequeueAfter == 0 || result.RequeueAfter > patience:
			return
		default:
			w.step(result.RequeueAfter)
		}
	}
	w.t.Fatalf("AccessCode %q does not come to rest: %+v", name, w.get(name).Status)
}

// expect checks the Ready condition.
func (w *world) expect(name string, status metav1.ConditionStatus, reason string) *v1alpha1.AccessCode {
	w.t.Helper()
	code := w.get(name)
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != status || ready.Reason != reason {
		w.t.Fatalf("AccessCode %q: Ready is %+v, want %s %s", name, ready, status, reason)
	}
	return code
}

// expectWorkspace checks the Ready condition of the default SeamWorkspace.
func (w *world) expectWorkspace(status metav1.ConditionStatus, reason string) *v1alpha1.SeamWorkspace {
	w.t.Helper()
	var ws v1alpha1.SeamWorkspace
	if !w.exists(&ws, v1alpha1.DefaultWorkspaceName) {
		w.t.Fatal("no SeamWorkspace")
	}
	ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != status || ready.Reason != reason {
		w.t.Fatalf("SeamWorkspace: Ready is %+v, want %s %s", ready, status, reason)
	}
	return &ws
}

// live is the one code on the device at Seam that is managed, no backup code, and not on its way out.
func (w *world) live(deviceID string) sim.AccessCode {
	w.t.Helper()
	codes := w.lives(deviceID)
	if len(codes) != 1 {
		w.t.Fatalf("%d live codes on the device, want 1: %+v", len(codes), codes)
	}
	return codes[0]
}

func (w *world) lives(deviceID string) []sim.AccessCode {
	var live []sim.AccessCode
	for _, code := range w.sim.Codes(deviceID) {
		if code.IsManaged && !code.IsBackup && code.Status != "removing" {
			live = append(live, code)
		}
	}
	return live
}

// calls counts the requests that Seam got, by path.
func (w *world) calls(path string) int { return w.sim.Requests().ByPath[path] }

// recorded drains the reasons of the Events recorded so far.
func (w *world) recorded() []string {
	var reasons []string
	for {
		select {
		case line := <-w.recorder.Events:
			if strings.Contains(line, testPIN) {
				w.t.Errorf("an Event quotes the PIN: %s", line)
			}
			reasons = append(reasons, strings.Fields(line)[1])
		default:
			return reasons
		}
	}
}
