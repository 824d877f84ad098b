// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestUnknownDevice(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "5eed0000-0000-4000-8000-00000000dead" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
	if n := w.Calls("/access_codes/create") + w.Calls("/devices/get"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter < kube.SlowLook {
		t.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("the AccessCode of an unknown device can't be deleted")
	}
}

func TestWhatTheDeviceRefuses(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedSixDigitLockID, "8250" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "825017" })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "8250" })
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if code.Status.State != "set" {
		t.Errorf("state %q of the code that is still there", code.Status.State)
	}
	if events := strings.Join(w.Recorded(), " "); !strings.Contains(events, "CreateFailed") || !strings.Contains(events, "UpdateFailed") {
		t.Errorf("Events %s", events)
	}
}

func TestSeamDown(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	if _, err := w.ReconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	w.Order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: 503, Times: 5})
	for range 5 {
		if _, err := w.Reconcile("guest"); err == nil {
			t.Fatal("no error, so no back-off")
		}
		w.Step(time.Minute)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	if n := w.Writes["AccessCode status"]; n != 1 {
		t.Errorf("%d status writes for one outage", n)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestUpdatesThatDoNotArriveDoNotCount(t *testing.T) {
	w := settled(t)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 5})
	for range 5 {
		if _, err := w.Reconcile("guest"); err == nil {
			t.Fatal("no error, so no back-off")
		}
		w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
		w.Step(time.Minute)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestRateLimited(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 429, RetryAfter: 45})
	w.Code("guest", nil)
	result, err := w.Reconcile("guest")
	if err != nil || result.RequeueAfter != 45*time.Second {
		t.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Live(sim.SeedNativeLockID)
}

func TestManyCodesOnOneLockStayWithinItsLimit(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	const many = 25
	var names []string
	for i := range many {
		name := fmt.Sprintf("guest-%02d", i)
		names = append(names, name)
		w.Code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = fmt.Sprintf("70%02d", i) })
	}
	for _, name := range names {
		if _, err := w.Reconcile(name); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.Calls("/access_codes/create"); n != 10 {
		t.Errorf("%d creates within the first minute, want 10", n)
	}
	w.Expect(names[many-1], metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	for _, name := range names {
		w.Settle(name)
		w.Expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	}
	for _, request := range w.Sim.Requests().Last {
		if request.Status == 429 {
			t.Fatalf("Seam answered 429 to %s", request.Path)
		}
	}
	if n := len(w.Lives(sim.SeedNativeLockID)); n != many {
		t.Errorf("%d codes on the lock, want %d", n, many)
	}
}

func TestWrongAPIKey(t *testing.T) {
	w := newWorld(t)
	w.Create(testworld.SecretNamed("seam", "apiKey", "seam_wrong"))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.Endpoint, Auth: testworld.APIKeyAuth()}}
	ws.Name = "default"
	w.Create(ws)
	w.Code("guest", nil)
	w.Settle("guest")
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if calls := w.Sim.Requests().ByPath; len(calls) != 1 {
		t.Errorf("calls %v", calls)
	}
	w.SetSecret("seam", "apiKey", sim.SeedAPIKey)
	w.Settle("guest")
	w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	// Revoked while in use: the first call finds out, the rest are not made.
	if err := w.Sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.Sim.ResetRequests()
	if _, err := w.Codes.Reconcile(t.Context(), testworld.RequestFor("guest")); err != nil {
		t.Fatal(err)
	}
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if n := w.Sim.Requests().Total; n != 0 || code.Status.State != "set" {
		t.Errorf("%d calls, state %q", n, code.Status.State)
	}
}

// TestCallThatIsRefusedWithGoodCredentials: the workspace is checked because of it, found well, and then left alone, with
// all its other AccessCodes.
func TestCallThatIsRefusedWithGoodCredentials(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("other", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedJustInTimeLockID })
	w.Settle("other")
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 401, ErrorType: "unauthorized", Times: -1})
	w.Code("guest", nil)
	checks := w.Calls("/workspaces/get")
	began := w.Clock.Now()
	for w.Clock.Now().Sub(began) < 10*time.Minute {
		result, err := w.Reconcile("guest")
		if err != nil {
			t.Fatal(err)
		}
		w.Step(max(result.RequeueAfter, time.Second))
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if n := w.Calls("/workspaces/get") - checks; n == 0 || n > 6 {
		t.Errorf("%d checks in ten minutes", n)
	}
	w.Sim.ClearFaults()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestSuspicionDuringACheck: the check may be the older of the two, and connects again what was suspected meanwhile. Its
// AccessCodes are served again all the same.
func TestSuspicionDuringACheck(t *testing.T) {
	w := settled(t)
	key := testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName)
	inner, suspected := w.Seam, false
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/workspaces/get" && !suspected {
			suspected = w.Codes.Registry.Suspect(key)
		}
		inner.ServeHTTP(rw, r)
	})
	w.Step(2 * v1alpha1.DefaultSyncInterval)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.Codes.Registry.Get(key); !ok || !suspected {
		t.Errorf("served: %v; suspected: %v", ok, suspected)
	}
}

