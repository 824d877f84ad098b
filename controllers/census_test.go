// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
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
	"github.com/access-codes/access-code-operator/internal/metrics"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
)

// TestMissing: which AccessCodes count as not on, or not off, their lock.
func TestMissing(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(hours int) metav1.Time { return metav1.NewTime(now.Add(time.Duration(hours) * time.Hour)) }
	window := func(from, to int) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) {
			starts := at(from)
			c.Spec.Schedule = &v1alpha1.Schedule{StartsAt: &starts, EndsAt: at(to)}
		}
	}
	reason := func(reason string) func(*v1alpha1.AccessCode) {
		return func(c *v1alpha1.AccessCode) { setConditions(&c.Status.Conditions, c.Generation, reason, "", now) }
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
	noEnd := func(c *v1alpha1.AccessCode) {
		c.Spec.Schedule, c.Undecodable = &v1alpha1.Schedule{}, []string{"spec.schedule.endsAt"}
	}

	on, off := [2]int{1, 0}, [2]int{0, 1}
	for _, test := range []struct {
		name string
		edit func(*v1alpha1.AccessCode)
		want [2]int
	}{
		{"nothing said yet", all(), on},
		{"set", all(created, reason(v1alpha1.ReasonSet)), [2]int{}},
		{"failed", all(created, reason(v1alpha1.ReasonDeviceError)), on},
		{"never to be", all(reason(v1alpha1.ReasonInvalidSpec)), on},
		{"suspended", all(suspended), [2]int{}},
		{"ahead", all(window(1, 2), reason(v1alpha1.ReasonScheduled)), [2]int{}},
		{"ahead, without a lock", all(window(1, 2), reason(v1alpha1.ReasonDeviceUnreachable)), [2]int{}},
		{"begins now", all(window(0, 2), reason(v1alpha1.ReasonScheduled)), on},
		{"within, set", all(created, window(-1, 2), reason(v1alpha1.ReasonSet)), [2]int{}},
		{"over now", all(created, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over, suspended", all(created, suspended, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over, to be orphaned when deleted", all(created, orphan, window(-2, 0), reason(v1alpha1.ReasonSet)), off},
		{"over and off", all(created, window(-2, 0), reason(v1alpha1.ReasonExpired)), [2]int{}},
		{"over, nothing created", all(window(-2, -1), reason(v1alpha1.ReasonExpired)), [2]int{}},
		{"over, in doubt", all(intended, window(-2, -1), reason(v1alpha1.ReasonAPIUnavailable)), off},
		{"an end that can't be read", all(created, noEnd, reason(v1alpha1.ReasonInvalidSpec)), on},
		{"deleted", all(created, deleted, reason(v1alpha1.ReasonSet)), off},
		{"deleted in doubt", all(intended, deleted), off},
		{"deleted, ahead", all(created, deleted, window(1, 2)), off},
		{"deleted, nothing created", all(deleted), [2]int{}},
		{"deleted, orphaned", all(created, deleted, orphan), [2]int{}},
		{"deleted, off the lock", all(created, released), [2]int{}},
		{"deleted, over and off, not released", all(created, deleted, window(-2, 0), reason(v1alpha1.ReasonExpired)), off},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := &v1alpha1.AccessCode{}
			code.Namespace, code.Name, code.Spec.DeviceID = testNamespace, "guest", "lock"
			test.edit(code)
			onLock, offLock := missing(code, now)
			if got := [2]int{onLock, offLock}; got != test.want {
				t.Errorf("not on the lock, not off the lock: %v, want %v", got, test.want)
			}
		})
	}
}

// TestCensusOfAStandby: whoever does not work counts nothing, or the sum over all replicas would be wrong.
func TestCensusOfAStandby(t *testing.T) {
	leads, clock := false, testingclock.NewFakePassiveClock(time.Time{})
	codes := &accessCodeCensus{registry: workspace.NewRegistry(workspace.Options{Clock: clock}), clock: clock}
	workspaces := &workspaceCensus{}
	take := takeCensus(func() bool { return leads }, workspaces.count, codes.count)
	codes.keep(&v1alpha1.AccessCode{})
	workspaces.keep(&v1alpha1.SeamWorkspace{})
	if diff := cmp.Diff(metrics.Census{}, take()); diff != "" {
		t.Errorf("counted:\n%s", diff)
	}
	leads = true
	codes.drop(toolscache.DeletedFinalStateUnknown{Obj: &v1alpha1.AccessCode{}})
	if got := take(); len(got.Workspaces) != 1 || len(got.Codes) != 0 {
		t.Errorf("counted %+v after the AccessCode was missed going", got)
	}
}

