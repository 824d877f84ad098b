// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/internal/workspace"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// clocks are Seam's clock and one of the operator's own, which go alike until one of them jumps.
type clocks struct {
	*world

	own *testingclock.FakePassiveClock
	// dated is what becomes of the Date of Seam's answers.
	dated func(date time.Time) string
}

func newClocks(t *testing.T) *clocks {
	t.Helper()
	c := &clocks{world: newWorld(t)}
	c.seamIsOff(0)
	inner := c.Seam
	c.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		inner.ServeHTTP(recorded, r)
		date, err := http.ParseTime(recorded.Header().Get("Date"))
		if err != nil {
			t.Error(err)
		}
		recorded.Header()["Date"] = []string{c.dated(date)}
		for name, values := range recorded.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(recorded.Code)
		_, _ = rw.Write(recorded.Body.Bytes())
	})
	c.own = testingclock.NewFakePassiveClock(c.Clock.Now())
	registry := workspace.NewRegistry(workspace.Options{Clock: c.own})
	c.Workspaces.Registry, c.Codes.Registry, c.Feeds.Registry = registry, registry, registry
	c.Workspaces.Clock, c.Codes.Clock, c.Feeds.Clock = c.own, c.own, c.own
	c.Connected()
	return c
}

// seamIsOff has Seam's clock, as it tells it, be off from now on.
func (c *clocks) seamIsOff(by time.Duration) {
	c.dated = func(date time.Time) string { return date.Add(by).Format(http.TimeFormat) }
}

func (c *clocks) pass(d time.Duration) {
	c.Step(d)
	c.own.SetTime(c.own.Now().Add(d))
}

// rest reconciles the AccessCode whenever it asks for it, and whenever its workspace's feed wakes it, for so long.
func (c *clocks) rest(name string, d time.Duration) {
	c.T.Helper()
	const most = 60
	for range most {
		result, err := c.Reconcile(name)
		if err != nil {
			result.RequeueAfter = time.Minute
		}
		for woken := false; !woken; {
			after := v1alpha1.DefaultSyncInterval
			if asked := result.RequeueAfter; asked > 0 && asked <= after {
				after, woken = asked, true
			} else if asked > 0 {
				result.RequeueAfter -= after
			}
			if d -= after; d < 0 {
				return
			}
			c.pass(after)
			if !woken {
				woken = c.wakes(name)
			}
		}
	}
	c.T.Fatalf("%d looks, and %s are left", most, d)
}

// wakes reconciles the feed and says whether that wakes the AccessCode.
func (c *clocks) wakes(name string) bool {
	c.T.Helper()
	woken, _ := c.Listen(v1alpha1.DefaultWorkspaceName)
	return testworld.Drain(c.Codes.Triggers.AccessCodesOf) || slices.Contains(woken, name)
}

// TestClockJumps: a clock that is set by a day costs looks, and no code.
func TestClockJumps(t *testing.T) {
	for _, jump := range []struct {
		name      string
		own, seam time.Duration
	}{
		{"the operator's ahead", 24 * time.Hour, 0}, {"the operator's back", -24 * time.Hour, 0},
		{"Seam's ahead", 0, 24 * time.Hour}, {"Seam's back", 0, -24 * time.Hour},
	} {
		t.Run(jump.name, func(t *testing.T) {
			t.Parallel()
			jumps := func(c *clocks) {
				c.own.SetTime(c.own.Now().Add(jump.own))
				c.seamIsOff(jump.seam)
			}
			t.Run("before the code is there", func(t *testing.T) {
				c := newClocks(t)
				c.Code("guest", testworld.Scheduled(c.Clock.Now().Add(min(jump.seam, 0)-time.Hour), c.Clock.Now().Add(max(jump.seam, 0)+12*time.Hour)))
				if _, err := c.ReconcileWorkspace(v1alpha1.DefaultWorkspaceName); err != nil {
					t.Fatal(err)
				}
				jumps(c)
				// Before anything tells the time anew.
				key := types.NamespacedName{Namespace: testworld.Namespace, Name: "guest"}
				if result, err := c.Codes.Reconcile(c.Ctx, ctrl.Request{NamespacedName: key}); err == nil && result.RequeueAfter <= 0 {
					t.Errorf("next look in %s: never again", result.RequeueAfter)
				}
				c.pass(kube.SlowLook + time.Minute)
				c.rest("guest", time.Hour)
				c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				c.Live(sim.SeedNativeLockID)
			})
			t.Run("while the code works", func(t *testing.T) {
				c := newClocks(t)
				c.Code("guest", testworld.Scheduled(c.Clock.Now().Add(-48*time.Hour), c.Clock.Now().Add(48*time.Hour)))
				c.rest("guest", time.Hour)
				id := c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.AccessCodeID
				jumps(c)
				c.rest("guest", 3*time.Hour)
				if code := c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet); code.Status.AccessCodeID != id || c.Calls("/access_codes/create") != 1 {
					t.Errorf("created again: %+v", code.Status)
				}
				if n := c.Calls("/access_codes/delete") + c.Calls("/access_codes/update"); n != 0 {
					t.Errorf("%d calls that change the code", n)
				}
			})
		})
	}
}

