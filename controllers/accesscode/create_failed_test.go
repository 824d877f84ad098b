// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/sim"
	"github.com/access-codes/access-code-operator/test/testworld"
)

// until reconciles an AccessCode as the queue does, the moments after errors included, until done, and returns how long
// that took.
func (w *world) until(name string, done func(*v1alpha1.AccessCode) bool) time.Duration {
	w.T.Helper()
	began, retry := w.Clock.Now(), kube.BackoffBase
	for range 60 {
		result, err := w.Reconcile(name)
		if done(w.Get(name)) {
			return w.Clock.Now().Sub(began)
		}
		after := result.RequeueAfter
		if err != nil {
			after, retry = retry, min(2*retry, kube.BackoffLimit)
		} else {
			retry = kube.BackoffBase
		}
		w.Step(after)
	}
	w.T.Fatalf("AccessCode %q does not get there: %+v", name, w.Get(name).Status)
	return 0
}

func isReady(code *v1alpha1.AccessCode) bool {
	return kube.VerdictOf(kube.ReadyReason(code.Status.Conditions)) == kube.Ready && len(code.Status.Conditions) > 0
}

func isRecorded(code *v1alpha1.AccessCode) bool { return code.Status.AccessCodeID != "" }

// TestCreateThatFailedIsMadeAgain: how soon depends on whether Seam itself has said that it failed.
func TestCreateThatFailedIsMadeAgain(t *testing.T) {
	const own = `{"error":{"type":"internal_server_error","message":"m","request_id":"r1"},"ok":false}`
	const soonEnough, minute = 15 * time.Second, 65 * time.Second
	tests := map[string]struct {
		fault  sim.Fault
		within time.Duration
	}{
		"500 of Seam's own":            {sim.Fault{Kind: sim.FaultStatus, Status: 500}, soonEnough},
		"503 of Seam's own":            {sim.Fault{Kind: sim.FaultStatus, Status: 503, Body: own}, soonEnough},
		"500 of a gateway":             {sim.Fault{Kind: sim.FaultStatus, Status: 500, Body: "<html>"}, minute},
		"503 of a gateway":             {sim.Fault{Kind: sim.FaultStatus, Status: 503, Body: "down"}, minute},
		"502, whatever is in it":       {sim.Fault{Kind: sim.FaultStatus, Status: 502, Body: own}, minute},
		"504, whatever is in it":       {sim.Fault{Kind: sim.FaultStatus, Status: 504, Body: own}, minute},
		"the connection cut":           {sim.Fault{Kind: sim.FaultDrop}, minute},
		"something that is not Seam's": {sim.Fault{Kind: sim.FaultGarbage}, minute},
	}
	for name, tt := range tests {
		for pinName, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
			t.Run(name+", PIN "+pinName, func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				tt.fault.Path = "/access_codes/create"
				w.Order(tt.fault)
				w.Code("guest", edit)
				took := w.until("guest", isRecorded)
				if took > tt.within || tt.within == minute && took < time.Minute {
					t.Errorf("made again after %v", took)
				}
				if creates, looks := w.Calls("/access_codes/create"), w.Calls("/access_codes/list"); creates != 2 || looks < 2 {
					t.Errorf("%d creates, %d looks", creates, looks)
				}
				w.Live(sim.SeedNativeLockID)
			})
		}
	}
}

// TestCreateThatFailedAfterAll is about a create that Seam answers with an error of its own although it has taken effect:
// it is found before another is made.
func TestCreateThatFailedAfterAll(t *testing.T) {
	for name, edit := range map[string]func(*v1alpha1.AccessCode){
		"given": nil, "chosen": testworld.Chosen, "of the provider": func(c *v1alpha1.AccessCode) {
			testworld.Chosen(c)
			c.Spec.DeviceID = sim.SeedProviderPINLockID
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			through := w.Seam
			w.Seam = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/access_codes/create" {
					through.ServeHTTP(rw, r)
					return
				}
				w.Sim.ServeHTTP(httptest.NewRecorder(), r)
				rw.Header().Set("Seam-Request-Id", "r1")
				rw.WriteHeader(http.StatusInternalServerError)
				_, _ = rw.Write([]byte(`{"error":{"type":"internal_server_error","message":"m"},"ok":false}`))
			})
			w.Connected()
			w.Code("guest", edit)
			if took := w.until("guest", isRecorded); took > 5*time.Second {
				t.Errorf("found after %v", took)
			}
			if n := w.Calls("/access_codes/create"); n != 1 {
				t.Errorf("%d creates", n)
			}
			w.Live(w.Get("guest").Spec.DeviceID)
		})
	}
}

// TestSeamThatFailsForLong is not asked ever faster: creates that fail come further and further apart.
func TestSeamThatFailsForLong(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 500, Times: -1})
	w.Code("guest", nil)
	began := w.Clock.Now()
	w.until("guest", func(*v1alpha1.AccessCode) bool { return w.Clock.Now().Sub(began) > 10*time.Minute })
	if n := w.Calls("/access_codes/create"); n < 5 || n > 14 {
		t.Errorf("%d creates in ten minutes", n)
	}
	w.Sim.ClearFaults()
	if took := w.until("guest", isReady); took > 70*time.Second {
		t.Errorf("set %v after Seam was well", took)
	}
	w.Live(sim.SeedNativeLockID)
}

// TestRestartWhileACreateIsPending: a new leader knows of no answer, waits until the minute is over and not longer.
func TestRestartWhileACreateIsPending(t *testing.T) {
	for name, fault := range map[string]sim.Fault{"no answer": {Kind: sim.FaultDrop}, "Seam's own": {Kind: sim.FaultStatus, Status: 500}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Connected()
			fault.Path = "/access_codes/create"
			w.Order(fault)
			w.Code("guest", nil)
			if _, err := w.Reconcile("guest"); err == nil {
				t.Fatal("the create did not fail")
			}
			const failover = 17 * time.Second
			w.Step(failover)
			w.Restart()
			if took := failover + w.until("guest", isReady); took < time.Minute || took > 70*time.Second {
				t.Errorf("set after %v", took)
			}
			w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			w.Live(sim.SeedNativeLockID)
		})
	}
}

// TestRefusedAndUnrecordedWithinASecond: that one try was refused says nothing about the next, even in the same second.
func TestRefusedAndUnrecordedWithinASecond(t *testing.T) {
	lost := errors.New("the API server went away")
	for _, answered := range []bool{true, false} {
		for name, edit := range map[string]func(*v1alpha1.AccessCode){"given": nil, "chosen": testworld.Chosen} {
			t.Run(fmt.Sprintf("PIN %s, answered %t", name, answered), func(t *testing.T) {
				w := newWorld(t)
				w.Connected()
				w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultStatus, Status: 400, ErrorType: "invalid_input"})
				fail := false
				w.Operators = interceptor.NewClient(w.Client, interceptor.Funcs{
					SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
						if fail {
							return lost
						}
						return c.SubResource(sub).Patch(ctx, o, p, opts...)
					},
				})
				w.Restart()
				w.Code("guest", edit)
				w.Look("guest", 0)
				if !answered {
					w.Order(sim.Fault{Path: "/access_codes/create", Kind: sim.FaultLoseResponse})
				}
				fail = answered
				if _, err := w.Reconcile("guest"); err == nil {
					t.Fatal("the second create did not fail")
				}
				fail = false
				w.Settle("guest")
				code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
				if id := w.Live(sim.SeedNativeLockID).AccessCodeID; id != code.Status.AccessCodeID {
					t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
				}
			})
		}
	}
}
