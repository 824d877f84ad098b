// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// A PIN that somebody has put into the Secret of a chosen one is in no field of the spec: what is said of it names the Secret.
// The PIN that is on the lock stays.
func TestPINOfAPersonInTheSecretOfAChosenOne(t *testing.T) {
	w := newWorld(t)
	w.Connected()
	w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.Code, c.Spec.CodeSecretName = "", "guest-pin" })
	w.Settle("guest")
	pin := *w.Live(sim.SeedNativeLockID).Code
	w.SetSecret("guest-pin", "code", "123456789012")
	w.Step(time.Hour)
	w.Settle("guest")
	w.Expect("guest", metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	if said := w.message("guest"); !strings.Contains(said, `key "code" of Secret "guest-pin"`) || strings.Contains(said, "spec.code") {
		t.Errorf("the message does not name the Secret: %s", said)
	}
	if *w.Live(sim.SeedNativeLockID).Code != pin {
		t.Error("the PIN on the lock was changed")
	}
}
