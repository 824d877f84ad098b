// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/eventfeed"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// everybody reconciles the SeamWorkspace, and each guest as often as something that has happened to it wakes it.
func (w *world) everybody(guests int) {
	w.T.Helper()
	result, err := w.Workspaces.Reconcile(w.Ctx, testworld.RequestFor(v1alpha1.DefaultWorkspaceName))
	if err != nil {
		w.T.Fatal(err)
	}
	w.Listen(v1alpha1.DefaultWorkspaceName)
	for i := range guests {
		// An error is how a look is tried again; what is told of it is checked.
		_, _ = w.Codes.Reconcile(w.Ctx, testworld.RequestFor(fmt.Sprint("guest-", i)))
	}
	w.Step(max(min(result.RequeueAfter, 10*time.Second), time.Second))
}

// TestOneFailedCheckIsNoNews: whatever way a check of the credentials fails, it is made again within seconds before
// anything is told, and nobody waits meanwhile.
func TestOneFailedCheckIsNoNews(t *testing.T) {
	faults := map[string]sim.Fault{
		"503":        {Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable},
		"429":        {Kind: sim.FaultStatus, Status: http.StatusTooManyRequests},
		"cut":        {Kind: sim.FaultTruncate},
		"no answer":  {Kind: sim.FaultLoseResponse},
		"no JSON":    {Kind: sim.FaultGarbage},
		"error page": {Kind: sim.FaultStatus, Status: http.StatusOK, Body: "<html>maintenance</html>"},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			const guests = 3
			w.Guests(guests)
			w.Step(2 * v1alpha1.DefaultSyncInterval)
			clear(w.Writes)
			fault.Path, fault.Times = "/workspaces/get", 1
			w.Order(fault)
			w.everybody(guests)
			if n := w.Calls("/workspaces/get"); n != 1 {
				t.Fatalf("%d checks, want 1", n)
			}
			if _, ready := w.Codes.Registry.Get(testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName)); !ready {
				t.Error("nobody is served any more")
			}
			if testworld.Drain(w.Codes.Triggers.AccessCodesOf) {
				t.Error("all AccessCodes are woken")
			}
			for range 4 {
				w.everybody(guests)
			}
			if n := w.Calls("/workspaces/get"); n != 2 {
				t.Errorf("%d checks, want the one that failed and one that did not", n)
			}
			if diff := cmp.Diff(map[string]int{}, w.Writes); diff != "" {
				t.Errorf("writes:\n%s", diff)
			}
		})
	}
}

