// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// rotated renews the PIN so often.
func rotated(every string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { c.Spec.Rotation = &v1alpha1.Rotation{Every: every} }
}

// askForRotation sets the annotation, as kubectl annotate does.
func (w *world) askForRotation(name, value string) {
	w.T.Helper()
	w.Edit(name, func(c *v1alpha1.AccessCode) {
		metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.RotateRequestedAtAnnotation, value)
	})
	w.Settle(name)
}

// expectRenewed checks that Secret and lock have another PIN than before, and that no second code was made.
func (w *world) expectRenewed(name, before string, updates int) (pin string) {
	w.T.Helper()
	pin = w.pinIn(name)
	if live := w.Live(sim.SeedNativeLockID); pin == before || *live.Code != pin {
		w.T.Errorf("another PIN %t, the same on the lock %t", pin != before, *live.Code == pin)
	}
	if n := w.Calls("/access_codes/create"); n != 1 {
		w.T.Errorf("%d creates", n)
	}
	if n := w.Calls("/access_codes/update"); n != updates {
		w.T.Errorf("%d updates, want %d", n, updates)
	}
	return pin
}

func TestRotationThatIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.Chosen)
	w.Settle("guest")
	first := w.pinIn("guest")
	w.Step(time.Hour)
	w.askForRotation("guest", "1")
	second := w.expectRenewed("guest", first, 1)
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.LastHandledRotation != "1" || code.Status.PINChangedAt == nil || w.Clock.Now().Sub(code.Status.PINChangedAt.Time) > time.Minute {
		t.Errorf("handled %q, changed at %v", code.Status.LastHandledRotation, code.Status.PINChangedAt)
	}
	if told := w.Recorded(); !slices.Contains(told, accesscode.EventPINRotated) {
		t.Errorf("Events %v", told)
	}
	w.Look("guest", time.Hour)
	w.Restart()
	w.Settle("guest")
	w.expectRenewed("guest", first, 1)
	w.askForRotation("guest", "2")
	w.expectRenewed("guest", second, 2)
}

func TestRotationFromTimeToTime(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, rotated("720h")))
	w.Settle("guest")
	first := w.pinIn("guest")
	w.Look("guest", 719*time.Hour)
	if w.pinIn("guest") != first {
		t.Error("another PIN before its time")
	}
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter == 0 || result.RequeueAfter > 2*time.Hour {
		t.Errorf("looked at again after %v (%v)", result.RequeueAfter, err)
	}
	w.Step(result.RequeueAfter)
	w.Settle("guest")
	second := w.expectRenewed("guest", first, 1)
	w.Restart()
	w.Look("guest", 719*time.Hour)
	if w.pinIn("guest") != second {
		t.Error("another PIN before its time, after a restart")
	}
	w.Step(2 * time.Hour)
	w.Settle("guest")
	w.expectRenewed("guest", second, 2)
}

// TestRotationWithEachWindow has another PIN in each, which is in the Secret before its window begins.
func TestRotationWithEachWindow(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("cleaner", testworld.All(testworld.Chosen, weekly("09:00", "13:00", v1alpha1.Monday), rotated(v1alpha1.RotationEveryWindow)))
	w.Settle("cleaner")
	first := w.pinIn("cleaner")
	w.at("2026-11-30T12:05:00Z")
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	second := w.pinIn("cleaner")
	if live := w.Live(sim.SeedNativeLockID); second == first || *live.Code != second || *live.StartsAt != "2026-12-07T08:00:00.000Z" {
		t.Errorf("another PIN %t, the same at Seam %t, from %s", second != first, *live.Code == second, *live.StartsAt)
	}
	w.at("2026-12-07T09:00:00Z")
	w.Restart()
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if w.pinIn("cleaner") != second {
		t.Error("another PIN within the window")
	}
}

// TestRotationWithEachWindowBySeamsClock: Seam's window is over some minutes before the operator's clock says so. There is one new
// PIN all the same.
func TestRotationWithEachWindowBySeamsClock(t *testing.T) {
	w := newWorld(t)
	w.Sim.Advance(5 * time.Minute)
	w.Connected()
	w.at("2026-11-30T09:00:00Z")
	w.Code("cleaner", testworld.All(testworld.Chosen, weekly("09:00", "13:00", v1alpha1.Monday), rotated(v1alpha1.RotationEveryWindow)))
	w.Settle("cleaner")
	w.at("2026-11-30T11:56:00Z")
	w.Recorded()
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	second := w.pinIn("cleaner")
	if n := strings.Count(strings.Join(w.Recorded(), ", "), accesscode.EventPINRotated); n != 1 {
		t.Errorf("%d PINs, want 1", n)
	}
	w.at("2026-11-30T12:10:00Z")
	w.Settle("cleaner")
	if live := w.Live(sim.SeedNativeLockID); w.pinIn("cleaner") != second || *live.Code != second {
		t.Errorf("the same PIN %t, the same at Seam %t", w.pinIn("cleaner") == second, *live.Code == second)
	}
}

