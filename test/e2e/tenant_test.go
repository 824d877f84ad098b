// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

const (
	// patience is how long a condition is waited for: several operators share the machine, and what has failed for a
	// minute is tried again after another.
	patience = 4 * time.Minute
	// lookEvery spaces the looks.
	lookEvery = 250 * time.Millisecond
	// lockDelay is how long a lock takes to be programmed, or to forget a code.
	lockDelay = 300 * time.Millisecond
	// perDevice is how many codes one lock gets: few enough for Seam's limits for a device not to matter.
	perDevice = 8
	// credentialsName is the Secret with the API key.
	credentialsName = "seam"
)

// tenant is a namespace, and a simulator for it alone.
type tenant struct {
	*house

	t         *testing.T
	namespace string
	sim       *sim.Server
	endpoint  string

	mu   sync.Mutex
	urls []string // of what the simulator was asked
}

func (h *house) newTenant(t *testing.T, prefix string) *tenant {
	t.Helper()
	return h.tenantIn(t, h.makeNamespace(t, prefix))
}

// tenantIn makes a namespace that is there already a tenant's.
func (h *house) tenantIn(t *testing.T, namespace string) *tenant {
	t.Helper()
	k := &tenant{
		house: h, t: t, namespace: namespace,
		sim: sim.New(sim.Options{Seed: true, RateLimits: true, SetDelay: lockDelay, RemoveDelay: lockDelay}),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		k.urls = append(k.urls, r.RequestURI)
		k.mu.Unlock()
		k.sim.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	k.endpoint = server.URL
	return k
}

// meta is the metadata of an object of this tenant.
func (k *tenant) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: k.namespace, Name: name}
}

func (k *tenant) secret(name, key, value string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: k.meta(name), StringData: map[string]string{key: value}}
}

// connect creates what leads to the simulator, with a key that it takes.
func (k *tenant) connect(key string) {
	k.t.Helper()
	k.create(k.t, k.secret(credentialsName, "apiKey", key), k.workspace(v1alpha1.DefaultWorkspaceName, credentialsName))
}

func (k *tenant) workspace(name, secret string) *v1alpha1.SeamWorkspace {
	return &v1alpha1.SeamWorkspace{
		ObjectMeta: k.meta(name),
		Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: k.endpoint, Auth: v1alpha1.Auth{
			APIKey: &v1alpha1.SecretAuth{SecretKeyRef: v1alpha1.SecretKeyReference{Name: secret, Key: "apiKey"}},
		}},
	}
}

// code is an AccessCode on a lock; without more, its PIN is chosen.
func (k *tenant) code(name, device string) *v1alpha1.AccessCode {
	return &v1alpha1.AccessCode{ObjectMeta: k.meta(name), Spec: v1alpha1.AccessCodeSpec{DeviceID: device}}
}

func fromSecret(name string) *v1alpha1.CodeSource {
	return &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: name, Key: "pin"}}
}

// addLock adds a lock to the simulator.
func (k *tenant) addLock(change func(*sim.Device)) string {
	k.t.Helper()
	lock := sim.Lock(sim.SeedWorkspaceID, "", "Another Door")
	if change != nil {
		change(&lock)
	}
	lock, err := k.sim.AddDevice(lock)
	if err != nil {
		k.t.Fatal(err)
	}
	return lock.ID
}

// order has something go wrong at the simulator.
func (k *tenant) order(f sim.Fault) {
	k.t.Helper()
	if _, err := k.sim.OrderFault(f); err != nil {
		k.t.Fatal(err)
	}
}

// onLocks is how many codes there are that Seam manages, spare ones of the pool aside.
func (k *tenant) onLocks() int {
	count := 0
	for _, code := range k.sim.State().AccessCodes {
		spare := code.IsBackup && code.Type == "ongoing"
		if code.IsManaged && !spare {
			count++
		}
	}
	return count
}

