// Copyright 2026 The access-code-operator authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// Names that stand in metadata.
const (
	// Finalizer holds an AccessCode until its code is off the lock.
	Finalizer = "access-codes.io/finalizer"

	// InUseFinalizer holds a SeamWorkspace, and the Secret with its credentials, while an AccessCode needs them.
	InUseFinalizer = "access-codes.io/in-use"

	// AccessCodeIDAnnotation names a remote code to adopt (import).
	AccessCodeIDAnnotation = "access-codes.io/access-code-id"

	// ReconcileRequestedAtAnnotation asks for a reconcile now; its value is echoed in status.lastHandledReconcileAt.
	ReconcileRequestedAtAnnotation = "access-codes.io/reconcile-requested-at"

	// RotateRequestedAtAnnotation asks for another PIN, once for each new value; its value is echoed in
	// status.lastHandledRotation.
	RotateRequestedAtAnnotation = "access-codes.io/rotate-requested-at"

	// PullBackupAnnotation asks for the backup code, once for each new value.
	PullBackupAnnotation = "access-codes.io/pull-backup"

	// CreateIntentAnnotation is the operator's own: the time and the remote name with which it set out to create the
	// code. It is written before the call, so that a code whose creation was not recorded is found again.
	CreateIntentAnnotation = "access-codes.io/create-intent"

	// DefaultWorkspaceName is the SeamWorkspace of an AccessCode that names none.
	DefaultWorkspaceName = "default"
)

// Keys of the Secret to which a PIN is written.
const (
	CodeSecretKey       = "code"
	BackupCodeSecretKey = "backupCode"
)

// Condition types. Reconciling and Stalled stand only while they are true.
const (
	// ConditionReady sums it up: the code is as wanted.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator, or Seam, is still at work.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that a person must act.
	ConditionStalled = "Stalled"
	// ConditionSuspended says that spec.suspend is true; Ready then says what was true before. It is absent otherwise.
	ConditionSuspended = "Suspended"
)

// Reasons with which an AccessCode is Ready.
const (
	ReasonSet       = "Set"       // the code works on the lock
	ReasonScheduled = "Scheduled" // accepted, its window is in the future
	ReasonExpired   = "Expired"   // its window is over and it is off the lock
)

// Reasons with which an AccessCode is not Ready and Reconciling.
const (
	ReasonCreating          = "Creating"
	ReasonUpdating          = "Updating"
	ReasonSetting           = "Setting"
	ReasonRemoving          = "Removing"
	ReasonDeviceUnreachable = "DeviceUnreachable" // not set, and the device, hub, bridge or account is offline
	ReasonWorkspaceNotReady = "WorkspaceNotReady" // picked up at once when it becomes Ready
	ReasonRateLimited       = "RateLimited"
	ReasonDeviceError       = "DeviceError"   // another error that Seam itself keeps retrying
	ReasonWaitingForPIN     = "WaitingForPIN" // another code has the PIN on the lock, and will leave it
)

// ReasonSuspended is that of the condition Suspended, and of Ready where nothing was true before.
const ReasonSuspended = "Suspended"

// Reasons with which an AccessCode is not Ready and Stalled.
const (
	ReasonInvalidSpec        = "InvalidSpec"
	ReasonDeviceNotFound     = "DeviceNotFound"
	ReasonCodeConflict       = "CodeConflict"
	ReasonSecretConflict     = "SecretConflict"
	ReasonUpdateNotSupported = "UpdateNotSupported"
	// ReasonTimeZoneUnknown: the schedule is in wall clocks, and nobody says in which time zone.
	ReasonTimeZoneUnknown = "TimeZoneUnknown"
	// ReasonRemovalNotSupported: the provider does not let the code be taken off before its window is over.
	ReasonRemovalNotSupported = "RemovalNotSupported"
	ReasonBackupNotSupported  = "BackupNotSupported"
	ReasonNotConverging       = "NotConverging"
)

// Reasons of both kinds, and of SeamWorkspace alone.
const (
	ReasonSecretNotFound = "SecretNotFound" // picked up at once when it appears
	ReasonAPIUnavailable = "APIUnavailable" // 5xx, time-out, connection lost

	ReasonConnected    = "Connected"
	ReasonUnauthorized = "Unauthorized"
	ReasonInvalidToken = "InvalidToken" // a token of the wrong kind, refused before any request

	ReasonEndpointNotAllowed = "EndpointNotAllowed" // the operator is told not to talk to it
)
