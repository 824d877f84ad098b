// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"path"

	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"github.com/access-codes/access-code-operator/api/v1alpha1"
)

// Kinds.
const (
	AccessCode    = "AccessCode"
	SeamWorkspace = "SeamWorkspace"
)

// Argo CD's words for health.
const (
	Healthy     = "Healthy"
	Progressing = "Progressing"
	Degraded    = "Degraded"
	Suspended   = "Suspended"
)

// Case is an object as the API server has it, and what those who wait for it make of it.
type Case struct {
	Kind string
	// File is below testdata of the kind, without its ending.
	File string
	// Reason is that of its Ready condition, empty where there is none yet.
	Reason string
	Health string
	// Kstatus is what Flux, Helm and others that wait by kstatus see.
	Kstatus status.Status
	// Passed says that the object as it is now is not what its conditions speak of.
	Passed bool
}

// Cases are all reasons of both kinds, then the states without a reason.
func Cases() []Case {
	return []Case{
		{Kind: AccessCode, File: "set", Reason: v1alpha1.ReasonSet, Health: Healthy, Kstatus: status.CurrentStatus},
		{Kind: AccessCode, File: "scheduled", Reason: v1alpha1.ReasonScheduled, Health: Healthy, Kstatus: status.CurrentStatus},
		{Kind: AccessCode, File: "between-windows", Reason: v1alpha1.ReasonScheduled, Health: Healthy, Kstatus: status.CurrentStatus},
		{Kind: AccessCode, File: "expired", Reason: v1alpha1.ReasonExpired, Health: Healthy, Kstatus: status.CurrentStatus},
		{Kind: AccessCode, File: "expired-before", Reason: v1alpha1.ReasonExpired, Health: Healthy, Kstatus: status.CurrentStatus},

		{Kind: AccessCode, File: "creating", Reason: v1alpha1.ReasonCreating, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "updating", Reason: v1alpha1.ReasonUpdating, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "setting", Reason: v1alpha1.ReasonSetting, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "removing", Reason: v1alpha1.ReasonRemoving, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "device-unreachable", Reason: v1alpha1.ReasonDeviceUnreachable, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "device-error", Reason: v1alpha1.ReasonDeviceError, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "waiting-for-pin", Reason: v1alpha1.ReasonWaitingForPIN, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "secret-not-found", Reason: v1alpha1.ReasonSecretNotFound, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "workspace-not-ready", Reason: v1alpha1.ReasonWorkspaceNotReady, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "rate-limited", Reason: v1alpha1.ReasonRateLimited, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "api-unavailable", Reason: v1alpha1.ReasonAPIUnavailable, Health: Progressing, Kstatus: status.InProgressStatus},

		{Kind: AccessCode, File: "invalid-spec", Reason: v1alpha1.ReasonInvalidSpec, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "device-not-found", Reason: v1alpha1.ReasonDeviceNotFound, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "code-conflict", Reason: v1alpha1.ReasonCodeConflict, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "secret-conflict", Reason: v1alpha1.ReasonSecretConflict, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "update-not-supported", Reason: v1alpha1.ReasonUpdateNotSupported, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "removal-not-supported", Reason: v1alpha1.ReasonRemovalNotSupported, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "time-zone-unknown", Reason: v1alpha1.ReasonTimeZoneUnknown, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "backup-not-supported", Reason: v1alpha1.ReasonBackupNotSupported, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: AccessCode, File: "not-converging", Reason: v1alpha1.ReasonNotConverging, Health: Degraded, Kstatus: status.FailedStatus},

		{Kind: SeamWorkspace, File: "connected", Reason: v1alpha1.ReasonConnected, Health: Healthy, Kstatus: status.CurrentStatus},
		{Kind: SeamWorkspace, File: "secret-not-found", Reason: v1alpha1.ReasonSecretNotFound, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "api-unavailable", Reason: v1alpha1.ReasonAPIUnavailable, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "unauthorized", Reason: v1alpha1.ReasonUnauthorized, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: SeamWorkspace, File: "invalid-token", Reason: v1alpha1.ReasonInvalidToken, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: SeamWorkspace, File: "endpoint-not-allowed", Reason: v1alpha1.ReasonEndpointNotAllowed, Health: Degraded, Kstatus: status.FailedStatus},
		{Kind: SeamWorkspace, File: "invalid-spec", Reason: v1alpha1.ReasonInvalidSpec, Health: Degraded, Kstatus: status.FailedStatus},

		// Not reconciled yet, or not since it was changed: conditions of the time before must not count.
		{Kind: AccessCode, File: "new", Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "changed-since-ready", Reason: v1alpha1.ReasonSet, Passed: true, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "changed-since-stalled", Reason: v1alpha1.ReasonInvalidSpec, Passed: true, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "new", Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "changed-since-ready", Reason: v1alpha1.ReasonConnected, Passed: true, Health: Progressing, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "changed-since-stalled", Reason: v1alpha1.ReasonUnauthorized, Passed: true, Health: Progressing, Kstatus: status.InProgressStatus},

		// Suspended. Ready keeps what was true, and a change is waited for until the object is resumed.
		{Kind: AccessCode, File: "suspended", Reason: v1alpha1.ReasonSet, Health: Suspended, Kstatus: status.CurrentStatus},
		{Kind: AccessCode, File: "suspended-changed", Reason: v1alpha1.ReasonSet, Passed: true, Health: Suspended, Kstatus: status.InProgressStatus},
		{Kind: AccessCode, File: "suspended-new", Reason: v1alpha1.ReasonSuspended, Health: Suspended, Kstatus: status.InProgressStatus},
		{Kind: SeamWorkspace, File: "suspended", Reason: v1alpha1.ReasonConnected, Passed: true, Health: Suspended, Kstatus: status.InProgressStatus},

		// On the way out, whatever else is the case.
		{Kind: AccessCode, File: "terminating", Reason: v1alpha1.ReasonRemoving, Health: Progressing, Kstatus: status.TerminatingStatus},
		{Kind: AccessCode, File: "terminating-unseen", Reason: v1alpha1.ReasonSet, Passed: true, Health: Progressing, Kstatus: status.TerminatingStatus},
		{Kind: AccessCode, File: "terminating-suspended", Reason: v1alpha1.ReasonRemoving, Health: Progressing, Kstatus: status.TerminatingStatus},
		{Kind: AccessCode, File: "terminating-stalled", Reason: v1alpha1.ReasonRemovalNotSupported, Health: Progressing, Kstatus: status.TerminatingStatus},
		{Kind: SeamWorkspace, File: "terminating", Reason: v1alpha1.ReasonConnected, Health: Progressing, Kstatus: status.TerminatingStatus},
	}
}

// Name is that of a test of the case.
func (c Case) Name() string { return c.Kind + "/" + c.File }

// Path is where its object is, in the folder with resource_customizations.
func (c Case) Path() string { return path.Join(Folder(c.Kind), "testdata", c.File+".yaml") }
