// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

func TestMetricsOfALife(t *testing.T) {
	w := newWorld(t)
	w.Measures("at the start", "time_to_set_seconds_count 0", `limiter_wait_seconds_count{verb="delete"} 0`)
	w.Lacks("at the start", "drift_found_total", "limiter_waiting", "limiter_budget_left")
	w.Connected()
	w.Measures("connected",
		`workspace_up{namespace="bookings",workspace="default"} 1`,
		`seam_requests_total{method="POST",outcome="ok",path="/workspaces/get"} 1`,
		`limiter_budget_left{namespace="bookings",verb="create",workspace="default"} 10`,
		`limiter_budget_left{namespace="bookings",verb="delete",workspace="default"} 20`,
		`limiter_waiting{verb="update"} 0`,
		`drift_found_total{namespace="bookings"} 0`, `drift_corrected_total{namespace="bookings"} 0`,
		`backups_pulled_total{namespace="bookings"} 0`, `removal_failures_total{namespace="bookings"} 0`,
	)
	w.Code("guest", nil)
	w.Measures("created",
		`accesscodes{namespace="bookings",reason="none",state="none"} 1`,
		`accesscodes_not_on_lock{namespace="bookings"} 1`, `accesscodes_not_off_lock{namespace="bookings"} 0`,
	)
	w.Step(4 * time.Second) // in the queue
	w.Settle("guest")
	w.Measures("settled",
		`accesscodes{namespace="bookings",reason="Set",state="set"} 1`,
		`accesscodes_not_on_lock{namespace="bookings"} 0`,
		`time_to_set_seconds_count 1`, fmt.Sprintf("time_to_set_seconds_sum %v", w.Clock.Now().Sub(w.Get("guest").CreationTimestamp.Time).Seconds()),
		`time_to_set_seconds_bucket{le="5"} 0`, `time_to_set_seconds_bucket{le="30"} 1`,
		`seam_requests_total{method="POST",outcome="ok",path="/access_codes/create"} 1`,
		`seam_request_duration_seconds_count{path="/access_codes/create"} 1`,
		`limiter_budget_left{namespace="bookings",verb="create",workspace="default"} 9`,
	)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	if _, err := w.Reconcile("guest"); err != nil {
		t.Fatal(err)
	}
	w.Measures("deleted",
		`accesscodes{namespace="bookings",reason="Removing",state="set"} 1`,
		`accesscodes_not_on_lock{namespace="bookings"} 0`, `accesscodes_not_off_lock{namespace="bookings"} 1`,
	)
	w.Settle("guest")
	w.Lacks("gone", "accesscodes{", "accesscodes_not_")
	w.Measures("gone", `removal_failures_total{namespace="bookings"} 0`, "time_to_set_seconds_count 1")
}

// TestTimeToSet: the time counts from each change, and only for changes that are carried out.
func TestTimeToSet(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("guest-pin", "pin", testworld.PIN)
	w.Code("guest", testworld.FromSecret)
	w.Settle("guest")
	w.Measures("created", "time_to_set_seconds_count 1")

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest" })
	w.Settle("guest")
	w.Measures("renamed", "time_to_set_seconds_count 2")
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan })
	w.Settle("guest")
	w.Measures("a change that Seam has no part in", "time_to_set_seconds_count 2")
	w.Step(time.Hour)
	w.SetSecret("guest-pin", "pin", "604815")
	w.Settle("guest")
	w.Measures("another PIN in the Secret", "time_to_set_seconds_count 3", `time_to_set_seconds_bucket{le="60"} 3`)

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Somebody" })
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 3})
	w.Settle("guest") // a minute after each failure
	w.Measures("renamed while Seam was down", "time_to_set_seconds_count 4", `time_to_set_seconds_bucket{le="120"} 3`)

	// A lock that loses a code and gets it back is drift, or an outage, and no wish of anybody's.
	if err := w.Sim.FailCode(w.Live(sim.SeedNativeLockID).AccessCodeID, "The battery is low"); err != nil {
		t.Fatal(err)
	}
	w.settleAt("guest", v1alpha1.ReasonDeviceError)
	w.Measures("failed", `accesscodes_not_on_lock{namespace="bookings"} 1`)
	if err := w.Sim.RecoverCode(w.Live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("recovered", "time_to_set_seconds_count 4")

	w.Code("later", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = true })
	w.Settle("later")
	w.Step(2 * time.Hour)
	w.Edit("later", func(c *v1alpha1.AccessCode) { c.Spec.Suspend = false })
	w.Settle("later")
	w.Expect("later", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("suspended at first", "time_to_set_seconds_count 5", `time_to_set_seconds_bucket{le="120"} 4`)

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.DisplayName = "Guest 7" })
	w.Look("guest", 0)
	w.Restart()
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("restarted in between", "time_to_set_seconds_count 0")
}

