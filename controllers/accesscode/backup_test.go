// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestBackupPulledAfterAFailure(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullOnFailure)))
	id := w.Look("guest", 0).Status.AccessCodeID
	if err := w.Sim.FailCode(id, "the lock does not take it"); err != nil {
		t.Fatal(err)
	}
	code := w.Look("guest", 2*time.Minute)
	if w.BackupPIN() != "" || !ptr.Deref(code.Status.BackupCode.Available, false) {
		t.Fatalf("pulled too early, or none there: %+v", code.Status.BackupCode)
	}
	w.Look("guest", 4*time.Minute)
	w.Look("guest", 10*time.Second)
	backup := w.expectBackup("guest")
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 1 {
		t.Errorf("%d pulls", n)
	}
	if events := w.Recorded(); !slices.Contains(events, "BackupPulled") {
		t.Errorf("Events %v", events)
	}

	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("the AccessCode is still there")
	}
	for _, left := range w.Sim.Codes(sim.SeedNativeLockID) {
		if left.AccessCodeID == backup || left.AccessCodeID == id {
			t.Errorf("left at Seam: %+v", left)
		}
	}
}

// expectBackup checks that the backup code of a failed code works and is told of, and returns its id.
func (w *world) expectBackup(name string) string {
	w.T.Helper()
	code := w.Expect(name, metav1.ConditionFalse, v1alpha1.ReasonDeviceError)
	backup := code.Status.BackupCode
	if backup == nil || backup.AccessCodeID == "" || backup.State != "set" || backup.SecretRef == nil || backup.SecretRef.Key != "backupCode" {
		w.T.Fatalf("status.backupCode %+v", backup)
	}
	if pin := w.BackupPIN(); len(pin) < 4 || pin == testworld.PIN {
		w.T.Errorf("a backup PIN of %d digits in the Secret", len(pin))
	}
	return backup.AccessCodeID
}

func TestBackupPulledAtOnce(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if code.Status.BackupCode == nil || code.Status.BackupCode.AccessCodeID == "" || w.BackupPIN() == "" {
		t.Errorf("status.backupCode %+v", code.Status.BackupCode)
	}
	var secret corev1.Secret
	if w.Exists(&secret, "guest"); len(secret.Data) != 2 {
		t.Errorf("%d keys in the Secret", len(secret.Data))
	}
	clear(w.Writes)
	if result, err := w.Reconcile("guest"); err != nil || w.KubernetesWrites() != 0 {
		t.Errorf("another look causes the writes %v (%v, %v)", w.Writes, result, err)
	}

	w.Step(24 * time.Hour)
	w.Settle("guest")
	code = w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	if state := code.Status.BackupCode.State; state != "" {
		t.Errorf("a backup that is off the lock is %q", state)
	}
	for _, left := range w.Sim.Codes(sim.SeedNativeLockID) {
		if left.AccessCodeID == code.Status.BackupCode.AccessCodeID {
			t.Errorf("the backup code works after the window: %+v", left)
		}
	}
}

// TestBackupThatIsGoneFirst: on the way out, status says of the backup code what is true, too.
func TestBackupThatIsGoneFirst(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("guest")
	backup := w.Get("guest").Status.BackupCode.AccessCodeID
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	var states []string
	for w.Exists(&v1alpha1.AccessCode{}, "guest") {
		result, err := w.Reconcile("guest")
		if err != nil {
			t.Fatal(err)
		}
		there := slices.ContainsFunc(w.Sim.Codes(sim.SeedNativeLockID), func(c sim.AccessCode) bool { return c.AccessCodeID == backup })
		if !there && w.Exists(&v1alpha1.AccessCode{}, "guest") {
			states = append(states, w.Get("guest").Status.BackupCode.State)
		}
		w.Step(max(result.RequeueAfter, time.Second))
	}
	if len(states) == 0 || slices.Max(states) != "" {
		t.Errorf("a backup that is off the lock is %q", states)
	}
}

