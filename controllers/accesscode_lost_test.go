// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// lose has Seam lose the one managed code on the lock, which stays there, and returns its PIN and its id from then on.
func (w *world) lose(sameID bool) (pin, id string) {
	w.t.Helper()
	remote := w.live(sim.SeedNativeLockID)
	id, err := w.sim.LoseCode(remote.AccessCodeID, sameID)
	if err != nil {
		w.t.Fatal(err)
	}
	return *remote.Code, id
}

// opens says whether a PIN opens the lock, whoever manages it.
func (w *world) opens(pin string) bool {
	for _, code := range w.sim.Codes(sim.SeedNativeLockID) {
		if *code.Code == pin {
			return true
		}
	}
	return false
}

// eachLoss runs a test for each way in which Seam can lose a code.
func eachLoss(t *testing.T, run func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool)) {
	t.Helper()
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"PIN given": nil, "PIN chosen": chosen} {
		for id, same := range map[string]bool{"the same id": true, "another id": false} {
			t.Run(name+", "+id, func(t *testing.T) { run(t, edit, same) })
		}
	}
}

// stay is an edit that has the code work for two days from now on.
func (w *world) stay(edit func(*v1alpha1.AccessCode)) func(*v1alpha1.AccessCode) {
	now := w.clock.Now()
	edits := []func(*v1alpha1.AccessCode){scheduled(now, now.Add(48*time.Hour))}
	if edit != nil {
		edits = append(edits, edit)
	}
	return all(edits...)
}

func TestLostCodeIsManagedAgain(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.connected()
		w.code("guest", w.stay(edit))
		w.settle("guest")
		pin, id := w.lose(sameID)
		w.settle("guest")
		code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		remote := w.live(sim.SeedNativeLockID)
		if remote.AccessCodeID != id || code.Status.AccessCodeID != id || *remote.Code != pin {
			t.Errorf("recorded %q, at Seam %q, on the lock %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
		}
		if remote.EndsAt == nil {
			t.Error("it has lost its window")
		}
		if n := w.calls("/access_codes/create"); n != 1 {
			t.Errorf("%d creates", n)
		}
		w.delete(&v1alpha1.AccessCode{}, "guest")
		w.settle("guest")
		if w.opens(pin) {
			t.Error("still on the lock after the deletion")
		}
	})
}

func TestLostCodeLeavesWithItsAccessCode(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.connected()
		w.code("guest", w.stay(edit))
		w.settle("guest")
		pin, _ := w.lose(sameID)
		w.delete(&v1alpha1.AccessCode{}, "guest")
		if _, err := w.reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.restart() // forgets what it has asked for
		w.settle("guest")
		if w.opens(pin) || w.exists(&v1alpha1.AccessCode{}, "guest") {
			t.Errorf("on the lock: %t", w.opens(pin))
		}
	})
}

func TestLostCodeLeavesAtTheEndOfItsWindow(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.connected()
		w.code("guest", w.stay(edit))
		w.settle("guest")
		pin, _ := w.lose(sameID)
		w.step(50 * time.Hour)
		for w.opens(pin) {
			if _, err := w.reconcile("guest"); err != nil {
				t.Fatal(err)
			}
			if ready := w.get("guest").Status.Conditions[0]; w.opens(pin) && ready.Reason == v1alpha1.ReasonExpired {
				t.Fatalf("its PIN opens the lock: %s", ready.Message)
			}
			w.step(time.Second)
		}
		w.settle("guest")
		w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	})
}

// TestLostCodeThatCanNotBeManaged: what the lock has goes on working, and nobody is told that it is gone.
func TestLostCodeThatCanNotBeManaged(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", w.stay(nil))
	w.settle("guest")
	w.order(sim.Fault{
		Path: "/access_codes/unmanaged/convert_to_managed", Kind: sim.FaultStatus, Status: 400, Times: -1,
		Body: `{"ok":false,"error":{"type":"cannot_be_managed","message":"The provider does not allow it"}}`,
	})
	pin, id := w.lose(false)
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, id) {
		t.Errorf("message %q does not name %s", message, id)
	}
	if n := w.calls("/access_codes/create"); n != 1 || !w.opens(pin) {
		t.Errorf("%d creates, on the lock: %t", n, w.opens(pin))
	}
	if err := w.sim.TakeOffLock(id); err != nil { // by a person
		t.Fatal(err)
	}
	w.step(time.Hour)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestLostCodeWithAnotherPINToBe: what can't be managed again, and is to have another PIN, is taken off and made anew.
func TestLostCodeWithAnotherPINToBe(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", w.stay(nil))
	w.settle("guest")
	w.order(sim.Fault{
		Path: "/access_codes/unmanaged/convert_to_managed", Kind: sim.FaultStatus, Status: 200, Body: `{"ok":true}`, Times: -1,
	})
	pin, _ := w.lose(false)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.live(sim.SeedNativeLockID).Code; got != "606060" || w.opens(pin) {
		t.Errorf("PIN %s, the former opens: %t", got, w.opens(pin))
	}
}

