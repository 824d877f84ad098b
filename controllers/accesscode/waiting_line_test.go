// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// queue has the operator look at AccessCodes when they ask for it, or are woken, and at no other time.
type queue struct {
	*world

	due map[string]time.Time
}

func newQueue(t *testing.T, options ...func(*sim.Options)) *queue {
	q := &queue{world: newWorld(t, options...), due: map[string]time.Time{}}
	q.Connected()
	q.Listen(v1alpha1.DefaultWorkspaceName)
	return q
}

// add creates an AccessCode and has it looked at.
func (q *queue) add(name string, edit func(*v1alpha1.AccessCode)) {
	q.T.Helper()
	q.Code(name, edit)
	if _, err := q.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil { // it is in use now
		q.T.Fatal(err)
	}
	q.due[name] = q.Clock.Now()
}

func (q *queue) change(name string, change func(*v1alpha1.AccessCode)) {
	q.Edit(name, change)
	q.due[name] = q.Clock.Now()
}

// run lets time go by, second by second. heard says whether events of Seam are asked for, every five seconds.
func (q *queue) run(length time.Duration, heard bool) {
	q.T.Helper()
	end := q.Clock.Now().Add(length)
	for seconds := 0; !q.Clock.Now().After(end); seconds++ {
		if heard && seconds%5 == 0 {
			woken, _ := q.Listen(v1alpha1.DefaultWorkspaceName)
			q.wake(woken...)
		}
		q.lookAtDue()
		q.Step(time.Second)
	}
}

func (q *queue) wake(names ...string) {
	for _, name := range names {
		q.due[name] = q.Clock.Now()
	}
}

func (q *queue) lookAtDue() {
	q.T.Helper()
	for range 20 {
		looked := false
		for _, name := range []string{"a", "b", "c"} {
			if at, ok := q.due[name]; !ok || at.After(q.Clock.Now()) {
				continue
			}
			looked = true
			delete(q.due, name)
			result, err := q.Codes.Reconcile(q.Ctx, testworld.RequestFor(name))
			if err != nil {
				q.T.Fatal(err)
			}
			if result.RequeueAfter > 0 {
				q.due[name] = q.Clock.Now().Add(result.RequeueAfter)
			}
			for _, key := range q.Codes.Triggers.AccessCodes.Take() {
				q.wake(key.Name)
			}
			q.checkLive()
		}
		if !looked {
			return
		}
	}
	q.T.Fatal("the operator does not come to rest")
}

// checkLive: no PIN is on the lock twice, and no AccessCode has two codes.
func (q *queue) checkLive() {
	q.T.Helper()
	names := map[string]bool{}
	for _, code := range q.Lives(sim.SeedNativeLockID) {
		if names[*code.Name] {
			q.T.Fatalf("two live codes for %s", *code.Name)
		}
		names[*code.Name] = true
	}
}

func withCode(pin string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Code = pin }
}

// stay is a window that begins and ends so long from now.
func (q *queue) stay(begins, ends time.Duration) func(*v1alpha1.AccessCode) {
	return testworld.Scheduled(q.Clock.Now().Add(begins), q.Clock.Now().Add(ends))
}

// TestStaysInLineWithOnePIN: the second guest is nobody's failure for as long as the first stays, and is at the door
// within a minute of the removal. Events are not needed for that.
func TestStaysInLineWithOnePIN(t *testing.T) {
	for name, gap := range map[string]time.Duration{"adjoining": 0, "four hours later": 4 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(t, func(o *sim.Options) { o.RemoveDelay, o.SetDelay = 2*time.Second, 2*time.Second })
			q.SetSecret("pin-smith", "code", testworld.PIN)
			smith := func(c *v1alpha1.AccessCode) {
				c.Spec.Code = ""
				c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin-smith", Key: "code"}}
			}
			ends := q.Clock.Now().Add(time.Hour)
			q.add("a", testworld.All(smith, q.stay(0, time.Hour)))
			q.run(10*time.Second, false)
			q.Expect("a", metav1.ConditionTrue, v1alpha1.ReasonSet)
			q.add("b", testworld.All(smith, q.stay(ends.Sub(q.Clock.Now())+gap, 25*time.Hour)))
			q.run(time.Second, false)
			q.Sim.ResetRequests()
			q.run(ends.Sub(q.Clock.Now())-10*time.Second, false)
			code := q.Expect("b", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
			if apimeta.IsStatusConditionTrue(code.Status.Conditions, v1alpha1.ConditionStalled) {
				t.Error("Stalled")
			}
			if message := q.message("b"); !strings.Contains(message, `AccessCode "a"`) || !strings.Contains(message, ends.UTC().Format(time.RFC3339)) {
				t.Errorf("message %q", message)
			}
			if calls := q.Sim.Requests(); calls.Total > 2 {
				t.Errorf("calls in an hour of waiting: %v", calls.ByPath)
			}
			q.run(40*time.Second, false)
			q.Expect("a", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			want := v1alpha1.ReasonSet
			if gap > 0 {
				want = v1alpha1.ReasonScheduled
			}
			q.Expect("b", metav1.ConditionTrue, want)
		})
	}
}

