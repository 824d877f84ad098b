// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package interop

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

const (
	patience  = time.Minute
	namespace = "default"
	codeName  = "guest"
	// quiet is how long the operator is watched for doing too much.
	quiet = 8 * time.Second
	// maxAsked is how many requests in that time are not too many.
	maxAsked = 8
)

// cluster is an API server with the operator, whose SeamWorkspace is the fake.
type cluster struct {
	client.Client

	t    *testing.T
	fake *fake
}

// TestOperatorAgainstTheFake leads one AccessCode through its life. On the fake a code never
// becomes set, so Ready stays False; what is shown is that the operator makes it once,
// changes it, deletes it, and asks no more than it must.
func TestOperatorAgainstTheFake(t *testing.T) {
	f := startFake(t)
	k := startCluster(t, f)
	k.apply()
	code := k.becomes(v1alpha1.ReasonSetting)
	remote := k.remote(t.Context(), code.Status.AccessCodeID)
	if remote.DeviceID != fakeLock || remote.Code != "482913" || remote.Status != seam.StatusSetting {
		t.Errorf("at the fake: %+v", remote)
	}
	k.staysQuiet()

	k.edit(func(c *v1alpha1.AccessCode) { c.Spec.Code, c.Spec.DisplayName = "975319", "Renamed" })
	k.eventually("the change reaching the fake", func(ctx context.Context) (bool, error) {
		changed := k.remote(ctx, code.Status.AccessCodeID)
		return changed.Name == "Renamed" && changed.Code == "975319", nil
	})
	k.becomes(v1alpha1.ReasonSetting)
	k.staysQuiet()

	if err := k.Delete(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	k.eventually("the AccessCode going", func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKeyFromObject(code), code)
		return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
	})
	if _, err := f.observer(t).AccessCodes.Get(t.Context(), remote.AccessCodeID); !seam.IsAccessCodeNotFound(err) {
		t.Errorf("left at the fake, error %v", err)
	}
	for path, want := range map[string]int{"/access_codes/create": 1, "/access_codes/update": 1, "/access_codes/delete": 1} {
		if got := f.count(path); got != want {
			t.Errorf("%d calls of %s, want %d", got, path, want)
		}
	}
	requests, _ := f.total()
	t.Logf("Operator against the official fake: one code created, updated and deleted, %d requests: %v", requests, f.calls())
}

func startCluster(t *testing.T, f *fake) *cluster {
	t.Helper()
	logf.SetLogger(zap.New(zap.WriteTo(io.Discard)))
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Fatal("needs an API server: make test-interop")
	}
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join("..", "..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	server, err := environment.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := environment.Stop(); err != nil {
			t.Error(err)
		}
	})
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), metav1.AddMetaToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	mgr, err := ctrl.NewManager(server, ctrl.Options{
		Scheme:  scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		Cache:   cache.Options{ReaderFailOnMissingInformer: true},
		Client:  client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, mgr)
	direct, err := client.New(server, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{Client: direct, t: t, fake: f}
}

// run starts the operator, and stops it when the test ends.
func run(t *testing.T, mgr ctrl.Manager) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	err := controllers.Setup(ctx, mgr, controllers.Options{
		Registry: workspace.NewRegistry(workspace.Options{Clock: clock.RealClock{}}),
		Clock:    clock.RealClock{},
	})
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// apply creates the SeamWorkspace with its key, and the AccessCode.
func (k *cluster) apply() {
	k.t.Helper()
	meta := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: namespace, Name: name} }
	for _, object := range []client.Object{
		&corev1.Secret{ObjectMeta: meta("seam"), StringData: map[string]string{"apiKey": fakeKey}},
		&v1alpha1.SeamWorkspace{
			ObjectMeta: meta(v1alpha1.DefaultWorkspaceName),
			Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: k.fake.url, Auth: v1alpha1.Auth{
				APIKey: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "seam", Key: "apiKey"}},
			}},
		},
		&v1alpha1.AccessCode{ObjectMeta: meta(codeName), Spec: v1alpha1.AccessCodeSpec{DeviceID: fakeLock, Code: "482913"}},
	} {
		if err := k.Create(k.t.Context(), object); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *cluster) eventually(what string, met wait.ConditionWithContextFunc) {
	k.t.Helper()
	if err := wait.PollUntilContextTimeout(k.t.Context(), 100*time.Millisecond, patience, true, met); err != nil {
		k.t.Fatalf("%s: %v", what, err)
	}
}

// becomes waits until the code has an id and its newest generation is not Ready for a reason.
func (k *cluster) becomes(reason string) *v1alpha1.AccessCode {
	k.t.Helper()
	var code v1alpha1.AccessCode
	k.eventually("the AccessCode becoming "+reason, func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: namespace, Name: codeName}, &code)
		ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
		return code.Status.AccessCodeID != "" && ready != nil && ready.Status == metav1.ConditionFalse &&
			ready.ObservedGeneration == code.Generation && ready.Reason == reason, err
	})
	return &code
}

func (k *cluster) edit(change func(*v1alpha1.AccessCode)) {
	k.t.Helper()
	k.eventually("editing the AccessCode", func(ctx context.Context) (bool, error) {
		var code v1alpha1.AccessCode
		if err := k.Get(ctx, client.ObjectKey{Namespace: namespace, Name: codeName}, &code); err != nil {
			return false, err
		}
		change(&code)
		err := k.Update(ctx, &code)
		return err == nil, ignoreConflict(err)
	})
}

func ignoreConflict(err error) error {
	if apierrors.IsConflict(err) {
		return nil
	}
	return err
}

// remote reads the code at the fake, past the proxy that counts what the operator asks.
func (k *cluster) remote(ctx context.Context, id string) *seam.AccessCode {
	k.t.Helper()
	code, err := k.fake.observer(k.t).AccessCodes.Get(ctx, id)
	if err != nil {
		k.t.Fatal(err)
	}
	return code
}

// staysQuiet watches for a while that the operator, which sees the code on its way for ever,
// neither writes anywhere nor asks more than now and then.
func (k *cluster) staysQuiet() {
	k.t.Helper()
	state := func() (version string, writes, requests int) {
		var code v1alpha1.AccessCode
		if err := k.Get(k.t.Context(), client.ObjectKey{Namespace: namespace, Name: codeName}, &code); err != nil {
			k.t.Fatal(err)
		}
		requests, _ = k.fake.total()
		for _, path := range []string{"/access_codes/create", "/access_codes/update", "/access_codes/delete"} {
			writes += k.fake.count(path)
		}
		return code.ResourceVersion, writes, requests
	}
	k.eventually("the first look at the code", func(context.Context) (bool, error) { return k.fake.count("/access_codes/get") > 0, nil })
	version, writes, requests := state()
	asked := 0
	err := wait.PollUntilContextTimeout(k.t.Context(), 200*time.Millisecond, quiet, true, func(context.Context) (bool, error) {
		newVersion, newWrites, newRequests := state()
		asked = newRequests - requests
		return newWrites != writes || newVersion != version || asked > maxAsked, nil
	})
	if !wait.Interrupted(err) {
		k.t.Errorf("the operator did not stay quiet: %d requests, error %v, calls %v", asked, err, k.fake.calls())
	}
}
