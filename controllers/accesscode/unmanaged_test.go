// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// lose has Seam lose the one managed code on the lock, which stays there, and returns its PIN and its id from then on.
func (w *world) lose(sameID bool) (pin, id string) {
	w.T.Helper()
	remote := w.Live(sim.SeedNativeLockID)
	id, err := w.Sim.LoseCode(remote.AccessCodeID, sameID)
	if err != nil {
		w.T.Fatal(err)
	}
	return *remote.Code, id
}

// opens says whether a PIN opens the lock, whoever manages it.
func (w *world) opens(pin string) bool {
	for _, code := range w.Sim.Codes(sim.SeedNativeLockID) {
		if *code.Code == pin {
			return true
		}
	}
	return false
}

// eachLoss runs a test for each way in which Seam can lose a code.
func eachLoss(t *testing.T, run func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool)) {
	t.Helper()
	for name, edit := range map[string]func(*v1alpha1.AccessCode){"PIN given": nil, "PIN chosen": testworld.Chosen} {
		for id, same := range map[string]bool{"the same id": true, "another id": false} {
			t.Run(name+", "+id, func(t *testing.T) { run(t, edit, same) })
		}
	}
}

// stay is an edit that has the code work for two days from now on.
func (w *world) stay(edit func(*v1alpha1.AccessCode)) func(*v1alpha1.AccessCode) {
	now := w.Clock.Now()
	edits := []func(*v1alpha1.AccessCode){testworld.Scheduled(now, now.Add(48*time.Hour))}
	if edit != nil {
		edits = append(edits, edit)
	}
	return testworld.All(edits...)
}

func TestLostCodeIsManagedAgain(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", w.stay(edit))
		w.Settle("guest")
		pin, id := w.lose(sameID)
		w.Settle("guest")
		code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		remote := w.Live(sim.SeedNativeLockID)
		if remote.AccessCodeID != id || code.Status.AccessCodeID != id || *remote.Code != pin {
			t.Errorf("recorded %q, at Seam %q, on the lock %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
		}
		if remote.EndsAt == nil {
			t.Error("it has lost its window")
		}
		if n := w.Calls("/access_codes/create"); n != 1 {
			t.Errorf("%d creates", n)
		}
		w.Delete(&v1alpha1.AccessCode{}, "guest")
		w.Settle("guest")
		if w.opens(pin) {
			t.Error("still on the lock after the deletion")
		}
	})
}

func TestLostCodeLeavesWithItsAccessCode(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", w.stay(edit))
		w.Settle("guest")
		pin, _ := w.lose(sameID)
		w.Delete(&v1alpha1.AccessCode{}, "guest")
		if _, err := w.Reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.Restart() // forgets what it has asked for
		w.Settle("guest")
		if w.opens(pin) || w.Exists(&v1alpha1.AccessCode{}, "guest") {
			t.Errorf("on the lock: %t", w.opens(pin))
		}
	})
}

func TestLostCodeLeavesAtTheEndOfItsWindow(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", w.stay(edit))
		w.Settle("guest")
		pin, _ := w.lose(sameID)
		w.Step(50 * time.Hour)
		for w.opens(pin) {
			if _, err := w.Reconcile("guest"); err != nil {
				t.Fatal(err)
			}
			if ready := w.Get("guest").Status.Conditions[0]; w.opens(pin) && ready.Reason == v1alpha1.ReasonExpired {
				t.Fatalf("its PIN opens the lock: %s", ready.Message)
			}
			w.Step(time.Second)
		}
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	})
}

