// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// vanish takes an AccessCode away at once, as the API server does when its finalizer comes a moment too late, and tells
// the operator of its last state.
func (w *world) vanish(name string, last func(*v1alpha1.AccessCode)) {
	w.T.Helper()
	code := w.Get(name)
	last(code)
	stored := w.Get(name)
	stored.Finalizers = nil
	if err := w.Client.Update(w.Ctx, stored); err != nil {
		w.T.Fatal(err)
	}
	w.Delete(&v1alpha1.AccessCode{}, name)
	w.gone(code)
}

// deleteAllLeftBehind works on the codes that are left behind until there is none, or for an hour.
func (w *world) deleteAllLeftBehind() {
	w.T.Helper()
	for end := w.Clock.Now().Add(time.Hour); w.Clock.Now().Before(end); {
		w.Codes.TakeLeftBehind()
		gone := w.Codes.LeftBehind()
		if gone == nil {
			return
		}
		w.deleteLeftBehind(gone.UID)
	}
}

// deleteLeftBehind takes one step for a code that is left behind, and moves the clock as asked.
func (w *world) deleteLeftBehind(uid types.UID) {
	w.T.Helper()
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.T.Log(err)
	}
	key := types.NamespacedName{Namespace: testworld.Namespace, Name: string(uid)}
	result, err := w.Codes.DeleteLeftBehind(w.Ctx, ctrl.Request{NamespacedName: key})
	if err != nil {
		w.T.Log(err)
		result.RequeueAfter = time.Minute
	}
	w.Step(result.RequeueAfter)
}

// gone tells the operator that an AccessCode went, with its last state. The API server tells of that from before the
// write that emptied the finalizers.
func (w *world) gone(last *v1alpha1.AccessCode) {
	w.T.Helper()
	e := event.DeleteEvent{Object: last}
	if !w.Codes.AccessCodeChanged().Delete(e) {
		w.T.Error("the event is held back")
	}
	w.Codes.RememberLeftBehind(e)
}

func TestAccessCodeThatWentPastItsFinalizer(t *testing.T) {
	for name, last := range map[string]func(*v1alpha1.AccessCode){
		"recorded":     func(*v1alpha1.AccessCode) {},
		"not recorded": func(c *v1alpha1.AccessCode) { c.Status = v1alpha1.AccessCodeStatus{} },
		"replaced and deleted at once": func(c *v1alpha1.AccessCode) {
			c.Finalizers, c.Annotations = nil, nil
		},
		"replaced and deleted at once, not recorded": func(c *v1alpha1.AccessCode) {
			c.Finalizers, c.Annotations, c.Status = nil, nil, v1alpha1.AccessCodeStatus{}
		},
		"finalizer taken off by hand": func(c *v1alpha1.AccessCode) { c.DeletionTimestamp = &metav1.Time{Time: time.Now()} },
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			w.vanish("guest", last)
			w.deleteAllLeftBehind()
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left at Seam: %+v", codes)
			}
			if events := w.Recorded(); !slices.Contains(events, "Removed") {
				t.Errorf("Events %v", events)
			}
		})
	}
}

// TestReplacedWhileBeingDeleted: a replace takes the finalizer off an AccessCode whose lock is offline, and the object
// goes at once. Its code goes as soon as the lock is back, and SeamWorkspace and Secret stay until then.
func TestReplacedWhileBeingDeleted(t *testing.T) {
	w := settled(t)
	w.online(false)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	for range 3 {
		if _, err := w.Reconcile("guest"); err != nil {
			t.Fatal(err)
		}
	}
	last := w.Get("guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil })
	w.gone(last)
	w.Delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.Delete(&corev1.Secret{}, "seam")
	for range 5 {
		w.deleteLeftBehind(last.UID)
	}
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 1 || !w.Exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) {
		t.Fatalf("let go although the code is there: %+v", codes)
	}
	w.online(true)
	w.deleteAllLeftBehind()
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	if w.Exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) || w.Exists(&corev1.Secret{}, "seam") {
		t.Error("the credentials are held although nobody needs them")
	}
}

