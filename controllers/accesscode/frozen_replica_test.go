// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// onPatch calls do before each write of an AccessCode's metadata, or of its status where sub is "status".
func (w *world) onPatch(sub string, do func() error) {
	hook := func(o client.Object, this string) error {
		if _, ok := o.(*v1alpha1.AccessCode); ok && sub == this {
			return do()
		}
		return nil
	}
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			if err := hook(o, ""); err != nil {
				return err
			}
			return c.Patch(ctx, o, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if err := hook(o, sub); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.Restart()
}

// TestCreateIsNotSentLate: a replica that is frozen after it stored the intention must not create when it goes on, as
// another one may have done so, or released the AccessCode.
func TestCreateIsNotSentLate(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"given PIN": nil,
		"PIN of the provider's choice": testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
			c.Spec.DeviceID = sim.SeedProviderPINLockID
		}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			frozen := accesscode.SendWithin + time.Second
			w.onPatch("", func() error {
				w.Step(frozen)
				frozen = 0
				return nil
			})
			w.Code("guest", edit)
			for range 2 { // the workspace connects first
				if _, err := w.Reconcile("guest"); err != nil {
					t.Fatal(err)
				}
				if n := w.Calls("/access_codes/create"); n != 0 || w.Calls("/access_codes/list") != 0 {
					t.Fatalf("%d creates after the freeze", n)
				}
				if frozen == 0 {
					break
				}
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if w.Calls("/access_codes/list") == 0 {
				t.Error("the pending create was not resolved by looking")
			}
		})
	}
}

// TestStatusOfAFrozenReplica: what another replica has reported since is not overwritten with what was seen before.
func TestStatusOfAFrozenReplica(t *testing.T) {
	w := settled(t)
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	reported := false
	w.onPatch("status", func() error {
		if reported {
			return nil
		}
		reported = true
		code := w.Get("guest")
		code.Status.State = "reported by another"
		return w.Client.Status().Update(t.Context(), code)
	})
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter != kube.Soon {
		t.Errorf("a conflict is to be a silent requeue, got %+v, %v", result, err)
	}
	if code := w.Get("guest"); !reported || code.Status.State != "reported by another" {
		t.Errorf("status %+v", code.Status)
	}
}
