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
func (c *run) want() plan.Desired {
	spec := c.code.Spec
	want := plan.Desired{
		DeviceID:      spec.DeviceID,
		Name:          c.code.RemoteName(),
		Code:          c.pin.value,
		Unnamed:       v1alpha1.PlainName(spec.DisplayName) == "",
		Chosen:        c.pin.chosen,
		CodeLength:    int(ptr.Deref(spec.CodeLength, 0)),
		PINPlace:      pinPlace(c.code),
		Offline:       spec.Offline != nil,
		Provider:      spec.Offline != nil || c.device != nil && plan.ProviderChooses(c.device),
		AllowExternal: ptr.Deref(spec.AllowExternalModification, false),
		Adopt:         spec.AdoptionPolicy == v1alpha1.AdoptionMatching && c.pin.given(),
		Inherited:     c.pin.inherited,
		Pull:          c.pullRequest() != "",
		Deleted:       !c.code.DeletionTimestamp.IsZero(),
	}
	if want.Offline {
		want.Rounding = rounding(spec.Offline)
	}
	if want.Provider && c.pin.chosen {
		want.Code = "" // what the provider chose is kept, not wanted
	}
	if spec.Backup != nil {
		want.Backup = cmp.Or(spec.Backup.Pull, v1alpha1.BackupPullNever)
		want.EnablePool = c.device != nil && c.code.Status.AccessCodeID != "" &&
			!ptr.Deref(c.device.Properties.BackupAccessCodePoolEnabled, true) && c.past.mayAskForPool(c.live.Now())
	}
	if c.device != nil {
		want.MaxCodes = ptr.Deref(c.device.Properties.MaxActiveCodesSupported, 0)
	}
	want.Window = windowOf(c.code)
	want.Misfit = c.misfit()
	return want
}

// misfit says why the lock would not take the PIN that was chosen, as far as is known.
func (c *run) misfit() string {
	if !c.pin.chosen {
		return ""
	}
	return plan.Misfit(c.pin.value, int(ptr.Deref(c.code.Spec.CodeLength, 0)), c.device)
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
func (c *run) over() bool { return windowOf(c.code).Over(c.live.Now()) }

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
func (c *run) pullRequest() string {
	value := redact.Truncate(c.code.Annotations[v1alpha1.PullBackupAnnotation], maxEcho)
	if backup := c.code.Status.BackupCode; value == c.past.pulled || backup != nil && backup.LastHandledPull == value {
		return ""
	}
	return value
}

// known is what is remembered, in the planner's terms.
func (c *run) known() plan.Known {
	status := c.code.Status
	intent := intentOf(c.code)
	reason := kube.ReadyReason(status.Conditions)
	known := plan.Known{
		ID:      status.AccessCodeID,
		Intent:  intent.forPlan(c.pin),
		Doubt:   intent.inDoubt(status.AccessCodeID),
		Told:    c.tellsOfPIN(),
		Import:  c.code.Annotations[v1alpha1.AccessCodeIDAnnotation],
		Expired: reason == v1alpha1.ReasonExpired,
		Applied: c.applied(),
		Had:     c.past.had,
		Zone:    c.zone,
		Missing: c.past.missing,
		OffFor:  c.past.offFor(c.live.Now()),
		Looks:   c.past.looks,

		Conversions: c.past.conversions,
		Rotations:   c.past.rotations,
	}
	if intent != nil && intent.Tried.Equal(c.past.failedTry) {
		known.Failed, known.Failures = c.past.failedAt, c.past.failures
	}
	want := c.want()
	// A PIN from a Secret may have changed without a trace while the operator was away.
	known.CodeApplied = c.code.Spec.CodeFrom == nil
	if c.past.converged != nil {
		known.CodeApplied = c.past.converged.Code == want.Code
		known.CodeChanged = !known.CodeApplied
	}
	known.FutureStart = c.device != nil && plan.NeedsFutureStart(c.device)
	known.StartRefused = c.past.startRefused(want)
	if c.past.sentFor(want) {
		known.Updates = c.past.updates
	}
	return known
}

// applied says that Seam has had what the spec asks for, also where the spec was changed in nothing that matters to Seam.
// What comes of the first create of an offline code is what its provider makes of the spec.
func (c *run) applied() bool {
	first := c.code.Spec.Offline != nil && c.code.Status.AccessCodeID == ""
	same := c.past.had != nil && c.past.had.Equal(c.want())
	return first || same || applied(c.code)
}

func (c *run) createRequest() seam.CreateAccessCodeRequest {
	want, spec := c.want(), c.code.Spec
	request := seam.CreateAccessCodeRequest{DeviceID: want.DeviceID, Name: want.Name, Code: want.Code}
	if window := c.createWindow(); window != nil {
		request.StartsAt, request.EndsAt = ptr.To(window.StartsAt), ptr.To(window.EndsAt)
	}
	request.AccessCodeSettings = c.settings()
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
func (c *run) createWindow() *plan.Window {
	return plan.CreateWindow(c.want(), c.known(), c.live.Now())
}

func (c *run) updateRequest(id string, changes plan.Changes) seam.UpdateAccessCodeRequest {
	request := seam.UpdateAccessCodeRequest{
		AccessCodeID: id, Name: ptr.Deref(changes.Name, ""), Code: ptr.Deref(changes.Code, ""),
		AccessCodeSettings: c.settings(),
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
func (c *run) settings() seam.AccessCodeSettings {
	return seam.AccessCodeSettings{
		PreferNativeScheduling:  c.code.Spec.PreferNativeScheduling,
		AttemptForOfflineDevice: c.code.Spec.AttemptForOfflineDevice,
	}
}

func fieldList(changes plan.Changes) string { return strings.Join(changes.Fields(), ", ") }
