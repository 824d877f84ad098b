// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

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
)

// vanish takes an AccessCode away at once, as the API server does when its finalizer comes a moment too late, and tells
// the operator of its last state.
func (w *world) vanish(name string, last func(*v1alpha1.AccessCode)) {
	w.t.Helper()
	code := w.get(name)
	last(code)
	stored := w.get(name)
	stored.Finalizers = nil
	if err := w.client.Update(w.ctx, stored); err != nil {
		w.t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, name)
	w.gone(code)
}

// tidy works on what is left behind until nothing is, or for an hour.
func (w *world) tidy() {
	w.t.Helper()
	for end := w.clock.Now().Add(time.Hour); w.clock.Now().Before(end); {
		w.codes.left.wakes.take()
		gone := w.codes.left.find(func(*v1alpha1.AccessCode) bool { return true })
		if gone == nil {
			return
		}
		w.cleanUp(gone.UID)
	}
}

// cleanUp takes one step for an AccessCode that is left behind, and moves the clock as asked.
func (w *world) cleanUp(uid types.UID) {
	w.t.Helper()
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		w.t.Log(err)
	}
	key := types.NamespacedName{Namespace: testNamespace, Name: string(uid)}
	result, err := w.codes.cleanUp(w.ctx, ctrl.Request{NamespacedName: key})
	if err != nil {
		w.t.Log(err)
		result.RequeueAfter = time.Minute
	}
	w.step(result.RequeueAfter)
}

// gone tells the operator that an AccessCode went, with its last state. The API server tells of that from before the
// write that emptied the finalizers.
func (w *world) gone(last *v1alpha1.AccessCode) {
	w.t.Helper()
	if !w.codes.rememberLeftBehind().Delete(event.DeleteEvent{Object: last}) {
		w.t.Error("the event is held back")
	}
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
			w.tidy()
			if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left at Seam: %+v", codes)
			}
			if events := w.recorded(); !slices.Contains(events, "Removed") {
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
	w.delete(&v1alpha1.AccessCode{}, "guest")
	for range 3 {
		if _, err := w.reconcile("guest"); err != nil {
			t.Fatal(err)
		}
	}
	last := w.get("guest")
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil })
	w.gone(last)
	w.delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.delete(&corev1.Secret{}, "seam")
	for range 5 {
		w.cleanUp(last.UID)
	}
	if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 1 || !w.exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) {
		t.Fatalf("let go although the code is there: %+v", codes)
	}
	w.online(true)
	w.tidy()
	if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("left at Seam: %+v", codes)
	}
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	if w.exists(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName) || w.exists(&corev1.Secret{}, "seam") {
		t.Error("the credentials are held although nobody needs them")
	}
}

// TestCodeThatIsLeftWithoutCredentials: where nothing leads to Seam any more, that is told.
func TestCodeThatIsLeftWithoutCredentials(t *testing.T) {
	w := settled(t)
	w.vanish("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "gone"} })
	w.tidy()
	if events := w.recorded(); !slices.Contains(events, "DeleteFailed") {
		t.Errorf("Events %v", events)
	}
}

// TestMadeAgainWhileTheCodeOfItsNameIsLeft: the new object does not wait for the removal of the old one's code, unless it
// wants its PIN.
func TestMadeAgainWhileTheCodeOfItsNameIsLeft(t *testing.T) {
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
			old := w.live(sim.SeedNativeLockID).AccessCodeID
			w.vanish("guest", func(*v1alpha1.AccessCode) {})
			w.codes.left.wakes.take()
			w.code("guest", test.edit)
			w.settle("guest")
			w.expect("guest", test.status, test.reason)
			w.online(true)
			w.tidy()
			w.settle("guest")
			code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.live(test.device).AccessCodeID; id == old || id != code.Status.AccessCodeID {
				t.Errorf("at Seam %q, recorded %q, was %q", id, code.Status.AccessCodeID, old)
			}
			if test.device != sim.SeedNativeLockID && len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
				t.Error("the old code is left")
			}
		})
	}
}

// TestMadeAgainWhileACreateOfItsNameIsInDoubt: the code that turns up is the old one's, and the new one is not made before.
func TestMadeAgainWhileACreateOfItsNameIsInDoubt(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.dropCreate(chosen)
	w.vanish("guest", func(*v1alpha1.AccessCode) {})
	w.delete(&corev1.Secret{}, "guest")
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "135790" })
	w.look("guest", 5*time.Second)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCreating)
	w.foreign(sim.SeedNativeLockID, "guest", testPIN) // the create arrives
	w.tidy()
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.live(sim.SeedNativeLockID); remote.AccessCodeID != code.Status.AccessCodeID || *remote.Code != "135790" {
		t.Errorf("at Seam: %+v", remote)
	}
}

// TestRestoredWhileItsCodeIsLeft: what leads to the code keeps it.
func TestRestoredWhileItsCodeIsLeft(t *testing.T) {
	for _, way := range []string{"restored", "imported"} {
		t.Run(way, func(t *testing.T) {
			w := settled(t)
			kept := w.get("guest")
			w.vanish("guest", func(*v1alpha1.AccessCode) {})
			w.code("guest", func(c *v1alpha1.AccessCode) {
				c.Annotations = kept.Annotations
				if way == "imported" {
					c.Annotations = map[string]string{v1alpha1.AccessCodeIDAnnotation: kept.Status.AccessCodeID}
				}
			})
			w.tidy()
			w.settle("guest")
			w.tidy()
			code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.live(sim.SeedNativeLockID).AccessCodeID; id != kept.Status.AccessCodeID || id != code.Status.AccessCodeID {
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
		w.tidy()
		w.live(sim.SeedNativeLockID)
	})
	t.Run("released", func(t *testing.T) {
		w := settled(t)
		w.delete(&v1alpha1.AccessCode{}, "guest")
		last := w.get("guest")
		w.settle("guest")
		w.gone(last)
		if w.codes.left.find(func(*v1alpha1.AccessCode) bool { return true }) != nil {
			t.Error("counts as left behind")
		}
	})
}
