// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/kube"
	"github.com/access-codes/access-code-operator/internal/plan"
)

// desiredState is the wanted state in the planner's terms. now is Seam's time.
func desiredState(f facts, now time.Time) plan.Desired {
	spec := f.code.Spec
	want := plan.Desired{
		DeviceID:      spec.DeviceID,
		Name:          f.code.RemoteName(),
		Code:          f.pin.value,
		Unnamed:       v1alpha1.PlainName(spec.DisplayName) == "",
		Chosen:        f.pin.chosen,
		CodeLength:    int(ptr.Deref(spec.CodeLength, 0)),
		PINPlace:      pinPlace(f.code),
		Offline:       spec.Offline != nil,
		Provider:      spec.Offline != nil || f.device != nil && plan.ProviderChooses(f.device),
		AllowExternal: ptr.Deref(spec.AllowExternalModification, false),
		// A PIN that was chosen for the object and is taken is replaced by another: the code that has it is somebody's.
		Adopt:     spec.AdoptionPolicy == v1alpha1.AdoptionMatching && (!f.pin.chosen || pinIsOlder(f.code, f.pin)),
		Inherited: f.pin.inherited,
		Pull:      pullRequest(f.code, f.history) != "",
		Deleted:   !f.code.DeletionTimestamp.IsZero(),
		Window:    windowOf(f.code),
	}
	if want.Offline {
		want.Rounding, want.OneTimeUse = rounding(spec.Offline), ptr.Deref(spec.Offline.OneTimeUse, false)
	}
	switch {
	case f.pin.chosen && want.Provider:
		want.Code = "" // what the provider chose is kept, not wanted
	case f.pin.chosen:
		want.Misfit = plan.Misfit(f.pin.value, want.CodeLength, f.device)
	}
	if spec.Backup != nil {
		want.Backup = cmp.Or(spec.Backup.Pull, v1alpha1.BackupPullNever)
		want.EnablePool = poolIsOff(f) && f.history.mayAskForPool(now)
	}
	if f.device != nil {
		want.MaxCodes = ptr.Deref(f.device.Properties.MaxActiveCodesSupported, 0)
	}
	return want
}

// poolIsOff says of a code that is at Seam that its lock's backup pool is known to be off.
func poolIsOff(f facts) bool {
	return f.device != nil && f.code.Status.AccessCodeID != "" && !ptr.Deref(f.device.Properties.BackupAccessCodePoolEnabled, true)
}

// knownState is what is known from earlier steps, in the planner's terms. now is Seam's time.
func knownState(f facts, want plan.Desired, now time.Time) plan.Known {
	status, h := f.code.Status, f.history
	intent := intentOf(f.code)
	known := plan.Known{
		ID:            status.AccessCodeID,
		Intent:        intent.forPlan(f.pin),
		CreatePending: intent.pending(status.AccessCodeID),
		PINDisclosed:  pinDisclosed(f.code, f.pin),
		Import:        f.code.Annotations[v1alpha1.AccessCodeIDAnnotation],
		Expired:       kube.ReadyReason(status.Conditions) == v1alpha1.ReasonExpired,
		Applied:       applied(f.code) || appliedAlike(f.code, h, want),
		Had:           h.had,
		Zone:          f.zone,
		Missing:       h.missing,
		OffFor:        h.offFor(now),
		Looks:         h.looks,
		FutureStart:   f.device != nil && plan.NeedsFutureStart(f.device),
		StartRefusals: h.startRefusals(want),
		Conversions:   h.conversions,
		Rotations:     h.rotations,
	}
	if intent != nil && intent.Tried.Equal(h.failedTry) {
		known.Failed, known.Failures = h.failedAt, h.failures
	}
	// A PIN from a Secret may have changed without a trace while the operator was away.
	known.CodeApplied = f.code.Spec.CodeFrom == nil
	if h.converged != nil {
		known.CodeApplied = h.converged.Code == want.Code
		known.CodeChanged = !known.CodeApplied
	}
	if h.sentFor(want) {
		known.Updates = h.updates
	}
	return known
}

// appliedAlike says that Seam has had what the spec asks for although the spec was changed, in nothing that matters to Seam.
// What comes of the first create of an offline code is what its provider makes of the spec.
func appliedAlike(code *v1alpha1.AccessCode, h history, want plan.Desired) bool {
	first := code.Spec.Offline != nil && code.Status.AccessCodeID == ""
	return first || h.had != nil && h.had.Equal(want)
}

// pinPlace is where the PIN is, as a message names it; "" for spec.code.
func pinPlace(code *v1alpha1.AccessCode) string {
	switch {
	case code.Spec.Code != "":
		return ""
	case code.Spec.CodeFrom == nil:
		return fmt.Sprintf("key %q of Secret %q", v1alpha1.CodeSecretKey, code.CodeSecretName())
	}
	ref := code.Spec.CodeFrom.SecretKeyRef
	return fmt.Sprintf("key %q of Secret %q (spec.codeFrom)", ref.Key, ref.Name)
}

// pinDisclosed says that a code may have worked with the PIN that is wanted now, so that people may have been told of it.
// A restored object does not say what was before it, and neither does a Secret that was there before the object.
func pinDisclosed(code *v1alpha1.AccessCode, p pin) bool {
	intent := intentOf(code)
	before := pinIsOlder(code, p)
	if code.Status.AccessCodeID == "" {
		return before
	}
	ready := apimeta.FindStatusCondition(code.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case before || intent == nil || intent.Replaces != "" || ready == nil || ready.Status == metav1.ConditionTrue:
		return true
	}
	// It has not been Ready since the create, unless for a moment in the reconcile after it.
	return ready.LastTransitionTime.After(intent.Tried.Add(kube.ReconcileTimeout))
}

// pinIsOlder says that the PIN was there before this object.
func pinIsOlder(code *v1alpha1.AccessCode, p pin) bool {
	intent := intentOf(code)
	return restored(code) || p.inherited || intent != nil && intent.Disclosed
}

// windowOf is when the code is to work, nil when that is until it is deleted.
func windowOf(code *v1alpha1.AccessCode) *plan.Window {
	schedule := code.Spec.Schedule
	if schedule == nil {
		return nil
	}
	starts := code.CreationTimestamp
	if schedule.StartsAt != nil {
		starts = *schedule.StartsAt
	}
	return &plan.Window{StartsAt: starts.Time, EndsAt: schedule.EndsAt.Time}
}

func rounding(offline *v1alpha1.Offline) time.Duration {
	if offline.MaxTimeRounding == v1alpha1.TimeRoundingDay {
		return 24 * time.Hour
	}
	return time.Hour
}
