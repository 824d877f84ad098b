// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// replace does what "kubectl replace" does with a manifest: what the operator keeps in the metadata is gone. It says
// whether that wakes the AccessCode.
func (w *world) replace(name string) (wakes bool) {
	w.T.Helper()
	return w.wakes(name, func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations = nil, nil })
}

// wakes says whether an edit wakes the AccessCode.
func (w *world) wakes(name string, edit func(*v1alpha1.AccessCode)) bool {
	w.T.Helper()
	before := w.Get(name)
	w.Edit(name, edit)
	return w.Codes.AccessCodeChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: w.Get(name)})
}

func TestFinalizerThatAReplaceTakesOffIsPutBack(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	if !w.replace("guest") {
		t.Error("nothing wakes the AccessCode")
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code := w.Get("guest"); !code.HasFinalizer() || accesscode.IntentOf(code) == nil {
		t.Errorf("finalizers %v, annotations %v", code.Finalizers, code.Annotations)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Lives(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("%d codes stay on the lock", len(codes))
	}
}

// TestReplacedWhileItsWorkspaceGoes: a SeamWorkspace that is being deleted takes nothing new, which a code that is there is not.
func TestReplacedWhileItsWorkspaceGoes(t *testing.T) {
	w := settled(t)
	w.Delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	w.replace("guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if !w.Get("guest").HasFinalizer() {
		t.Error("the finalizer is not put back")
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Lives(sim.SeedNativeLockID); len(codes) != 0 {
		t.Errorf("%d codes stay on the lock", len(codes))
	}
}

// What a backup has of an object that was replaced before leads to its code, too.
func TestRestoredAfterAReplace(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"given PIN": nil, "chosen PIN": testworld.Chosen} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", edit)
			w.Settle("guest")
			id := w.Live(sim.SeedNativeLockID).AccessCodeID
			w.Step(time.Hour)
			w.replace("guest")
			w.Settle("guest")
			code := w.Get("guest")
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			if err := w.Client.Status().Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			w.Restart()
			w.Settle("guest")
			if got := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id {
				t.Errorf("code %s, was %s", got, id)
			}
			w.Live(sim.SeedNativeLockID)
		})
	}
}

// stale is what a manifest has that was saved before the last create.
func stale(c *v1alpha1.AccessCode) {
	intent := *accesscode.IntentOf(c)
	intent.At, intent.Tried = intent.At.Add(-time.Hour), intent.Tried.Add(-time.Hour)
	value, _ := json.Marshal(intent)
	c.Annotations[v1alpha1.CreateIntentAnnotation] = string(value)
}

// TestReplacedWhileACreateIsPending: what the create has done is found all the same, in each form that a replace has.
func TestReplacedWhileACreateIsPending(t *testing.T) {
	for name, replace := range map[string]func(*v1alpha1.AccessCode){
		"bare manifest":     func(c *v1alpha1.AccessCode) { c.Finalizers, c.Annotations, c.Labels = nil, nil, nil },
		"annotations alone": func(c *v1alpha1.AccessCode) { c.Annotations = nil },
		"finalizers alone":  func(c *v1alpha1.AccessCode) { c.Finalizers = nil },
		"stale annotations": stale,
		"after a request": func(c *v1alpha1.AccessCode) {
			c.Finalizers, c.Annotations = nil, map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
		},
		"another spec": func(c *v1alpha1.AccessCode) {
			c.Finalizers, c.Annotations, c.Spec.DisplayName = nil, nil, "Guest"
		},
	} {
		for pin, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
			t.Run(name+", PIN "+pin, func(t *testing.T) { replacedWhilePending(t, edit, replace, false) })
			t.Run(name+", PIN "+pin+", operator restarted", func(t *testing.T) { replacedWhilePending(t, edit, replace, true) })
		}
	}
}

// replacedWhilePending has an AccessCode replaced whose create was made and not answered; by an operator that has not looked at
// it since its start where that was restarted.
func replacedWhilePending(t *testing.T, edit, replace func(*v1alpha1.AccessCode), restarted bool) {
	t.Helper()
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
	w.Code("guest", edit)
	if _, err := w.Reconcile("guest"); err == nil {
		t.Fatal("the create did not fail")
	}
	if restarted {
		w.Restart()
	}
	if !w.wakes("guest", replace) {
		t.Error("nothing wakes the AccessCode")
	}
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
		t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
	}
	if !code.HasFinalizer() || accesscode.IntentOf(code) == nil {
		t.Errorf("not put back: %+v", code.ObjectMeta)
	}
}

