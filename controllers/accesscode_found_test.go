// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

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
	"github.com/access-codes/access-code-operator/internal/sim"
)

// The tests of this file hold what random histories have found.

// statusLost takes an AccessCode's status away, as a restore from a backup does.
func (w *world) statusLost(name string) {
	w.t.Helper()
	code := w.get(name)
	code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
	if err := w.client.Status().Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
}

// TestRestoredAfterAChangeAtTheLock: a code whose PIN, or name, was changed at the lock is still ours.
func TestRestoredAfterAChangeAtTheLock(t *testing.T) {
	pin, name := "606060", "Somebody"
	for test, change := range map[string]sim.LockChange{"PIN": {Code: &pin}, "name": {Name: &name}} {
		t.Run(test, func(t *testing.T) {
			w := settled(t)
			if err := w.sim.ChangeAtLock(w.live(sim.SeedNativeLockID).AccessCodeID, change); err != nil {
				t.Fatal(err)
			}
			w.statusLost("guest")
			w.restart()
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if remote := w.live(sim.SeedNativeLockID); *remote.Code != testPIN || *remote.Name != "guest" {
				t.Errorf("at Seam %+v", remote)
			}
		})
	}
}

// TestRestoredWithAPINThatIsNotOnTheLockYet: the generations of a restored object begin anew, so that the first is not
// the one that the code was created from.
func TestRestoredWithAPINThatIsNotOnTheLockYet(t *testing.T) {
	w := settled(t)
	code := w.get("guest")
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Finalizers = nil })
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.restart()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Annotations, c.Spec.Code = code.Annotations, "606060" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.live(sim.SeedNativeLockID); *remote.Code != "606060" || remote.AccessCodeID != code.Status.AccessCodeID {
		t.Errorf("at Seam %+v", remote)
	}
}

// TestRestoredWithThePINOfBefore: spec went from a chosen PIN to a given one and back, and then the status was lost. The
// lock has the given one, and none that the intention tells of.
func TestRestoredWithThePINOfBefore(t *testing.T) {
	for name, spec := range map[string]func(*v1alpha1.AccessCode){
		"chosen": chosen,
		"Secret": func(c *v1alpha1.AccessCode) {
			c.Spec.Code, c.Spec.CodeFrom = "", &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: "pin", Key: "code"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("pin", "code", testPIN)
			w.code("guest", spec)
			w.settle("guest")
			w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeFrom, c.Spec.Code = nil, "606060" })
			w.settle("guest")
			w.edit("guest", spec)
			w.statusLost("guest")
			w.restart()
			w.delete(&v1alpha1.AccessCode{}, "guest")
			w.settle("guest")
			if codes := w.sim.Codes(sim.SeedNativeLockID); len(codes) != 0 {
				t.Errorf("left on the lock: %+v", codes)
			}
		})
	}
}

// TestConflictTakesNoPlaceInTheLimit: a stale cache keeps an intention from being stored, and then nothing is created. That
// must not keep the tenth guest of a minute waiting for the next.
func TestConflictTakesNoPlaceInTheLimit(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(9)
	left := w.conflicts(3)
	w.code("guest", nil)
	for range 4 {
		if _, err := w.reconcile("guest"); err != nil {
			t.Fatal(err)
		}
	}
	if left() > 0 || w.get("guest").Status.AccessCodeID == "" {
		t.Errorf("not created: %+v", w.get("guest").Status.Conditions)
	}
}

// TestVanishedCodeWhosePINIsTaken: with adoptionPolicy Matching the code that has taken the place of ours is taken over.
// Asking Seam for another one each second would be of no use.
func TestVanishedCodeWhosePINIsTaken(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", matching)
	w.settle("guest")
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	theirs := w.foreign(sim.SeedNativeLockID, "Somebody", testPIN)
	w.sim.ResetRequests()
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if id := w.live(sim.SeedNativeLockID).AccessCodeID; id != theirs || code.Status.AccessCodeID != id {
		t.Errorf("recorded %q, at Seam %q, want %q", code.Status.AccessCodeID, id, theirs)
	}
	if n := w.calls("/access_codes/create"); n != 0 {
		t.Errorf("%d creates of a code whose PIN is taken", n)
	}
}

