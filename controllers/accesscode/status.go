// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// maxIssues is how many errors, and warnings, of Seam's are kept.
const maxIssues = 16

// statusAfter computes the status from the result of a reconcile. It is pure.
func statusAfter(code *v1alpha1.AccessCode, res result, now time.Time) v1alpha1.AccessCodeStatus {
	status := *code.Status.DeepCopy()
	apimeta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionSuspended)
	reason, message := res.conditionText()
	kube.SetConditions(&status.Conditions, code.Generation, reason, kube.KeptMessage(code.Status.Conditions, code.Generation, reason, message, res.err), now)
	status.ObservedGeneration = observedGeneration(code, res)
	if value, ok := code.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]; ok {
		status.LastHandledReconcileAt = redact.Truncate(value, maxEcho)
	}
	// Without a code the lock's name alone is worth no write: it would depend on what others have asked for by then.
	if res.remote != nil || !equality.Semantic.DeepEqual(status.Conditions, code.Status.Conditions) {
		status.DeviceName = cmp.Or(res.deviceName, status.DeviceName)
	}
	if res.pin.ref != nil && res.pin.value != "" {
		status.CodeSecretRef = res.pin.ref
	} else if code.Spec.Code != "" {
		status.CodeSecretRef = nil
	}
	switch {
	case res.remote != nil:
		observed(&status, res.remote)
	case res.gone:
		status.State, status.Errors, status.Warnings = "", nil, nil
		endedEarly(&status, code, res.reason, now)
	}
	status.BackupCode = backupAfter(code, res)
	windowsAfter(&status, code, res)
	pinChangeAfter(&status, res)
	if res.yielded {
		status = yieldedStatus(status)
	}
	return status
}

// yieldedStatus is a status without what it says of a code.
func yieldedStatus(status v1alpha1.AccessCodeStatus) v1alpha1.AccessCodeStatus {
	return v1alpha1.AccessCodeStatus{
		ObservedGeneration: status.ObservedGeneration, Conditions: status.Conditions, DeviceName: status.DeviceName,
		CodeSecretRef: status.CodeSecretRef, LastHandledReconcileAt: status.LastHandledReconcileAt,
	}
}

// pinChangeAfter tells when another PIN was last chosen, and which request for one was handled.
func pinChangeAfter(status *v1alpha1.AccessCodeStatus, res result) {
	if chosen := statusTime(&res.history.chosenAt); chosen != nil && (status.PINChangedAt == nil || chosen.After(status.PINChangedAt.Time)) {
		status.PINChangedAt = chosen
	}
	status.LastHandledRotation = cmp.Or(res.renewal, status.LastHandledRotation)
}

// windowsAfter tells of the present or next window, and of the one after that. Once all are past, none is told of.
func windowsAfter(status *v1alpha1.AccessCodeStatus, code *v1alpha1.AccessCode, res result) {
	switch {
	case code.Spec.Schedule == nil, res.reason == v1alpha1.ReasonExpired:
		status.Window, status.NextWindow = nil, nil
	case res.windows != nil:
		status.Window, status.NextWindow = windowStatus(res.windows.current), windowStatus(res.windows.next)
	}
}

// endedEarly puts the window of the spec in the place of the one that Seam reported last, where that was cut short: the
// code is gone, and its end is not ahead.
func endedEarly(status *v1alpha1.AccessCodeStatus, code *v1alpha1.AccessCode, reason string, now time.Time) {
	window := windowOf(code)
	if reason != v1alpha1.ReasonExpired || window == nil || status.EndsAt == nil || !status.EndsAt.After(now) {
		return
	}
	status.EndsAt = statusTime(&window.EndsAt)
	if status.StartsAt != nil && status.StartsAt.After(window.EndsAt) {
		status.StartsAt = statusTime(&window.StartsAt)
	}
}

// observedGeneration is the generation of the spec that was carried out, or found impossible. Where changes made elsewhere may
// stand, it also tells them from our own: while it lags, a difference is a change of ours that has not arrived. So Seam has to
// show our change first, whatever it has answered to the call. It is stored, so that a restart does not lose it.
func observedGeneration(code *v1alpha1.AccessCode, res result) int64 {
	observed := code.Status.ObservedGeneration
	underWay := kube.VerdictOf(res.reason) == kube.Reconciling && code.DeletionTimestamp.IsZero()
	switch {
	case underWay && tracksArrival(code) && !res.arrived && (res.resent || !applied(code)):
		return min(observed, code.Generation-1)
	case carriesOut(res.reason) && !res.refusedForNow:
		return code.Generation
	}
	return observed
}

