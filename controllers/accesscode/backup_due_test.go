// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestNoBackupForAChangeAfterAnOutage: a change that waited for Seam has its time to reach the lock, also after a restart. The
// code was not Ready for longer than that, and worked.
func TestNoBackupForAChangeAfterAnOutage(t *testing.T) {
	w := newWorld(t, func(o *sim.Options) { o.SetDelay = 20 * time.Second })
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullOnFailure)))
	w.Settle("guest")
	w.Step(time.Hour)
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "660135" })
	for range 10 {
		if _, err := w.Reconcile("guest"); err == nil {
			t.Fatal("the failure was not met")
		}
		w.Step(3 * time.Minute)
	}
	w.Sim.ClearFaults()
	w.Look("guest", 0)
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if n := w.Calls("/access_codes/pull_backup_access_code"); n != 0 {
		t.Errorf("%d pulls", n)
	}
}

// TestBackupOfACodeThatNeedsAPerson: the guest's backup does not wait until the code is looked at for that person's sake.
func TestBackupOfACodeThatNeedsAPerson(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(w.Today(), testworld.WithBackup(v1alpha1.BackupPullOnFailure)))
	w.Settle("guest")
	w.Step(time.Hour)
	w.Settle("guest")
	if err := w.Sim.AddIssue(w.Get("guest").Status.AccessCodeID, sim.IssueOrder{ErrorCode: "access_code_inactive"}); err != nil {
		t.Fatal(err)
	}
	began := w.Clock.Now()
	for w.Calls("/access_codes/pull_backup_access_code") == 0 {
		result, err := w.Reconcile("guest")
		if err != nil || result.RequeueAfter == 0 {
			t.Fatalf("looked at again in %v (%v)", result.RequeueAfter, err)
		}
		w.Step(result.RequeueAfter)
		if late := w.Clock.Now().Sub(began); late > 6*time.Minute {
			t.Fatalf("not pulled after %v", late)
		}
	}
}