// TestReplacedDuringTheCreate: the replace comes between the intention and the answer, which then can't be recorded.
func TestReplacedDuringTheCreate(t *testing.T) {
	for pin, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
		t.Run(pin, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", edit)
			inner, replace := w.Seam, func() { w.replace("guest") }
			w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/access_codes/create" {
					replace()
				}
				inner.ServeHTTP(rw, r)
			})
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
				t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
			}
			if n := w.Calls("/access_codes/create"); n != 1 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

// TestAnnotationsThatAreTakenOffAlone are put back as they were, also by an operator that has not looked yet.
func TestAnnotationsThatAreTakenOffAlone(t *testing.T) {
	for name, restart := range map[string]bool{"at work": false, "just started": true} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			before := w.Get("guest")
			if restart {
				w.Restart()
			}
			if !w.wakes("guest", func(c *v1alpha1.AccessCode) { c.Annotations = nil }) {
				t.Error("nothing wakes the AccessCode")
			}
			w.Settle("guest")
			if got, want := w.Get("guest").Annotations, before.Annotations; cmp.Diff(want, got) != "" {
				t.Errorf("annotations %v, want %v", got, want)
			}
		})
	}
}

// TestAnnotationsThatAreTakenOffDuringTheDeletion: nothing but the intention leads to the code of a create that was not answered.
func TestAnnotationsThatAreTakenOffDuringTheDeletion(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
	w.Code("guest", nil)
	if _, err := w.Reconcile("guest"); err == nil {
		t.Fatal("the create did not fail")
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Annotations = nil })
	w.Settle("guest")
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 || w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("left on the lock: %+v", codes)
	}
}

// TestReplacedWhileSuspended: deletion outranks suspend, so that the finalizer does, too.
func TestReplacedWhileSuspended(t *testing.T) {
	w := settled(t)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = true })
	w.replace("guest")
	w.Settle("guest")
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 || w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("left on the lock: %+v", codes)
	}
}

// TestReplacedWhileSeamDoesNotAnswer: the finalizer does not wait for Seam, and the intention is made anew when it is back.
func TestReplacedWhileSeamDoesNotAnswer(t *testing.T) {
	w := settled(t)
	w.Restart()
	w.replace("guest")
	inner := w.Seam
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) })
	for range 3 {
		_, _ = w.Reconcile("guest")
	}
	w.Seam = inner
	w.Step(2 * time.Minute)
	if !w.Get("guest").HasFinalizer() {
		t.Error("no finalizer")
	}
	w.Settle("guest")
	if accesscode.IntentOf(w.Get("guest")) == nil {
		t.Error("no intention")
	}
}

// TestWhatTheOperatorWritesDoesNotWakeIt holds the predicate against each write to the metadata.
func TestWhatTheOperatorWritesDoesNotWakeIt(t *testing.T) {
	w := settled(t)
	whole := w.Get("guest")
	without, unheld, going := whole.DeepCopy(), whole.DeepCopy(), whole.DeepCopy()
	delete(without.Annotations, v1alpha1.CreateIntentAnnotation)
	unheld.Finalizers = nil
	going.DeletionTimestamp, going.Finalizers = &metav1.Time{Time: w.Clock.Now()}, nil
	passes := func(before, after *v1alpha1.AccessCode) bool {
		return w.Codes.AccessCodeChanged().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after})
	}
	for name, test := range map[string]struct {
		before, after *v1alpha1.AccessCode
		want          bool
	}{
		"nothing":              {whole, whole, false},
		"intention added":      {without, whole, false},
		"finalizer added":      {unheld, whole, false},
		"finalizer taken off":  {whole, unheld, true},
		"intention taken off":  {whole, without, true},
		"released on deletion": {whole, going, false},
	} {
		if got := passes(test.before, test.after); got != test.want {
			t.Errorf("%s: passes %v", name, got)
		}
	}
	if err := w.Codes.WithdrawIntent(w.Ctx, w.Get("guest"), nil); err != nil {
		t.Fatal(err)
	}
	if passes(whole, w.Get("guest")) {
		t.Error("an intention that the operator takes back wakes it")
	}
}