func TestBackupAskedFor(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullNever)))
	w.Settle("guest")
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 0 || w.BackupPIN() != "" {
		t.Fatalf("%d pulls that nobody asked for", n)
	}
	for i, value := range []string{"first", "first", "second"} {
		w.Edit("guest", annotatedAs(v1alpha1.PullBackupAnnotation, value))
		w.Settle("guest")
		if n, want := w.Calls("/access_codes/pull_backup_access_code"), []int{1, 1, 2}[i]; n != want {
			t.Errorf("%d pulls after %q, want %d", n, value, want)
		}
	}
	if code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.BackupCode.LastHandledPull != "second" {
		t.Errorf("status.backupCode %+v", code.Status.BackupCode)
	}
}

// TestBackupOfAnEarlierCode: where a code is adopted that has a backup of its own, the one of the code before it goes.
func TestBackupOfAnEarlierCode(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways), matching))
	w.Settle("guest")
	first := w.Get("guest").Status
	if err := w.Sim.TakeOffLock(first.AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Code("other", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("other")
	second := w.Expect("other", metav1.ConditionTrue, v1alpha1.ReasonSet).Status
	w.Edit("other", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.Delete(&v1alpha1.AccessCode{}, "other")
	w.Settle("other")

	w.Settle("guest")
	status := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status
	if status.AccessCodeID != second.AccessCodeID || status.BackupCode.AccessCodeID != second.BackupCode.AccessCodeID {
		t.Errorf("status %+v, want the code and the backup of %+v", status, second)
	}
	for _, code := range w.Sim.Codes(sim.SeedNativeLockID) {
		if code.AccessCodeID == first.BackupCode.AccessCodeID {
			t.Error("the backup of the earlier code is still there")
		}
		if code.AccessCodeID == second.BackupCode.AccessCodeID && *code.Code != w.BackupPIN() {
			t.Error("the Secret has another PIN than the backup")
		}
	}
}

func TestBackupFromAPoolThatIsEmpty(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullNever)))
	w.Settle("guest")
	if err := w.Sim.EmptyBackupPool(sim.SeedNativeLockID); err != nil {
		t.Fatal(err)
	}
	w.Edit("guest", annotatedAs(v1alpha1.PullBackupAnnotation, "1"))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, "No backup code could be pulled") {
		t.Errorf("message %q", message)
	}
	w.Look("guest", accesscode.MaxPullRetry)
	if n := w.Calls("/access_codes/update"); n != 0 {
		t.Errorf("%d updates to turn on a pool that is on", n)
	}
	failures := slices.DeleteFunc(w.Recorded(), func(reason string) bool { return reason != "BackupPullFailed" })
	if len(failures) != 1 {
		t.Errorf("%d Events for one pool that stays empty", len(failures))
	}
	if err := w.Sim.RefillBackupPool(sim.SeedNativeLockID); err != nil {
		t.Fatal(err)
	}
	w.Step(accesscode.MaxPullRetry)
	w.Settle("guest")
	if w.BackupPIN() == "" {
		t.Error("not pulled when the pool was filled again")
	}
}

// TestBackupPoolThatAnUpdateDoesNotTurnOn: the newest types of Seam have no such parameter of an update. A pool that stays
// off keeps nobody out, so the code goes on as it is and is not updated again and again.
func TestBackupPoolThatAnUpdateDoesNotTurnOn(t *testing.T) {
	w := newWorld(t)
	answer := w.Seam
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/access_codes/update" {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			without := strings.Replace(string(body), `,"use_backup_access_code_pool":true`, "", 1)
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(without)), int64(len(without))
		}
		answer.ServeHTTP(rw, r)
	})
	w.Connected()
	w.Code("guest", w.Today())
	w.Settle("guest")
	w.Edit("guest", testworld.WithBackup(v1alpha1.BackupPullOnFailure))
	for range 12 {
		w.Settle("guest")
		w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		w.Step(4 * time.Minute)
	}
	if n := w.Calls("/access_codes/update"); n != 1 {
		t.Errorf("%d updates to turn on a pool that stays off, want 1", n)
	}
}

func TestBackupPINIsNotWrittenToASecretOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest", "code", "0000")
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if w.BackupPIN() != "" {
		t.Error("written")
	}
	w.Live(sim.SeedNativeLockID)
	if result, err := w.Reconcile("guest"); err != nil || result.RequeueAfter != kube.SlowLook {
		t.Errorf("looks again after %s, %v", result.RequeueAfter, err)
	}
	var theirs corev1.Secret
	w.Exists(&theirs, "guest")
	if woken := w.Codes.OfSecret(t.Context(), &theirs); len(woken) != 1 {
		t.Errorf("a change of the Secret wakes %v", woken)
	}
}

