// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/controllers/accesscode"
	"github.com/access-codes/access-code-operator/internal/sim"
)

// TestCopyOfAnObjectThatIsGone replaces an object by force with a copy of itself, annotations and all, right after its
// create: what that copy says of the earlier create leaves nothing pending, and nothing is waited for.
func TestCopyOfAnObjectThatIsGone(t *testing.T) {
	for name, test := range map[string]struct {
		device  string
		restart bool
	}{
		"the same lock":                   {device: sim.SeedNativeLockID},
		"another lock":                    {device: sim.SeedJustInTimeLockID},
		"another lock, and a new process": {device: sim.SeedJustInTimeLockID, restart: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := settled(t)
			kept := w.Get("guest")
			w.Delete(&v1alpha1.AccessCode{}, "guest")
			w.Settle("guest")
			if test.restart {
				w.Restart()
			}
			w.Code("guest", func(c *v1alpha1.AccessCode) { c.Spec.DeviceID, c.Annotations = test.device, kept.Annotations })
			began := w.Clock.Now()
			w.Settle("guest")
			code := w.Expect("guest", metav1.ConditionTrue, v1alpha1.ReasonSet)
			if id := w.Live(test.device).AccessCodeID; id != code.Status.AccessCodeID || id == kept.Status.AccessCodeID {
				t.Errorf("recorded %q, at Seam %q", code.Status.AccessCodeID, id)
			}
			if took := w.Clock.Now().Sub(began); took > 20*time.Second {
				t.Errorf("set after %v", took)
			}
			if intent := accesscode.IntentOf(code); intent == nil || intent.UID != code.UID || intent.Device != test.device {
				t.Errorf("intention %+v", intent)
			}
		})
	}
}

func TestCopyOfAnObjectDoesNotTakeItsCode(t *testing.T) {
	w := settled(t)
	annotations := w.Get("guest").Annotations
	w.Code("copy", func(c *v1alpha1.AccessCode) {
		c.Annotations = annotations
		c.Spec.DisplayName = "guest"
	})
	w.Settle("copy")
	w.Expect("copy", metav1.ConditionFalse, v1alpha1.ReasonWaitingForPIN)
	w.Delete(&v1alpha1.AccessCode{}, "copy")
	w.Settle("copy")
	w.Live(sim.SeedNativeLockID)
}