// settleAt reconciles an AccessCode until its Ready condition has a reason.
func (w *world) settleAt(name, reason string) {
	w.T.Helper()
	for range 20 {
		if _, err := w.Reconcile(name); err != nil {
			w.T.Fatal(err)
		}
		if kube.ReadyReason(w.Get(name).Status.Conditions) == reason {
			return
		}
		w.Step(20 * time.Second)
	}
	w.T.Fatalf("AccessCode %q does not become %s: %+v", name, reason, w.Get(name).Status)
}

// TestMetricsOfAWindow: a code counts as missing from its lock only within its window, and as left there only after it.
func TestMetricsOfAWindow(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarted: %t", restarted), func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			starts, ends := w.Clock.Now().Add(2*time.Hour), w.Clock.Now().Add(4*time.Hour)
			w.Code("guest", testworld.All(testworld.Scheduled(starts, ends), func(c *v1alpha1.AccessCode) { c.Spec.DeviceID = sim.SeedJustInTimeLockID }))
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			const onTime, late = `accesscodes_not_on_lock{namespace="bookings"} 0`, `accesscodes_not_on_lock{namespace="bookings"} 1`
			w.Measures("ahead", onTime, `accesscodes_not_off_lock{namespace="bookings"} 0`, `accesscodes{namespace="bookings",reason="Scheduled",state="unset"} 1`)
			if restarted {
				w.Restart()
			}
			w.Clock.SetTime(starts)
			w.Measures("begun", late, "time_to_set_seconds_count 0")
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Measures("set", onTime, "time_to_set_seconds_count 1", fmt.Sprintf("time_to_set_seconds_sum %v", w.Clock.Now().Sub(starts).Seconds()))
			w.Clock.SetTime(ends)
			w.Measures("over", onTime, `accesscodes_not_off_lock{namespace="bookings"} 1`)
			w.Settle("guest")
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			w.Measures("expired", onTime, `accesscodes_not_off_lock{namespace="bookings"} 0`)
		})
	}
}

func TestMetricsOfDrift(t *testing.T) {
	w := settled(t)
	id := w.Live(sim.SeedNativeLockID).AccessCodeID
	pin := "5566"
	if err := w.Sim.ChangeAtLock(id, sim.LockChange{Code: &pin}); err != nil {
		t.Fatal(err)
	}
	const none, one = `drift_corrected_total{namespace="bookings"} 0`, `drift_corrected_total{namespace="bookings"} 1`
	w.Order(sim.Fault{Path: "/access_codes/update", Kind: sim.FaultStatus, Status: 503, Times: 3})
	for range 3 {
		if _, err := w.Reconcile("guest"); err == nil {
			t.Fatal("the update did not fail")
		}
		w.Step(time.Minute)
	}
	w.Measures("found", `drift_found_total{namespace="bookings"} 1`, none)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("put back", `drift_found_total{namespace="bookings"} 1`, one)

	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code = "113355" })
	w.Settle("guest")
	w.Measures("edited", `drift_found_total{namespace="bookings"} 1`, one)

	// A try that gets nowhere, as the cache was stale, is not another drift.
	if err := w.Sim.TakeOffLock(id); err != nil {
		t.Fatal(err)
	}
	w.Conflicts(2)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("gone, and created after conflicts", `drift_found_total{namespace="bookings"} 2`, `drift_corrected_total{namespace="bookings"} 2`)
	id = w.Live(sim.SeedNativeLockID).AccessCodeID

	// Also after a restart, which knows of the code by its status.
	w.Restart()
	if err := w.Sim.TakeOffLock(id); err != nil {
		t.Fatal(err)
	}
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("gone and created again", `drift_found_total{namespace="bookings"} 1`, one, "time_to_set_seconds_count 0")
}

