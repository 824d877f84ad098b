// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
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
		"named twice, and not by its name": {func(c *v1alpha1.AccessCode) { fromSecret(c); c.Spec.CodeSecretName = "guest-pin" }, v1alpha1.BackupPullOnFailure, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.connected()
			w.setSecret("guest", "code", testPIN)
			w.setSecret("guest-pin", "pin", testPIN)
			begins := w.clock.Now().Add(tt.begin)
			w.code("guest", all(scheduled(begins, begins.Add(24*time.Hour)), withBackup(tt.pull)))
			if tt.edit != nil {
				w.edit("guest", tt.edit)
			}
			w.look("guest", 0)
			w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
			w.settle("guest")
			w.expectNoPlace("guest")
			w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "guest-backup" })
			w.settle("guest")
			if !isReady(w.get("guest")) {
				t.Errorf("message %q", w.message("guest"))
			}
		})
	}
}

// expectNoPlace checks an AccessCode whose code is made, and whose backup would have no place.
func (w *world) expectNoPlace(name string) {
	w.t.Helper()
	code := w.expect(name, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if said := w.message(name); !strings.Contains(said, "spec.codeSecretName") || len(said) > maxMessage {
		w.t.Errorf("message %q", said)
	}
	if live := w.live(sim.SeedNativeLockID); *live.Code != testPIN || live.AccessCodeID != code.Status.AccessCodeID {
		w.t.Error("the guest's own code was not made")
	}
	if code.Status.ObservedGeneration != code.Generation {
		w.t.Errorf("generation %d, observed %d", code.Generation, code.Status.ObservedGeneration)
	}
	if told := w.recorded(); !slices.Contains(told, v1alpha1.ReasonSecretConflict) {
		w.t.Errorf("Events %v", told)
	}
	w.look(name, time.Minute) // the pool has filled by now
	writes := w.writes["AccessCode status"]
	if w.look(name, time.Minute); w.writes["AccessCode status"] != writes {
		w.t.Error("status is written without news")
	}
}

// TestNoPlaceForABackupThatIsNeeded: once it has a place, the backup is pulled.
func TestNoPlaceForABackupThatIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.setSecret("guest", "code", testPIN)
	w.code("guest", all(w.today(), withBackup(v1alpha1.BackupPullOnFailure), sameSecret))
	w.settle("guest")
	if err := w.sim.FailCode(w.get("guest").Status.AccessCodeID, "the lock does not take it"); err != nil {
		t.Fatal(err)
	}
	w.look("guest", time.Second)
	w.look("guest", 6*time.Minute)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretConflict)
	if n := w.calls("/access_codes/pull_backup_access_code"); n != 0 {
		t.Errorf("%d pulls", n)
	}
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.CodeSecretName = "guest-backup" })
	w.settle("guest")
	var secret corev1.Secret
	if ref := w.get("guest").Status.BackupCode.SecretRef; ref == nil || ref.Name != "guest-backup" || !w.exists(&secret, ref.Name) || len(secret.Data[ref.Key]) == 0 {
		t.Errorf("status.backupCode %+v", w.get("guest").Status.BackupCode)
	}
}
