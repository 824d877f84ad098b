// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	toolscache "k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/controllers/seamworkspace"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// TestMisplaced: which AccessCodes count as not on, or not off, their lock.
func TestMisplaced(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(hours int) metav1.Time { return metav1.NewTime(now.Add(time.Duration(hours) * time.Hour)) }
	window := func(from, to int) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) {
			starts := at(from)
			c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &starts, EndsAt: at(to)}
		}
	}
	reason := func(reason string) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) { kube.SetConditions(&c.Status.Conditions, c.Generation, reason, "", now) }
	}
	created := func(c *v1alpha1.AccessCode) { c.Status.AccessCodeID = "5eed" }
	deleted := func(c *v1alpha1.AccessCode) {
		gone := at(0)
		c.DeletionTimestamp, c.Finalizers = &gone, []string{"somebody/else", v1alpha1.Finalizer}
	}
	released := func(c *v1alpha1.AccessCode) { deleted(c); c.Finalizers = []string{"somebody/else"} }
	suspended := func(c *v1alpha1.AccessCode) { c.Spec.Suspend = true }
	intended := func(c *v1alpha1.AccessCode) {
		c.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: `{"object":"bookings/guest"}`}
	}
	orphan := func(c *v1alpha1.AccessCode) { c.Spec.DeletionPolicy = v1alpha1.DeletionOrphan }
	wallClock := weekly("09:00", "13:00", v1alpha1.Monday, v1alpha1.Thursday)
	told := func(from, to int) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) {
			wallClock(c)
			c.Status.Window = &v1alpha1.WindowStatus{StartsAt: at(from), EndsAt: at(to)}
			c.Status.NextWindow = &v1alpha1.WindowStatus{StartsAt: at(from + 72), EndsAt: at(to + 72)}
		}
	}
	reported := func(from, to int) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) {
			starts, ends := at(from), at(to)
			c.Status.StartsAt, c.Status.EndsAt = &starts, &ends
		}
	}
	noEnd := func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule, c.Undecodable = &v1alpha1.Schedule{}, []string{"spec.schedule.endsAt"}
	}

	on, off := [2]int{1, 0}, [2]int{0, 1}
	for _, test := range []struct {
		name string
		edit func(*v1alpha1.AccessCode)
		want [2]int
	}{
		{"nothing said yet", testworld.All(), on},
		{"set", testworld.All(created, reason(v1alpha1.ReasonSet)), [2]int{}},
		{"failed", testworld.All(created, reason(v1alpha1.ReasonDeviceError)), on},
		{"never to be", testworld.All(reason(v1alpha1.ReasonInvalidSpec)), on},
		{"suspended", testworld.All(suspended), [2]int{}},
		{"ahead", testworld.All(window(1, 2), reason(v1alpha1.ReasonScheduled)), [2]int{}},
		{"ahead, without a lock", testworld.All(window(1, 2), reason(v1alpha1.ReasonDeviceUnreachable)), [2]int{}},
		{"begins now", testworld.All(window(0, 2), reason(v1alpha1.ReasonScheduled)), on},
		{"within, set", testworld.All(created, window(-1, 2), reason(v1alpha1.ReasonSet)), [2]int{}},
		{"over now", testworld.All(created, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over, suspended", testworld.All(created, suspended, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over, to be orphaned when deleted", testworld.All(created, orphan, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over and off", testworld.All(created, window(-2, 0), reason(v1alpha1.ReasonExpired)), [2]int{}},
		{"over, nothing created", testworld.All(window(-2, -1), reason(v1alpha1.ReasonExpired)), [2]int{}},
		{"over, create pending", testworld.All(intended, window(-2, -1), reason(v1alpha1.ReasonAPIUnavailable)), off},
		{"weekly, between windows", testworld.All(created, told(1, 5), reason(v1alpha1.ReasonScheduled)), [2]int{}},
		{"weekly, between windows, without a lock", testworld.All(created, told(1, 5), reason(v1alpha1.ReasonDeviceUnreachable)), [2]int{}},
		{"weekly, begins now", testworld.All(created, told(0, 4), reason(v1alpha1.ReasonScheduled)), on},
		{"weekly, within, set", testworld.All(created, told(-1, 3), reason(v1alpha1.ReasonSet)), [2]int{}},
		{"weekly, within, failed", testworld.All(created, told(-1, 3), reason(v1alpha1.ReasonDeviceError)), on},
		{"weekly, within, not created", testworld.All(told(-1, 3), reason(v1alpha1.ReasonAPIUnavailable)), on},
		{"weekly, within, suspended", testworld.All(created, suspended, told(-1, 3), reason(v1alpha1.ReasonDeviceError)), [2]int{}},
		{"weekly, just over, not moved on yet", testworld.All(created, told(-4, 0), reason(v1alpha1.ReasonSet)), off},
		{"weekly, just over, suspended", testworld.All(created, suspended, told(-4, 0), reason(v1alpha1.ReasonSet)), off},
		{"weekly, over, on its way off", testworld.All(created, told(68, 72), reported(-4, 0), reason(v1alpha1.ReasonScheduled)), off},
		{"weekly, over, set up for the next one", testworld.All(created, told(68, 72), reported(68, 72), reason(v1alpha1.ReasonScheduled)), [2]int{}},
		{"moved ahead, not at Seam yet", testworld.All(created, window(1, 2), reported(-4, 0), reason(v1alpha1.ReasonUpdating)), [2]int{}},
		{"weekly, the last one over and off", testworld.All(created, wallClock, reason(v1alpha1.ReasonExpired)), [2]int{}},
		{"weekly, no window known yet", wallClock, on},
		{"weekly, in no zone", testworld.All(wallClock, reason(v1alpha1.ReasonTimeZoneUnknown)), on},
		{"weekly, deleted between windows", testworld.All(created, deleted, told(1, 5), reason(v1alpha1.ReasonScheduled)), off},
		{"an end that can't be read", testworld.All(created, noEnd, reason(v1alpha1.ReasonInvalidSpec)), on},
		{"deleted", testworld.All(created, deleted, reason(v1alpha1.ReasonSet)), off},
		{"deleted, create pending", testworld.All(intended, deleted), off},
		{"deleted, ahead", testworld.All(created, deleted, window(1, 2)), off},
		{"deleted, nothing created", testworld.All(deleted), [2]int{}},
		{"deleted, orphaned", testworld.All(created, deleted, orphan), [2]int{}},
		{"deleted, off the lock", testworld.All(created, released), [2]int{}},
		{"deleted, over and off, not released", testworld.All(created, deleted, window(-2, 0), reason(v1alpha1.ReasonExpired)), off},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := &v1alpha1.AccessCode{}
			code.Namespace, code.Name, code.Spec.DeviceID = testworld.Namespace, "guest", "lock"
			test.edit(code)
			onLock, offLock := accesscode.Misplaced(code, now)
			if got := [2]int{onLock, offLock}; got != test.want {
				t.Errorf("not on the lock, not off the lock: %v, want %v", got, test.want)
			}
		})
	}
}