// TestWeeksOfWaitingCostLittle: what frees the PIN wakes, so that nothing has to be asked for.
func TestWeeksOfWaitingCostLittle(t *testing.T) {
	q := newQueue(t)
	q.add("a", q.stay(0, 21*24*time.Hour))
	q.run(10*time.Second, false)
	q.add("b", q.stay(21*24*time.Hour, 22*24*time.Hour))
	q.run(10*time.Second, false)
	q.Sim.ResetRequests()
	clear(q.Writes)
	q.run(6*time.Hour, false)
	if calls := q.Sim.Requests(); calls.Total > 14 || calls.ByPath["/access_codes/create"] > 0 {
		t.Errorf("calls in six hours: %v", calls.ByPath)
	}
	if n := q.KubernetesWrites(); n > 0 {
		t.Errorf("writes %v", q.Writes)
	}
}

// TestPINIsFreeAfterADeletion, whenever the second came while the first was on its way.
func TestPINIsFreeAfterADeletion(t *testing.T) {
	for _, late := range []time.Duration{-time.Minute, 0, time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 5 * time.Second} {
		for _, heard := range []bool{false, true} {
			q := newQueue(t, func(o *sim.Options) { o.RemoveDelay, o.SetDelay = 2*time.Second, time.Second })
			q.add("a", nil)
			q.run(10*time.Second, heard)
			if late < 0 {
				q.add("b", nil)
				q.run(-late, heard)
				q.Expect("b", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
			}
			q.Delete(&v1alpha1.AccessCode{}, "a")
			q.wake("a")
			if late >= 0 {
				q.run(late, heard)
				q.add("b", nil)
			}
			q.run(15*time.Second, heard)
			q.Expect("b", metav1.ConditionTrue, v1alpha1.ReasonSet)
		}
	}
}

// TestPINThatMovesFromOneCodeToAnother follows within seconds after it is free, and what else changes does not wait.
func TestPINThatMovesFromOneCodeToAnother(t *testing.T) {
	q := newQueue(t, func(o *sim.Options) { o.SetDelay = 2 * time.Second })
	q.add("a", withCode("11111111"))
	q.add("b", withCode("33333333"))
	q.run(10*time.Second, false)
	q.change("b", testworld.All(withCode("11111111"), func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "b2" }))
	q.run(20*time.Minute, false)
	q.Expect("b", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	if remote := q.codeOf("b"); *remote.Name != "b2" || *remote.Code != "33333333" {
		t.Errorf("meanwhile %+v", remote)
	}
	q.change("a", withCode("22222222"))
	q.run(15*time.Second, false)
	q.expectPIN("a", "22222222")
	q.expectPIN("b", "11111111")
}

func (q *queue) codeOf(name string) sim.AccessCode {
	q.T.Helper()
	for _, code := range q.Lives(sim.SeedNativeLockID) {
		if code.AccessCodeID == q.Get(name).Status.AccessCodeID {
			return code
		}
	}
	q.T.Fatalf("no code of %s", name)
	return sim.AccessCode{}
}

func (q *queue) expectPIN(name, pin string) {
	q.T.Helper()
	q.Expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *q.codeOf(name).Code; got != pin {
		q.T.Errorf("%s has the PIN %s, want %s", name, got, pin)
	}
}

// TestPINsThatAreExchanged: there is no order in which each could take the PIN of the next.
func TestPINsThatAreExchanged(t *testing.T) {
	const one, two, three = "11111111", "22222222", "33333333"
	for _, test := range []struct {
		name   string
		before []string
		after  []string
	}{
		{"two", []string{one, two}, []string{two, one}},
		{"three", []string{one, two, three}, []string{two, three, one}},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := newQueue(t, func(o *sim.Options) { o.SetDelay = 2 * time.Second })
			names := []string{"a", "b", "c"}[:len(test.before)]
			ids := map[string]string{}
			for i, name := range names {
				q.add(name, withCode(test.before[i]))
			}
			q.run(10*time.Second, false)
			for i, name := range names {
				ids[name] = q.Get(name).Status.AccessCodeID
				q.change(name, withCode(test.after[i]))
			}
			q.run(30*time.Second, false)
			for i, name := range names {
				q.expectPIN(name, test.after[i])
				if q.Get(name).Status.AccessCodeID != ids[name] {
					t.Errorf("%s has another code", name)
				}
			}
		})
	}
}

