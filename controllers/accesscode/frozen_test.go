// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// onPatch calls do before each write of an AccessCode's metadata, or of its status where sub is "status".
func (w *world) onPatch(sub string, do func() error) {
	hook := func(o client.Object, this string) error {
		if _, ok := o.(*v1alpha1.AccessCode); ok && sub == this {
			return do()
		}
		return nil
	}
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			if err := hook(o, ""); err != nil {
				return err
			}
			return c.Patch(ctx, o, p, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if err := hook(o, sub); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.Restart()
}

// TestCreateIsNotSentLate: a replica that is frozen after it stored the intention must not create when it goes on, as
// another one may have done so, or released the AccessCode.
func TestCreateIsNotSentLate(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"given PIN": nil,
		"PIN of the provider's choice": testworld.All(testworld.Chosen, func(c *v1alpha1.AccessCode) {
			c.Spec.DeviceID = sim.SeedProviderPINLockID
		}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			frozen := accesscode.SendWithin + time.Second
			w.onPatch("", func() error {
				w.Step(frozen)
				frozen = 0
				return nil
			})
			w.Code("guest", edit)
			for range 2 { // the workspace connects first
				if _, err := w.Reconcile("guest"); err != nil {
					t.Fatal(err)
				}
				if n := w.Calls("/access_codes/create"); n != 0 || w.Calls("/access_codes/list") != 0 {
					t.Fatalf("%d creates after the freeze", n)
				}
				if frozen == 0 {
					break
				}
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if w.Calls("/access_codes/list") == 0 {
				t.Error("the doubt was not resolved by looking")
			}
		})
	}
}

// TestStatusOfAFrozenReplica: what another replica has reported since is not overwritten with what was seen before.
func TestStatusOfAFrozenReplica(t *testing.T) {
	w := settled(t)
	if err := w.Sim.TakeOffLock(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	reported := false
	w.onPatch("status", func() error {
		if reported {
			return nil
		}
		reported = true
		code := w.Get("guest")
		code.Status.State = "reported by another"
		return w.Client.Status().Update(t.Context(), code)
	})
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter != kube.Soon {
		t.Errorf("a conflict is to be a silent requeue, got %+v, %v", result, err)
	}
	if code := w.Get("guest"); !reported || code.Status.State != "reported by another" {
		t.Errorf("status %+v", code.Status)
	}
}

// TestWorkspaceStatusThatIsNotWritten: AccessCodes hear of a connection whose report has failed, and the report is made
// up for.
func TestWorkspaceStatusThatIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("seam", "apiKey", "seam_test_revoked")
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)

	lost := errors.New("the API server went away")
	w.Client = interceptor.NewClient(w.Client, interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			if lost != nil {
				return lost
			}
			return c.SubResource(sub).Patch(ctx, o, p, opts...)
		},
	})
	w.Workspaces.Client = w.Client
	w.SetSecret("seam", "apiKey", sim.SeedAPIKey)
	if _, err := w.Workspaces.Reconcile(t.Context(), testworld.RequestFor(v1alpha1.DefaultWorkspaceName)); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	if !testworld.Drain(w.Codes.Triggers.Feeds) {
		t.Error("the feed does not hear of the connection")
	}
	w.Listen(v1alpha1.DefaultWorkspaceName)
	if !testworld.Drain(w.Codes.Triggers.AccessCodesOf) {
		t.Error("AccessCodes do not hear of the connection")
	}
	lost = nil
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// TestWorkspaceThatIsNotAnswered: however often it is woken, Seam is asked as often as the back-off says, and soon after
// it is back.
func TestWorkspaceThatIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/workspaces/get", Kind: sim.FaultStatus, Status: 503, Times: -1})
	w.Codes.Registry.Disconnect(testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName))
	calls := w.Calls("/workspaces/get")
	for range 20 {
		if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Calls("/workspaces/get") - calls; n != 1 {
		t.Errorf("%d calls without any time going by, want 1", n)
	}
	for range 20 {
		result, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName)
		if err != nil || result.RequeueAfter <= 0 || result.RequeueAfter > 2*seamworkspace.MaxUnanswered {
			t.Fatalf("looks again after %s, %v", result.RequeueAfter, err)
		}
		w.Step(result.RequeueAfter)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	w.Sim.ClearFaults()
	w.Step(2 * seamworkspace.MaxUnanswered)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
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