func TestCredentialsOfAnotherWorkspace(t *testing.T) {
	w := settled(t)
	w.SetSecret("seam", "apiKey", sim.SeedOtherAPIKey)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if !w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("released although its code is still on the lock")
	}
	w.SetSecret("seam", "apiKey", sim.SeedAPIKey)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("not released, or still on the lock")
	}
}

func TestWorkspaceThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "elsewhere"} })
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("an AccessCode without anything at Seam holds a finalizer")
	}
}

func TestRequestAndSuspend(t *testing.T) {
	w := settled(t)
	w.Edit("guest", annotatedAs(v1alpha1.ReconcileRequestedAtAnnotation, "now"))
	w.Settle("guest")
	if got := w.Get("guest").Status.LastHandledReconcileAt; got != "now" {
		t.Errorf("lastHandledReconcileAt %q", got)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Suspend, c.Spec.Code = true, "2468" })
	w.Sim.ResetRequests()
	clear(w.Writes)
	w.Settle("guest")
	w.Settle("guest")
	if n := w.Sim.Requests().ByPath["/access_codes/get"]; n != 0 || w.KubernetesWrites() != 1 {
		t.Errorf("%d looks at a suspended code, writes %v", n, w.Writes)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("a suspended AccessCode can't be deleted")
	}
}

func annotatedAs(annotation, value string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { metav1.SetMetaDataAnnotation(&c.ObjectMeta, annotation, value) }
}

func TestOrphan(t *testing.T) {
	w := settled(t)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	if err := w.Sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("orphaning needs credentials")
	}
	w.Live(sim.SeedNativeLockID)
}

func TestDeleteWaitsForCredentials(t *testing.T) {
	w := settled(t)
	if err := w.Sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	w.Settle("guest")
	code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, "Orphan") {
		t.Errorf("the message does not say what to do: %s", message)
	}
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("Orphan, set while deleting, does not let go")
	}
}

func TestDeleteThatFails(t *testing.T) {
	w := settled(t)
	w.Order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultStatus, Status: 500})
	w.Order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultLoseResponse})
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.Reconcile("guest"); err == nil {
		t.Fatal("no error, so no back-off")
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") || len(w.Sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("not released, or still on the lock")
	}
	if diff := cmp.Diff([]string{"DeleteFailed", "Removed"}, w.Recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretThatCanNotBeRead(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.FromSecret)
	w.SetSecret("guest-pin", "pin", testworld.PIN)
	w.Settle("guest")
	w.Delete(&corev1.Secret{}, "guest-pin")
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	w.Live(sim.SeedNativeLockID)
}

// TestAnswersThatAreNone is about answers that can't be read: they are outages, and told of with the request id.
func TestAnswersThatAreNone(t *testing.T) {
	faults := map[string]sim.Fault{
		"no JSON":       {Kind: sim.FaultGarbage},
		"cut":           {Kind: sim.FaultTruncate},
		"an error page": {Kind: sim.FaultStatus, Status: 404, Body: "<html>not here</html>"},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			fault.Path = "/access_codes/get"
			w.Order(fault)
			w.Edit("guest", annotatedAs(v1alpha1.ReconcileRequestedAtAnnotation, "now")) // who asked for a look hears of it
			if _, err := w.Reconcile("guest"); err == nil {
				t.Fatal("no error, so no back-off")
			}
			code := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
			if message := code.Status.Conditions[0].Message; !strings.Contains(message, "(request ") {
				t.Errorf("no request id in %q", message)
			}
			if code.Status.State != "set" {
				t.Errorf("state %q: what was known is lost", code.Status.State)
			}
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}
