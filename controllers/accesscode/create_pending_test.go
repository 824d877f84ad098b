// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// dropCreate creates the AccessCode "guest", whose create is lost on its way to Seam.
func (w *world) dropCreate(edit func(*v1alpha1.AccessCode)) {
	w.T.Helper()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultDrop})
	w.Code("guest", edit)
	if _, err := w.Reconcile("guest"); err == nil {
		w.T.Fatal("the create did not fail")
	}
}

// arrivesWhileRemoving has a create of "guest" arrive after all, while that is being deleted: nothing is to be left.
func (w *world) arrivesWhileRemoving() {
	w.T.Helper()
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	w.Foreign(sim.SeedNativeLockID, "guest", testworld.PIN)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		w.T.Errorf("not released, or left at Seam: %+v", w.Sim.Codes(sim.SeedNativeLockID))
	}
}

// TestCreateIsPending loses a create in every way that the network offers, before and after its effect, and restarts
// the operator. There is one code in the end, and none after deletion.
func TestCreateIsPending(t *testing.T) {
	faults := map[string]sim.Fault{
		"response lost":        {Kind: sim.FaultLoseResponse},
		"response cut":         {Kind: sim.FaultTruncate},
		"garbage":              {Kind: sim.FaultGarbage},
		"connection dropped":   {Kind: sim.FaultDrop},
		"500 before":           {Kind: sim.FaultStatus, Status: 500},
		"503 before":           {Kind: sim.FaultStatus, Status: 503, Body: "down"},
		"lost again and again": {Kind: sim.FaultLoseResponse, Times: 3},
	}
	pins := map[string]func(*v1alpha1.AccessCode){"given": nil, "from a Secret": testworld.FromSecret, "chosen": testworld.Chosen}
	for faultName, fault := range faults {
		for pinName, edit := range pins {
			t.Run(faultName+", PIN "+pinName, func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				w.SetSecret("guest-pin", "pin", testworld.PIN)
				fault.Path = "/access_codes/create"
				w.Order(fault)
				w.Code("guest", edit)
				if _, err := w.Reconcile("guest"); err == nil {
					t.Fatal("the create did not fail")
				}
				w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
				w.Restart()
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
					t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
				}
			})
		}
	}
}

func TestPINChangedWhileACreateIsPending(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"in spec": nil, "in the Secret": testworld.FromSecret, "in the Secret that has the chosen one": testworld.Chosen,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
			w.Code("guest", edit)
			if _, err := w.Reconcile("guest"); err == nil {
				t.Fatal("the create did not fail")
			}
			w.SetSecret("guest-pin", "pin", "6060")
			switch {
			case edit == nil:
				w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
			case w.Exists(&corev1.Secret{}, "guest"):
				w.SetSecret("guest", "code", "6060")
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if pin := *w.Live(sim.SeedNativeLockID).Code; pin != "6060" {
				t.Errorf("PIN %q on the lock", pin)
			}
		})
	}
}

func TestDeletedWhileACreateIsPending(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
			w.Code("guest", edit)
			if _, err := w.Reconcile("guest"); err == nil {
				t.Fatal("the create did not fail")
			}
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			if name == "chosen" {
				// In a namespace that is being deleted, the Secret may go first.
				w.Delete(&corev1.Secret{}, "guest")
			}
			w.Settle("guest")
			if w.Exists(&v1alpha1.AccessCode{}, "guest") {
				t.Error("the AccessCode is still there")
			}
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left at Seam: %+v", codes)
			}
		})
	}
}

// TestDeletedBeforeTheCreateArrives deletes an AccessCode whose create is still on its way when it is looked for.
func TestDeletedBeforeTheCreateArrives(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.dropCreate(nil)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Look("guest", time.Second)
	w.arrivesWhileRemoving()
}

// TestEditedBeforeTheCreateArrives changes what is wanted while the create is still on its way: a second code is not
// made until the first has had its time to show.
func TestEditedBeforeTheCreateArrives(t *testing.T) {
	edits := map[string]func(w *world){
		"PIN in spec":    func(w *world) { w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" }) },
		"PIN's Secret":   func(w *world) { w.SetSecret("guest-pin", "pin", "6060") },
		"window is over": func(w *world) { w.Edit("guest", testworld.Scheduled(w.Clock.Now().Add(-time.Hour), w.Clock.Now())) },
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.dropCreate(map[string]func(*v1alpha1.AccessCode){"PIN's Secret": testworld.FromSecret}[name])
			edit(w)
			w.Look("guest", 20*time.Second)
			if codes := w.Lives(sim.SeedNativeLockID); len(codes) != 0 {
				t.Fatalf("created meanwhile: %+v", codes)
			}
			w.Foreign(sim.SeedNativeLockID, "guest", testworld.PIN) // the create arrives
			w.Settle("guest")
			if name == "window is over" {
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
				if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
					t.Errorf("left at Seam: %+v", codes)
				}
				return
			}
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if pin := *w.Live(sim.SeedNativeLockID).Code; pin != "6060" {
				t.Errorf("PIN %q on the lock", pin)
			}
		})
	}
}

// TestEditedAfterTheCreateWasLost is the other way: where nothing shows, the code is created after all.
func TestEditedAfterTheCreateWasLost(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.dropCreate(nil)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}

// TestEachTryIsWaitedFor: it is the last of several creates without an answer that may still show.
func TestEachTryIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultDrop, Times: 2})
	w.Code("guest", nil)
	for _, after := range []time.Duration{0, 61 * time.Second} {
		w.Step(after)
		if _, err := w.Reconcile("guest"); err == nil {
			t.Fatal("the create did not fail")
		}
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Look("guest", 40*time.Second) // after the second
	w.arrivesWhileRemoving()
}

// TestCodeLikeTheOneThatWasRefused: after a refusal, what somebody else puts on the lock is theirs, also for an operator
// that has been restarted since.
func TestCodeLikeTheOneThatWasRefused(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.Code("guest", nil)
	w.Look("guest", 0)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.Restart()
	theirs := w.Foreign(sim.SeedNativeLockID, "guest", testworld.PIN)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != theirs {
		t.Errorf("%q is on the lock, not %q", id, theirs)
	}
}

// TestRetryThatIsRefused: the earlier create is pending since its own time, so that nothing more is waited for.
func TestRetryThatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.dropCreate(nil)
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.Look("guest", 61*time.Second)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.Look("guest", time.Second)
	w.Live(sim.SeedNativeLockID)
}

// TestRefusedCreateIsNotPending is about creates that were refused for certain: nothing is looked for afterwards, and the
// object can go at once.
func TestRefusedCreateIsNotPending(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 429, RetryAfter: 10})
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
	w.Code("guest", nil)
	w.Look("guest", 0)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	w.Look("guest", 11*time.Second)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if n := w.Calls("/access_codes/list"); n != 0 {
		t.Errorf("%d lists after refusals", n)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("it waits for a code that was never created")
	}
}

// TestStatusThatIsNotWritten is the crash between a create and the record of it.
func TestStatusThatIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	lost := errors.New("the API server went away")
	fail := true
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if fail {
				return lost
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.Restart()
	fail = false
	w.Code("guest", nil)
	if _, err := w.ReconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	fail = true
	if _, err := w.Reconcile("guest"); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	fail = false
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)

	// The same when a code that vanished is created again: the id that is recorded is the old one.
	old := w.Live(sim.SeedNativeLockID).AccessCodeID
	if err := w.Sim.TakeOffLock(old); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Step(6 * time.Second)
	fail = true
	if _, err := w.Reconcile("guest"); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	fail = false
	w.Restart()
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
}