// applied says that Seam has had the present spec.
func applied(code *v1alpha1.AccessCode) bool {
	reason := kube.ReadyReason(code.Status.Conditions)
	// Of a code that is at Seam, a conflict of its Secret does not stop the rest.
	goesOn := kube.VerdictOf(reason) != kube.Stalled || reason == v1alpha1.ReasonSecretConflict && code.Status.AccessCodeID != ""
	return code.Status.ObservedGeneration == code.Generation && goesOn
}

// tracksArrival says that a difference between the spec and the code at Seam may have to stand, as one that was made
// elsewhere, or by the provider of an offline code.
func tracksArrival(code *v1alpha1.AccessCode) bool {
	return ptr.Deref(code.Spec.AllowExternalModification, false) || code.Spec.Offline != nil
}

// carriesOut says whether a reconcile that ends with this reason has carried the spec to Seam, or found that it can't
// be: not while it waits to be let through.
func carriesOut(reason string) bool {
	switch reason {
	case v1alpha1.ReasonSecretNotFound, v1alpha1.ReasonWorkspaceNotReady, v1alpha1.ReasonRateLimited, v1alpha1.ReasonAPIUnavailable,
		v1alpha1.ReasonWaitingForPIN:
		return false
	}
	return true
}

// backupAfter computes what status says of the backup code.
func backupAfter(code *v1alpha1.AccessCode, res result) *v1alpha1.BackupCodeStatus {
	backup := code.Status.BackupCode.DeepCopy()
	if backup == nil {
		backup = &v1alpha1.BackupCodeStatus{}
	}
	if res.remote != nil {
		backup.Available = nil
		if code.Spec.Backup != nil {
			backup.Available = &res.remote.IsBackupAccessCodeAvailable
		}
	}
	if res.backup != nil {
		backup.AccessCodeID = res.backup.AccessCodeID
		backup.State = word(res.backup.Status)
	}
	if res.noBackup {
		backup.State = ""
	}
	if res.backupRef != nil {
		backup.SecretRef = res.backupRef
	}
	if res.pulled != "" {
		backup.LastHandledPull = res.pulled
	}
	if *backup == (v1alpha1.BackupCodeStatus{}) {
		return nil
	}
	return backup
}

// maxEcho is how much of an annotation's value is echoed.
const maxEcho = 256

func observed(status *v1alpha1.AccessCodeStatus, remote *seam.AccessCode) {
	status.AccessCodeID = remote.AccessCodeID
	status.WorkspaceID = remote.WorkspaceID
	status.State = word(remote.Status)
	status.Type = word(remote.Type)
	status.StartsAt, status.EndsAt = statusTime(remote.StartsAt), statusTime(remote.EndsAt)
	status.Errors, status.Warnings = nil, nil
	for _, issue := range ordered(remote.Errors) {
		status.Errors = append(status.Errors, v1alpha1.AccessCodeError{
			Code: redact.Truncate(issue.ErrorCode, maxIssueCode), Scope: string(issue.Scope()),
			Message: redact.Truncate(issue.Message, kube.MaxMessage), CreatedAt: statusTime(issue.CreatedAt),
		})
	}
	for _, issue := range ordered(remote.Warnings) {
		status.Warnings = append(status.Warnings, v1alpha1.AccessCodeWarning{
			Code:    redact.Truncate(issue.WarningCode, maxIssueCode),
			Message: redact.Truncate(issue.Message, kube.MaxMessage), CreatedAt: statusTime(issue.CreatedAt),
		})
	}
}

// word is one of Seam's words, passed through as it is unless it is no word.
func word(s string) string { return redact.Truncate(redact.Text(s), maxWord) }

// maxWord is how much of one of Seam's words is kept.
const maxWord = 64

// maxIssueCode is how much of an error code of Seam's is kept.
const maxIssueCode = 128

// ordered sorts issues by code and message, whatever order Seam gives them in, and keeps the first ones. An issue
// without a code can't be shown.
func ordered(issues []seam.Issue) []seam.Issue {
	sorted := slices.DeleteFunc(slices.Clone(issues), func(i seam.Issue) bool { return i.Code() == "" })
	slices.SortStableFunc(sorted, func(a, b seam.Issue) int {
		return cmp.Or(cmp.Compare(a.Code(), b.Code()), cmp.Compare(a.Message, b.Message))
	})
	return sorted[:min(len(sorted), maxIssues)]
}

// statusTime is a time as it comes back from the API server: in whole seconds.
func statusTime(t *time.Time) *metav1.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	whole := metav1.NewTime(*t).Rfc3339Copy()
	return &whole
}
