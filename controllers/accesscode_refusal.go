// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// firstRefusalRetry is when a call is sent again that was refused for now, if nothing is heard of the lock before; later
// each time.
const firstRefusalRetry = time.Minute

// refused is for a call that Seam understood and does not carry out.
func (c *run) refused(o *outcome, event string, err error) {
	if c.refusedElsewhere(o, event, err) {
		return
	}
	// Asking again changes nothing.
	o.reason, o.after = v1alpha1.ReasonInvalidSpec, slowLook
	switch {
	case seam.IsDuplicate(err):
		o.reason, o.message = v1alpha1.ReasonCodeConflict, plan.TakenMessage
	case event == eventDeleteFailed:
		o.message += hint(c.code)
	case event == eventUpdateFailed && seam.IsRefused(err):
		o.reason = v1alpha1.ReasonUpdateNotSupported
	case event == eventAdoptFailed:
		o.reason = v1alpha1.ReasonCodeConflict
	}
}

// refusedElsewhere is for a refusal whose reason does not lie in the request: it passes by itself, or when somebody acts
// who has nothing to do with the spec.
func (c *run) refusedElsewhere(o *outcome, event string, err error) bool {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok || seam.IsDuplicate(err) || len(failure.Validation) > 0 {
		return false
	}
	refusal, ok := plan.RefusalOf(failure.Type, failure.Message)
	if !ok {
		return false
	}
	o.reason, o.after = refusal.Reason, slowLook
	o.message = fmt.Sprintf("%s (%s)", refusal.Text, failure.Type)
	if verdictOf(o.reason) == reconciling {
		o.message += fmt.Sprintf(". Seam does not take the %s until then; it is sent again by itself", wordFor(event)) + c.attemptHint(refusal.Reason)
		o.after, o.passing = c.past.refuse(), true
	}
	if event == eventDeleteFailed {
		o.message += hint(c.code)
	}
	return true
}

// attemptHint names the field that has Seam refuse what it would else accept for a lock that is away.
func (c *run) attemptHint(reason string) string {
	if reason == v1alpha1.ReasonDeviceUnreachable && !ptr.Deref(c.code.Spec.AttemptForOfflineDevice, true) {
		return ", as spec.attemptForOfflineDevice is false"
	}
	return ""
}

// away is the outcome for a lock that is known to be offline where Seam is not to try that: nothing is sent, or stored.
func (c *run) away() *outcome {
	if ptr.Deref(c.code.Spec.AttemptForOfflineDevice, true) || ptr.Deref(c.device.Properties.Online, true) {
		return nil
	}
	c.live.ForgetDevice(c.device.DeviceID) // to be asked for anew the next time
	return &outcome{
		reason: v1alpha1.ReasonDeviceUnreachable, after: c.past.refuse(), passing: true, pin: c.pin,
		message: "The lock is offline, and spec.attemptForOfflineDevice is false: the code is sent when the lock is back",
	}
}

// wordFor is what Seam did not take.
func wordFor(event string) string {
	switch event {
	case eventUpdateFailed:
		return "change"
	case eventDeleteFailed:
		return "removal"
	}
	return "code"
}

// refuse counts refusals in a row and returns when to try again.
func (r *recollection) refuse() time.Duration {
	after := min(firstRefusalRetry<<min(r.refusals, 8), slowLook)
	r.refusals++
	return after
}
