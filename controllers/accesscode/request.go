// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package accesscode

import (
	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// createRequest is what a create asks for. It is made just before the call: its start may have to be ahead.
func createRequest(s snapshot) seam.CreateAccessCodeRequest {
	want, spec := s.desired, s.code.Spec
	request := seam.CreateAccessCodeRequest{DeviceID: want.DeviceID, Name: want.Name, Code: want.Code}
	if window := createWindow(s); window != nil {
		request.StartsAt, request.EndsAt = ptr.To(window.StartsAt), ptr.To(window.EndsAt)
	}
	request.AccessCodeSettings = settings(s.code)
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
func createWindow(s snapshot) *plan.Window {
	return plan.CreateWindow(s.desired, s.known, s.session.Now())
}

func updateRequest(code *v1alpha1.AccessCode, id string, changes plan.Changes) seam.UpdateAccessCodeRequest {
	request := seam.UpdateAccessCodeRequest{
		AccessCodeID: id, Name: ptr.Deref(changes.Name, ""), Code: ptr.Deref(changes.Code, ""),
		AccessCodeSettings: settings(code),
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
func settings(code *v1alpha1.AccessCode) seam.AccessCodeSettings {
	return seam.AccessCodeSettings{
		PreferNativeScheduling:  code.Spec.PreferNativeScheduling,
		AttemptForOfflineDevice: code.Spec.AttemptForOfflineDevice,
	}
}
