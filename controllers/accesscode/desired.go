// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"cmp"
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

// want is the wanted state in the planner's terms.
func (s *scope) want() plan.Desired {
	spec := s.code.Spec
	want := plan.Desired{
		DeviceID:      spec.DeviceID,
		Name:          s.code.RemoteName(),
		Code:          s.pin.value,
		Unnamed:       v1alpha1.PlainName(spec.DisplayName) == "",
		Chosen:        s.pin.chosen,
		CodeLength:    int(ptr.Deref(spec.CodeLength, 0)),
		PINPlace:      pinPlace(s.code),
		Offline:       spec.Offline != nil,
		Provider:      spec.Offline != nil || s.device != nil && plan.ProviderChooses(s.device),
		AllowExternal: ptr.Deref(spec.AllowExternalModification, false),
		Adopt:         spec.AdoptionPolicy == v1alpha1.AdoptionMatching && s.pin.given(),
		Inherited:     s.pin.inherited,
		Pull:          s.pullRequest() != "",
		Deleted:       !s.code.DeletionTimestamp.IsZero(),
	}
	if want.Offline {
		want.Rounding = rounding(spec.Offline)
	}
	if want.Provider && s.pin.chosen {
		want.Code = "" // what the provider chose is kept, not wanted
	}
	if spec.Backup != nil {
		want.Backup = cmp.Or(spec.Backup.Pull, v1alpha1.BackupPullNever)
		want.EnablePool = s.device != nil && s.code.Status.AccessCodeID != "" &&
			!ptr.Deref(s.device.Properties.BackupAccessCodePoolEnabled, true) && s.history.mayAskForPool(s.live.Now())
	}
	if s.device != nil {
		want.MaxCodes = ptr.Deref(s.device.Properties.MaxActiveCodesSupported, 0)
	}
	want.Window = windowOf(s.code)
	want.Misfit = s.misfit()
	return want
}

// misfit says why the lock would not take the PIN that was chosen, as far as is known.
func (s *scope) misfit() string {
	if !s.pin.chosen {
		return ""
	}
	return plan.Misfit(s.pin.value, int(ptr.Deref(s.code.Spec.CodeLength, 0)), s.device)
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

// over says that the code's window is past, by Seam's time.
func (s *scope) over() bool { return windowOf(s.code).Over(s.live.Now()) }

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

// pullRequest is the value of the pull-backup annotation, "" when it was handled.
func (s *scope) pullRequest() string {
	value := redact.Truncate(s.code.Annotations[v1alpha1.PullBackupAnnotation], maxEcho)
	if backup := s.code.Status.BackupCode; value == s.history.pulled || backup != nil && backup.LastHandledPull == value {
		return ""
	}
	return value
}

// known is what is remembered, in the planner's terms.
func (s *scope) known() plan.Known {
	status := s.code.Status
	intent := intentOf(s.code)
	reason := kube.ReadyReason(status.Conditions)
	known := plan.Known{
		ID:            status.AccessCodeID,
		Intent:        intent.forPlan(s.pin),
		CreatePending: intent.pending(status.AccessCodeID),
		PINDisclosed:  s.pinDisclosed(),
		Import:        s.code.Annotations[v1alpha1.AccessCodeIDAnnotation],
		Expired:       reason == v1alpha1.ReasonExpired,
		Applied:       s.applied(),
		Had:           s.history.had,
		Zone:          s.zone,
		Missing:       s.history.missing,
		OffFor:        s.history.offFor(s.live.Now()),
		Looks:         s.history.looks,

		Conversions: s.history.conversions,
		Rotations:   s.history.rotations,
	}
	if intent != nil && intent.Tried.Equal(s.history.failedTry) {
		known.Failed, known.Failures = s.history.failedAt, s.history.failures
	}
	want := s.want()
	// A PIN from a Secret may have changed without a trace while the operator was away.
	known.CodeApplied = s.code.Spec.CodeFrom == nil
	if s.history.converged != nil {
		known.CodeApplied = s.history.converged.Code == want.Code
		known.CodeChanged = !known.CodeApplied
	}
	known.FutureStart = s.device != nil && plan.NeedsFutureStart(s.device)
	known.StartRefusals = s.history.startRefusals(want)
	if s.history.sentFor(want) {
		known.Updates = s.history.updates
	}
	return known
}

// applied says that Seam has had what the spec asks for, also where the spec was changed in nothing that matters to Seam.
// What comes of the first create of an offline code is what its provider makes of the spec.
func (s *scope) applied() bool {
	first := s.code.Spec.Offline != nil && s.code.Status.AccessCodeID == ""
	same := s.history.had != nil && s.history.had.Equal(s.want())
	return first || same || applied(s.code)
}

func (s *scope) createRequest() seam.CreateAccessCodeRequest {
	want, spec := s.want(), s.code.Spec
	request := seam.CreateAccessCodeRequest{DeviceID: want.DeviceID, Name: want.Name, Code: want.Code}
	if window := s.createWindow(); window != nil {
		request.StartsAt, request.EndsAt = ptr.To(window.StartsAt), ptr.To(window.EndsAt)
	}
	request.AccessCodeSettings = s.settings()
	if want.AllowExternal {
		request.AllowExternalModification = ptr.To(true)
	}
	if want.Backup != "" {
		request.UseBackupAccessCodePool = ptr.To(true)
	}
	if spec.Offline != nil {
		request.IsOfflineAccessCode = ptr.To(true)
		request.IsOneTimeUse = spec.Offline.OneTimeUse
		request.MaxTimeRounding = string(spec.Offline.MaxTimeRounding)
	}
	return request
}

// createWindow is the window that a create asks for.
func (s *scope) createWindow() *plan.Window {
	return plan.CreateWindow(s.want(), s.known(), s.live.Now())
}

func (s *scope) updateRequest(id string, changes plan.Changes) seam.UpdateAccessCodeRequest {
	request := seam.UpdateAccessCodeRequest{
		AccessCodeID: id, Name: ptr.Deref(changes.Name, ""), Code: ptr.Deref(changes.Code, ""),
		AccessCodeSettings: s.settings(),
	}
	if changes.Window != nil {
		request.EndsAt = ptr.To(changes.Window.EndsAt)
		if !changes.Window.StartsAt.IsZero() {
			request.StartsAt = ptr.To(changes.Window.StartsAt)
		}
		request.Type = seam.TypeTimeBound
	}
	if changes.Ongoing {
		request.Type = seam.TypeOngoing
	}
	request.AllowExternalModification = changes.AllowExternal
	if changes.EnablePool {
		request.UseBackupAccessCodePool = ptr.To(true)
	}
	return request
}

// settings are those that Seam takes with each create and update, and does not show.
func (s *scope) settings() seam.AccessCodeSettings {
	return seam.AccessCodeSettings{
		PreferNativeScheduling:  s.code.Spec.PreferNativeScheduling,
		AttemptForOfflineDevice: s.code.Spec.AttemptForOfflineDevice,
	}
}

func fieldList(changes plan.Changes) string { return strings.Join(changes.Fields(), ", ") }