// TestLostCodeThatCanNotBeManaged: what the lock has goes on working, and nobody is told that it is gone.
func TestLostCodeThatCanNotBeManaged(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", w.stay(nil))
	w.Settle("guest")
	w.Order(sim.Fault{
		Path: "/access_codes/unmanaged/convert_to_managed", Kind: sim.FaultStatus, Status: 400, Times: -1,
		Body: `{"ok":false,"error":{"type":"cannot_be_managed","message":"The provider does not allow it"}}`,
	})
	pin, id := w.lose(false)
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonCodeConflict)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, id) {
		t.Errorf("message %q does not name %s", message, id)
	}
	if n := w.Calls("/access_codes/create"); n != 1 || !w.opens(pin) {
		t.Errorf("%d creates, on the lock: %t", n, w.opens(pin))
	}
	if err := w.Sim.TakeOffLock(id); err != nil { // by a person
		t.Fatal(err)
	}
	w.Step(time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestLostCodeWithAnotherPINToBe: what can't be managed again, and is to have another PIN, is taken off and made anew.
func TestLostCodeWithAnotherPINToBe(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", w.stay(nil))
	w.Settle("guest")
	w.Order(sim.Fault{
		Path: "/access_codes/unmanaged/convert_to_managed", Kind: sim.FaultStatus, Status: 200, Body: `{"ok":true}`, Times: -1,
	})
	pin, _ := w.lose(false)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "606060" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if got := *w.Live(sim.SeedNativeLockID).Code; got != "606060" || w.opens(pin) {
		t.Errorf("PIN %s, the former opens: %t", got, w.opens(pin))
	}
}

// TestLostCodeThatCanNotBeTakenOff: it is managed again, so that it can be.
func TestLostCodeThatCanNotBeTakenOff(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", w.stay(nil))
	w.Settle("guest")
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Sim.AddForeignCode(sim.ForeignCode{DeviceID: sim.SeedNativeLockID, Name: "guest", Code: testworld.PIN, CannotDelete: true}); err != nil {
		t.Fatal(err)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.opens(testworld.PIN) || w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("on the lock: %t", w.opens(testworld.PIN))
	}
}

// TestLostCodeThatShowsLate: the one that was made in its place, which the lock does not take, is taken back.
func TestLostCodeThatShowsLate(t *testing.T) {
	eachLoss(t, func(t *testing.T, edit func(*v1alpha1.AccessCode), sameID bool) {
		w := newWorld(t)
		w.Connected()
		w.Code("guest", w.stay(edit))
		w.Settle("guest")
		w.Order(sim.Fault{
			Path: "/access_codes/unmanaged/list", Kind: sim.FaultStatus, Status: 200, Times: 1,
			Body: `{"ok":true,"access_codes":[],"pagination":{"has_next_page":false,"next_page_cursor":null,"next_page_url":null}}`,
		})
		pin, id := w.lose(sameID)
		w.Settle("guest")
		code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		if remote := w.Live(sim.SeedNativeLockID); remote.AccessCodeID != id || code.Status.AccessCodeID != id || *remote.Code != pin {
			t.Errorf("recorded %q, at Seam %q, on the lock %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
		}
		if n := w.Calls("/access_codes/create"); n != 2 {
			t.Errorf("%d creates", n)
		}
	})
}

// TestLostCodeOfARestoredAccessCode: nothing but the intention leads to it.
func TestLostCodeOfARestoredAccessCode(t *testing.T) {
	for name, gone := range map[string]bool{"goes on": false, "is deleted": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", w.stay(nil))
			w.Settle("guest")
			pin, id := w.lose(false)
			code := w.Get("guest")
			code.Status = v1alpha1.AccessCodeStatus{ObservedGeneration: -1}
			if err := w.Client.Status().Update(t.Context(), code); err != nil {
				t.Fatal(err)
			}
			w.Restart()
			if gone {
				w.Delete(&v1alpha1.AccessCode{}, "guest")
				w.Settle("guest")
				if w.opens(pin) || w.Exists(&v1alpha1.AccessCode{}, "guest") {
					t.Errorf("on the lock: %t", w.opens(pin))
				}
				return
			}
			w.Settle("guest")
			if got := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID; got != id || w.Calls("/access_codes/create") != 1 {
				t.Errorf("recorded %q, want %q, after %d creates", got, id, w.Calls("/access_codes/create"))
			}
		})
	}
}

// TestLostBackupLeaves: a pulled backup code that Seam has lost must not open the lock once its AccessCode is over, or gone.
func TestLostBackupLeaves(t *testing.T) {
	for name, called := range map[string]string{"with its name": "Backup 1 (Seam)", "without a name": ""} {
		for end, leave := range map[string]func(*world){
			"deleted":            func(w *world) { w.Delete(&v1alpha1.AccessCode{}, "guest") },
			"its window is over": func(w *world) { w.Step(26 * time.Hour) },
		} {
			t.Run(name+", "+end, func(t *testing.T) {
				w, pin := lostBackup(t, called, v1alpha1.BackupPullAlways)
				leave(w)
				w.Settle("guest")
				if w.opens(pin) {
					t.Error("the PIN of the backup opens the lock")
				}
				if end == "deleted" && w.Exists(&v1alpha1.AccessCode{}, "guest") {
					t.Errorf("still there: %s", w.message("guest"))
				} else if end != "deleted" {
					w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
				}
			})
		}
	}
}

