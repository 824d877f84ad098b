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
func (r *Reconciler) report(ctx context.Context, current *run, o outcome) (ctrl.Result, error) {
	code := current.code
	switch err := o.unreported(); {
	case apierrors.IsConflict(err):
		// Something was changed since it was read: a newer version is on its way.
		return ctrl.Result{RequeueAfter: kube.Soon}, nil
	case err != nil:
		return ctrl.Result{}, err
	case o.released:
		r.record(code, o.event)
		r.memory.forget(client.ObjectKeyFromObject(code))
		r.wakeWaiting(ctx, code)
		return ctrl.Result{}, nil
	}
	r.measure(current, o)
	current.past.rested(o)
	r.memory.keep(code, current.past)
	current.expectLook(o)
	o = r.checkSuspected(code, o)
	if r.silent(ctx, current, o) {
		return ctrl.Result{RequeueAfter: o.after}, errors.Join(o.err, r.resume(ctx, code))
	}
	before := code.DeepCopy()
	o.message = messageOf(code, o.message)
	o.deviceName = current.lockName()
	code.Status = statusAfter(code, o, r.Clock.Now())
	if !equality.Semantic.DeepEqual(before.Status, code.Status) {
		// With a lock: a replica that was frozen and no longer leads must not put back what it saw. Where the spec was
		// edited meanwhile, nothing is lost but a look: the intention leads to what was created.
		err := kube.PatchStatus(ctx, r, code, before)
		if apierrors.IsConflict(err) {
			return ctrl.Result{RequeueAfter: kube.Soon}, nil
		}
		if apierrors.IsInvalid(err) && kube.UnreadableSpec(before.Undecodable) != "" {
			// The API server takes nothing but a better spec. That is said where it can be said.
			if o.reason == v1alpha1.ReasonInvalidSpec {
				r.record(code, &note{warning: true, reason: o.reason, action: kube.ActionObserve, message: o.message})
			}
			return ctrl.Result{RequeueAfter: o.after}, o.err
		}
		if err != nil {
			return ctrl.Result{}, fmt.Errorf("writing status of AccessCode %q: %w", client.ObjectKeyFromObject(code), err)
		}
	}
	r.recordChange(before, code, o)
	r.afterReport(ctx, before, code, o)
	return ctrl.Result{RequeueAfter: o.after}, o.err
}

// leavingNote is for who applies a booking again while the object of before is on its way out, which the API server takes
// without a word.
const leavingNote = ". What is applied now goes with it: apply it again afterwards"

// messageOf is what is told of an AccessCode: of one that is being deleted, also what that means for what is applied to it.
func messageOf(code *v1alpha1.AccessCode, message string) string {
	if code.DeletionTimestamp.IsZero() {
		return message
	}
	end := leavingNote
	if rest, ok := strings.CutSuffix(message, orphanRemedy); ok {
		message, end = rest, orphanRemedy+leavingNote // what to do must not be cut off
	}
	return redact.Truncate(message, kube.MaxMessage-len(end)) + end
}

func (r *Reconciler) recordChange(before, code *v1alpha1.AccessCode, o outcome) {
	reason, _ := o.told()
	changed := kube.ReadyReason(before.Status.Conditions) != reason
	if created := o.event != nil && o.event.action == kube.ActionCreate; !created && o.remote != nil && o.remote.AccessCodeID != before.Status.AccessCodeID {
		r.record(code, &note{reason: eventAdopted, action: kube.ActionObserve, message: "Found the code at Seam and recorded it"})
	}
	if o.event != nil && (!o.event.onChange || changed || kube.ReadyMessage(before.Status.Conditions) != kube.ReadyMessage(code.Status.Conditions)) {
		r.record(code, o.event)
	}
	if changed {
		r.record(code, noteOf(before, code, reason, o))
	}
}