// TestCollectorOfAStandby: whoever does not work counts nothing, or the sum over all replicas would be wrong.
func TestCollectorOfAStandby(t *testing.T) {
	leads, clock := false, testingclock.NewFakePassiveClock(time.Time{})
	codes := &accesscode.Collector{Registry: workspace.NewRegistry(workspace.Options{Clock: clock}), Clock: clock}
	workspaces := &seamworkspace.Collector{}
	take := kube.ObjectsCollector(func() bool { return leads }, workspaces.Collect, codes.Collect)
	codes.Keep(&v1alpha1.AccessCode{})
	workspaces.Keep(&v1alpha1.SeamWorkspace{})
	if diff := cmp.Diff(metrics.Objects{}, take()); diff != "" {
		t.Errorf("counted:\n%s", diff)
	}
	leads = true
	codes.Drop(toolscache.DeletedFinalStateUnknown{Obj: &v1alpha1.AccessCode{}})
	if got := take(); len(got.Workspaces) != 1 || len(got.Codes) != 0 {
		t.Errorf("counted %+v after the AccessCode was missed going", got)
	}
}

func TestCollectorOfAShard(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Guests(3)
	w.Edit("guest-0", func(c *v1alpha1.AccessCode) { c.Labels = map[string]string{shardLabel: "east"} })
	east, rest := w.serving(shardOf(t, shardLabel+"=east")), w.serving(shardOf(t, "!"+shardLabel))
	east.Measures("in the east", `accesscodes{namespace="bookings",reason="Set",state="set"} 1`)
	east.Lacks("in the east", "workspace_up")
	rest.Measures("elsewhere", `accesscodes{namespace="bookings",reason="Set",state="set"} 2`, `workspace_up{namespace="bookings",workspace="default"} 1`)
}