// TestLostBackupOfSomebodyElse: a code with another name is left, and named.
func TestLostBackupOfSomebodyElse(t *testing.T) {
	w, pin := lostBackup(t, "Gardener", v1alpha1.BackupPullNever)
	w.Step(26 * time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if said := w.message("guest"); !w.opens(pin) || !strings.Contains(said, "unmanaged code") || strings.Contains(said, "off the lock") {
		t.Errorf("opens %t, said %q", w.opens(pin), said)
	}
}

// lostBackup has the backup code of "guest" become an unmanaged one, of another id and under a name, and returns its PIN.
func lostBackup(t *testing.T, name string, policy v1alpha1.BackupPullPolicy) (w *world, pin string) {
	t.Helper()
	w = newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(policy), annotatedAs(v1alpha1.PullBackupAnnotation, "1")))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if pin = w.BackupPIN(); pin == "" || code.Status.BackupCode == nil {
		t.Fatal("no backup was pulled")
	}
	if err := w.Sim.TakeOffLock(code.Status.BackupCode.AccessCodeID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Sim.AddUnmanagedCode(sim.SeedNativeLockID, name, pin); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 1 {
		t.Errorf("%d pulls of a backup that is on the lock", n)
	}
	return w, pin
}

// TestPINThatTheLockShowsStill: nothing tells whose the code is that has it, so that it stays, and is named.
func TestPINThatTheLockShowsStill(t *testing.T) {
	for name, end := range map[string]func(*world) string{
		"its window ends": func(w *world) string {
			w.Step(50 * time.Hour)
			w.Settle("guest")
			return w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired).Status.Conditions[0].Message
		},
		"it is deleted": func(w *world) string {
			w.Recorded()
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			w.Settle("guest")
			return <-w.Recorder.Events
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", w.stay(nil))
			w.Settle("guest")
			if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
				t.Fatal(err)
			}
			id, err := w.Sim.AddUnmanagedCode(sim.SeedNativeLockID, "Code 3", testworld.PIN)
			if err != nil {
				t.Fatal(err)
			}
			said := end(w)
			if strings.Contains(said, "off the lock") || !strings.Contains(said, id) || strings.Contains(said, testworld.PIN) || !w.opens(testworld.PIN) {
				t.Errorf("said: %s; on the lock: %t", said, w.opens(testworld.PIN))
			}
		})
	}
}

// TestCodeThatIsLostOnItsWayOut: that Seam was asked to take it off says nothing about the lock either.
func TestCodeThatIsLostOnItsWayOut(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.RemoveDelay = time.Minute })
	w.Connected()
	w.Code("guest", w.stay(nil))
	w.Settle("guest")
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.Reconcile("guest"); err != nil || w.Calls("/access_codes/delete") != 1 {
		t.Fatalf("%d deletions asked for, %v", w.Calls("/access_codes/delete"), err)
	}
	codes := w.Sim.Codes(sim.SeedNativeLockID)
	if _, err := w.Sim.LoseCode(codes[0].AccessCodeID, false); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	if w.opens(testworld.PIN) || w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Errorf("on the lock: %t", w.opens(testworld.PIN))
	}
}

// TestLostCodeThatWasNotRecorded: Seam loses a code whose PIN nobody has seen yet while its id can't be recorded, as the
// object was edited meanwhile. The id is what is left to tell it by.
func TestLostCodeThatWasNotRecorded(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedProviderPINLockID, "" })
	inner, id := w.Seam, ""
	edit := func() { w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" }) }
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(rw, r)
		if r.URL.Path != "/access_codes/create" || id != "" {
			return
		}
		w.Step(time.Minute)
		id = w.Live(sim.SeedProviderPINLockID).AccessCodeID
		if _, err := w.Sim.LoseCode(id, true); err != nil {
			t.Error(err)
		}
		edit()
	})
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if remote := w.Live(sim.SeedProviderPINLockID); remote.AccessCodeID != id || code.Status.AccessCodeID != id {
		t.Errorf("recorded %q, at Seam %q, was %q", code.Status.AccessCodeID, remote.AccessCodeID, id)
	}
}
