// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// trouble is something that keeps the codes on the locks when their namespace is deleted.
type trouble struct {
	name string
	// begin causes it, before the deletion, and returns what ends it.
	begin func(k *tenant, o *operator) (end func())
	// shown says that it has had its effect, so that it may be ended.
	shown func(ctx context.Context, k *tenant) (bool, error)
	// lasts is how long it goes on at least after the deletion, by size of the namespace. A real minute shows what has run out
	// by then, and one size is enough for that.
	lasts map[int]time.Duration
}

func troubles() []trouble {
	aMinute := map[int]time.Duration{50: time.Minute}
	return []trouble{
		{
			name:  "operator up",
			begin: func(*tenant, *operator) func() { return func() {} },
			shown: func(context.Context, *tenant) (bool, error) { return true, nil },
		}, {
			name: "operator down",
			begin: func(k *tenant, o *operator) func() {
				o.stop(k.t)
				return func() { k.serve(k.token) }
			},
			shown: func(ctx context.Context, k *tenant) (bool, error) { return k.held(ctx) },
			lasts: aMinute,
		}, {
			name: "Seam down",
			begin: func(k *tenant, _ *operator) func() {
				fault := sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: 503, Times: -1}
				if k.onLocks() == 50 {
					fault.Kind = sim.FaultDrop // as if nobody listened
				}
				k.order(fault)
				return k.sim.ClearFaults
			},
			shown: func(ctx context.Context, k *tenant) (bool, error) {
				reasons, err := k.reasons(ctx)
				if err != nil || reasons[v1alpha1.ReasonAPIUnavailable]+reasons[v1alpha1.ReasonWorkspaceNotReady] == 0 {
					return false, err
				}
				return k.held(ctx)
			},
			lasts: aMinute,
		},
	}
}

// TestNamespaceEndsAfterItsCodes deletes namespaces with all that is in them, in the order that Kubernetes chooses: the codes
// leave the locks, and only then the namespace ends.
func TestNamespaceEndsAfterItsCodes(t *testing.T) {
	t.Parallel()
	h := theHouse(t)
	for _, trouble := range troubles() {
		for _, size := range []int{50, 500, 1} {
			t.Run(fmt.Sprintf("%d codes, %s", size, trouble.name), func(t *testing.T) {
				t.Parallel()
				k := h.newTenant(t, "deletion")
				o := k.serve(h.token)
				began := time.Now()
				k.populate(size)
				k.allSet(size)
				set := time.Since(began)
				end := trouble.begin(k, o)
				began = time.Now()
				k.deleteNamespace()
				k.staysHeld(trouble, size, began)
				end()
				ended := time.Now()
				k.ends()
				t.Logf("%d codes set in %.1f s; deleted with %s for %.1f s, all off the locks %.1f s later",
					size, set.Seconds(), trouble.name, ended.Sub(began).Seconds(), time.Since(ended).Seconds())
			})
		}
	}
}

// serve starts an operator for this namespace alone.
func (k *tenant) serve(token string) *operator {
	k.t.Helper()
	return k.startOperator(k.t, program{token: token, flags: []string{"--watch-namespaces=" + k.namespace}})
}

// populate fills the namespace: a third of the codes with a PIN in the spec, a third with one in a Secret, and a third
// whose PIN is chosen.
func (k *tenant) populate(size int) {
	k.t.Helper()
	k.connect(sim.SeedAPIKey)
	lock := ""
	for i := range size {
		if i%perDevice == 0 {
			lock = k.addLock(nil)
		}
		code := k.code(fmt.Sprintf("guest-%d", i), lock)
		switch i % 3 {
		case 1:
			code.Spec.Code = fmt.Sprintf("9%05d", i)
		case 2:
			secret := fmt.Sprintf("pin-%d", i)
			k.create(k.t, k.secret(secret, "pin", fmt.Sprintf("8%05d", i)))
			code.Spec.CodeFrom = fromSecret(secret)
		}
		k.create(k.t, code)
	}
}

func (k *tenant) allSet(size int) {
	k.t.Helper()
	var last map[string]int
	k.eventually("all codes becoming Set", func(ctx context.Context) (bool, error) {
		var err error
		last, err = k.reasons(ctx)
		return last[v1alpha1.ReasonSet] == size, err
	})
	if k.onLocks() != size {
		k.t.Fatalf("%d codes are on the locks, reasons %v", k.onLocks(), last)
	}
}

