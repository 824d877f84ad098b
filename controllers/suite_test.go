// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/contract"
)

// patience is how long a condition is waited for before the test gives up on it.
const patience = 3 * time.Minute

// apiServer is the configuration of the API server that all tests of this package share, and storage the address of
// its etcd.
var (
	apiServer *rest.Config
	storage   *url.URL
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join("..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	started, err := environment.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting the API server (run this through \"make test\", which builds it):", err)
		return 1
	}
	apiServer, storage = started, environment.ControlPlane.Etcd.URL
	code := m.Run()
	if err := environment.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the API server:", err)
		return 1
	}
	return code
}

// cluster is a namespace of the real API server with the operator and a simulator for itself.
type cluster struct {
	client.WithWatch

	t         *testing.T
	config    *rest.Config
	namespace string
	sim       *sim.Server
	endpoint  string
	metrics   *metrics.Instruments // of the operator that was started last
	stop      func()
}

func newCluster(t *testing.T) *cluster { t.Helper(); return newClusterOn(t, apiServer) }

func newClusterOn(t *testing.T, config *rest.Config) *cluster {
	t.Helper()
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme(t)})
	if err != nil {
		t.Fatal(err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	if err := c.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	simulator := sim.New(sim.Options{Seed: true, RateLimits: true, SetDelay: time.Second, RemoveDelay: time.Second})
	server := httptest.NewServer(contract.Wrap(t, simulator))
	t.Cleanup(server.Close)
	k := &cluster{WithWatch: c, t: t, config: config, namespace: namespace.Name, sim: simulator, endpoint: server.URL}
	k.start()
	t.Cleanup(func() { k.stop() })
	return k
}

func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(s), eventsv1.AddToScheme(s), metav1.AddMetaToScheme(s), v1alpha1.AddToScheme(s)); err != nil {
		t.Fatal(err)
	}
	return s
}

// start runs the operator until stop is called.
func (k *cluster) start() {
	k.t.Helper()
	mgr, err := ctrl.NewManager(k.config, ctrl.Options{
		Scheme:     scheme(k.t),
		Metrics:    metricsserver.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
		Cache: cache.Options{
			DefaultNamespaces:           map[string]cache.Config{k.namespace: {}},
			DefaultTransform:            cache.TransformStripManagedFields(),
			ReaderFailOnMissingInformer: true,
		},
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k.metrics = metrics.New("", "", "")
	err = controllers.Setup(ctx, mgr, controllers.Options{
		Registry:                workspace.NewRegistry(workspace.Options{Clock: clock.RealClock{}, Metrics: k.metrics}),
		Metrics:                 k.metrics,
		Clock:                   clock.RealClock{},
		MaxConcurrentReconciles: 4,
	})
	if err != nil {
		cancel()
		k.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	k.stop = func() {
		cancel()
		if err := <-done; err != nil {
			k.t.Error(err)
		}
		k.stop = func() {}
	}
}

func (k *cluster) apply(objects ...client.Object) {
	k.t.Helper()
	for _, o := range objects {
		o.SetNamespace(k.namespace)
		if err := k.Create(k.t.Context(), o); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *cluster) remove(o client.Object, name string) {
	k.t.Helper()
	o.SetNamespace(k.namespace)
	o.SetName(name)
	if err := k.Delete(k.t.Context(), o); err != nil {
		k.t.Fatal(err)
	}
}

// edit changes an object as a user does, again when somebody else was quicker.
func edit[T client.Object](k *cluster, o T, name string, change func(T)) {
	k.t.Helper()
	k.eventually("editing "+name, func(ctx context.Context) (bool, error) {
		if err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, o); err != nil {
			return false, err
		}
		change(o)
		err := k.Update(ctx, o)
		if apierrors.IsConflict(err) {
			return false, nil
		}
		return err == nil, err
	})
}

func (k *cluster) eventually(what string, met func(ctx context.Context) (bool, error)) {
	k.t.Helper()
	if err := wait.PollUntilContextTimeout(k.t.Context(), 50*time.Millisecond, patience, true, met); err != nil {
		k.t.Fatalf("%s: %v", what, err)
	}
}

// becomes waits until the Ready condition of an AccessCode has a reason, for its newest generation.
func (k *cluster) becomes(name, reason string) *v1alpha1.AccessCode {
	k.t.Helper()
	var code v1alpha1.AccessCode
	defer func() {
		if k.t.Failed() {
			k.t.Logf("AccessCode %q: %+v", name, &code.Status)
		}
	}()
	k.eventually(fmt.Sprintf("AccessCode %q becoming %s", name, reason), func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &code)
		ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
		return ready != nil && ready.Reason == reason && ready.ObservedGeneration == code.Generation, err
	})
	return &code
}

// workspaceBecomes waits until the Ready condition of the SeamWorkspace has a reason.
func (k *cluster) workspaceBecomes(reason string) *v1alpha1.SeamWorkspace {
	k.t.Helper()
	var ws v1alpha1.SeamWorkspace
	k.eventually("SeamWorkspace becoming "+reason, func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: v1alpha1.DefaultWorkspaceName}, &ws)
		ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
		return ready != nil && ready.Reason == reason, err
	})
	return &ws
}

// goes waits until an object no longer exists.
func (k *cluster) goes(o client.Object, name string) {
	k.t.Helper()
	k.eventually(fmt.Sprintf("%T %q going", o, name), func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, o)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
}

func (k *cluster) credentials(key string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "seam"}, StringData: map[string]string{"apiKey": key}}
}

func (k *cluster) workspace() *v1alpha1.SeamWorkspace {
	return &v1alpha1.SeamWorkspace{
		ObjectMeta: metav1.ObjectMeta{Name: v1alpha1.DefaultWorkspaceName},
		Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: k.endpoint, Auth: v1alpha1.Auth{
			APIKey: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "apiKey"}},
		}},
	}
}

func accessCode(name string) *v1alpha1.AccessCode {
	return &v1alpha1.AccessCode{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       v1alpha1.AccessCodeSpec{DeviceID: sim.SeedNativeLockID, Code: "482913"},
	}
}