// TestChosenPINThatIsOnTheLockUnmanaged: nobody can have been told of it.
func TestChosenPINThatIsOnTheLockUnmanaged(t *testing.T) {
	q := newQueue(t)
	if _, err := q.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Owner", "4711"); err != nil {
		t.Fatal(err)
	}
	q.Order(sim.Fault{
		Path: "/access_codes/generate_code", Kind: sim.FaultStatus, Status: 200, Times: 1,
		Body: `{"ok":true,"generated_code":{"device_id":"` + sim.SeedNativeLockID + `","code":"4711"}}`,
	})
	q.add("a", testworld.Chosen)
	q.run(time.Minute, true)
	q.Expect("a", metav1.ConditionTrue, v1alpha1.ReasonSet)
	var secret corev1.Secret
	if !q.Exists(&secret, "a") || string(secret.Data["code"]) != *q.codeOf("a").Code || string(secret.Data["code"]) == "4711" {
		t.Error("the Secret does not have the PIN that is on the lock")
	}
	if n := q.Calls("/access_codes/create"); n != 1 {
		t.Errorf("%d creates", n)
	}
}

// TestGivenPINThatIsOnTheLockUnmanaged is for a person to solve, as ever.
func TestGivenPINThatIsOnTheLockUnmanaged(t *testing.T) {
	q := newQueue(t)
	if _, err := q.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Owner", testworld.PIN); err != nil {
		t.Fatal(err)
	}
	q.add("a", nil)
	q.run(time.Minute, true)
	q.Expect("a", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
}

// TestPlaceThatBecomesFree: a code for which the lock had no place is looked at when one of ours leaves that lock.
func TestPlaceThatBecomesFree(t *testing.T) {
	q := newQueue(t)
	shed := func(pin string) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedFewSlotsLockID, pin }
	}
	q.add("a", shed("5150"))
	q.run(10*time.Second, false)
	q.add("b", shed("6160"))
	q.run(3*time.Hour, false)
	q.Expect("b", metav1.ConditionFalse, v1alpha1.ReasonDeviceError)
	q.Delete(&v1alpha1.AccessCode{}, "a")
	q.wake("a")
	q.run(20*time.Second, false)
	q.Expect("b", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestPINThatSomebodyElseGivesUpEarly: who waits for the end of another's code hears when it goes before that.
func TestPINThatSomebodyElseGivesUpEarly(t *testing.T) {
	q := newQueue(t)
	q.add("a", q.stay(0, 40*time.Hour))
	q.run(10*time.Second, true)
	// What another cluster has made is nobody's here.
	theirs := q.Get("a").Status.AccessCodeID
	q.change("a", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	q.Delete(&v1alpha1.AccessCode{}, "a")
	q.wake("a")
	q.run(10*time.Second, true)
	q.add("b", q.stay(41*time.Hour, 50*time.Hour))
	q.run(time.Minute, true)
	q.Expect("b", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	if err := q.Sim.TakeOffLock(theirs); err != nil {
		t.Fatal(err)
	}
	q.run(20*time.Second, true)
	q.Expect("b", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
}