// TestSeamsClockGoesWrongAndRight: what was over by Seam's clock is not, once that is right again.
func TestSeamsClockGoesWrongAndRight(t *testing.T) {
	for name, before := range map[string]bool{"before the code is there": true, "while the code works": false} {
		t.Run(name, func(t *testing.T) {
			c := newClocks(t)
			c.Code("guest", testworld.Scheduled(c.Clock.Now().Add(-time.Hour), c.Clock.Now().Add(12*time.Hour)))
			if !before {
				c.rest("guest", time.Hour)
				c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			}
			c.seamIsOff(24 * time.Hour)
			c.pass(kube.SlowLook + time.Minute)
			c.rest("guest", time.Hour)
			c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			c.seamIsOff(0)
			c.rest("guest", 3*time.Hour)
			c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			c.Live(sim.SeedNativeLockID)
		})
	}
}

// TestDatesThatAreNone: a proxy whose clock was never set, or is set to anything, opens and closes no window.
func TestDatesThatAreNone(t *testing.T) {
	for _, date := range []string{
		"Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Tue, 01 Jan 2019 00:00:00 GMT", "tomorrow", "",
	} {
		t.Run(date, func(t *testing.T) {
			t.Parallel()
			c := newClocks(t)
			c.dated = func(time.Time) string { return date }
			now := c.Clock.Now()
			c.Code("guest", testworld.Scheduled(now.Add(-time.Hour), now.Add(48*time.Hour)))
			c.Code("ahead", func(code *v1alpha1.AccessCode) {
				testworld.Scheduled(now.Add(24*time.Hour), now.Add(48*time.Hour))(code)
				code.Spec.Code = "135791"
			})
			for range 2 {
				c.rest("guest", time.Hour)
				c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				c.rest("ahead", time.Hour)
				c.Expect("ahead", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			}
			if c.Calls("/access_codes/create") != 2 || c.Calls("/access_codes/delete") != 0 {
				t.Errorf("calls %v", c.Sim.Requests().ByPath)
			}
		})
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestWindowsAtOddTimes: a window is two moments, however they are written.
func TestWindowsAtOddTimes(t *testing.T) {
	for _, test := range []struct{ name, starts, ends string }{
		{"a leap day", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"},
		{"a leap day that is another day elsewhere", "2028-02-29T13:00:00+14:00", "2028-02-28T23:30:00-12:00"},
		{"the hour that is not there in spring", "2027-03-28T01:59:00+01:00", "2027-03-28T03:01:00+02:00"},
		{"the hour that is there twice in autumn", "2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"},
		{"the turn of the year at both ends of the world", "2028-01-01T00:00:00+14:00", "2027-12-31T23:59:00-11:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			starts, ends := instant(t, test.starts), instant(t, test.ends)
			c := newClocks(t)
			c.pass(starts.Add(-24 * time.Hour).Sub(c.Clock.Now()))
			c.Code("guest", testworld.Scheduled(starts, ends))
			c.rest("guest", time.Hour)
			c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonScheduled)
			code := c.Live(sim.SeedNativeLockID)
			if !instant(t, *code.StartsAt).Equal(starts) || !instant(t, *code.EndsAt).Equal(ends) {
				t.Errorf("at Seam from %s to %s", *code.StartsAt, *code.EndsAt)
			}
			c.pass(starts.Add(-time.Minute).Sub(c.Clock.Now()))
			c.rest("guest", 2*time.Minute)
			c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			c.pass(ends.Add(time.Minute).Sub(c.Clock.Now()))
			c.rest("guest", 2*time.Hour)
			c.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonExpired)
			if n := c.Calls("/access_codes/update") + c.Calls("/access_codes/create"); n != 1 {
				t.Errorf("%d calls, want one create", n)
			}
		})
	}
}
