// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// dropCreate creates the AccessCode "guest", whose create is lost on its way to Seam.
func (w *world) dropCreate(edit func(*v1alpha1.AccessCode)) {
	w.t.Helper()
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultDrop})
	w.code("guest", edit)
	if _, err := w.reconcile("guest"); err == nil {
		w.t.Fatal("the create did not fail")
	}
}

// arrivesWhileRemoving has a create of "guest" arrive after all, while that is being deleted: nothing is to be left.
func (w *world) arrivesWhileRemoving() {
	w.t.Helper()
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	w.foreign(sim.SeedNativeLockID, "guest", testPIN)
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
		w.t.Errorf("not released, or left at Seam: %+v", w.sim.Codes(sim.SeedNativeLockID))
	}
}

// TestCreateInDoubt loses a create in every way that the network offers, before and after its effect, and restarts
// the operator. There is one code in the end, and none after deletion.
func TestCreateInDoubt(t *testing.T) {
	faults := map[string]sim.Fault{
		"response lost":        {Kind: sim.FaultLoseResponse},
		"response cut":         {Kind: sim.FaultTruncate},
		"garbage":              {Kind: sim.FaultGarbage},
		"connection dropped":   {Kind: sim.FaultDrop},
		"500 before":           {Kind: sim.FaultStatus, Status: 500},
		"503 before":           {Kind: sim.FaultStatus, Status: 503, Body: "down"},
		"lost again and again": {Kind: sim.FaultLoseResponse, Times: 3},
	}
	pins := map[string]func(*v1alpha1.AccessCode){"given": nil, "from a Secret": fromSecret, "chosen": chosen}
	for faultName, fault := range faults {
		for pinName, edit := range pins {
			t.Run(faultName+", PIN "+pinName, func(t *testing.T) {
				w := newWorld(t)
				w.connected()
				w.setSecret("guest-pin", "pin", testPIN)
				fault.Path = "/access_codes/create"
				w.order(fault)
				w.code("guest", edit)
				if _, err := w.reconcile("guest"); err == nil {
					t.Fatal("the create did not fail")
				}
				w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
				w.restart()
				w.settle("guest")
				code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if id := w.live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
					t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
				}
			})
		}
	}
}

func TestPINChangedWhileACreateIsInDoubt(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"in spec": nil, "in the Secret": fromSecret, "in the Secret that has the chosen one": chosen,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("guest-pin", "pin", testPIN)
			w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
			w.code("guest", edit)
			if _, err := w.reconcile("guest"); err == nil {
				t.Fatal("the create did not fail")
			}
			w.setSecret("guest-pin", "pin", "6060")
			switch {
			case edit == nil:
				w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
			case w.exists(&corev1.Secret{}, "guest"):
				w.setSecret("guest", "code", "6060")
			}
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if pin := *w.live(sim.SeedNativeLockID).Code; pin != "6060" {
				t.Errorf("PIN %q on the lock", pin)
			}
		})
	}
}

func TestDeletedWhileACreateIsInDoubt(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": chosen} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
			w.code("guest", edit)
			if _, err := w.reconcile("guest"); err == nil {
				t.Fatal("the create did not fail")
			}
			w.delete(&v1alpha1.AccessCode{}, "guest")
			if name == "chosen" {
				// In a namespace that is being deleted, the Secret may go first.
				w.delete(&corev1.Secret{}, "guest")
			}
			w.settle("guest")
			if w.exists(&v1alpha1.AccessCode{}, "guest") {
				t.Error("the AccessCode is still there")
			}
			if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left at Seam: %+v", codes)
			}
		})
	}
}

// TestDeletedBeforeTheCreateArrives deletes an AccessCode whose create is still on its way when it is looked for.
func TestDeletedBeforeTheCreateArrives(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.dropCreate(nil)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.look("guest", time.Second)
	w.arrivesWhileRemoving()
}

// TestEditedBeforeTheCreateArrives changes what is wanted while the create is still on its way: a second code is not
// made until the first has had its time to show.
func TestEditedBeforeTheCreateArrives(t *testing.T) {
	edits := map[string]func(w *world){
		"PIN in spec":    func(w *world) { w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" }) },
		"PIN's Secret":   func(w *world) { w.setSecret("guest-pin", "pin", "6060") },
		"window is over": func(w *world) { w.edit("guest", scheduled(w.clock.Now().Add(-time.Hour), w.clock.Now())) },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("guest-pin", "pin", testPIN)
			w.dropCreate(map[string]func(*v1alpha1.AccessCode){"PIN's Secret": fromSecret}[name])
			edit(w)
			w.look("guest", 20*time.Second)
			if codes := w.lives(sim.SeedNativeLockID); len(codes) != 0 {
				t.Fatalf("created meanwhile: %+v", codes)
			}
			w.foreign(sim.SeedNativeLockID, "guest", testPIN) // the create arrives
			w.settle("guest")
			if name == "window is over" {
				w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
				if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
					t.Errorf("left at Seam: %+v", codes)
				}
				return
			}
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if pin := *w.live(sim.SeedNativeLockID).Code; pin != "6060" {
				t.Errorf("PIN %q on the lock", pin)
			}
		})
	}
}

// TestEditedAfterTheCreateWasLost is the other way: where nothing shows, the code is created after all.
func TestEditedAfterTheCreateWasLost(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.dropCreate(nil)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
}

