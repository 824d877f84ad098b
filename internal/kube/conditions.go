// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// MaxID is the length, in bytes, of the longest id that a status can hold.
const MaxID = 128

// MaxMessage is how many characters of a message are kept.
const MaxMessage = 300

// Verdict is what a reason means in terms of kstatus, which Flux, Argo CD and kubectl wait read.
type Verdict int

const (
	// Ready means that nothing is left to do.
	Ready Verdict = iota
	// Reconciling means that work goes on, or is tried again.
	Reconciling
	// Stalled means that a person has to act.
	Stalled
	// Idle means that the object was suspended before anything was done.
	Idle
)

// VerdictOf returns the verdict of a reason of the Ready condition. An unknown reason counts as Reconciling.
func VerdictOf(reason string) Verdict {
	switch reason {
	case v1alpha1.ReasonSet, v1alpha1.ReasonScheduled, v1alpha1.ReasonExpired, v1alpha1.ReasonConnected:
		return Ready
	case v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonDeviceNotFound,
		v1alpha1.ReasonCodeConflict, v1alpha1.ReasonSecretConflict, v1alpha1.ReasonUpdateNotSupported, v1alpha1.ReasonRemovalNotSupported,
		v1alpha1.ReasonBackupNotSupported, v1alpha1.ReasonNotConverging, v1alpha1.ReasonTimeZoneUnknown,
		v1alpha1.ReasonUnauthorized, v1alpha1.ReasonInvalidToken, v1alpha1.ReasonEndpointNotAllowed:
		return Stalled
	case v1alpha1.ReasonSuspended:
		return Idle
	default:
		return Reconciling
	}
}

// SetConditions sets the conditions to a reason, in terms of kstatus: Ready is always there, Reconciling and Stalled only while
// they are true.
func SetConditions(conditions *[]metav1.Condition, generation int64, reason, message string, now time.Time) {
	message = redact.Truncate(message, MaxMessage)
	set := func(conditionType string, status metav1.ConditionStatus) {
		apimeta.SetStatusCondition(conditions, metav1.Condition{
			Type: conditionType, Status: status, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now),
		})
	}
	only := func(present, absent string) {
		set(v1alpha1.ConditionReady, metav1.ConditionFalse)
		apimeta.RemoveStatusCondition(conditions, absent)
		set(present, metav1.ConditionTrue)
	}
	switch VerdictOf(reason) {
	case Ready:
		apimeta.RemoveStatusCondition(conditions, v1alpha1.ConditionReconciling)
		apimeta.RemoveStatusCondition(conditions, v1alpha1.ConditionStalled)
		set(v1alpha1.ConditionReady, metav1.ConditionTrue)
	case Reconciling:
		only(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
	case Stalled:
		only(v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling)
	case Idle: // no reconcile ends so: see reconcileSuspended
	}
}

// KeptMessage returns the message of a failure that is tried again. While the same failure lasts, it keeps the message that the
// condition has: each try has another request id, and a message that differs would be written to the API server.
func KeptMessage(conditions []metav1.Condition, generation int64, reason, message string, err error) string {
	last := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if err != nil && last != nil && last.Reason == reason && last.ObservedGeneration == generation {
		return last.Message
	}
	return message
}

// UnavailableMessage is the message for a call that Seam did not answer, or answered with an error of its own. It quotes the
// request id, for which Seam's support asks.
func UnavailableMessage(err error) string {
	message := err.Error()
	if failure, ok := errors.AsType[*seam.Error](err); ok && failure.RequestID != "" {
		message = redact.Truncate(message, MaxMessage-maxRequestID) + " (request " + redact.Truncate(redact.Text(failure.RequestID), maxRequestID-len(" (request )")) + ")"
	}
	return message
}

// maxRequestID is how many characters of a message are reserved for the request id.
const maxRequestID = 64

// ReadyReason is the reason of the Ready condition, "" when there is none yet.
func ReadyReason(conditions []metav1.Condition) string {
	if c := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionReady); c != nil {
		return c.Reason
	}
	return ""
}

// ReadyMessage is the message of the Ready condition, "" when there is none yet.
func ReadyMessage(conditions []metav1.Condition) string {
	if c := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionReady); c != nil {
		return c.Message
	}
	return ""
}