// noteOf is what to tell of a reason that is news; nil for most.
func noteOf(before, code *v1alpha1.AccessCode, reason string, o outcome) *note {
	switch {
	case reason == v1alpha1.ReasonSet:
		return &note{reason: eventCodeSet, action: kube.ActionObserve, message: "The code works on the lock"}
	case reason == v1alpha1.ReasonSecretConflict && o.noPlace != "":
		return &note{warning: true, reason: reason, action: kube.ActionPull, message: o.noPlace}
	case reason != v1alpha1.ReasonExpired:
		return nil
	case before.Status.AccessCodeID != "":
		return &note{reason: eventCodeRemoved, action: kube.ActionObserve, message: o.message}
	case nothingCreated(code):
		return &note{reason: eventScheduleInPast, action: kube.ActionObserve, message: o.message + ". To have a code, set a later spec.schedule.endsAt"}
	}
	return nil
}

func (r *Reconciler) record(code *v1alpha1.AccessCode, n *note) {
	if n == nil {
		return
	}
	if !r.memory.allowEvent(client.ObjectKeyFromObject(code), r.Clock.Now()) {
		return
	}
	r.write(code, n)
}

// write records an Event, however many there were of the AccessCode.
func (r *Reconciler) write(code *v1alpha1.AccessCode, n *note) {
	eventType := corev1.EventTypeNormal
	if n.warning {
		eventType = corev1.EventTypeWarning
	}
	r.Recorder.Eventf(code, nil, eventType, n.reason, n.action, "%s", redact.Truncate(n.message, kube.MaxMessage))
}

// statusAfter computes the status from the outcome of a reconcile. It is pure.
func statusAfter(code *v1alpha1.AccessCode, o outcome, now time.Time) v1alpha1.AccessCodeStatus {
	status := *code.Status.DeepCopy()
	apimeta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionSuspended)
	reason, message := o.told()
	kube.SetConditions(&status.Conditions, code.Generation, reason, kube.SteadyMessage(code.Status.Conditions, code.Generation, reason, message, o.err), now)
	status.ObservedGeneration = observedGeneration(code, o)
	if value, ok := code.Annotations[v1alpha1.ReconcileRequestedAtAnnotation]; ok {
		status.LastHandledReconcileAt = redact.Truncate(value, maxEcho)
	}
	// Without a code the lock's name alone is worth no write: it would depend on what others have asked for by then.
	if o.remote != nil || !equality.Semantic.DeepEqual(status.Conditions, code.Status.Conditions) {
		status.DeviceName = cmp.Or(o.deviceName, status.DeviceName)
	}
	if o.pin.ref != nil && o.pin.value != "" {
		status.CodeSecretRef = o.pin.ref
	} else if code.Spec.Code != "" {
		status.CodeSecretRef = nil
	}
	switch {
	case o.remote != nil:
		observed(&status, o.remote)
	case o.gone:
		status.State, status.Errors, status.Warnings = "", nil, nil
		endedEarly(&status, code, o.reason, now)
	}
	status.BackupCode = backupAfter(code, o)
	if o.yielded {
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
func observedGeneration(code *v1alpha1.AccessCode, o outcome) int64 {
	observed := code.Status.ObservedGeneration
	underWay := kube.VerdictOf(o.reason) == kube.Reconciling && code.DeletionTimestamp.IsZero()
	switch {
	case underWay && tracksArrival(code) && !o.arrived && (o.resent || !applied(code)):
		return min(observed, code.Generation-1)
	case concluded(o.reason) && !o.passing:
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
func backupAfter(code *v1alpha1.AccessCode, o outcome) *v1alpha1.BackupCodeStatus {
	backup := code.Status.BackupCode.DeepCopy()
	if backup == nil {
		backup = &v1alpha1.BackupCodeStatus{}
	}
	if o.remote != nil {
		backup.Available = nil
		if code.Spec.Backup != nil {
			backup.Available = &o.remote.IsBackupAccessCodeAvailable
		}
	}
	if o.backup != nil {
		backup.AccessCodeID = o.backup.AccessCodeID
		backup.State = word(o.backup.Status)
	}
	if o.noBackup {
		backup.State = ""
	}
	if o.backupRef != nil {
		backup.SecretRef = o.backupRef
	}
	if o.pulled != "" {
		backup.LastHandledPull = o.pulled
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
