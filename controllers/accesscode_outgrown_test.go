// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// A chosen PIN is in no field of the spec: what is said of it names the Secret that it is in.
func TestChosenPINThatTheLockNoLongerTakes(t *testing.T) {
	w := newWorld(t)
	w.connected()
	w.code("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code, c.Spec.CodeSecretName = "", "guest-pin" })
	w.settle("guest")
	digits := len(*w.live(sim.SeedNativeLockID).Code)
	if err := w.sim.UpdateDevice(sim.SeedNativeLockID, func(d *sim.Device) { d.SupportedCodeLengths = []int{digits + 1} }); err != nil {
		t.Fatal(err)
	}
	if err := w.sim.TakeOffLock(w.live(sim.SeedNativeLockID).AccessCodeID); err != nil {
		t.Fatal(err)
	}
	w.step(time.Hour)
	w.settle("guest")
	w.expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, `key "code" of Secret "guest-pin"`) || strings.Contains(said, "spec.code") {
		t.Errorf("the message does not name the Secret: %s", said)
	}
}
