// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestConflictTakesNoPlaceInTheLimit: a stale cache keeps an intention from being stored, and then nothing is created. That
// must not keep the tenth guest of a minute waiting for the next.
func TestConflictTakesNoPlaceInTheLimit(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(9)
	left := w.Conflicts(3)
	w.Code("guest", nil)
	for range 4 {
		if _, err := w.Reconcile("guest"); err != nil {
			t.Fatal(err)
		}
	}
	if left() > 0 || w.Get("guest").Status.AccessCodeID == "" {
		t.Errorf("not created: %+v", w.Get("guest").Status.Conditions)
	}
}

// TestCodeThatTheCacheDoesNotShowAsTaken: two AccessCodes want one PIN, and the cache of the second does not show yet what
// the first has recorded.
func TestCodeThatTheCacheDoesNotShowAsTaken(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("first", nil)
	w.Settle("first")
	w.Operators = interceptor.NewClient(w.Client, interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if err := c.List(ctx, list, opts...); err != nil {
				return err
			}
			if codes, ok := list.(*v1alpha1.AccessCodeList); ok {
				var options client.ListOptions
				if options.ApplyOptions(opts); options.FieldSelector.Requirements()[0].Field == kube.IndexAccessCodeID {
					codes.Items = nil
				}
			}
			return nil
		},
	})
	w.Restart()
	w.Code("second", matching)
	for range 3 {
		w.Look("second", time.Second)
	}
	if id := w.Get("second").Status.AccessCodeID; id != "" {
		t.Errorf("it has recorded %q, which is another's", id)
	}
	w.Operators = nil
	w.Restart()
	w.Settle("second")
	w.Expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.Live(sim.SeedNativeLockID)
}

func TestStaleCacheFailsBeforeSeam(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	stale := w.Get("guest")
	w.Settle("guest")
	creates := w.Calls("/access_codes/create")

	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if code, ok := o.(*v1alpha1.AccessCode); ok {
				stale.DeepCopyInto(code)
				return nil
			}
			return c.Get(ctx, key, o, opts...)
		},
	})
	w.Restart()
	w.Step(time.Second)
	if _, err := w.ReconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	result, err := w.Codes.Reconcile(t.Context(), testworld.RequestFor("guest"))
	if err != nil || result.RequeueAfter == 0 {
		t.Errorf("a conflict is to be a silent requeue, got %v, %v", result, err)
	}
	if n := w.Calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates from a stale cache", n)
	}
}

func TestConflictOnTheSecretIsSilent(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	fail := true
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if _, ok := o.(*corev1.Secret); ok && fail {
				fail = false
				return apierrors.NewAlreadyExists(corev1.Resource("secrets"), o.GetName())
			}
			return c.Create(ctx, o, opts...)
		},
	})
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}
