// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
)

// TestEventsOfACodeThatFlaps: each change would be an Event, and each Event is an object at the API server.
func TestEventsOfACodeThatFlaps(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", nil)
	w.Settle("guest")
	before := len(w.Recorded())
	const flaps, pause = 10_000, 3 * time.Second
	events := 0
	code := w.Get("guest")
	for i := range flaps {
		res := accesscode.NewResult(v1alpha1.ReasonSet, "The code works on the lock", time.Second)
		if i%2 == 0 {
			res = accesscode.NewResult(v1alpha1.ReasonDeviceError, fmt.Sprintf("Odd error %d", i), time.Second).Warning(accesscode.EventUpdateFailed)
		}
		last := code.DeepCopy()
		code.Status = accesscode.StatusAfter(code, res, w.Clock.Now())
		w.Codes.RecordChange(last, code, res)
		w.Step(pause)
		events += len(w.Recorded())
	}
	if most := accesscode.MaxEvents + int(flaps*pause/accesscode.EventInterval) + 1; events > most || events < accesscode.MaxEvents-before {
		t.Errorf("%d Events, want at most %d", events, most)
	}
	// Another has its own.
	w.Code("other", func(c *v1alpha1.AccessCode) { c.Spec.Code = "135791" })
	w.Settle("other")
	w.Expect("other", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if len(w.Recorded()) == 0 {
		t.Error("no Event of another AccessCode")
	}
	w.Delete(&v1alpha1.AccessCode{}, "guest")
	w.Settle("guest")
	w.Step(time.Hour)
	if n := w.Codes.Told(); n != 1 {
		t.Errorf("%d AccessCodes are remembered, want the one that is left", n)
	}
}