// TestOutageOfManyCodes: a Seam that is gone for an hour, or answers with nothing but errors, is told once, at the
// SeamWorkspace, and so is its return. AccessCodes whose codes work are not written.
func TestOutageOfManyCodes(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	const guests = 50
	w.Guests(guests)
	for _, restart := range []bool{false, true} {
		w.Step(2 * v1alpha1.DefaultSyncInterval)
		if restart {
			w.Restart()
		}
		clear(w.Writes)
		w.Order(sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
		for range 20 {
			w.everybody(guests)
		}
		w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
		w.Sim.ClearFaults()
		w.Step(time.Hour)
		for range 3 {
			w.everybody(guests)
		}
		w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
		if diff := cmp.Diff(map[string]int{"SeamWorkspace status": 2}, w.Writes); diff != "" {
			t.Errorf("restart %t: writes:\n%s", restart, diff)
		}
	}
}

// TestLooksThatAreNotAnswered: the workspace answers, but nothing can be read of its codes. That says nothing of a code
// which works.
func TestLooksThatAreNotAnswered(t *testing.T) {
	for _, fault := range []sim.Fault{
		{Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable}, {Kind: sim.FaultStatus, Status: http.StatusTooManyRequests}, {Kind: sim.FaultGarbage},
	} {
		w := newWorld(t)
		w.Connected()
		const guests = 3
		w.Guests(guests)
		w.Restart()
		clear(w.Writes)
		for _, path := range []string{"/access_codes/get", "/access_codes/list", "/events/list"} {
			fault.Path, fault.Times = path, -1
			w.Order(fault)
		}
		for range 10 {
			w.everybody(guests)
		}
		if w.Calls("/access_codes/get")+w.Calls("/access_codes/list") == 0 {
			t.Fatal("nobody looks")
		}
		w.Sim.ClearFaults()
		w.Step(time.Hour)
		for range 3 {
			w.everybody(guests)
		}
		if diff := cmp.Diff(map[string]int{}, w.Writes); diff != "" {
			t.Errorf("%s %d: writes:\n%s", fault.Kind, fault.Status, diff)
		}
	}
}

// TestOutageIsToldToThoseWithSomethingToDo: they wait for Seam, and what they say of the code may be true no more.
func TestOutageIsToldToThoseWithSomethingToDo(t *testing.T) {
	tests := map[string]struct {
		edit func(w *world, c *v1alpha1.AccessCode)
		do   func(w *world)
	}{
		"edited":             {nil, func(w *world) { w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest 7" }) }},
		"asked for a look":   {nil, func(w *world) { w.Edit("guest", annotatedAs(v1alpha1.ReconcileRequestedAtAnnotation, "now")) }},
		"another PIN":        {func(_ *world, c *v1alpha1.AccessCode) { testworld.FromSecret(c) }, func(w *world) { w.SetSecret("guest-pin", "pin", "135791") }},
		"without a PIN":      {func(_ *world, c *v1alpha1.AccessCode) { testworld.FromSecret(c) }, func(w *world) { w.Delete(testworld.SecretNamed("guest-pin", "", ""), "guest-pin") }},
		"deleted":            {nil, func(w *world) { w.Delete(&v1alpha1.AccessCode{}, "guest") }},
		"window that begins": {between(time.Hour, 3*time.Hour), func(w *world) { w.Step(time.Hour) }},
		"window that ends":   {between(-time.Hour, time.Hour), func(w *world) { w.Step(time.Hour) }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			w.SetSecret("guest-pin", "pin", testworld.PIN)
			w.Code("guest", func(c *v1alpha1.AccessCode) {
				if test.edit != nil {
					test.edit(w, c)
				}
			})
			for range 5 {
				w.reconcileSoon("guest")
			}
			was := w.Get("guest")
			if kube.VerdictOf(kube.ReadyReason(was.Status.Conditions)) != kube.Ready {
				t.Fatalf("not settled: %+v", was.Status.Conditions)
			}
			w.Order(sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
			w.Codes.Registry.Disconnect(testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName))
			for range 10 {
				w.reconcileSoon("guest")
			}
			w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
			if diff := cmp.Diff(was.Status, w.Get("guest").Status); diff != "" {
				t.Errorf("told before there is anything to do:\n%s", diff)
			}
			test.do(w)
			w.reconcileSoon("guest")
			w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
		})
	}
}

// between is a schedule that begins and ends so long from now.
func between(starts, ends time.Duration) func(w *world, c *v1alpha1.AccessCode) {
	return func(w *world, c *v1alpha1.AccessCode) {
		startsAt := metav1.NewTime(w.Clock.Now().Add(starts))
		c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &startsAt, EndsAt: metav1.NewTime(w.Clock.Now().Add(ends))}
	}
}

// reconcileSoon reconciles an AccessCode once and lets a second go by.
func (w *world) reconcileSoon(name string) {
	w.T.Helper()
	if _, err := w.Reconcile(name); err != nil {
		w.T.Log(err)
	}
	w.Step(time.Second)
}

// TestCallThatIsRefusedOnce: the credentials are checked and found good, and nobody hears of it.
func TestCallThatIsRefusedOnce(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(1)
	w.Restart()
	clear(w.Writes)
	w.Order(sim.Fault{Path: "/access_codes/get", Kind: sim.FaultStatus, Status: 401, ErrorType: "unauthorized", Times: 1})
	w.Order(sim.Fault{Path: "/access_codes/list", Kind: sim.FaultStatus, Status: 401, ErrorType: "unauthorized", Times: 1})
	for range 5 {
		w.everybody(1)
	}
	if diff := cmp.Diff(map[string]int{}, w.Writes); diff != "" {
		t.Errorf("writes:\n%s", diff)
	}
	// Refused for good, that is told at once, and to all.
	if err := w.Sim.RevokeAPIKey(sim.SeedAPIKey); err != nil {
		t.Fatal(err)
	}
	w.Step(2 * v1alpha1.DefaultSyncInterval)
	w.everybody(1)
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.everybody(1)
	w.Expect("guest-0", metav1.ConditionFalse, v1alpha1.ReasonWorkspaceNotReady)
}

// TestOutageIsToldBeforeTheNextCheck: polls that fail have the credentials checked, so that the SeamWorkspace tells of it
// within a minute, whatever its syncInterval.
func TestOutageIsToldBeforeTheNextCheck(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	const guests = 3
	w.Guests(guests)
	w.Step(eventfeed.RecheckAge)
	clear(w.Writes)
	w.Order(sim.Fault{Path: "/*", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
	began := w.Clock.Now()
	for w.Clock.Now().Sub(began) < time.Minute {
		w.everybody(guests)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	if diff := cmp.Diff(map[string]int{"SeamWorkspace status": 1}, w.Writes); diff != "" {
		t.Errorf("writes:\n%s", diff)
	}
	// Where only events can't be read, the check finds the workspace well, and nothing is told.
	w = newWorld(t)
	w.Connected()
	w.Guests(guests)
	w.Step(eventfeed.RecheckAge)
	clear(w.Writes)
	w.Order(sim.Fault{Path: "/events/*", Kind: sim.FaultStatus, Status: http.StatusServiceUnavailable, Times: -1})
	for range 20 {
		w.everybody(guests)
	}
	if n := w.Calls("/workspaces/get"); n == 0 || n > 5 {
		t.Errorf("%d checks", n)
	}
	if diff := cmp.Diff(map[string]int{}, w.Writes); diff != "" {
		t.Errorf("writes:\n%s", diff)
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
		if err != nil || result.RequeueAfter <= 0 || result.RequeueAfter > 2*seamworkspace.MaxCheckRetry {
			t.Fatalf("looks again after %s, %v", result.RequeueAfter, err)
		}
		w.Step(result.RequeueAfter)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonAPIUnavailable)
	w.Sim.ClearFaults()
	w.Step(2 * seamworkspace.MaxCheckRetry)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionTrue, v1alpha1.ReasonConnected)
}
