// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"fmt"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// TestEventsOfACodeThatFlaps: each change would be an Event, and each Event is an object at the API server.
func TestEventsOfACodeThatFlaps(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", nil)
	w.settle("guest")
	before := len(w.recorded())
	const flaps, pause = 10_000, 3 * time.Second
	events := 0
	code := w.get("guest")
	for i := range flaps {
		o := outcome{reason: v1alpha1.ReasonSet, message: "The code works on the lock", after: time.Second}
		if i%2 == 0 {
			o = outcome{reason: v1alpha1.ReasonDeviceError, message: fmt.Sprintf("Odd error %d", i), after: time.Second}.warning(eventUpdateFailed)
		}
		last := code.DeepCopy()
		code.Status = statusAfter(code, o, w.clock.Now())
		w.codes.recordChange(last, code, o)
		w.step(pause)
		events += len(w.recorded())
	}
	if most := maxEvents + int(flaps*pause/eventInterval) + 1; events > most || events < maxEvents-before {
		t.Errorf("%d Events, want at most %d", events, most)
	}
	// Another has its own.
	w.code("other", func(c *v1alpha1.AccessCode) { c.Spec.Code = "135791" })
	w.settle("other")
	w.expect("other", metav1.ConditionTrue, v1alpha1.ReasonSet)
	if len(w.recorded()) == 0 {
		t.Error("no Event of another AccessCode")
	}
	w.delete(&v1alpha1.AccessCode{}, "guest")
	w.settle("guest")
	w.step(time.Hour)
	if n := len(w.codes.memory.told); n != 1 {
		t.Errorf("%d AccessCodes are remembered, want the one that is left", n)
	}
}
