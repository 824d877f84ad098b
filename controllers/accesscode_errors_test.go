// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

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
	"github.com/access-codes/access-code-operator/internal/sim"
)

func TestUnknownDevice(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = "5eed0000-0000-4000-8000-00000000dead" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonDeviceNotFound)
	if n := w.calls("/access_codes/create") + w.calls("/devices/get"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
	result, err := w.reconcile("guest")
	if err != nil || result.RequeueAfter < slowLook {
		t.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("the AccessCode of an unknown device can't be deleted")
	}
}

func TestWhatTheDeviceRefuses(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedSixDigitLockID, "8250" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "825017" })
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "8250" })
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if code.Status.State != "set" {
		t.Errorf("state %q of the code that is still there", code.Status.State)
	}
	if events := strings.Join(w.recorded(), " "); !strings.Contains(events, "CreateFailed") || !strings.Contains(events, "UpdateFailed") {
		t.Errorf("Events %s", events)
	}
}

func TestSeamDown(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	if _, err := w.reconcileWorkspace("default"); err != nil {
		t.Fatal(err)
	}
	w.order(sim.Fault{Path: "/access_codes/*", Kind: sim.FaultStatus, Status: 503, Times: 5})
	for range 5 {
		if _, err := w.reconcile("guest"); err == nil {
			t.Fatal("no error, so no back-off")
		}
		w.step(time.Minute)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	if n := w.writes["AccessCode status"]; n != 1 {
		t.Errorf("%d status writes for one outage", n)
	}
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestUpdatesThatDoNotArriveDoNotCount(t *testing.T) {
	w := settled(t)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "6060" })
	w.order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 5})
	for range 5 {
		if _, err := w.reconcile("guest"); err == nil {
			t.Fatal("no error, so no back-off")
		}
		w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
		w.step(time.Minute)
	}
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

func TestRateLimited(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 429, RetryAfter: 45})
	w.code("guest", nil)
	result, err := w.reconcile("guest")
	if err != nil || result.RequeueAfter != 45*time.Second {
		t.Errorf("looked at again in %v (%v)", result.RequeueAfter, err)
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.live(sim.SeedNativeLockID)
}

func TestManyCodesOnOneLockStayWithinItsLimit(t *testing.T) {
	w := newWorld(t)
	w.connected()
	const many = 25
	var names []string
	for i := range many {
		name := fmt.Sprintf("guest-%02d", i)
		names = append(names, name)
		w.code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = fmt.Sprintf("70%02d", i) })
	}
	for _, name := range names {
		if _, err := w.reconcile(name); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.calls("/access_codes/create"); n != 10 {
		t.Errorf("%d creates within the first minute, want 10", n)
	}
	w.expect(names[many-1], metav1.ConditionFalse, v1alpha1.ReasonRateLimited)
	for _, name := range names {
		w.settle(name)
		w.expect(name, metav1.ConditionTrue, v1alpha1.ReasonSet)
	}
	for _, request := range w.sim.Requests().Last {
		if request.Status == 429 {
			t.Fatalf("Seam answered 429 to %s", request.Path)
		}
	}
	if n := len(w.lives(sim.SeedNativeLockID)); n != many {
		t.Errorf("%d codes on the lock, want %d", n, many)
	}
}

func TestWrongAPIKey(t *testing.T) {
	w := newWorld(t)
	w.create(secretNamed("seam", "apiKey", "seam_wrong"))
	ws := &v1alpha1.SeamWorkspace{Spec: v1alpha1.SeamWorkspaceSpec{Endpoint: w.endpoint, Auth: apiKeyAuth()}}
	ws.Name = "default"
	w.create(ws)
	w.code("guest", nil)
	w.settle("guest")
	w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if calls := w.sim.Requests().ByPath; len(calls) != 1 {
		t.Errorf("calls %v", calls)
	}
	w.setSecret("seam", "apiKey", sim.SeedAPIKey)
	w.settle("guest")
	w.expectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)

	// Revoked while in use: the first call finds out, the rest are not made.
	if err := w.sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	if _, err := w.reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.sim.ResetRequests()
	if _, err := w.codes.Reconcile(t.Context(), requestFor("guest")); err != nil {
		t.Fatal(err)
	}
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if n := w.sim.Requests().Total; n != 0 || code.Status.State != "set" {
		t.Errorf("%d calls, state %q", n, code.Status.State)
	}
}