// TestBackupPINThatCanNotBeStored: it is said, with what was pulled, and the code goes off the lock all the same.
func TestBackupPINThatCanNotBeStored(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if _, ok := o.(*corev1.Secret); ok {
				return apierrors.NewForbidden(corev1.Resource("secrets"), o.GetName(), errors.New("exceeded quota"))
			}
			return c.Create(ctx, o, opts...)
		},
	})
	w.Restart()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if code.Status.BackupCode == nil || code.Status.BackupCode.AccessCodeID == "" || code.Status.BackupCode.SecretRef != nil {
		t.Errorf("status.backupCode %+v", code.Status.BackupCode)
	}
	w.Step(25 * time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
}

func TestBackupPINWhoseSecretIsRenamedToOneOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("theirs", "code", "0000")
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Settle("guest")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "theirs" })
	w.Settle("guest")
	if ref := w.Get("guest").Status.BackupCode.SecretRef; ref == nil || ref.Name != "guest" {
		t.Errorf("status.backupCode.secretRef is %+v, but the PIN is in the Secret guest", ref)
	}
}

// A change during the stay has its time to reach the lock: a backup is for a code that stays away.
func TestNoBackupForAChangeThatGetsThere(t *testing.T) {
	yesterday := func(w *world) func(*v1alpha1.AccessCode) {
		return testworld.Scheduled(w.Clock.Now().Add(-24*time.Hour), w.Clock.Now().Add(24*time.Hour))
	}
	changes := map[string]func(w *world){
		"a late booking": nil,
		"an extension": func(w *world) {
			w.Edit("guest", func(c *v1alpha1.AccessCode) {
				c.Spec.Schedule.EndsAt = metav1.NewTime(w.Clock.Now().Add(72 * time.Hour))
			})
		},
		"another PIN": func(w *world) {
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "660135" })
		},
		"a change at the lock": func(w *world) {
			err := w.Sim.ChangeAtLock(w.Live(sim.SeedNativeLockID).AccessCodeID, sim.LockChange{Name: ptr.To("Somebody"), Reapply: true})
			if err != nil {
				w.T.Fatal(err)
			}
		},
	}
	for name, change := range changes {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restarted %v", name, restarted), func(t *testing.T) {
				w := newWorld(t, func(o *sim.Options) { o.SetDelay = 20 * time.Second })
				w.Connected()
				w.Code("guest", testworld.All(yesterday(w), testworld.WithBackup(v1alpha1.BackupPullOnFailure)))
				if change != nil {
					w.Settle("guest")
					w.Step(time.Hour)
					w.Settle("guest")
					change(w)
				}
				w.Look("guest", 0)
				if restarted {
					w.Restart()
				}
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if n := w.Calls("/access_codes/pull_backup_access_code"); n != 0 {
					t.Errorf("%d pulls", n)
				}
			})
		}
	}
}

// TestBackupPoolThatFills: a pool that was just turned on is not empty for long.
func TestBackupPoolThatFills(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SetDelay = 20 * time.Second })
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	for began := w.Clock.Now(); w.BackupPIN() == ""; {
		result, err := w.Reconcile("guest")
		if err != nil {
			t.Fatal(err)
		}
		w.Step(max(result.RequeueAfter, time.Second))
		if w.Clock.Now().Sub(began) > 2*time.Minute {
			t.Fatal("not pulled within two minutes")
		}
	}
}

// TestPullThatIsNotRecorded: a request for the backup is handled once, also where that can't be written down at first.
func TestPullThatIsNotRecorded(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullNever)))
	w.Settle("guest")
	lost := errors.New("the API server went away")
	w.onPatch("status", func() error { return lost })
	w.Edit("guest", annotatedAs(v1alpha1.PullBackupAnnotation, "1"))
	for range 3 {
		w.Step(time.Minute)
		if _, err := w.Reconcile("guest"); err != nil && !errors.Is(err, lost) {
			t.Fatal(err)
		}
	}
	lost = nil
	w.Settle("guest")
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 1 {
		t.Errorf("%d pulls, want 1", n)
	}
	if status := w.Get("guest").Status.BackupCode; status == nil || status.LastHandledPull != "1" {
		t.Errorf("status.backupCode %+v", status)
	}
}