// staysHeld waits until the trouble has shown, and for as long as it is to last. Until then nothing may be released: every code
// is on its lock, and the SeamWorkspace and its Secret are there.
func (k *tenant) staysHeld(trouble trouble, size int, since time.Time) {
	k.t.Helper()
	k.eventually(trouble.name+" having its effect", func(ctx context.Context) (bool, error) { return trouble.shown(ctx, k) })
	if trouble.lasts[size] > 0 {
		over := since.Add(trouble.lasts[size])
		err := wait.PollUntilContextTimeout(k.t.Context(), time.Second, patience, true, func(ctx context.Context) (bool, error) {
			return time.Now().After(over), k.leadsToSeam(ctx)
		})
		if err != nil {
			k.t.Fatal(err)
		}
	}
	if trouble.lasts != nil && k.onLocks() != size {
		k.t.Errorf("%d codes are on the locks, want %d", k.onLocks(), size)
	}
}

// leadsToSeam is an error when the SeamWorkspace or its Secret has gone.
func (k *tenant) leadsToSeam(ctx context.Context) error {
	for name, object := range map[string]client.Object{
		v1alpha1.DefaultWorkspaceName: &v1alpha1.SeamWorkspace{}, credentialsName: &corev1.Secret{},
	} {
		if err := k.Get(ctx, client.ObjectKey{Namespace: k.namespace, Name: name}, object); err != nil {
			return fmt.Errorf("%T %q was let go of: %w", object, name, err)
		}
	}
	return nil
}

// ends waits until the namespace is gone. By then no code may be on a lock.
func (k *tenant) ends() {
	k.t.Helper()
	k.eventually("the namespace ending", k.gone)
	if left := k.onLocks(); left > 0 {
		k.t.Errorf("the namespace has ended, and %d codes are still on the locks", left)
	}
	if denied := k.audit.denied(k.t, k.own()); len(denied) > 0 {
		k.t.Errorf("the operator was refused: %v", denied)
	}
}

// TestNamespaceEndsWhateverIsDeletedFirst deletes first what the others need, and only then the namespace.
func TestNamespaceEndsWhateverIsDeletedFirst(t *testing.T) {
	t.Parallel()
	h := theHouse(t)
	workspaceAndSecret := []client.Object{&v1alpha1.SeamWorkspace{}, &corev1.Secret{}}
	workspaceAndSecret[0].SetName(v1alpha1.DefaultWorkspaceName)
	workspaceAndSecret[1].SetName(credentialsName)
	for name, order := range map[string][]int{"Secret first": {1, 0}, "SeamWorkspace first": {0, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 3
			k := h.newTenant(t, "order")
			k.serve(h.token)
			k.populate(size)
			k.allSet(size)
			for _, i := range order {
				object, ok := workspaceAndSecret[i].DeepCopyObject().(client.Object)
				if !ok {
					t.Fatal("no object")
				}
				object.SetNamespace(k.namespace)
				if err := k.Delete(t.Context(), object); err != nil {
					t.Fatal(err)
				}
			}
			if err := k.leadsToSeam(t.Context()); err != nil {
				t.Error(err)
			}
			k.deleteNamespace()
			k.ends()
		})
	}
}

// TestDeletionWithRevokedCredentialsSaysWhatToDo deletes a namespace whose API key is no good any more. It does not hang
// without a word: the condition says what to do, and that can be done.
func TestDeletionWithRevokedCredentialsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	const size = 2
	k := theHouse(t).newTenant(t, "revoked")
	k.serve(k.token)
	k.populate(size)
	k.allSet(size)
	if err := k.sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	k.deleteNamespace()
	for i := range size {
		k.saysWhatToDo(fmt.Sprintf("guest-%d", i))
	}
	k.eventually("the namespace being held", k.held)
	if _, err := k.cluster.Kubectl(t.Context(), "-n", k.namespace, "patch", "accesscode", "guest-0", "guest-1",
		"--type=merge", "--patch", `{"spec":{"deletionPolicy":"Orphan"}}`); err != nil {
		t.Fatal(err)
	}
	k.eventually("the namespace ending", k.gone)
	if k.onLocks() != size {
		t.Errorf("%d codes are on the locks, want all %d", k.onLocks(), size)
	}
}

// saysWhatToDo waits until an AccessCode that is being deleted says why it stays and how to let go of it.
func (k *tenant) saysWhatToDo(name string) {
	k.t.Helper()
	words := []string{v1alpha1.ReasonUnauthorized, "stays on the lock", "set spec.deletionPolicy to Orphan"}
	k.eventually(fmt.Sprintf("AccessCode %q saying %q", name, words), func(ctx context.Context) (bool, error) {
		message, err := k.message(ctx, name)
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(message, word) }), err
	})
}
