// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// nameless takes the lock's name out of status, as an earlier version left it.
func (w *world) nameless(name string) {
	w.T.Helper()
	code := w.Get(name)
	code.Status.DeviceName = ""
	if err := w.Client.Status().Update(w.T.Context(), code); err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) deviceCalls() int { return w.Calls("/devices/get") + w.Calls("/devices/list") }

func TestStatusNamesTheLock(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	if got := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.DeviceName; got != "Front Door" {
		t.Errorf("the lock is called %q", got)
	}
}

// A spec that the lock can't carry out is the one whose owner looks for the lock.
func TestStatusNamesTheLockOfARefusedSpec(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedSixDigitLockID, "12345" })
	w.Settle("guest")
	if got := w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec).Status.DeviceName; got != "Pool House" {
		t.Errorf("the lock is called %q", got)
	}
}

// What an earlier version left gets its name at the next look, at one call for the lock and no write to Seam.
func TestLockOfSettledCodesIsNamedByOneCall(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	names := []string{"first", "second", "third"}
	for i, name := range names {
		w.Code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = []string{"482913", "571024", "660135"}[i] })
		w.Settle(name)
		w.nameless(name)
	}
	w.Restart()
	before, writes := w.deviceCalls(), w.Calls("/access_codes/update")+w.Calls("/access_codes/create")
	for range 2 {
		for _, name := range names {
			w.Settle(name)
		}
	}
	for _, name := range names {
		if got := w.Get(name).Status.DeviceName; got != "Front Door" {
			t.Errorf("the lock of %s is called %q", name, got)
		}
	}
	if got := w.deviceCalls() - before; got != 1 {
		t.Errorf("%d calls about one lock", got)
	}
	if got := w.Calls("/access_codes/update") + w.Calls("/access_codes/create"); got != writes {
		t.Errorf("%d writes to Seam for a name", got-writes)
	}
	// Once it is known it is not asked for again.
	w.Restart()
	before = w.deviceCalls()
	w.Settle("first")
	if got := w.deviceCalls() - before; got != 0 {
		t.Errorf("%d calls for a name that is known", got)
	}
}

// A name that can't be had takes nothing from a code that works, and is not asked for at each look.
func TestCodeWorksWithoutTheNameOfItsLock(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	w.nameless("guest")
	w.Restart()
	asked := 0
	answer := w.Seam
	w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/devices/") {
			asked++
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer.ServeHTTP(rw, r)
	})
	for range 5 {
		if _, err := w.Reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.Step(time.Minute)
	}
	w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	first := asked
	w.Seam = answer
	w.Step(accesscode.NameRetry)
	w.Settle("guest")
	if got := w.Get("guest").Status.DeviceName; got != "Front Door" || first == 0 || first > 3 {
		t.Errorf("the lock is called %q, after %d tries in vain", got, first)
	}
}

func TestDeviceName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 300)
	for name, tc := range map[string]struct {
		device seam.Device
		want   string
	}{
		"what Seam shows comes first":  {seam.Device{DisplayName: "Front Door", Nickname: "front"}, "Front Door"},
		"then a nickname":              {seam.Device{Nickname: "front"}, "front"},
		"then the maker's":             {seam.Device{Properties: seam.DeviceProperties{Name: "August 7"}}, "August 7"},
		"a room's number is no PIN":    {seam.Device{DisplayName: "Door 1204"}, "Door 1204"},
		"one line":                     {seam.Device{DisplayName: " Front\nDoor\x1b "}, "Front Door"},
		"no name":                      {seam.Device{DisplayName: "\n"}, ""},
		"no longer than status may be": {seam.Device{DisplayName: long}, strings.Repeat("ä", accesscode.MaxDeviceName-1) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := accesscode.DeviceName(&tc.device)
			if got != tc.want || utf8.RuneCountInString(got) > accesscode.MaxDeviceName {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