func TestCensusOfAShard(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.guests(3)
	w.edit("guest-0", func(c *v1alpha1.AccessCode) { c.Labels = map[string]string{shardLabel: "east"} })
	east, rest := w.serving(shardOf(t, shardLabel+"=east")), w.serving(shardOf(t, "!"+shardLabel))
	east.measures("in the east", `accesscodes{namespace="bookings",reason="Set",state="set"} 1`)
	east.lacks("in the east", "workspace_up")
	rest.measures("elsewhere", `accesscodes{namespace="bookings",reason="Set",state="set"} 2`, `workspace_up{namespace="bookings",workspace="default"} 1`)
}

// TestCensusGoesBySeamsClock, by which windows open and close.
func TestCensusGoesBySeamsClock(t *testing.T) {
	w := newClocks(t)
	w.seamIsOff(time.Hour)
	w.pass(2 * v1alpha1.DefaultSyncInterval)
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.code("guest", scheduled(w.clock.Now().Add(30*time.Minute), w.clock.Now().Add(45*time.Minute)))
	w.edit("guest", func(c *v1alpha1.AccessCode) {
		c.Annotations = map[string]string{v1alpha1.CreateIntentAnnotation: `{"object":"bookings/guest"}`}
	})
	w.measures("over at Seam", `accesscodes_not_off_lock{namespace="bookings"} 1`)
	w.edit("guest", func(c *v1alpha1.AccessCode) { c.Spec.WorkspaceRef = &v1alpha1.WorkspaceReference{Name: "missing"} })
	w.measures("no workspace", `accesscodes_not_off_lock{namespace="bookings"} 0`)
}

// TestWorkspaceThatIsDown counts as such, and leaves nothing when it goes.
func TestWorkspaceThatIsDown(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.setSecret("seam", "apiKey", "seam_test_unknown")
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.expectWorkspace(metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	w.measures("refused", `workspace_up{namespace="bookings",workspace="default"} 0`,
		`seam_requests_total{method="POST",outcome="unauthorized",path="/workspaces/get"} 1`)
	w.delete(&v1alpha1.SeamWorkspace{}, v1alpha1.DefaultWorkspaceName)
	if _, err := w.reconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
		t.Fatal(err)
	}
	w.lacks("gone", "workspace_up", "limiter_budget_left", "drift_found_total", "removal_failures_total")
}

// TestWordsInLabels: neither Seam nor whoever writes a status makes labels up.
func TestWordsInLabels(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	code := w.get("guest")
	code.Status.State = "half_set_" + sim.SeedNativeLockID
	code.Status.Conditions = []metav1.Condition{{
		Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: "FromTheFuture", LastTransitionTime: metav1.NewTime(w.clock.Now()),
	}}
	if err := w.client.Status().Update(t.Context(), code); err != nil {
		t.Fatal(err)
	}
	w.measures("strange words", `accesscodes{namespace="bookings",reason="other",state="other"} 1`)
}

// TestEveryReasonIsKnown: a new reason has to be one of the metrics' words, too.
func TestEveryReasonIsKnown(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "api", "v1alpha1", "metadata.go"), nil, 0)
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
		if err != nil || slices.Contains(ofWorkspaces, reason) == slices.Contains(knownReasons, reason) {
			t.Errorf("%s: of SeamWorkspaces %t, a word of the metrics %t", literal.Value, slices.Contains(ofWorkspaces, reason), slices.Contains(knownReasons, reason))
		}
		return true
	})
	if found != len(knownReasons)+len(ofWorkspaces) {
		t.Errorf("%d reasons found, want %d", found, len(knownReasons)+len(ofWorkspaces))
	}
}
