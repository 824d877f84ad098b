// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package controllers

import (
	"strings"

	"k8s.io/utils/ptr"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
	"github.com/access-codes/access-code-operator/internal/plan"
	"github.com/access-codes/access-code-operator/internal/seam"
)

// want is the wanted state in the planner's terms.
func (c *run) want() plan.Desired {
	want := plan.Desired{
		DeviceID: c.code.Spec.DeviceID,
		Name:     c.code.RemoteName(),
		Code:     c.pin.value,
		Chosen:   c.pin.chosen,
		Adopt:    c.code.Spec.AdoptionPolicy == v1alpha1.AdoptionMatching,
		Deleted:  !c.code.DeletionTimestamp.IsZero(),
	}
	if schedule := c.code.Spec.Schedule; schedule != nil {
		starts := c.code.CreationTimestamp
		if schedule.StartsAt != nil {
			starts = *schedule.StartsAt
		}
		want.Window = &plan.Window{StartsAt: starts.Time, EndsAt: schedule.EndsAt.Time}
	}
	return want
}

// known is what is remembered, in the planner's terms.
func (c *run) known() plan.Known {
	known := plan.Known{
		ID:      c.code.Status.AccessCodeID,
		Intent:  intentOf(c.code).forPlan(c.pin.source),
		Expired: readyReason(c.code.Status.Conditions) == v1alpha1.ReasonExpired,
		Missing: c.past.missing,
		Looks:   c.past.looks,
	}
	if c.past.sentFor(c.want()) {
		known.Updates = c.past.updates
	}
	return known
}

func createRequest(want plan.Desired) seam.CreateAccessCodeRequest {
	request := seam.CreateAccessCodeRequest{DeviceID: want.DeviceID, Name: want.Name, Code: want.Code}
	if want.Window != nil {
		request.StartsAt, request.EndsAt = ptr.To(want.Window.StartsAt), ptr.To(want.Window.EndsAt)
	}
	return request
}

func updateRequest(id string, changes plan.Changes) seam.UpdateAccessCodeRequest {
	request := seam.UpdateAccessCodeRequest{AccessCodeID: id, Name: ptr.Deref(changes.Name, ""), Code: ptr.Deref(changes.Code, "")}
	if changes.Window != nil {
		request.StartsAt, request.EndsAt = ptr.To(changes.Window.StartsAt), ptr.To(changes.Window.EndsAt)
		request.Type = seam.TypeTimeBound
	}
	if changes.Ongoing {
		request.Type = seam.TypeOngoing
	}
	return request
}

func fieldList(changes plan.Changes) string { return strings.Join(changes.Fields(), ", ") }

// unsupported refuses what this version does not do yet, rather than ignore it.
func unsupported(code *v1alpha1.AccessCode) *outcome {
	spec := code.Spec
	fields := []struct {
		set  bool
		name string
	}{
		{spec.CodeLength != nil, "spec.codeLength"},
		{spec.Offline != nil, "spec.offline"},
		{spec.Backup != nil, "spec.backup"},
		{spec.PreferNativeScheduling != nil, "spec.preferNativeScheduling"},
		{spec.AttemptForOfflineDevice != nil, "spec.attemptForOfflineDevice"},
		{ptr.Deref(spec.AllowExternalModification, false), "spec.allowExternalModification: true"},
		{spec.AdoptionPolicy == v1alpha1.AdoptionMatching, "spec.adoptionPolicy: Matching"},
		{code.Annotations[v1alpha1.AccessCodeIDAnnotation] != "", "the annotation " + v1alpha1.AccessCodeIDAnnotation},
		{code.Annotations[v1alpha1.PullBackupAnnotation] != "", "the annotation " + v1alpha1.PullBackupAnnotation},
	}
	for _, field := range fields {
		if field.set {
			return blocked(v1alpha1.ReasonInvalidSpec, "%s is not supported by this version of the operator yet: remove it", field.name)
		}
	}
	return nil
}
