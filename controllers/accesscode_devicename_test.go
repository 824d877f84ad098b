// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/seam"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// nameless takes the lock's name out of status, as an earlier version left it.
func (w *world) nameless(name string) {
	w.t.Helper()
	code := w.get(name)
	code.Status.DeviceName = ""
	if err := w.client.Status().Update(w.t.Context(), code); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deviceCalls() int { return w.calls("/devices/get") + w.calls("/devices/list") }

func TestStatusNamesTheLock(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	if got := w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet).Status.DeviceName; got != "Front Door" {
		t.Errorf("the lock is called %q", got)
	}
}

// A spec that the lock can't carry out is the one whose owner looks for the lock.
func TestStatusNamesTheLockOfARefusedSpec(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Spec.Code = sim.SeedSixDigitLockID, "12345" })
	w.settle("guest")
	if got := w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec).Status.DeviceName; got != "Pool House" {
		t.Errorf("the lock is called %q", got)
	}
}

// What an earlier version left gets its name at the next look, at one call for the lock and no write to Seam.
func TestLockOfSettledCodesIsNamedByOneCall(t *testing.T) {
	w := newWorld(t)
	w.connected()
	names := []string{"first", "second", "third"}
	for i, name := range names {
		w.code(name, func(c *v1alpha1.AccessCode) { c.Spec.Code = []string{"482913", "571024", "660135"}[i] })
		w.settle(name)
		w.nameless(name)
	}
	w.restart()
	before, writes := w.deviceCalls(), w.calls("/access_codes/update")+w.calls("/access_codes/create")
	for range 2 {
		for _, name := range names {
			w.settle(name)
		}
	}
	for _, name := range names {
		if got := w.get(name).Status.DeviceName; got != "Front Door" {
			t.Errorf("the lock of %s is called %q", name, got)
		}
	}
	if got := w.deviceCalls() - before; got != 1 {
		t.Errorf("%d calls about one lock", got)
	}
	if got := w.calls("/access_codes/update") + w.calls("/access_codes/create"); got != writes {
		t.Errorf("%d writes to Seam for a name", got-writes)
	}
	// Once it is known it is not asked for again.
	w.restart()
	before = w.deviceCalls()
	w.settle("first")
	if got := w.deviceCalls() - before; got != 0 {
		t.Errorf("%d calls for a name that is known", got)
	}
}

// A name that can't be had takes nothing from a code that works, and is not asked for at each look.
func TestCodeWorksWithoutTheNameOfItsLock(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	w.nameless("guest")
	w.restart()
	asked := 0
	answer := w.seam
	w.seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/devices/") {
			asked++
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		answer.ServeHTTP(rw, r)
	})
	for range 5 {
		if _, err := w.reconcile("guest"); err != nil {
			t.Fatal(err)
		}
		w.step(time.Minute)
	}
	w.expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
	first := asked
	w.seam = answer
	w.step(nameRetry)
	w.settle("guest")
	if got := w.get("guest").Status.DeviceName; got != "Front Door" || first == 0 || first > 3 {
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
		"no longer than status may be": {seam.Device{DisplayName: long}, strings.Repeat("ä", maxDeviceName-1) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := deviceName(&tc.device)
			if got != tc.want || utf8.RuneCountInString(got) > maxDeviceName {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
