// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
)

// Reasons of Events, beside those of conditions.
const (
	eventCreated         = "Created"
	eventAdopted         = "Adopted"
	eventUpdated         = "Updated"
	eventPINRotated      = "PINRotated"
	eventRotationIgnored = "RotationIgnored" // the PIN is not the operator's to choose
	eventCodeSet         = "CodeSet"
	eventDriftCorrected  = "DriftCorrected"
	eventBackupPulled    = "BackupPulled"
	eventRemoved         = "Removed"
	eventCodeRemoved     = "CodeRemoved"    // at the end of its window
	eventScheduleInPast  = "ScheduleInPast" // nothing was created
	eventTTLIgnored      = "TTLIgnored"
	eventCreateFailed    = "CreateFailed"
	eventUpdateFailed    = "UpdateFailed"
	eventDeleteFailed    = "DeleteFailed"
	eventAdoptFailed     = "AdoptFailed"
	eventPullFailed      = "BackupPullFailed"
)

// eventRecord is an Event to record.
type eventRecord struct {
	reason, action, message string
	warning                 bool
	// onChange says that the Event is recorded the first time only, not each time that the same thing happens again.
	onChange bool
}

// warning adds a Warning Event for the step that failed, for the first of equal failures.
func (res result) warning(event string) result {
	res.event = &eventRecord{warning: true, reason: event, action: actionOf(event), message: res.message, onChange: true}
	return res
}

func actionOf(event string) string {
	switch event {
	case eventUpdateFailed:
		return kube.ActionUpdate
	case eventDeleteFailed:
		return kube.ActionDelete
	case eventAdoptFailed:
		return kube.ActionAdopt
	case eventPullFailed:
		return kube.ActionPull
	}
	return kube.ActionCreate
}

// eventWriter records the Events of AccessCodes.
type eventWriter struct {
	recorder events.EventRecorder
	tracker  *tracker
	clock    clock.PassiveClock
}

func (w eventWriter) recordChange(before, code *v1alpha1.AccessCode, res result) {
	reason, _ := res.conditionText()
	changed := kube.ReadyReason(before.Status.Conditions) != reason
	if created := res.event != nil && res.event.action == kube.ActionCreate; !created && res.remote != nil && res.remote.AccessCodeID != before.Status.AccessCodeID {
		w.record(code, &eventRecord{reason: eventAdopted, action: kube.ActionObserve, message: "Found the code at Seam and recorded it"})
	}
	if res.event != nil && (!res.event.onChange || changed || kube.ReadyMessage(before.Status.Conditions) != kube.ReadyMessage(code.Status.Conditions)) {
		w.record(code, res.event)
	}
	if changed {
		w.record(code, eventOf(before, code, reason, res))
	}
}

// eventOf is the Event for a change of reason; nil for most reasons.
func eventOf(before, code *v1alpha1.AccessCode, reason string, res result) *eventRecord {
	switch {
	case reason == v1alpha1.ReasonSet:
		return &eventRecord{reason: eventCodeSet, action: kube.ActionObserve, message: "The code works on the lock"}
	case reason == v1alpha1.ReasonSecretConflict && res.noPlace != "":
		return &eventRecord{warning: true, reason: reason, action: kube.ActionPull, message: res.noPlace}
	case reason != v1alpha1.ReasonExpired:
		return nil
	case before.Status.AccessCodeID != "":
		return &eventRecord{reason: eventCodeRemoved, action: kube.ActionObserve, message: res.message}
	case nothingCreated(code):
		return &eventRecord{reason: eventScheduleInPast, action: kube.ActionObserve, message: res.message + ". To have a code, set a later spec.schedule.endsAt"}
	}
	return nil
}

func (w eventWriter) record(code *v1alpha1.AccessCode, n *eventRecord) {
	if n == nil {
		return
	}
	if !w.tracker.allowEvent(client.ObjectKeyFromObject(code), w.clock.Now()) {
		return
	}
	w.write(code, n)
}

// write records an Event, however many there were of the AccessCode.
func (w eventWriter) write(code *v1alpha1.AccessCode, n *eventRecord) {
	eventType := corev1.EventTypeNormal
	if n.warning {
		eventType = corev1.EventTypeWarning
	}
	w.recorder.Eventf(code, nil, eventType, n.reason, n.action, "%s", redact.Truncate(n.message, kube.MaxMessage))
}
