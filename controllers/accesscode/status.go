// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/redact"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// maxIssues is how many errors, and warnings, of Seam's are kept.
const maxIssues = 16

// report writes the status where it differs, records Events, and says when to look again.
func (r *Reconciler) report(ctx context.Context, current *scope, res result) (ctrl.Result, error) {
	code := current.code
	switch err := res.unreported(); {
	case apierrors.IsConflict(err):
		// Something was changed since it was read: a newer version is on its way.
		return ctrl.Result{RequeueAfter: kube.Soon}, nil
	case err != nil:
		return ctrl.Result{}, err
	case res.released:
		r.record(code, res.event)
		r.tracker.forget(client.ObjectKeyFromObject(code))
		r.enqueueWaiting(ctx, code)
		return ctrl.Result{}, nil
	}
	r.measure(current, res)
	current.history.notePINSource(res)
	r.tracker.keep(code, current.history)
	current.expectLook(res)
	res = r.checkSuspected(code, res)
	if r.silent(ctx, current, res) {
		return ctrl.Result{RequeueAfter: res.after}, errors.Join(res.err, r.resume(ctx, code))
	}
	before := code.DeepCopy()
	res.message = messageOf(code, res.message)
	res.deviceName = current.lockName()
	code.Status = statusAfter(code, res, r.Clock.Now())
	if !equality.Semantic.DeepEqual(before.Status, code.Status) {
		// With a lock: a replica that was frozen and no longer leads must not put back what it saw. Where the spec was
		// edited meanwhile, nothing is lost but a look: the intention leads to what was created.
		err := kube.PatchStatus(ctx, r, code, before)
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: kube.Soon}, nil
		}
		if apierrors.IsInvalid(err) && kube.UnreadableSpec(before.Undecodable) != "" {
			// The API server takes nothing but a better spec. That is said where it can be said.
			if res.reason == v1alpha1.ReasonInvalidSpec {
				r.record(code, &eventRecord{warning: true, reason: res.reason, action: kube.ActionObserve, message: res.message})
			}
			return ctrl.Result{RequeueAfter: res.after}, res.err
		}
		if err != nil {
			return ctrl.Result{}, fmt.Errorf("writing status of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
		}
	}
	r.recordChange(before, code, res)
	r.afterReport(ctx, before, code, res)
	return ctrl.Result{RequeueAfter: res.after}, res.err
}

// deletionHint is for who applies a booking again while the object of before is on its way out, which the API server takes
// without a word.
const deletionHint = ". What is applied now goes with it: apply it again afterwards"

// messageOf is what is told of an AccessCode: of one that is being deleted, also what that means for what is applied to it.
func messageOf(code *v1alpha1.AccessCode, message string) string {
	if code.DeletionTimestamp.IsZero() {
		return message
	}
	end := deletionHint
	if rest, ok := strings.CutSuffix(message, orphanRemedy); ok {
		message, end = rest, orphanRemedy+deletionHint // what to do must not be cut off
	}
	return redact.Truncate(message, kube.MaxMessage-len(end)) + end
}

func (r *Reconciler) recordChange(before, code *v1alpha1.AccessCode, res result) {
	reason, _ := res.conditionText()
	changed := kube.ReadyReason(before.Status.Conditions) != reason
	if created := res.event != nil && res.event.action == kube.ActionCreate; !created && res.remote != nil && res.remote.AccessCodeID != before.Status.AccessCodeID {
		r.record(code, &eventRecord{reason: eventAdopted, action: kube.ActionObserve, message: "Found the code at Seam and recorded it"})
	}
	if res.event != nil && (!res.event.onChange || changed || kube.ReadyMessage(before.Status.Conditions) != kube.ReadyMessage(code.Status.Conditions)) {
		r.record(code, res.event)
	}
	if changed {
		r.record(code, eventOf(before, code, reason, res))
	}
}

// eventOf is what to tell of a reason that is news; nil for most.
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

func (r *Reconciler) record(code *v1alpha1.AccessCode, n *eventRecord) {
	if n == nil {
		return
	}
	if !r.tracker.allowEvent(client.ObjectKeyFromObject(code), r.Clock.Now()) {
		return
	}
	r.write(code, n)
}

// write records an Event, however many there were of the AccessCode.
func (r *Reconciler) write(code *v1alpha1.AccessCode, n *eventRecord) {
	eventType := corev1.EventTypeNormal
	if n.warning {
		eventType = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(code, nil, eventType, n.reason, n.action, "%s", redact.Truncate(n.message, kube.MaxMessage))
}

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
	if res.yielded {
		status = yieldedStatus(status)
	}
	return status
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

// observedGeneration is the generation of the spec that was carried out, or found impossible. Where a difference may have
// been made elsewhere, and then stands, it is also what tells such a one from a change of ours that did not arrive: then
// Seam has to show the change first, however its call was answered. It is stored, so that a restart does not lose it.
func observedGeneration(code *v1alpha1.AccessCode, res result) int64 {
	observed := code.Status.ObservedGeneration
	underWay := kube.VerdictOf(res.reason) == kube.Reconciling && code.DeletionTimestamp.IsZero()
	switch {
	case underWay && tracksArrival(code) && !res.arrived && (res.resent || !applied(code)):
		return min(observed, code.Generation-1)
	case concluded(res.reason) && !res.refusedForNow:
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

// concluded says whether a reconcile that ends with this reason has carried the spec to Seam, or found that it can't
// be: not while it waits to be let through.
func concluded(reason string) bool {
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