// TestProviderPINOfABookingAhead: such a code is as it should be, and is not asked about each minute until its day.
func TestProviderPINOfABookingAhead(t *testing.T) {
	w := newWorld(t)
	w.connected()
	start := w.clock.Now().Add(24 * time.Hour)
	w.code("guest", all(chosen, scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	w.sim.ResetRequests()
	for end := start.Add(-2 * time.Hour); w.clock.Now().Before(end); {
		w.settle("guest")
		w.step(5 * time.Minute)
	}
	if n := w.calls("/access_codes/get"); n > 22*12+1 {
		t.Errorf("%d looks in 22 hours", n)
	}
	w.step(90 * time.Minute)
	w.settle("guest")
	var secret corev1.Secret
	if !w.exists(&secret, "guest") || len(secret.Data[v1alpha1.CodeSecretKey]) == 0 {
		t.Error("half an hour before its window the PIN is not in the Secret")
	}
}

// TestOfflineCodeUntilItsRoundedEnd: the provider rounds the end of an offline code up, and nobody can remove it before.
func TestOfflineCodeUntilItsRoundedEnd(t *testing.T) {
	w := newWorld(t)
	w.connected()
	start := w.clock.Now()
	w.code("guest", all(chosen, scheduled(start, start.Add(130*time.Minute)), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.Offline = sim.SeedOfflineCodeLockID, &v1alpha1.Offline{MaxTimeRounding: v1alpha1.TimeRoundingHour}
	}))
	w.settle("guest")
	w.step(131 * time.Minute)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRemoving)
	if n := w.calls("/access_codes/delete"); n != 0 {
		t.Errorf("%d deletes of a code that can't be deleted", n)
	}
	w.step(50 * time.Minute)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

// TestRefusedAndUnrecordedWithinASecond: that one try was refused says nothing about the next, even in the same second.
func TestRefusedAndUnrecordedWithinASecond(t *testing.T) {
	lost := errors.New("the API server went away")
	for _, answered := range []bool{true, false} {
		for name, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": chosen} {
			t.Run(fmt.Sprintf("PIN %s, answered %t", name, answered), func(t *testing.T) {
				w := newWorld(t)
				w.connected()
				w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
				fail := false
				w.operators = interceptor.NewClient(w.client, interceptor.Funcs{
					SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
						if fail {
							return lost
						}
						return c.SubResource(sub).Patch(ctx, o, p, opts...)
					},
				})
				w.restart()
				w.code("guest", edit)
				w.look("guest", 0)
				if !answered {
					w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
				}
				fail = answered
				if _, err := w.reconcile("guest"); err == nil {
					t.Fatal("the second create did not fail")
				}
				fail = false
				w.settle("guest")
				code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if id := w.live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
					t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
				}
			})
		}
	}
}

// TestDeletedWithoutStatusWhereTheProviderChoosesThePIN: what PIN the provider has now says nothing about whose code it is.
func TestDeletedWithoutStatusWhereTheProviderChoosesThePIN(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", all(chosen, func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.statusLost("guest")
	w.setSecret("guest", "code", "606060") // an older PIN than the one that the lock has
	w.restart()
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if codes := w.sim.Codes(sim.SeedProviderPINLockID); w.exists(&v1alpha1.AccessCode{}, "guest") || len(codes) != 0 {
		t.Errorf("not released, or left at Seam: %+v", codes)
	}
}

// TestRestoredAmongCodesOfOneName: where the provider chooses the PIN, the one in our Secret still tells which code is ours.
func TestRestoredAmongCodesOfOneName(t *testing.T) {
	w := newWorld(t)
	w.connected()
	onLock := all(chosen, func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID, c.Spec.DisplayName = sim.SeedProviderPINLockID, "Guest"
	})
	w.code("left", all(onLock, func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan }))
	w.settle("left")
	w.delete(&v1alpha1.AccessCode{}, "left")
	w.settle("left")
	w.code("guest", onLock)
	w.settle("guest")
	before := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
	w.statusLost("guest")
	w.restart()
	w.settle("guest")
	if after := w.get("guest").Status.AccessCodeID; after != before {
		t.Errorf("recorded %q after the loss of its status, was %q", after, before)
	}
}

// TestCodeThatTheCacheDoesNotShowAsTaken: two AccessCodes want one PIN, and the cache of the second does not show yet what
// the first has recorded.
func TestCodeThatTheCacheDoesNotShowAsTaken(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("first", nil)
	w.settle("first")
	w.operators = interceptor.NewClient(w.client, interceptor.Funcs{
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if err := c.List(ctx, list, opts...); err != nil {
				return err
			}
			if codes, ok := list.(*v1alpha1.AccessCodeList); ok {
				var options client.ListOptions
				if options.ApplyOptions(opts); options.FieldSelector.Requirements()[0].Field == indexAccessCodeID {
					codes.Items = nil
				}
			}
			return nil
		},
	})
	w.restart()
	w.code("second", matching)
	for range 3 {
		w.look("second", time.Second)
	}
	if id := w.get("second").Status.AccessCodeID; id != "" {
		t.Errorf("it has recorded %q, which is another's", id)
	}
	w.operators = nil
	w.restart()
	w.settle("second")
	w.expect("second", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.live(sim.SeedNativeLockID)
}