// TestEachTryIsWaitedFor: it is the last of several creates without an answer that may still show.
func TestEachTryIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultDrop, Times: 2})
	w.code("guest", nil)
	for _, after := range []time.Duration{0, 61 * time.Second} {
		w.step(after)
		if _, err := w.reconcile("guest"); err == nil {
			t.Fatal("the create did not fail")
		}
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.look("guest", 40*time.Second) // after the second
	w.arrivesWhileRemoving()
}

// TestCodeLikeTheOneThatWasRefused: after a refusal, what somebody else puts on the lock is theirs, also for an operator
// that has been restarted since.
func TestCodeLikeTheOneThatWasRefused(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.code("guest", nil)
	w.look("guest", 0)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.restart()
	theirs := w.foreign(sim.SeedNativeLockID, "guest", testPIN)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if id := w.live(sim.SeedNativeLockID).AccessCodeID; id != theirs {
		t.Errorf("%q is on the lock, not %q", id, theirs)
	}
}

// TestRetryThatIsRefused: the doubt of the try before it is as old as that, so that nothing more is waited for.
func TestRetryThatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.dropCreate(nil)
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.look("guest", 61*time.Second)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.look("guest", time.Second)
	w.live(sim.SeedNativeLockID)
}

// TestRefusalLeavesNoDoubt is about creates that were refused for certain: nothing is looked for afterwards, and the
// object can go at once.
func TestRefusalLeavesNoDoubt(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 429, RetryAfter: 10})
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.code("guest", nil)
	w.look("guest", 0)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	w.look("guest", 11*time.Second)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if n := w.calls("/access_codes/list"); n != 0 {
		t.Errorf("%d lists after refusals", n)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("it waits for a code that was never created")
	}
}

// TestStatusThatIsNotWritten is the crash between a create and the record of it.
func TestStatusThatIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.connected()
	lost := errors.New("the API server went away")
	fail := true
	w.client = interceptor.NewClient(w.client, interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if fail {
				return lost
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.restart()
	fail = false
	w.code("guest", nil)
	if _, err := w.reconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	fail = true
	if _, err := w.reconcile("guest"); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	fail = false
	w.restart()
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)

	// The same when a code that vanished is created again: the id that is recorded is the old one.
	old := w.live(sim.SeedNativeLockID).AccessCodeID
	if err := w.sim.TakeOffLock(old); err != nil {
		t.Fatal(err)
	}
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.step(6 * time.Second)
	fail = true
	if _, err := w.reconcile("guest"); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	fail = false
	w.restart()
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
}

func TestRestoredFromABackup(t *testing.T) {
	w := settled(t)
	code := w.get("guest")
	id := code.Status.AccessCodeID
	code.Finalizers = nil
	if err := w.client.Update(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	annotations := code.Annotations
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.restart()
	w.step(30 * 24 * time.Hour)
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Annotations = annotations })
	w.settle("guest")
	if restored := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); restored.Status.AccessCodeID != id {
		t.Errorf("id %q after the restore, was %q", restored.Status.AccessCodeID, id)
	}
	w.live(sim.SeedNativeLockID)
}

func TestCopyOfAnObjectDoesNotTakeItsCode(t *testing.T) {
	w := settled(t)
	annotations := w.get("guest").Annotations
	w.code("copy", func(c *v1alpha1.AccessCode) {
		c.Annotations = annotations
		c.Spec.DisplayName = "guest"
	})
	w.settle("copy")
	w.expect("copy", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.delete(&v1alpha1.AccessCode{}, "copy")
	w.settle("copy")
	w.live(sim.SeedNativeLockID)
}

func TestStaleCacheFailsBeforeSeam(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	stale := w.get("guest")
	w.settle("guest")
	creates := w.calls("/access_codes/create")

	w.client = interceptor.NewClient(w.client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if code, ok := o.(*v1alpha1.AccessCode); ok {
				stale.DeepCopyInto(code)
				return nil
			}
			return c.Get(ctx, key, o, opts...)
		},
	})
	w.restart()
	w.step(time.Second)
	if _, err := w.reconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	result, err := w.codes.Reconcile(t.Context(), requestFor("guest"))
	if err != nil || result.RequeueAfter == 0 {
		t.Errorf("a conflict is to be a silent requeue, got %v, %v", result, err)
	}
	if n := w.calls("/access_codes/create") - creates; n != 0 {
		t.Errorf("%d creates from a stale cache", n)
	}
}

func TestConflictOnTheSecretIsSilent(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", chosen)
	fail := true
	w.client = interceptor.NewClient(w.client, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if _, ok := o.(*corev1.Secret); ok && fail {
				fail = false
				return apierrors.NewAlreadyExists(corev1.Resource("secrets"), o.GetName())
			}
			return c.Create(ctx, o, opts...)
		},
	})
	w.restart()
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
}

func TestRefusedSecretIsNotQuoted(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", chosen)
	w.client = interceptor.NewClient(w.client, interceptor.Funcs{
		Create: func(_ context.Context, _ client.WithWatch, o client.Object, _ ...client.CreateOption) error {
			secret, ok := o.(*corev1.Secret)
			if !ok {
				return errors.New("unexpected")
			}
			return apierrors.NewForbidden(corev1.Resource("secrets"), o.GetName(), errors.New("policy: no "+string(secret.Data["code"])))
		},
	})
	w.restart()
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	const want = `storing the PIN in Secret "guest": the API server refused it: Forbidden: look at the quotas and policies of the namespace, and at what the operator may do`
	if got := readyMessage(code.Status.Conditions); got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}