// TestCodeLeftBehindWithoutCredentials: where nothing leads to Seam any more, that is told.
func TestCodeLeftBehindWithoutCredentials(t *testing.T) {
	w := settled(t)
	w.vanish("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "gone"} })
	w.deleteAllLeftBehind()
	if events := w.Recorded(); !slices.Contains(events, "DeleteFailed") {
		t.Errorf("Events %v", events)
	}
}

// TestMadeAgainWhileTheCodeOfItsNameIsLeftBehind: the new object does not wait for the removal of the old one's code, unless it
// wants its PIN.
func TestMadeAgainWhileTheCodeOfItsNameIsLeftBehind(t *testing.T) {
	for name, test := range map[string]struct {
		edit   func(*v1alpha1.AccessCode)
		device string
		status metav1.ConditionStatus
		reason string
	}{
		"another lock":                {func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedJustInTimeLockID }, sim.SeedJustInTimeLockID, metav1.ConditionTrue, v1alpha1.ReasonSet},
		"another PIN":                 {func(c *v1alpha1.AccessCode) { c.Spec.Code = "135790" }, sim.SeedNativeLockID, metav1.ConditionFalse, v1alpha1.ReasonDeviceUnreachable},
		"the same PIN":                {func(*v1alpha1.AccessCode) {}, sim.SeedNativeLockID, metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN},
		"the same PIN, to be adopted": {matching, sim.SeedNativeLockID, metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN},
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			w.online(false)
			old := w.Live(sim.SeedNativeLockID).AccessCodeID
			w.vanish("guest", func(*v1alpha1.AccessCode) {})
			w.Codes.TakeLeftBehind()
			w.Code("guest", test.edit)
			w.Settle("guest")
			w.Expect("guest", test.status, test.reason)
			w.online(true)
			w.deleteAllLeftBehind()
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.Live(test.device).AccessCodeID; id == old || id != code.Status.AccessCodeID {
				t.Errorf("at Seam %q, recorded %q, was %q", id, code.Status.AccessCodeID, old)
			}
			if test.device != sim.SeedNativeLockID && len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
				t.Error("the old code is left")
			}
		})
	}
}

// TestMadeAgainWhileACreateOfItsNameIsPending: the code that turns up is the old one's, and the new one is not made before.
func TestMadeAgainWhileACreateOfItsNameIsPending(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.dropCreate(testworld.Chosen)
	w.vanish("guest", func(*v1alpha1.AccessCode) {})
	w.Delete(&corev1.Secret{}, "guest")
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "135790" })
	w.Look("guest", 5*time.Second)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	w.Foreign(sim.SeedNativeLockID, "guest", testworld.PIN) // the create arrives
	w.deleteAllLeftBehind()
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedNativeLockID); remote.AccessCodeID != code.Status.AccessCodeID || *remote.Code != "135790" {
		t.Errorf("at Seam: %+v", remote)
	}
}

// TestRestoredWhileItsCodeIsLeftBehind: what leads to the code keeps it.
func TestRestoredWhileItsCodeIsLeftBehind(t *testing.T) {
	for _, way := range []string{"restored", "imported"} {
		t.Run(way, func(t *testing.T) {
			w := settled(t)
			kept := w.Get("guest")
			w.vanish("guest", func(*v1alpha1.AccessCode) {})
			w.Code("guest", func(c *v1alpha1.AccessCode) {
				c.Annotations = kept.Annotations
				if way == "imported" {
					c.Annotations = map[string]string{v1alpha1.AccessCodeIDAnnotation: kept.Status.AccessCodeID}
				}
			})
			w.deleteAllLeftBehind()
			w.Settle("guest")
			w.deleteAllLeftBehind()
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != kept.Status.AccessCodeID || id != code.Status.AccessCodeID {
				t.Errorf("at Seam %q, recorded %q, was %q", id, code.Status.AccessCodeID, kept.Status.AccessCodeID)
			}
		})
	}
}

// TestAccessCodeThatWasLetGo: whose code is off the lock, or is to stay there, leaves nothing behind.
func TestAccessCodeThatWasLetGo(t *testing.T) {
	t.Run("deletionPolicy Orphan", func(t *testing.T) {
		w := settled(t)
		w.vanish("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
		w.deleteAllLeftBehind()
		w.Live(sim.SeedNativeLockID)
	})
	t.Run("released", func(t *testing.T) {
		w := settled(t)
		w.Delete(&v1alpha1.AccessCode{}, "guest")
		last := w.Get("guest")
		w.Settle("guest")
		w.gone(last)
		if w.Codes.LeftBehind() != nil {
			t.Error("it counts as left behind")
		}
	})
}