// TestWindowThatIsExtendedIsNoDrift: the code was off the lock because its window was over.
func TestWindowThatIsExtendedIsNoDrift(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", w.Today())
	w.Settle("guest")
	w.Step(25 * time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
	w.Edit("guest", w.Today())
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	w.Measures("extended", `drift_found_total{namespace="bookings"} 0`, "time_to_set_seconds_count 2")
}

func TestMetricsOfALockThatTakesNoChange(t *testing.T) {
	w := settled(t)
	id, name := w.Live(sim.SeedNativeLockID).AccessCodeID, "Stubborn"
	for range 8 {
		if err := w.Sim.ChangeAtLock(id, sim.LockChange{Name: &name}); err != nil {
			t.Fatal(err)
		}
		w.Look("guest", 0)
		w.Step(2 * time.Minute)
	}
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonNotConverging)
	w.Measures("not put back", `drift_found_total{namespace="bookings"} 1`, `drift_corrected_total{namespace="bookings"} 0`)
}

func TestMetricsOfBackups(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", testworld.All(testworld.Chosen, w.Today(), testworld.WithBackup(v1alpha1.BackupPullAlways)))
	w.Order(sim.Fault{Path: "/access_codes/pull_backup_access_code", Kind: sim.FaultStatus, Status: 409, ErrorType: "no_backup"})
	w.Look("guest", 0)
	w.Look("guest", 5*time.Second)
	w.Measures("refused", `backups_pulled_total{namespace="bookings"} 0`)
	w.Settle("guest")
	if w.BackupPIN() == "" {
		t.Fatal("no backup was pulled")
	}
	w.Measures("pulled", `backups_pulled_total{namespace="bookings"} 1`)
}

func TestMetricsOfFailedRemovals(t *testing.T) {
	w := settled(t)
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	for i, fault := range []sim.Fault{
		{Kind: sim.FaultStatus, Status: 409, ErrorType: "busy"},
		{Kind: sim.FaultStatus, Status: 503},
		{Kind: sim.FaultDrop},
	} {
		fault.Path = "/access_codes/delete"
		w.Order(fault)
		_, _ = w.Reconcile("guest") // Ready tells how it ended
		w.Measures(fmt.Sprintf("failure %d", i+1), fmt.Sprintf(`removal_failures_total{namespace="bookings"} %d`, i+1))
		w.Step(kube.SlowLook)
	}
	w.Order(sim.Fault{Path: "/access_codes/delete", Kind: sim.FaultStatus, Status: 429, RetryAfter: 5})
	w.Settle("guest")
	if w.Exists(&v1alpha1.AccessCode{}, "guest") {
		t.Fatal("the AccessCode is still there")
	}
	w.Measures("waited and gone", `removal_failures_total{namespace="bookings"} 3`)
}

// atOnce reconciles n AccessCodes for one lock at the same time.
func (w *world) atOnce(n int) {
	w.T.Helper()
	for i := range n {
		name := fmt.Sprint("guest-", i)
		w.Code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = fmt.Sprint(700000 + i) })
		w.Look(name, 0)
	}
}

func TestMetricsOfTheLimiter(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.atOnce(13)
	w.Measures("at once",
		`limiter_budget_left{namespace="bookings",verb="create",workspace="default"} 0`,
		`limiter_budget_left{namespace="bookings",verb="delete",workspace="default"} 20`,
		`limiter_waiting{verb="create"} 3`, `limiter_waiting{verb="update"} 0`,
		`limiter_wait_seconds_count{verb="create"} 3`, `limiter_wait_seconds_bucket{verb="create",le="30"} 0`,
		`limiter_wait_seconds_bucket{verb="create",le="120"} 3`,
		`seam_requests_total{method="POST",outcome="ok",path="/access_codes/create"} 10`,
	)
	w.Lacks("at once", `seam_requests_total{method="POST",outcome="rate_limited"`)
	for i := range 13 {
		w.Settle(fmt.Sprint("guest-", i))
	}
	w.Step(2 * time.Minute)
	w.Measures("later",
		`limiter_budget_left{namespace="bookings",verb="create",workspace="default"} 10`, `limiter_waiting{verb="create"} 0`)
}