// TestLostCodeThatCanNotBeTakenOff: it is managed again, so that it can be.
func TestLostCodeThatCanNotBeTakenOff(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", w.stay(nil))
	w.settle("guest")
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sim.AddForeignCode(sim.ForeignCode{DeviceID: sim.SeedNativeLockID, Name: "guest", Code: testPIN, CannotDelete: true}); err != nil {
		t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.opens(testPIN) || w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("on the lock: %t", w.opens(testPIN))
	}
}

// TestLostCodeThatShowsLate: the one that was made in its place, which the lock does not take, is taken back.
func TestLostCodeThatShowsLate(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.connected()
		w.code("guest", w.stay(edit))
		w.settle("guest")
		w.order(sim.Fault{
			Path: "/access_codes/unmanaged/list", Kind: sim.FaultStatus, Status: 200, Times: 1,
			Body: `{"ok":true,"access_codes":[],"pagination":{"has_next_page":false,"next_page_cursor":null,"next_page_url":null}}`,
		})
		pin, id := w.lose(sameID)
		w.settle("guest")
		code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		if remote := w.live(sim.SeedNativeLockID); remote.AccessCodeID != id || code.Status.AccessCodeID != id || *remote.Code != pin {
			t.Errorf("recorded %q, at Seam %q, on the lock %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
		}
		if n := w.calls("/access_codes/create"); n != 2 {
			t.Errorf("%d creates", n)
		}
	})
}

// TestLostCodeOfARestoredAccessCode: nothing but the intention leads to it.
func TestLostCodeOfARestoredAccessCode(t *testing.T) {
	for name, gone := range map[string]bool{"goes on": false, "is deleted": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", w.stay(nil))
			w.settle("guest")
			pin, id := w.lose(false)
			code := w.get("guest")
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			if err := w.client.Status().Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			w.restart()
			if gone {
				w.delete(&v1alpha1.AccessCode{}, "guest")
				w.settle("guest")
				if w.opens(pin) || w.exists(&v1alpha1.AccessCode{}, "guest") {
					t.Errorf("on the lock: %t", w.opens(pin))
				}
				return
			}
			w.settle("guest")
			if got := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id || w.calls("/access_codes/create") != 1 {
				t.Errorf("recorded %q, want %q, after %d creates", got, id, w.calls("/access_codes/create"))
			}
		})
	}
}

// TestPINThatTheLockShowsStill: nothing tells whose the code is that has it, so that it stays, and is named.
func TestPINThatTheLockShowsStill(t *testing.T) {
	for name, end := range map[string]func(*world) string{
		"its window ends": func(w *world) string {
			w.step(50 * time.Hour)
			w.settle("guest")
			return w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired).Status.Conditions[0].Message
		},
		"it is deleted": func(w *world) string {
			w.recorded()
			w.delete(&v1alpha1.AccessCode{}, "guest")
			w.settle("guest")
			return <-w.recorder.Events
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.code("guest", w.stay(nil))
			w.settle("guest")
			if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
				t.Fatal(err)
			}
			id, err := w.sim.AddUnmanagedCode(sim.SeedNativeLockID, "Code 3", testPIN)
			if err != nil {
				t.Fatal(err)
			}
			said := end(w)
			if strings.Contains(said, "off the lock") || !strings.Contains(said, id) || strings.Contains(said, testPIN) || !w.opens(testPIN) {
				t.Errorf("said: %s; on the lock: %t", said, w.opens(testPIN))
			}
		})
	}
}

// TestCodeThatIsLostOnItsWayOut: that Seam was asked to take it off says nothing about the lock either.
func TestCodeThatIsLostOnItsWayOut(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = time.Minute })
	w.connected()
	w.code("guest", w.stay(nil))
	w.settle("guest")
	w.delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.reconcile("guest"); err != nil || w.calls("/access_codes/delete") != 1 {
		t.Fatalf("%d deletions asked for, %v", w.calls("/access_codes/delete"), err)
	}
	codes := w.sim.Codes(sim.SeedNativeLockID)
	if _, err := w.sim.LoseCode(codes[0].AccessCodeID, false); err != nil {
		t.Fatal(err)
	}
	w.settle("guest")
	if w.opens(testPIN) || w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("on the lock: %t", w.opens(testPIN))
	}
}

// TestLostCodeThatWasNotRecorded: Seam loses a code whose PIN nobody has seen yet while its id can't be recorded, as the
// object was edited meanwhile. The id is what is left to tell it by.
func TestLostCodeThatWasNotRecorded(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedProviderPINLockID, "" })
	inner, id := w.seam, ""
	edit := func() { w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" }) }
	w.seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(rw, r)
		if r.URL.Path != "/access_codes/create" || id != "" {
			return
		}
		w.step(time.Minute)
		id = w.live(sim.SeedProviderPINLockID).AccessCodeID
		if _, err := w.sim.LoseCode(id, true); err != nil {
			t.Error(err)
		}
		edit()
	})
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.live(sim.SeedProviderPINLockID); remote.AccessCodeID != id || code.Status.AccessCodeID != id {
		t.Errorf("recorded %q, at Seam %q, was %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
	}
}