// TestCallThatIsRefusedWithGoodCredentials: the workspace is checked because of it, found well, and then left alone, with
// all its other AccessCodes.
func TestCallThatIsRefusedWithGoodCredentials(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("other", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedJustInTimeLockID })
	w.settle("other")
	w.order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 401, ErrorType: "unauthorized", Times: -1})
	w.code("guest", nil)
	checks := w.calls("/workspaces/get")
	began := w.clock.Now()
	for w.clock.Now().Sub(began) < 10*time.Minute {
		result, err := w.reconcile("guest")
		if err != nil {
			t.Fatal(err)
		}
		w.step(max(result.RequeueAfter, time.Second))
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if n := w.calls("/workspaces/get") - checks; n == 0 || n > 6 {
		t.Errorf("%d checks in ten minutes", n)
	}
	w.sim.ClearFaults()
	w.settle("guest")
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
}

// TestSuspicionDuringACheck: the check may be the older of the two, and connects again what was suspected meanwhile. Its
// AccessCodes are served again all the same.
func TestSuspicionDuringACheck(t *testing.T) {
	w := settled(t)
	key := requestFor(v1alpha1.DefaultWorkspaceName).NamespacedName
	inner, suspected := w.seam, false
	w.seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/workspaces/get" && !suspected {
			suspected = w.codes.Registry.Suspect(key)
		}
		inner.ServeHTTP(rw, r)
	})
	w.step(2 * v1alpha1.DefaultSyncInterval)
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.codes.Registry.Get(key); !ok || !suspected {
		t.Errorf("served: %v; suspected: %v", ok, suspected)
	}
}

func TestCredentialsOfAnotherWorkspace(t *testing.T) {
	w := settled(t)
	w.setSecret("seam", "apiKey", sim.SeedOtherAPIKey)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if !w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("released although its code is still on the lock")
	}
	w.setSecret("seam", "apiKey", sim.SeedAPIKey)
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("not released, or still on the lock")
	}
}

func TestWorkspaceThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "elsewhere"} })
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	w.delete(&v1alpha1.AccessCode{}, "guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("an AccessCode without anything at Seam holds a finalizer")
	}
}

func TestRequestAndSuspend(t *testing.T) {
	w := settled(t)
	w.edit("guest", annotatedAs(v1alpha1.ReconcileRequestedAtAnnotation, "now"))
	w.settle("guest")
	if got := w.get("guest").Status.LastHandledReconcileAt; got != "now" {
		t.Errorf("lastHandledReconcileAt %q", got)
	}
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Suspend, c.Spec.Code = true, "2468" })
	w.sim.ResetRequests()
	clear(w.writes)
	w.settle("guest")
	w.settle("guest")
	if n := w.sim.Requests().ByPath["/access_codes/get"]; n != 0 || w.kubernetesWrites() != 1 {
		t.Errorf("%d looks at a suspended code, writes %v", n, w.writes)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("a suspended AccessCode can't be deleted")
	}
}

func annotatedAs(annotation, value string) func(*v1alpha1.AccessCode) {
	return func(c *v1alpha1.AccessCode) { metav1.SetMetaDataAnnotation(&c.ObjectMeta, annotation, value) }
}

func TestOrphan(t *testing.T) {
	w := settled(t)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	if err := w.sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("orphaning needs credentials")
	}
	w.live(sim.SeedNativeLockID)
}

func TestDeleteWaitsForCredentials(t *testing.T) {
	w := settled(t)
	if err := w.sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	w.settle("guest")
	code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
	if message := code.Status.Conditions[0].Message; !strings.Contains(message, "Orphan") {
		t.Errorf("the message does not say what to do: %s", message)
	}
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") {
		t.Error("Orphan, set while deleting, does not let go")
	}
}

func TestDeleteThatFails(t *testing.T) {
	w := settled(t)
	w.order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultStatus, Status: 500})
	w.order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultLoseResponse})
	w.delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.reconcile("guest"); err == nil {
		t.Fatal("no error, so no back-off")
	}
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	w.settle("guest")
	if w.exists(&v1alpha1.AccessCode{}, "guest") || len(w.sim.Codes(sim.SeedNativeLockID)) != 0 {
		t.Error("not released, or still on the lock")
	}
	if diff := cmp.Diff([]string{"DeleteFailed", "Removed"}, w.recorded()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretThatCanNotBeRead(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", fromSecret)
	w.setSecret("guest-pin", "pin", testPIN)
	w.settle("guest")
	w.delete(&corev1.Secret{}, "guest-pin")
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	w.live(sim.SeedNativeLockID)
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
			w.order(fault)
			w.edit("guest", annotatedAs(v1alpha1.ReconcileRequestedAtAnnotation, "now")) // who asked for a look hears of it
			if _, err := w.reconcile("guest"); err == nil {
				t.Fatal("no error, so no back-off")
			}
			code := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
			if message := code.Status.Conditions[0].Message; !strings.Contains(message, "(request ") {
				t.Errorf("no request id in %q", message)
			}
			if code.Status.State != "set" {
				t.Errorf("state %q: what was known is lost", code.Status.State)
			}
			w.settle("guest")
			w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
		})
	}
}
