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

// maxRefusalRetry is the longest delay before a call that was refused for now is sent again.
const maxRefusalRetry = 10 * time.Minute

// refusal is for a call that Seam understood and does not carry out.
func (s snapshot) refusal(res *result, event string, err error) {
	if externalRefusal(s.code, s.history, res, event, err) {
		return
	}
	// Asking again changes nothing.
	res.reason, res.after = v1alpha1.ReasonInvalidSpec, kube.SlowLook
	switch {
	case seam.IsDuplicate(err):
		res.reason, res.message = v1alpha1.ReasonCodeConflict, plan.TakenMessage
	case event == eventDeleteFailed:
		res.message += hint(s.code)
	case event == eventUpdateFailed && seam.IsRefused(err):
		res.reason = v1alpha1.ReasonUpdateNotSupported
	case event == eventAdoptFailed:
		res.reason = v1alpha1.ReasonCodeConflict
	default:
		res.message = cmp.Or(refusedField(s.code, s.desired, err), res.message)
	}
}

// refusedField says in the words of the spec what Seam does not take, and what to do; "" where Seam names no field.
func refusedField(code *v1alpha1.AccessCode, want plan.Desired, err error) string {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok {
		return ""
	}
	if failure.Type == "device_type_not_supported" {
		return fmt.Sprintf("The device does not take such a code (%s): put the id of another lock into spec.deviceID. As it can't be changed, delete this AccessCode and create another", failure.Message)
	}
	for _, field := range failure.Validation {
		words := strings.Join(field.Messages, ", ")
		switch field.Field {
		case "device_id":
			return fmt.Sprintf("spec.deviceID %q is not the id of a device (%s): an id looks like 6aae5dc8-93ba-4a5c-8b4b-9b3f7e6a1c2d, and Seam's console shows it with the device. As it can't be changed, delete this AccessCode and create another",
				redact.Truncate(code.Spec.DeviceID, maxQuoted), words)
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

// externalRefusal is for a refusal whose reason does not lie in the request: it passes by itself, or when somebody acts
// who has nothing to do with the spec.
func externalRefusal(code *v1alpha1.AccessCode, h history, res *result, event string, err error) bool {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok || seam.IsDuplicate(err) || len(failure.Validation) > 0 {
		return false
	}
	refusal, ok := plan.RefusalOf(failure.Type, failure.Message)
	if !ok {
		return false
	}
	res.reason, res.after = refusal.Reason, kube.SlowLook
	res.message = fmt.Sprintf("%s (%s)", refusal.Text, failure.Type)
	if kube.VerdictOf(res.reason) == kube.Reconciling {
		res.message += fmt.Sprintf(". Seam does not take the %s until then; it is sent again by itself", wordFor(event)) + attemptHint(code, refusal.Reason)
		_, res.after = h.wasRefused()
		res.refusedForNow, res.happened.refused = true, true
	}
	if event == eventDeleteFailed {
		res.message += hint(code)
	}
	return true
}

// attemptHint names the field that has Seam refuse what it would else accept for a lock that is away.
func attemptHint(code *v1alpha1.AccessCode, reason string) string {
	if reason == v1alpha1.ReasonDeviceUnreachable && !ptr.Deref(code.Spec.AttemptForOfflineDevice, true) {
		return ", as spec.attemptForOfflineDevice is false"
	}
	return ""
}

// offlineLock is the result for a lock that is known to be offline where Seam is not to try that: nothing is sent, or stored. It
// returns false for another lock.
func offlineLock(s snapshot) (result, bool) {
	if ptr.Deref(s.code.Spec.AttemptForOfflineDevice, true) || ptr.Deref(s.device.Properties.Online, true) {
		return result{}, false
	}
	_, after := s.history.wasRefused()
	return result{
		reason: v1alpha1.ReasonDeviceUnreachable, after: after, refusedForNow: true, pin: s.pin,
		message:  "The lock is offline, and spec.attemptForOfflineDevice is false: the code is sent when the lock is back",
		happened: happened{refused: true},
	}, true
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

// removalRefused is the result where the provider does not let a code be taken off its lock, which no other try changes;
// false for a failure of another kind.
func removalRefused(s snapshot, target *seam.AccessCode, err error) (result, bool) {
	failure, ok := errors.AsType[*seam.Error](err)
	if !ok || failure.Kind != seam.Refused && failure.Kind != seam.InvalidInput {
		return result{}, false
	}
	if _, elsewhere := plan.RefusalOf(failure.Type, failure.Message); elsewhere {
		return result{}, false
	}
	deleted := !s.code.DeletionTimestamp.IsZero()
	until, after := "until it is taken off in the app of the lock's maker", kube.SlowLook
	if ends := target.EndsAt; ends != nil && ends.After(s.session.Now()) {
		until = "until " + ends.UTC().Format(time.RFC3339)
		after = min(after, ends.Sub(s.session.Now())+kube.Soon)
	}
	message := fmt.Sprintf("The provider does not let the code be taken off the lock (%s): it opens the lock %s", refusalText(failure), until)
	if deleted {
		message += ", and this AccessCode stays so long" + orphanRemedy
	}
	res := result{reason: v1alpha1.ReasonRemovalNotSupported, message: message, after: after, pin: s.pin}
	return res.warning(eventDeleteFailed), true
}

// maxRefusalText is how much of a refusal is told, so that what to do about it is not cut off.
const maxRefusalText = 80

func refusalText(failure *seam.Error) string {
	return redact.Truncate(cmp.Or(failure.Message, failure.Type), maxRefusalText)
}
