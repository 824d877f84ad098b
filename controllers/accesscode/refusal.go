// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/redact"
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
	o.reason, o.after = v1alpha1.ReasonInvalidSpec, kube.SlowLook
	switch {
	case seam.IsDuplicate(err):
		o.reason, o.message = v1alpha1.ReasonCodeConflict, plan.TakenMessage
	case event == eventDeleteFailed:
		o.message += hint(c.code)
	case event == eventUpdateFailed && seam.IsRefused(err):
		o.reason = v1alpha1.ReasonUpdateNotSupported
	case event == eventAdoptFailed:
		o.reason = v1alpha1.ReasonCodeConflict
	default:
		o.message = cmp.Or(c.refusedField(err), o.message)
	}
}

// refusedField says in the words of the spec what Seam does not take, and what to do; "" where Seam names no field.
func (c *run) refusedField(err error) string {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok {
		return ""
	}
	if failure.Type == "device_type_not_supported" {
		return fmt.Sprintf("The device does not take such a code (%s): put the id of another lock into spec.deviceID. As it can't be changed, delete this AccessCode and create another", failure.Message)
	}
	want := c.want()
	for _, field := range failure.Validation {
		words := strings.Join(field.Messages, ", ")
		switch field.Field {
		case "device_id":
			return fmt.Sprintf("spec.deviceID %q is not the id of a device (%s): an id looks like 6aae5dc8-93ba-4a5c-8b4b-9b3f7e6a1c2d, and Seam's console shows it with the device. As it can't be changed, delete this AccessCode and create another",
				redact.Truncate(c.code.Spec.DeviceID, maxQuoted), words)
		case "code":
			return fmt.Sprintf("Seam does not take the PIN in %s for this lock (%s): put another there", cmp.Or(want.PINPlace, "spec.code"), words)
		case "name":
			if want.Unnamed {
				return fmt.Sprintf("Seam does not take the name of this AccessCode, which is used as spec.displayName is left out (%s): set spec.displayName", words)
			}
			return fmt.Sprintf("Seam does not take spec.displayName (%s): change it", words)
		case "starts_at", "ends_at":
			return fmt.Sprintf("Seam does not take the window (%s): change spec.schedule", words)
		}
	}
	return ""
}

// maxQuoted is how much of a field's value a message quotes.
const maxQuoted = 40

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
	o.reason, o.after = refusal.Reason, kube.SlowLook
	o.message = fmt.Sprintf("%s (%s)", refusal.Text, failure.Type)
	if kube.VerdictOf(o.reason) == kube.Reconciling {
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

// refuse returns when to send a call again that Seam has refused for now, later each time.
func (r *recollection) refuse() time.Duration {
	return nextDelay(&r.refusals, firstRefusalRetry, kube.SlowLook)
}
