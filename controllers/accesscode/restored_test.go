// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// The tests of this file hold what random histories have found.

// statusLost takes an AccessCode's status away, as a restore from a backup does.
func (w *world) statusLost(name string) {
	w.T.Helper()
	code := w.Get(name)
	code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
	if err := w.Client.Status().Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
}

// TestRestoredAfterAChangeAtTheLock: a code whose PIN, or name, was changed at the lock is still ours.
func TestRestoredAfterAChangeAtTheLock(t *testing.T) {
	pin, name := "606060", "Somebody"
	for test, change := range map[string]sim.LockChange{"PIN": {Code: &pin}, "name": {Name: &name}} {
		t.Run(test, func(t *testing.T) {
			w := settled(t)
			if err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, change); err != nil {
				t.Fatal(err)
			}
			w.statusLost("guest")
			w.Restart()
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if remote := w.Live(sim.SeedNativeLockID); *remote.Code != testworld.PIN || *remote.Name != "guest" {
				t.Errorf("at Seam %+v", remote)
			}
		})
	}
}

// TestRestoredWithAPINThatIsNotOnTheLockYet: the generations of a restored object begin anew, so that the first is not
// the one that the code was created from.
func TestRestoredWithAPINThatIsNotOnTheLockYet(t *testing.T) {
	w := settled(t)
	code := w.Get("guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Restart()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Annotations, c.Spec.Code = code.Annotations, "606060" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedNativeLockID); *remote.Code != "606060" || remote.AccessCodeID != code.Status.AccessCodeID {
		t.Errorf("at Seam %+v", remote)
	}
}

// TestRestoredWithThePINOfBefore: spec went from a chosen PIN to a given one and back, and then the status was lost. The
// lock has the given one, and none that the intention tells of.
func TestRestoredWithThePINOfBefore(t *testing.T) {
	for name, spec := range map[string]func(*v1alpha1.AccessCode){
		"chosen": testworld.Chosen,
		"Secret": func(c *v1alpha1.AccessCode) {
			c.Spec.Code, c.Spec.CodeFrom = "", &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin", Key: "code"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("pin", "code", testworld.PIN)
			w.Code("guest", spec)
			w.Settle("guest")
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom, c.Spec.Code = nil, "606060" })
			w.Settle("guest")
			w.Edit("guest", spec)
			w.statusLost("guest")
			w.Restart()
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			w.Settle("guest")
			if codes := w.Sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left on the lock: %+v", codes)
			}
		})
	}
}

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

// TestVanishedCodeWhosePINIsTaken: with adoptionPolicy Matching the code that has taken the place of ours is taken over.
// Asking Seam for another one each second would be of no use.
func TestVanishedCodeWhosePINIsTaken(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", matching)
	w.Settle("guest")
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	theirs := w.Foreign(sim.SeedNativeLockID, "Somebody", testworld.PIN)
	w.Sim.ResetRequests()
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != theirs || code.Status.AccessCodeID != id {
		t.Errorf("recorded %q, at Seam %q, want %q", code.Status.AccessCodeID, id, theirs)
	}
	if n := w.Calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates of a code whose PIN is taken", n)
	}
}

// TestProviderPINOfABookingAhead: such a code is as it should be, and is not asked about each minute until its day.
func TestProviderPINOfABookingAhead(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now().Add(24 * time.Hour)
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.Sim.ResetRequests()
	for end := start.Add(-2 * time.Hour); w.Clock.Now().Before(end); {
		w.Settle("guest")
		w.Step(5 * time.Minute)
	}
	if n := w.Calls("/access_codes/get"); n > 22*12+1 {
		t.Errorf("%d looks in 22 hours", n)
	}
	w.Step(90 * time.Minute)
	w.Settle("guest")
	var secret corev1.Secret
	if !w.Exists(&secret, "guest") || len(secret.Data[v1alpha1.CodeSecretKey]) == 0 {
		t.Error("half an hour before its window the PIN is not in the Secret")
	}
}

// TestOfflineCodeUntilItsRoundedEnd: the provider rounds the end of an offline code up, and nobody can remove it before.
func TestOfflineCodeUntilItsRoundedEnd(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now()
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(130*time.Minute)), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
	}))
	w.Settle("guest")
	w.Step(131 * time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	if n := w.Calls("/access_codes/delete"); n != 0 {
		t.Errorf("%d deletes of a code that can't be deleted", n)
	}
	w.Step(50 * time.Minute)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

// TestRefusedAndUnrecordedWithinASecond: that one try was refused says nothing about the next, even in the same second.
func TestRefusedAndUnrecordedWithinASecond(t *testing.T) {
	lost := errors.New("the API server went away")
	for _, answered := range []bool{true, false} {
		for name, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
			t.Run(fmt.Sprintf("PIN %s, answered %t", name, answered), func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
				fail := false
				w.Operators = interceptor.NewClient(w.Client, interceptor.Funcs{
					SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
						if fail {
							return lost
						}
						return c.SubResource(sub).Patch(ctx, o, p, opts...)
					},
				})
				w.Restart()
				w.Code("guest", edit)
				w.Look("guest", 0)
				if !answered {
					w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
				}
				fail = answered
				if _, err := w.Reconcile("guest"); err == nil {
					t.Fatal("the second create did not fail")
				}
				fail = false
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
					t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
				}
			})
		}
	}
}

// TestDeletedWithoutStatusWhereTheProviderChoosesThePIN: what PIN the provider has now says nothing about whose code it is.
func TestDeletedWithoutStatusWhereTheProviderChoosesThePIN(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.statusLost("guest")
	w.SetSecret("guest", "code", "606060") // an older PIN than the one that the lock has
	w.Restart()
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if codes := w.Sim.Codes(sim.SeedProviderPINLockID); w.Exists(&v1alpha1.AccessCode{}, "guest") || len(codes) != 0 {
		t.Errorf("not released, or left at Seam: %+v", codes)
	}
}

// TestRestoredAmongCodesOfOneName: where the provider chooses the PIN, the one in our Secret still tells which code is ours.
func TestRestoredAmongCodesOfOneName(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	onLock := testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.DisplayName = sim.SeedProviderPINLockID, "Guest"
	})
	w.Code("left", testworld.All(onLock, func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan }))
	w.Settle("left")
	w.Delete(&v1alpha1.AccessCode{}, "left")
	w.Settle("left")
	w.Code("guest", onLock)
	w.Settle("guest")
	before := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
	w.statusLost("guest")
	w.Restart()
	w.Settle("guest")
	if after := w.Get("guest").Status.AccessCodeID; after != before {
		t.Errorf("recorded %q after the loss of its status, was %q", after, before)
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