// pin is what the simulator has as the PIN of the code of that name, "" when there is none.
func (k *tenant) pin(name string) string {
	for _, code := range k.sim.State().AccessCodes {
		if code.Name != nil && *code.Name == name && code.Code != nil {
			return *code.Code
		}
	}
	return ""
}

// pinIn is what a Secret holds, "" when it is not there.
func (k *tenant) pinIn(ctx context.Context, secret, key string) (string, error) {
	var object corev1.Secret
	err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: secret}, &object)
	return string(object.Data[key]), client.IgnoreNotFound(err)
}

// eventually waits for a condition. An error of the API server ends the test, nil is "not yet".
func (k *tenant) eventually(what string, met func(ctx context.Context) (bool, error)) {
	k.t.Helper()
	if err := wait.PollUntilContextTimeout(k.t.Context(), lookEvery, patience, true, met); err != nil {
		k.t.Fatalf("%s: %v", what, err)
	}
}

// reasonOf is the reason of the Ready condition of an AccessCode for its newest generation, "" when there is none.
func reasonOf(code *v1alpha1.AccessCode) string {
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || ready.ObservedGeneration != code.Generation {
		return ""
	}
	return ready.Reason
}

// reasons counts the AccessCodes of the namespace by their reason.
func (k *tenant) reasons(ctx context.Context) (map[string]int, error) {
	var codes v1alpha1.AccessCodeList
	if err := k.List(ctx, &codes, client.InNamespace(k.namespace)); err != nil {
		return nil, err
	}
	count := map[string]int{}
	for i := range codes.Items {
		count[reasonOf(&codes.Items[i])]++
	}
	return count, nil
}

// becomes waits until the Ready condition of an AccessCode has a reason.
func (k *tenant) becomes(name, reason string) {
	k.t.Helper()
	var code v1alpha1.AccessCode
	k.eventually(fmt.Sprintf("AccessCode %q becoming %s", name, reason), func(ctx context.Context) (bool, error) {
		err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &code)
		return reasonOf(&code) == reason, err
	})
}

// message is what the Ready condition of an AccessCode says.
func (k *tenant) message(ctx context.Context, name string) (string, error) {
	var code v1alpha1.AccessCode
	err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &code)
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	if err != nil || ready == nil {
		return "", err
	}
	return ready.Message, nil
}

// workspaceReason is the reason of the Ready condition of a SeamWorkspace.
func (k *tenant) workspaceReason(ctx context.Context, name string) (string, error) {
	var ws v1alpha1.SeamWorkspace
	err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, &ws)
	ready := apimeta.FindStatusCondition(ws.Status.Conditions, v1alpha1.ConditionReady)
	if err != nil || ready == nil {
		return "", err
	}
	return ready.Reason, nil
}

// gone says that the namespace no longer exists.
func (k *tenant) gone(ctx context.Context) (bool, error) {
	err := k.Get(ctx, client.ObjectKey{Name: k.namespace}, &corev1.Namespace{})
	return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
}

// held says that the namespace controller has been through the namespace and was held up by finalizers.
func (k *tenant) held(ctx context.Context) (bool, error) {
	var namespace corev1.Namespace
	if err := k.Get(ctx, client.ObjectKey{Name: k.namespace}, &namespace); err != nil {
		return false, err
	}
	for _, condition := range namespace.Status.Conditions {
		if condition.Type == corev1.NamespaceFinalizersRemaining {
			return condition.Status == corev1.ConditionTrue, nil
		}
	}
	return false, nil
}

func (k *tenant) deleteNamespace() {
	k.t.Helper()
	if err := k.Delete(k.t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: k.namespace}}); err != nil {
		k.t.Fatal(err)
	}
}

// mayIn waits until the API server knows of a permission.
func (k *tenant) mayIn(who account, namespace string, p permission) {
	k.t.Helper()
	k.eventually("the API server knowing of a role", func(ctx context.Context) (bool, error) {
		return k.allowed(ctx, who, namespace, p)
	})
}