// TestCollectorGoesBySeamsClock, by which windows open and close.
func TestCollectorGoesBySeamsClock(t *testing.T) {
	w := newClocks(t)
	w.seamIsOff(time.Hour)
	w.pass(2 * v1alpha1.DefaultSyncInterval)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.Code("guest", testworld.Scheduled(w.Clock.Now().Add(30*time.Minute), w.Clock.Now().Add(45*time.Minute)))
	w.Edit("guest", func(c *v1alpha1.AccessCode) {
		c.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: `{"object":"bookings/guest"}`}
	})
	w.Measures("over at Seam", `accesscodes_not_off_lock{namespace="bookings"} 1`)
	w.Edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "missing"} })
	w.Measures("no workspace", `accesscodes_not_off_lock{namespace="bookings"} 0`)
}

// TestCollectorOfAWeeklyCode: each of its windows is looked after as a window of its own.
func TestCollectorOfAWeeklyCode(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	online := func(online bool) {
		if err := w.Sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.Online = online }); err != nil {
			t.Fatal(err)
		}
	}
	counts := func(when string, onLock, offLock int) {
		w.T.Helper()
		w.Measures(when, fmt.Sprintf(`accesscodes_not_on_lock{namespace="bookings"} %d`, onLock),
			fmt.Sprintf(`accesscodes_not_off_lock{namespace="bookings"} %d`, offLock))
	}
	w.at("2026-11-29T12:00:00Z") // a Sunday
	w.Code("cleaner", weekly("09:00", "13:00", v1alpha1.Monday, v1alpha1.Thursday))
	w.Settle("cleaner")
	counts("before the first window", 0, 0)
	w.at("2026-11-30T08:01:00Z")
	counts("as it begins, not looked at yet", 1, 0)
	w.Settle("cleaner")
	counts("within the first window", 0, 0)
	online(false)
	w.at("2026-11-30T12:01:00Z")
	counts("just after it, not looked at yet", 0, 1)
	w.Look("cleaner", time.Minute)
	counts("just after it, the lock being out of reach", 0, 1)
	online(true)
	w.Settle("cleaner")
	w.Expect("cleaner", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
	counts("between two windows", 0, 0)
	online(false)
	w.at("2026-12-03T08:05:00Z")
	w.Look("cleaner", time.Minute)
	counts("within the second window, the lock being out of reach", 1, 0)
}

// TestWorkspaceThatIsDown counts as such, and leaves nothing when it goes.
func TestWorkspaceThatIsDown(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.SetSecret("seam", "apiKey", "seam_test_unknown")
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.ExpectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.Measures("refused", `workspace_up{namespace="bookings",workspace="default"} 0`,
		`seam_requests_total{method="POST",outcome="unauthorized",path="/workspaces/get"} 1`)
	w.Delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	if _, err := w.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.Lacks("gone", "workspace_up", "limiter_budget_left", "drift_found_total", "removal_failures_total")
}

// TestLabelsHaveFixedValues: neither Seam nor whoever writes a status makes labels up.
func TestLabelsHaveFixedValues(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	code := w.Get("guest")
	code.Status.State = "half_set_" + sim.SeedNativeLockID
	code.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: "FromTheFuture", LastTransitionTime: metav1.NewTime(w.Clock.Now()),
	}}
	if err := w.Client.Status().Update(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	w.Measures("strange words", `accesscodes{namespace="bookings",reason="other",state="other"} 1`)
}

// TestEveryReasonIsKnown: a new reason has to be one of the metrics' words, too.
func TestEveryReasonIsKnown(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", "api", "v1alpha1", "metadata.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ofWorkspaces := []string{v1alpha1.ReasonConnected, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonInvalidToken, v1alpha1.ReasonEndpointNotAllowed}
	var found int
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Reason") || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		found++
		reason, err := strconv.Unquote(literal.Value)
		if err != nil || slices.Contains(ofWorkspaces, reason) == slices.Contains(accesscode.KnownReasons, reason) {
			t.Errorf("%s: of SeamWorkspaces %t, a word of the metrics %t", literal.Value, slices.Contains(ofWorkspaces, reason), slices.Contains(accesscode.KnownReasons, reason))
		}
		return true
	})
	if found != len(accesscode.KnownReasons)+len(ofWorkspaces) {
		t.Errorf("%d reasons found, want %d", found, len(accesscode.KnownReasons)+len(ofWorkspaces))
	}
}
