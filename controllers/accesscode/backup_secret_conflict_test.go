// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// sameSecret has an AccessCode read its PIN from the Secret of its own name, to which that of a backup would go, too.
func sameSecret(c *v1alpha1.AccessCode) {
	c.Spec.Code = ""
	c.Spec.CodeFrom = &v1alpha1.CodeSource{SecretKeyRef: v1alpha1.SecretKeyReference{Name: c.Name, Key: "code"}}
}

// TestNoPlaceForABackup: it is said when the object comes, days before a backup may be needed, and the guest's own code is
// made all the same.
func TestNoPlaceForABackup(t *testing.T) {
	tests := map[string]struct {
		edit  func(*v1alpha1.AccessCode)
		pull  v1alpha1.BackupPullPolicy
		begin time.Duration
	}{
		"one Secret for both, ahead":       {sameSecret, v1alpha1.BackupPullOnFailure, 72 * time.Hour},
		"one Secret for both, now":         {sameSecret, v1alpha1.BackupPullOnFailure, 0},
		"pulled by an annotation only":     {sameSecret, v1alpha1.BackupPullNever, 72 * time.Hour},
		"a Secret of somebody else":        {nil, v1alpha1.BackupPullOnFailure, 72 * time.Hour},
		"changes elsewhere are to stand":   {func(c *v1alpha1.AccessCode) { c.Spec.AllowExternalModification = new(true) }, v1alpha1.BackupPullOnFailure, 0},
		"named twice, and not by its name": {func(c *v1alpha1.AccessCode) { testworld.FromSecret(c); c.Spec.CodeSecretName = "guest-pin" }, v1alpha1.BackupPullOnFailure, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest", "code", testworld.PIN)
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			begins := w.Clock.Now().Add(tt.begin)
			w.Code("guest", testworld.All(testworld.Scheduled(begins, begins.Add(24*time.Hour)), testworld.WithBackup(tt.pull)))
			if tt.edit != nil {
				w.Edit("guest", tt.edit)
			}
			w.Look("guest", 0)
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
			w.Settle("guest")
			w.expectNoPlace("guest")
			w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "guest-backup" })
			w.Settle("guest")
			if !isReady(w.Get("guest")) {
				t.Errorf("message %q", w.message("guest"))
			}
		})
	}
}

// expectNoPlace checks an AccessCode whose code is made, and whose backup would have no place.
func (w *world) expectNoPlace(name string) {
	w.T.Helper()
	code := w.Expect(name, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if said := w.message(name); !strings.Contains(said, "spec.codeSecretName") || len(said) > kube.MaxMessage {
		w.T.Errorf("message %q", said)
	}
	if live := w.Live(sim.SeedNativeLockID); *live.Code != testworld.PIN || live.AccessCodeID != code.Status.AccessCodeID {
		w.T.Error("the guest's own code was not made")
	}
	if code.Status.ObservedGeneration != code.Generation {
		w.T.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	if told := w.Recorded(); !slices.Contains(told, v1alpha1.ReasonSecretConflict) {
		w.T.Errorf("Events %v", told)
	}
	w.Look(name, time.Minute) // the pool has filled by now
	writes := w.Writes["AccessCode status"]
	if w.Look(name, time.Minute); w.Writes["AccessCode status"] != writes {
		w.T.Error("status is written without news")
	}
}

// TestRestoredSecretOfABackup: what came back with its AccessCode is its own, also once the code was made again.
func TestRestoredSecretOfABackup(t *testing.T) {
	for name, stays := range map[string]bool{"code at Seam": true, "code gone": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
			w.Settle("guest")
			if w.BackupPIN() == "" {
				t.Fatal("no backup was pulled")
			}
			w.restore(w.wreck("guest", stays), nil)
			for range 3 {
				w.Settle("guest")
				w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				w.Step(time.Minute)
			}
			var secret corev1.Secret
			if w.Exists(&secret, "guest"); !metav1.IsControlledBy(&secret, w.Get("guest")) || w.BackupPIN() == "" {
				t.Errorf("owners %+v, keys %d", secret.OwnerReferences, len(secret.Data))
			}
		})
	}
}

// TestNoPlaceForABackupThatIsNeeded: once it has a place, the backup is pulled.
func TestNoPlaceForABackupThatIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest", "code", testworld.PIN)
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullOnFailure), sameSecret))
	w.Settle("guest")
	if err := w.Sim.FailCode(w.Get("guest").Status.AccessCodeID, "the lock does not take it"); err != nil {
		t.Fatal(err)
	}
	w.Look("guest", time.Second)
	w.Look("guest", 6*time.Minute)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 0 {
		t.Errorf("%d pulls", n)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "guest-backup" })
	w.Settle("guest")
	var secret corev1.Secret
	if ref := w.Get("guest").Status.BackupCode.SecretRef; ref == nil || ref.Name != "guest-backup" || !w.Exists(&secret, ref.Name) || len(secret.Data[ref.Key]) == 0 {
		t.Errorf("status.backupCode %+v", w.Get("guest").Status.BackupCode)
	}
}