// TestRotationOfAGivenPIN is refused in words: the operator does not change what a person gave.
func TestRotationOfAGivenPIN(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	w.Recorded()
	w.askForRotation("guest", "1")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.LastHandledRotation != "1" || code.Status.PINChangedAt != nil {
		t.Errorf("handled %q, changed at %v", code.Status.LastHandledRotation, code.Status.PINChangedAt)
	}
	if told := strings.Join(w.Recorded(), ", "); !strings.Contains(told, accesscode.EventRotationIgnored) {
		t.Errorf("Events %s", told)
	}
}

// TestRotationOfAPINThatTheProviderChooses is refused in words, too, and costs no calls: only the provider chooses another.
func TestRotationOfAPINThatTheProviderChooses(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, rotated("1h"), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedProviderPINLockID }))
	w.Settle("guest")
	pin := w.pinIn("guest")
	w.Step(2 * time.Hour)
	w.Restart()
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter > 0 && result.RequeueAfter < time.Minute {
		t.Errorf("looked at again after %v (%v)", result.RequeueAfter, err)
	}
	w.Recorded()
	w.askForRotation("guest", "1")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.LastHandledRotation != "1" || code.Status.PINChangedAt != nil {
		t.Errorf("handled %q, changed at %v", code.Status.LastHandledRotation, code.Status.PINChangedAt)
	}
	if told := strings.Join(w.Recorded(), ", "); !strings.Contains(told, accesscode.EventRotationIgnored) {
		t.Errorf("Events %s", told)
	}
	if now := w.pinIn("guest"); now != pin || w.Calls("/access_codes/generate_code") != 0 || w.Calls("/access_codes/update") != 0 {
		t.Errorf("same PIN %t, %d PINs asked for, %d updates", now == pin, w.Calls("/access_codes/generate_code"), w.Calls("/access_codes/update"))
	}
}

// TestRotationOfAPINThatTheProviderHasYetToChoose is refused at once, and not when the PIN is known.
func TestRotationOfAPINThatTheProviderHasYetToChoose(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	start := w.Clock.Now().Add(10 * time.Hour)
	w.Code("guest", testworld.All(testworld.Chosen, testworld.Scheduled(start, start.Add(time.Hour)), func(c *v1alpha1.AccessCode) {
		c.Spec.DeviceID = sim.SeedProviderPINLockID
	}))
	w.Settle("guest")
	w.Restart()
	w.askForRotation("guest", "1")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	if told := strings.Join(w.Recorded(), ", "); code.Status.LastHandledRotation != "1" || !strings.Contains(told, accesscode.EventRotationIgnored) {
		t.Errorf("handled %q, Events %s", code.Status.LastHandledRotation, told)
	}
}

// TestRenewalThatTheCacheDoesNotShowYet: what the status tells of a new PIN comes late to the cache. No second one is chosen.
func TestRenewalThatTheCacheDoesNotShowYet(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*v1alpha1.AccessCode)
		ask  string
	}{
		{"asked for", testworld.Chosen, "1"},
		{"from time to time", testworld.All(testworld.Chosen, rotated("1h")), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			var stale *v1alpha1.AccessCode
			w.Operators = interceptor.NewClient(w.Client, interceptor.Funcs{
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
					if code, ok := o.(*v1alpha1.AccessCode); ok && stale != nil {
						stale.DeepCopyInto(code)
						return nil
					}
					return c.Get(ctx, key, o, opts...)
				},
			})
			w.Restart()
			if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
				t.Fatal(err)
			}
			w.Code("guest", test.edit)
			w.Settle("guest")
			first := w.pinIn("guest")
			w.Step(2 * time.Hour)
			if test.ask != "" {
				w.Edit("guest", func(c *v1alpha1.AccessCode) {
					metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.RotateRequestedAtAnnotation, test.ask)
				})
			}
			stale = w.Get("guest")
			w.Look("guest", 0)
			second := w.pinIn("guest")
			w.Look("guest", 0)
			stale = nil
			w.Settle("guest")
			if pin := w.expectRenewed("guest", first, 1); pin != second {
				t.Error("a third PIN was chosen")
			}
			if handled := w.Get("guest").Status.LastHandledRotation; handled != test.ask {
				t.Errorf("handled %q", handled)
			}
		})
	}
}

// TestCrashWhileAPINIsRenewed: whatever is lost, one code has the one PIN that is in the Secret.
func TestCrashWhileAPINIsRenewed(t *testing.T) {
	for _, at := range []string{"before the status tells of it", "after the lock was told"} {
		t.Run(at, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.Chosen)
			w.Settle("guest")
			first := w.pinIn("guest")
			w.Edit("guest", func(c *v1alpha1.AccessCode) {
				metav1.SetMetaDataAnnotation(&c.ObjectMeta, v1alpha1.RotateRequestedAtAnnotation, "1")
			})
			crashed := false
			w.onPatch("status", func() error {
				if crashed || at != "before the status tells of it" && w.Calls("/access_codes/update") == 0 {
					return nil
				}
				crashed = true
				return errors.New("crashed")
			})
			for range 3 {
				_, _ = w.Reconcile("guest")
				w.Step(time.Second)
			}
			w.Restart()
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.expectRenewed("guest", first, 1)
			if !crashed {
				t.Error("nothing was lost")
			}
		})
	}
}