// TestOutcomesOfRequests lets requests end in every way that there is.
func TestOutcomesOfRequests(t *testing.T) {
	w := settled(t)
	session, ok := w.Codes.Registry.Get(testworld.WorkspaceKey(v1alpha1.DefaultWorkspaceName))
	if !ok {
		t.Fatal("not connected")
	}
	id := w.Live(sim.SeedNativeLockID).AccessCodeID
	createAgain := func() error {
		reservation, err := session.Reserve(sim.SeedNativeLockID, "again")
		if err != nil {
			return err
		}
		_, err = session.Create(t.Context(), reservation, seam.CreateAccessCodeRequest{DeviceID: sim.SeedNativeLockID, Code: testworld.PIN})
		return err
	}
	get := func(id string) error { _, err := session.Find(t.Context(), id); return err }
	fault := func(status int, errorType string) sim.Fault {
		return sim.Fault{Path: "/access_codes/get", Kind: sim.FaultStatus, Status: status, ErrorType: errorType}
	}
	for _, test := range []struct {
		outcome, path string
		fault         sim.Fault
		call          func() error
	}{
		{outcome: "ok", path: "/access_codes/generate_code", call: func() error {
			_, err := session.GenerateCode(t.Context(), sim.SeedNativeLockID)
			return err
		}},
		{outcome: "not_found", call: func() error { return get("5eed0000-0000-4000-8000-00000000dead") }},
		{outcome: "invalid_input", fault: fault(400, "invalid_input")},
		{outcome: "duplicate", path: "/access_codes/create", call: createAgain},
		{outcome: "refused", fault: fault(409, "busy")},
		{outcome: "unauthorized", fault: fault(401, "unauthorized")},
		{outcome: "unavailable", fault: fault(502, "bad_gateway")},
		{outcome: "canceled", call: func() error {
			ctx, cancel := context.WithCancel(t.Context())
			answered, before := make(chan struct{}), w.Seam
			defer func() { close(answered); w.Seam = before }()
			w.Seam = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel(); <-answered })
			_, err := session.Find(ctx, id)
			return err
		}},
		{outcome: "rate_limited", fault: fault(429, "too_many_requests")}, // the last, for it holds back the others
	} {
		t.Run(test.outcome, func(t *testing.T) {
			if test.path == "" {
				test.path = "/access_codes/get"
			}
			series := fmt.Sprintf(`seam_requests_total{method="POST",outcome=%q,path=%q}`, test.outcome, test.path)
			w.Lacks("before", series)
			if test.call == nil {
				w.Order(test.fault)
				test.call = func() error { return get(id) }
			}
			if err := test.call(); (err == nil) != (test.outcome == "ok") {
				t.Fatalf("the call ended with %v", err)
			}
			w.Measures("after", series+" 1")
		})
	}
}

// TestMetricsAreClean: the metrics after a run of all kinds of things keep the rules of Prometheus, and are those that the
// documentation is generated from.
func TestMetricsAreClean(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.atOnce(11)
	problems, err := testutil.GatherAndLint(w.Scrapes)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	text := w.Exposition()
	for _, d := range metrics.Definitions() {
		name := strings.TrimPrefix(d.Name, "access_code_operator_")
		if !strings.Contains(text, fmt.Sprintf("\n# TYPE %s %s\n", name, d.Type)) {
			t.Errorf("no %s %s", d.Type, name)
		}
	}
	if got, want := strings.Count(text, "\n# TYPE "), len(metrics.Definitions()); got != want {
		t.Errorf("%d metrics, %d are defined", got, want)
	}
}
